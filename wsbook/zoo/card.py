"""The card of an exported zoo: what it is, how it was trained, how good it is, and how to read it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from wsbook.zoo.networks import NETWORKS, OWN
from wsbook.zoo.setting import Zoo

CARD = """\
---
license: mit
tags: [model-zoo, weight-space-learning]
---
# {models} {network} networks trained on {data}

{models} networks of {size:,} weights after each of the last {kept} of {epochs} epochs of training, and what
each scored. The networks were trained alike; each has its own seed, which decides where it starts, in which
order it sees its inputs and, where `spread` is not zero, its learning rate.

## Training

Adam with decoupled weight decay, on the mean cross-entropy of a batch.
{inputs}
{computed}

| parameter | value |
|---|---|
{parameters}

## Accuracy

Means over models, with standard deviations, of the networks that did not diverge ({diverged} did).

{accuracy}

## Parts

The column `part` splits the models, never the epochs of one: {parts}.
Networks that diverged are in no part.

## Reading

`table.parquet` has a row for each model and epoch; its columns are
{columns}.
`file` and `row` say where the weights are: each file in `weights/` holds, by parameter name, the tensors of
many models stacked along the first axis. What is not trained, such as running statistics, is not included.

```python
import pandas as pd
from safetensors import safe_open

table = pd.read_parquet("table.parquet")
best = table.loc[table.test_accuracy.idxmax()]
with safe_open(best.file, "pt") as file:
    state = {{name: file.get_slice(name)[int(best["row"])] for name in file.keys()}}
```

With the Python package wsbook, which wrote this folder, file by file:

```python
from wsbook.zoo.exported import read_zoo

for epoch, tensors, rows in read_zoo("."):
    print(epoch, rows.test_accuracy.mean(), {{name: tuple(t.shape) for name, t in tensors.items()}})
```

## Licence

MIT. The data that the networks were trained on has a licence of its own.
"""


def card(zoo: Zoo, size: int, table: pd.DataFrame, notes: Sequence[Mapping[str, Any]]) -> str:
    """The card, as Markdown, of networks with `size` weights, by their table and their shards' notes."""
    models = table.drop_duplicates("model")
    values = described(zoo) | {"models": len(models), "first_seed": models.seed.iloc[0]}
    parts = models.part.value_counts()
    return CARD.format(
        **{name: values[name] for name in ("models", "network", "data", "kept", "epochs")},
        size=size,
        inputs=inputs(zoo),
        computed=computed(notes),
        parameters="\n".join(f"| {name} | {value} |" for name, value in values.items()),
        diverged=table.groupby("model").diverged.any().sum(),
        accuracy=accuracies(table),
        parts=", ".join(f"{part} ({parts.get(part, 0)} models)" for part in ("train", "val", "test")),
        columns=", ".join(f"`{column}`" for column in table.columns),
    )


def described(zoo: Zoo) -> dict[str, Any]:
    """The parameters of a zoo, its architecture's own activation by its name."""
    own = {"activation": NETWORKS[zoo.network][0]} if zoo.activation == OWN else {}
    return asdict(zoo) | own


def inputs(zoo: Zoo) -> str:
    """What the networks of a zoo take."""
    side, channels = zoo.architecture.side, zoo.architecture.channels
    if not channels:
        return f"Inputs are texts, cut or filled to {side} characters."
    colours = "grey" if channels == 1 else "coloured"
    return (
        f"The images are {colours}, of {side} x {side} pixels, and standardised by the mean and the\n"
        "standard deviation of those trained on."
    )


def computed(notes: Sequence[Mapping[str, Any]]) -> str:
    """On what, and for how long, shards were trained, by their notes; nothing if one does not say."""
    facts = [note.get("provenance") for note in notes]
    if not all(facts):
        return ""
    hours = sum(fact["seconds"] for fact in facts) / 3600
    devices = " and ".join(sorted({fact["device"] for fact in facts}))
    versions = " and ".join(sorted({fact["torch"] for fact in facts}))
    return f"Training took {hours:.2g} hours on {devices} with PyTorch {versions}."


def accuracies(table: pd.DataFrame) -> str:
    """Means and standard deviations over models after each epoch, in per cent, as a Markdown table."""
    names = [name for name in table if name.endswith("_accuracy")]
    lines = ["| epoch | " + " | ".join(name.removesuffix("_accuracy") for name in names) + " |"]
    lines.append("|---" * (1 + len(names)) + "|")
    for epoch, rows in table[table.part.notna()].groupby("epoch"):
        shown = [(100 * rows[name].mean(), 100 * rows[name].std(ddof=0)) for name in names]
        cells = [f"{mean:.1f} ± {std:.1f} %" for mean, std in shown]
        lines.append(f"| {epoch} | " + " | ".join(cells) + " |")
    return "\n".join(lines)

"""Whether generated networks share more errors with training networks than new ones would, as samples of claims.

The index of shared errors, |both wrong| / |either wrong|, falls with the accuracy of the worse network, whatever it is:
a copy that has gained errors of its own may share less than a good new network does. So generated networks are
compared with new ones of their accuracy, between prompts with noise and prompts.
"""

from functools import partial

import numpy as np
import pandas as pd

from wsbook.papers.sane.samples.compositions import OWN, of_composition


def with_new_ones(table: pd.DataFrame) -> pd.DataFrame:
    """The table with two more indices of shared errors for each record.

    `new_errors` is that of new networks as accurate as the generated ones, on the line from prompts with noise to
    prompts. `copies_errors` is what it would be if every generated network made all errors of a training network,
    beside its own; training networks are taken to be as accurate as prompts, which were trained alike.
    """
    ends = [f"{name}_{what}" for what in ("accuracy", "errors") for name in ("noisy_prompts", "prompt")]
    rows = table[["generated_accuracy", *ends]].to_numpy()
    new = [
        np.interp(at, accuracies, errors)
        for at, accuracies, errors in zip(rows[:, 0], rows[:, 1:3], rows[:, 3:])
    ]
    kept = (1 - table.prompt_accuracy) / (1 - table.generated_accuracy)
    return table.assign(new_errors=new, copies_errors=kept)


def beside_new_ones(table: pd.DataFrame, of: str) -> np.ndarray:
    """The index of shared errors of generated networks, or of copies, and of new networks as accurate: means over sets
    of networks from a zoo of that set alone (seeds, 2)."""
    return of_composition(with_new_ones(table), (f"{of}_errors", "new_errors"), OWN)


DERIVED = {
    "errors-at-equal-accuracy": partial(beside_new_ones, of="generated"),
    "errors-of-copies": partial(beside_new_ones, of="copies"),
}

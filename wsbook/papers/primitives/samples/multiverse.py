"""Which statements of paper A hold under which reading: the specification curve behind A-multiverse."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from wsbook.papers.primitives.grids import BASE
from wsbook.papers.primitives.measures.multiverse import CHOICES, RUNS
from wsbook.verdicts.claims import load_claims
from wsbook.verdicts.rules import Rule, Verdict, make_rule

MOMENTA = ("beta1=0.5", "beta1=0.7", "default", "beta1=0.99")
BATCHES = ("batch_size=10", "batch_size=20", "batch_size=40", "default")
ATOMS = ("k=10", "k=20", "default", "k=50")
WORDS = {
    Verdict.REPRODUCED: "holds",
    Verdict.PARTLY: "partly",
    Verdict.INCONCLUSIVE: "undecided",
    Verdict.NOT_REPRODUCED: "refuted",
}
TRADES = {
    "figure 1, momentum": ("momentum-faster", "momentum-worse"),
    "figure 3, RMSprop": ("rmsprop-fastest", "rmsprop-overfits"),
    "figure 4, batches": ("batch-faster", "batch-worse"),
}  # both sides of a figure: what fits faster generalises worse
QUICK_SEEDS = 2  # the quick profile has no more; with them intervals are wide, and verdicts rare


@dataclass(frozen=True)
class Statement:
    """One sentence of the paper, as a rule on some of the runs of a reading."""

    name: str
    says: str
    metric: str
    runs: tuple[str, ...]
    rule: Rule


def statement(name: str, says: str, metric: str, runs: tuple[str, ...], kind: str, **fields) -> Statement:
    """A statement decided by the closed-form variant of its rule."""
    if kind in ("order", "best", "difference"):
        fields["method"] = "t"
    return Statement(name, says, metric, runs, make_rule(kind, min_n=QUICK_SEEDS, **fields))


STATEMENTS = (
    statement("momentum-faster", "Higher momentum trains faster", "train_mean", MOMENTA,
              "trend", expect="decreasing"),
    statement("momentum-worse", "Higher momentum generalises worse", "test_error", MOMENTA,
              "trend", expect="increasing"),
    statement("momentum-best", "β₁ = .7 generalises best", "test_error",
              ("beta1=0.7", "beta1=0.5", "default", "beta1=0.99"), "best", expect="lowest"),
    statement("momentum-value", "β₁ = .7 reaches .22", "test_error", ("beta1=0.7",),
              "value", paper=0.22, band=0.05),
    statement("rmsprop-fastest", "RMSprop fits fastest", "train_mean",
              ("optimiser=rmsprop", "optimiser=adamw", "optimiser=sgd"), "best", expect="lowest"),
    statement("rmsprop-overfits", "RMSprop generalises worse than AdamW", "test_error",
              ("optimiser=rmsprop", "optimiser=adamw"), "difference", expect="greater"),
    statement("batch-faster", "Smaller batches train faster", "train_mean", BATCHES,
              "trend", expect="increasing"),
    statement("batch-worse", "Smaller batches generalise worse", "test_error", BATCHES,
              "trend", expect="decreasing"),
    statement("capacity-fits", "More atoms fit better", "train_error", ATOMS,
              "trend", expect="decreasing"),
    statement("capacity-overfits", "More atoms generalise worse", "test_error", ATOMS,
              "trend", expect="increasing"),
    statement("headline", "Held-out error under .15", "test_error", ("default",),
              "threshold", below=0.15),
)  # fmt: skip

ORDERS = [item.name for item in STATEMENTS if not item.rule.about_a_value]  # no printed number in them


def reading_table(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Rows (reading, seed), columns the runs; the index levels are `CHOICES` and `seed`."""
    values = pd.DataFrame(table[metric].tolist(), columns=list(RUNS))
    index = pd.MultiIndex.from_frame(table[[*CHOICES, "seed"]].reset_index(drop=True))
    return values.set_axis(index).fillna(np.inf)


def decide_readings(table: pd.DataFrame, item: Statement) -> pd.Series:
    """The verdict on one statement under every reading."""
    runs = reading_table(table, item.metric)[list(item.runs)]
    single = item.rule.columns == (0, 0)
    found = {}
    for reading, rows in runs.groupby(level=list(CHOICES), sort=False):
        samples = rows.to_numpy()[:, 0] if single else rows.to_numpy()
        found[reading] = item.rule.decide(samples, 0, paper_scale=True).verdict
    return pd.Series(found, name=item.name).rename_axis(list(CHOICES))


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """The verdict on every statement (columns) under every reading (rows)."""
    return pd.concat([decide_readings(table, item) for item in STATEMENTS], axis=1)


def tally(decided: pd.DataFrame) -> pd.DataFrame:
    """Readings by verdict: rows (streams, statement), columns of counts, as `WORDS` calls them."""
    counts = {
        (streams, item.says): [(rows[item.name] == verdict).sum() for verdict in WORDS]
        for streams, rows in decided.groupby(level="streams")
        for item in STATEMENTS
    }
    found = pd.DataFrame.from_dict(counts, orient="index", columns=list(WORDS.values()))
    return found.set_axis(pd.MultiIndex.from_tuples(counts, names=["streams", "statement"]))


def traded(decided: pd.DataFrame) -> pd.DataFrame:
    """Readings under which both sides of a figure hold: a row each of `TRADES` and one for all at once."""
    held = decided == Verdict.REPRODUCED
    both = pd.DataFrame({name: held[list(sides)].all(axis=1) for name, sides in TRADES.items()})
    both["all three at once"] = both.all(axis=1)
    counts = both.groupby(level=["streams", "renormalise"]).sum().T
    counts.columns = [f"{s}, atoms {'renormalised' if r else 'free'}" for s, r in counts.columns]
    return counts.rename_axis("both sides of")


def jointly(decided: pd.DataFrame) -> pd.DataFrame:
    """Readings by how many of the statements in `ORDERS` hold together (rows), columns the streams."""
    together = (decided[ORDERS] == Verdict.REPRODUCED).sum(axis=1).rename("statements that hold")
    streams = together.index.get_level_values("streams")
    return pd.crosstab(together, streams).rename_axis(columns=None)


def holds(table: pd.DataFrame, item: Statement, streams: str = "independent") -> np.ndarray:
    """1 for every reading with these streams under which the statement is reproduced, else 0."""
    found = decide_readings(table[table["streams"] == streams], item)
    return (found == Verdict.REPRODUCED).to_numpy(float)


def lowest_setting(table: pd.DataFrame, metric: str = "test_error") -> np.ndarray:
    """The metric over seeds of the setting with the lowest mean: a choice in the paper's favour.

    A diverged run counts as infinite, so that it cannot win.
    """
    fields = [name for name in ("beta1", "optimiser", "batch_size", "k", "init") if name in table]
    finite = table.assign(**{metric: table[metric].fillna(np.inf)})
    return min((rows[metric].to_numpy() for _, rows in finite.groupby(fields)), key=np.mean)


def printed_errors() -> dict[tuple[str, str], float]:
    """(metric, run) -> error, for every error that a figure of the paper prints for a setting."""
    errors = {}
    values = [value for claim in load_claims() if claim.id.startswith("A-") for value in claim.paper]
    for value in values:
        for field, level in value.setting.items():
            run = "default" if getattr(BASE, field) == level else f"{field}={level}"
            errors[value.of.replace(" ", "_"), run] = value.value
    return {key: value for key, value in errors.items() if key[1] in RUNS}


def nearest_readings(table: pd.DataFrame) -> pd.DataFrame:
    """Readings by the root mean square distance of their held-out errors from those the paper prints.

    Train errors are listed but not counted: they hang on how far the codes have got, not on D.
    """
    printed = printed_errors()
    means = {f"{metric.split('_')[0]}, {run}": reading_table(table, metric)[run] for metric, run in printed}
    ours = pd.DataFrame(means).groupby(level=list(CHOICES), sort=False).mean()
    gaps = (ours - np.array(list(printed.values()))).filter(like="test")
    ours.insert(0, "distance", np.sqrt((gaps**2).mean(axis=1)))
    return ours.sort_values("distance")


def beside_paper(readings: pd.DataFrame) -> pd.DataFrame:
    """Rows of `nearest_readings` as columns, beside the errors that the paper prints."""
    printed = {f"{metric.split('_')[0]}, {run}": value for (metric, run), value in printed_errors().items()}
    rows = {}
    for name, values in readings.reset_index().items():
        label = f"{name} (not counted)" if name.startswith("train") else name
        rows[label] = [printed.get(name), *values.tolist()]
    columns = ["paper", *map(str, range(1, len(readings) + 1))]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=object)
    return found.rename_axis("reading")


def main_effects(estimates: pd.Series) -> pd.DataFrame:
    """Mean of the estimates at every level of every choice, and the largest difference it makes."""
    rows = []
    for name in CHOICES:
        means = estimates.groupby(level=name, sort=False).mean()
        levels = "; ".join(f"{level:.3g}: {x:.2f}" if isinstance(level, float) else f"{level}: {x:.2f}"
                           for level, x in means.items())  # fmt: skip
        rows.append({"choice": name, "largest difference": means.max() - means.min(), "means": levels})
    return pd.DataFrame(rows).sort_values("largest difference", ascending=False)


DERIVED: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "lowest-test-error": lowest_setting,
    **{f"survival-{item.name}": partial(holds, item=item) for item in STATEMENTS},
}

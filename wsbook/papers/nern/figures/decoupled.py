"""Tables of second trainings: which of them are planned, and what each learning rate gives."""

from itertools import product

import numpy as np
import pandas as pd

from wsbook.papers.nern.samples import decoupled as rivals
from wsbook.papers.nern.samples.decoupled import best_rate
from wsbook.study.collect import setting_key
from wsbook.study.experiment import Experiment, parameters
from wsbook.study.record import cell_key
from wsbook.verdicts.statistics import t_interval


def planned(table: pd.DataFrame, experiment: Experiment) -> pd.DataFrame:
    """The rows whose settings are planned at their profile: those that verdicts see."""
    keys = {
        profile: {cell_key(parameters(setting), 0) for setting in grid}
        for profile, grid in experiment.grid.items()
    }
    rows = table.to_dict("records")
    return table[np.array([setting_key(row, experiment) in keys[row["profile"]] for row in rows], bool)]


def method_of(table: pd.DataFrame) -> np.ndarray:
    """What each row's training is called."""
    return np.where(table.reconstruction > 0, "joint (NeRN)", "decoupled")


def by_rate(table: pd.DataFrame) -> pd.DataFrame:
    """Mean validation accuracy before and after, one row for each method and rate, and how many seeds."""
    named = table.assign(method=method_of(table), first=table.val_course.str[0])
    groups = named.groupby(["method", "lr"])
    means = groups[["first", "val_accuracy"]].mean().set_axis(["before", "after"], axis=1)
    return means.assign(lowest=groups.val_accuracy.min(), seeds=groups.seed.nunique()).reset_index()


def best_rates(table: pd.DataFrame) -> str:
    """A sentence: each method's rate of highest mean validation accuracy, and the seeds behind it."""
    found = []
    for method, rows in table.assign(method=method_of(table)).groupby("method"):
        best = best_rate(rows)
        found.append(f"{best.lr.iloc[0]:g} for {method} (seeds: {best.seed.nunique()})")
    return f"Highest mean on validation images: {', '.join(found)}."


def by_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Test accuracy in per cent at the last step: a row for each size, method and rate, a column a seed.

    The last columns are the mean on validation images and whether the rate is that of the highest such mean.
    """
    named = table.assign(method=method_of(table))
    keys = ["hidden", "method", "lr"]
    wide = 100 * named.pivot_table("test_accuracy", keys, "seed").rename(columns="seed {}".format)
    mean = named.groupby(keys).val_accuracy.mean()
    best = {key: rivals.best_rates(rows) for key, rows in named.groupby(["hidden", "method"])}
    taken = ["taken" if lr in best[hidden, method] else "–" for hidden, method, lr in mean.index]
    rows = wide.assign(validation=100 * mean, taken=pd.Series(taken, mean.index))
    return rows.rename_axis(columns=None).reset_index().assign(lr=lambda t: t.lr.map("{:g}".format))


def by_weights(table: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracies in per cent by the weights of the losses, each at the rate that is best on validation images: a row a set of
    weights, the highest test accuracy first."""
    rows = pd.concat([best_rate(rows) for _, rows in table.groupby(["reconstruction", "kd", "fmd"])])
    groups = rows.groupby(["reconstruction", "kd", "fmd", "lr"])
    means = 100 * groups[["start_accuracy", "test_accuracy"]].mean()
    named = means.rename(columns={"start_accuracy": "before", "test_accuracy": "after"})
    ordered = named.sort_values("after", ascending=False)
    return ordered.rename_axis(["ρ", "α", "β", "learning rate"]).reset_index()


def destroyed(table: pd.DataFrame) -> pd.Series:
    """Whether each training ended below where it began, on validation images."""
    return table.val_accuracy < table.val_course.str[0]


def larger_rate(table: pd.DataFrame) -> pd.DataFrame:
    """What the joint objective's largest rate does, one row for each hidden size with at least two rates.

    Differences of test accuracy, in percentage points, are means over the seeds that survive that rate.
    """
    differences = ["larger minus lower", "decoupled minus larger"]
    rows = []
    for hidden, group in table.groupby("hidden"):
        joint, decoupled = (group[(group.reconstruction > 0) == which] for which in (True, False))
        rates = sorted(joint.lr.unique())
        if len(rates) < 2:
            continue
        lower, larger = (joint[joint.lr == rate].set_index("seed") for rate in rates[-2:])
        alive = larger[~destroyed(larger)].test_accuracy
        count = f"{len(larger) - len(alive)} of {len(larger)} seeds"
        rival = best_rate(decoupled).set_index("seed").test_accuracy
        gains = [100 * (alive - lower.test_accuracy).mean(), 100 * (rival - alive).mean()]
        taken = ", ".join(f"{rate:g}" for rate in rivals.best_rates(joint))
        rows.append((hidden, f"{rates[-1]:g}", count, taken, *gains))
    return pd.DataFrame(rows, columns=["hidden", "larger rate", "destroys", "rate taken", *differences])


def by_pair(table: pd.DataFrame) -> pd.DataFrame:
    """Decoupled minus joint training by hidden size and both learning rates: test accuracy in percentage points, its mean
    over the seeds of both and the 90 % interval."""
    rows = []
    for hidden, group in table.groupby("hidden"):
        sides = [group[(group.reconstruction > 0) == joint].groupby("lr") for joint in (False, True)]
        for (own, ours), (rate, theirs) in product(*sides):
            both = rivals.side_by_side([ours, theirs], "test_accuracy")
            gains = 100 * (both[:, 0] - both[:, 1])
            gains = gains[np.isfinite(gains)]
            ends = t_interval(gains, 0.9) if len(gains) > 1 else (np.nan, np.nan)
            rows.append((hidden, f"{own:g}", f"{rate:g}", len(gains), gains.mean(), *map(float, ends)))
    names = ["hidden", "decoupled: rate", "joint: rate", "seeds", "decoupled minus joint", "from", "to"]
    return pd.DataFrame(rows, columns=names)


def by_half(rows: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Mean distances of layers from the original, and from where a second training began."""
    names = {
        "layer_rmse_earlier": "from the original: earlier half",
        "layer_rmse_later": "from the original: later half",
        "layer_moved_earlier": "from the start: earlier half",
        "layer_moved_later": "from the start: later half",
    }
    means = {name: table.reindex(columns=list(names)).mean() for name, table in rows.items()}
    return pd.DataFrame(means).T.rename(columns=names).rename_axis("training").reset_index()

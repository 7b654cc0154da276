"""What number of sets, number of networks, loss and learning rate do to networks, as samples of claims."""

from functools import partial

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

FEW, MANY = 20, 100  # networks in all: a fivefold increase, as that from one set to five


def planned(table: pd.DataFrame) -> pd.DataFrame:
    """The settings that a table should have."""
    return pd.DataFrame(table.attrs.get("planned", table))


def by_number_of_sets(table: pd.DataFrame, metric: str = "generated") -> pd.DataFrame:
    """Means of a metric over the choices of so many sets: a row for each seed, a column for each number; NaN where a
    record is missing."""
    choices = list(dict.fromkeys(planned(table).data))
    values = table.pivot_table(metric, "seed", "data").reindex(columns=choices)
    counts = pd.Index([len(data.split("+")) for data in choices], name="sets")
    return values.T.groupby(counts).agg(pd.Series.mean, skipna=False).T


def diversity(table: pd.DataFrame) -> np.ndarray:
    """Test accuracy by the number of sets that zoos come from (seeds, numbers); none where these are too few for a
    trend."""
    values = by_number_of_sets(table).to_numpy()
    return values if values.shape[1] > 2 else np.empty((0, 3))


def sets_or_networks(table: pd.DataFrame) -> np.ndarray:
    """What generated networks for an unseen set gain by more sets with as many networks in all, and by as many times
    more networks of one set (seeds, 2)."""
    rows = table[table.target == "kmnist"].assign(sets=lambda t: t.data.str.count(r"\+") + 1)
    values = rows.pivot_table("generated", "seed", ["sets", "models"])
    many = max(rows.sets, default=1)
    values = values.reindex(columns=[(1, FEW), (1, MANY), (many, FEW)])
    few, networks, sets = values.to_numpy().T
    return np.stack([sets - few, networks - few], axis=1)


def law(models: np.ndarray, floor: float, factor: float, exponent: float) -> np.ndarray:
    """Error by number of networks: floor + factor n^-exponent."""
    return floor + factor * models**-exponent


def fitted_law(models: np.ndarray, errors: np.ndarray) -> np.ndarray | None:
    """Floor, factor and exponent of the law that fits errors at all numbers of networks but the largest best, by least
    squares; None where there are fewer of these than parameters. Numbers ascend."""
    known, seen = models[:-1], errors[:-1]
    if len(known) < 3:
        return None
    start, bounds = (seen[-1], seen[0], 0.5), ([0, 0, 0], [1, 10, 3])
    return least_squares(lambda found: law(known, *found) - seen, start, bounds=bounds).x


def foretold(table: pd.DataFrame, data: str, target: str) -> np.ndarray:
    """How far off the error with most networks is from that which a law fitted to all smaller numbers foretells,
    |error - law| (seeds,)."""
    rows = table[(table.data == data) & (table.target == target)]
    off = []
    for _, one in rows.sort_values("models").groupby("seed"):
        models, errors = one.models.to_numpy(float), 1 - one.generated.to_numpy()
        found = fitted_law(models, errors)
        off.append(np.nan if found is None else abs(errors[-1] - law(models[-1], *found)))
    return np.array(off)


def suited(table: pd.DataFrame) -> dict[str, float]:
    """The learning rate that suits each loss best, by mean validation accuracy; none while records of some rate are
    missing, which may be the best."""
    grid = pd.MultiIndex.from_frame(planned(table)[["normalisation", "lr"]].drop_duplicates())
    means = table.groupby(["normalisation", "lr"])["rebuilt_val"].mean().reindex(grid)
    return {} if means.isna().any() else {name: means[name].idxmax() for name in means.index.levels[0]}


def at_rates(table: pd.DataFrame, *choices: tuple[str, str]) -> np.ndarray:
    """Accuracy of networks reconstructed with one loss at the learning rate that suits another, or itself, best:
    a column for each such pair (seeds, choices)."""
    rates = suited(table)
    if not {loss for pair in choices for loss in pair} <= rates.keys():
        return np.empty((0, len(choices)))
    values = table.pivot_table("rebuilt", "seed", ["normalisation", "lr"])
    return values[[(loss, rates[other]) for loss, other in choices]].to_numpy()


def causes(table: pd.DataFrame, target: str = "kmnist") -> np.ndarray:
    """What generated networks gain by many zoos instead of one, and by the normalised loss instead of the plain one,
    each averaged over the other choice (seeds, 2)."""
    rows = table[table.target == target].assign(many=lambda t: t.data.str.contains("+", regex=False))
    values = rows.pivot_table("generated", "seed", ["many", "normalisation"])
    corners = [(many, name) for many in (False, True) for name in ("none", "token")]
    one_plain, one_normal, many_plain, many_normal = values.reindex(columns=corners).to_numpy().T
    zoos = (many_plain + many_normal - one_plain - one_normal) / 2
    loss = (one_normal + many_normal - one_plain - many_plain) / 2
    return np.stack([zoos, loss], axis=1)


def together_and_alone(table: pd.DataFrame, kind: str) -> np.ndarray:
    """Accuracy of reconstructed networks of one architecture, by an autoencoder of several and by one of its own
    (seeds, 2)."""
    alone = table[table.network == kind].set_index("seed")["rebuilt"]
    joint = table[table.network.str.contains("+", regex=False)].set_index("seed")
    places = joint.network.str.split("+").map(lambda kinds: kinds.index(kind) if kind in kinds else None)
    values = [
        row.rebuilt_by_zoo[int(place)] if pd.notna(place) else np.nan
        for (_, row), place in zip(joint.iterrows(), places)
    ]
    both = pd.concat([pd.Series(values, joint.index, dtype=float), alone], axis=1)
    return both.to_numpy(float)


ALL = "mnist+fashion-mnist+usps+cifar10+eurosat"
DERIVED = {
    "by-number-of-sets": diversity,
    "sets-or-networks": sets_or_networks,
    "law-one-zoo": partial(foretold, data="mnist", target="mnist"),
    "law-many-zoos": partial(foretold, data=ALL, target="mnist"),
    "normalised-at-own-rate": lambda table: at_rates(table, ("token", "token"), ("token", "none")),
    "losses-at-own-rates": lambda table: at_rates(table, ("token", "token"), ("none", "none")),
    "zoos-or-loss": causes,
    **{
        f"together-and-alone-{kind}": partial(together_and_alone, kind=kind)
        for kind in ("cnn-s", "mlp", "resnet-small", "vit-small")
    },
}

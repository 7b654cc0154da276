"""What number of sets, number of networks and several architectures do to networks, as samples of claims."""

from functools import partial

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from wsbook.study.planned import planned

MORE = 5  # times the networks in all: as from one set to five


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


def apart_from(table: pd.DataFrame, name: str) -> np.ndarray:
    """What four more sets add to test accuracy, beside nothing (seeds, 2), if what the set `name` adds is apart: the slope of a
    regression on the number of sets and on whether that one is among them. A seed that lacks a choice is NaN."""
    choices = list(dict.fromkeys(planned(table).data))
    values = table.pivot_table("generated", "seed", "data").reindex(columns=choices)
    sets = [data.split("+") for data in choices]
    design = np.array([[1, len(names), name in names] for names in sets], float)
    slopes = (np.linalg.pinv(design) @ values.to_numpy(float).T)[1]
    return np.column_stack([4 * slopes, np.zeros_like(slopes)])


def sets_or_networks(table: pd.DataFrame) -> np.ndarray:
    """What generated networks for an unseen set gain by more sets with as many networks in all, and by five times the
    networks of one set, that is by as much of the one as of the other (seeds, 2). Both start from the second smallest
    number of networks."""
    known = sizes(table)
    if len(known) < 2:
        return np.empty((0, 2))
    few = known[1]
    rows = table[table.target == "kmnist"].assign(sets=lambda t: t.data.str.count(r"\+") + 1)
    values = rows.pivot_table("generated", "seed", ["sets", "models"])
    many = max(rows.sets, default=1)
    values = values.reindex(columns=[(1, few), (1, MORE * few), (many, few)])
    start, networks, sets = values.to_numpy().T
    return np.stack([sets - start, networks - start], axis=1)


def sizes(table: pd.DataFrame) -> list[int]:
    """The planned numbers of networks, ascending."""
    return sorted({int(models) for models in planned(table).models})


def by_size(
    table: pd.DataFrame, first: int, second: int, data: str, target: str, metric: str
) -> np.ndarray:
    """A metric with two numbers of networks, given by their places among those planned (seeds, 2);
    none where these are too few."""
    known = sizes(table)
    if len(known) < 2:
        return np.empty((0, 2))
    rows = table[(table.data == data) & (table.target == target)]
    return (
        rows.pivot_table(metric, "seed", "models").reindex(columns=[known[first], known[second]]).to_numpy()
    )


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


def foretold(table: pd.DataFrame, data: str, target: str, metric: str = "generated") -> np.ndarray:
    """How far off the error with most networks is from that which a law fitted to all smaller numbers foretells,
    |error - law| (seeds,)."""
    rows = table[(table.data == data) & (table.target == target)]
    off = []
    for _, one in rows.sort_values("models").groupby("seed"):
        models, errors = one.models.to_numpy(float), 1 - one[metric].to_numpy()
        found = fitted_law(models, errors)
        off.append(np.nan if found is None else abs(errors[-1] - law(models[-1], *found)))
    return np.array(off)


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
ZOOS = {"one-zoo": "mnist", "many-zoos": ALL}
DERIVED = {
    **{
        f"growth-{name}{'-reconstructed' * (metric != 'generated')}": partial(
            by_size, first=-1, second=0, data=data, target="kmnist", metric=metric
        )
        for name, data in ZOOS.items()
        for metric in ("generated", "reconstructed")
    },
    **{
        f"doubling-{name}": partial(
            by_size, first=-1, second=-2, data=data, target="mnist", metric="generated"
        )
        for name, data in ZOOS.items()
    },
    **{
        f"growth-from-second-{name}-{target}{'-reconstructed' * (metric != 'generated')}": partial(
            by_size, first=-1, second=1, data=data, target=target, metric=metric
        )
        for name, data in ZOOS.items()
        for target in ("mnist", "kmnist")
        for metric in ("generated", "reconstructed")
    },
    "by-number-of-sets": diversity,
    "sets-apart-from-eurosat": partial(apart_from, name="eurosat"),
    "sets-or-networks": sets_or_networks,
    "law-one-zoo": partial(foretold, data="mnist", target="mnist"),
    "law-many-zoos": partial(foretold, data=ALL, target="mnist"),
    "law-one-zoo-reconstructed": partial(foretold, data="mnist", target="mnist", metric="reconstructed"),
    "law-many-zoos-reconstructed": partial(foretold, data=ALL, target="mnist", metric="reconstructed"),
    **{
        f"together-and-alone-{kind}": partial(together_and_alone, kind=kind)
        for kind in ("cnn-s", "mlp", "resnet-small", "vit-small")
    },
}

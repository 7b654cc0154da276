"""Rate against accuracy, with the convex front."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wsbook.figures.drawing import draw_floors
from wsbook.figures.style import BLUE, INK, OLIVE, PURPLE, ROSE, RUST, TEAL, new_figure, style
from wsbook.papers.across.samples.front import front_of, height, mean_over_seeds

NAMES = {  # of methods, in words
    "float16": "float16",
    "bfloat16": "bfloat16",
    "nearest": "rounding to nearest",
    "compensated": "error-compensated rounding",
    "pruned": "pruning",
    "kmeans": "k-means of kernels",
    "product": "product quantisation",
    "kernel-svd": "SVD of kernels",
    "layer-svd": "SVD of layers",
    "dictionary": "sparse dictionary (A)",
    "predictor": "predictor, NeRN (C)",
}
LOOKS = {  # colour and marker; kin share a colour
    "float16": (BLUE, "s"),
    "bfloat16": (BLUE, "D"),
    "nearest": (BLUE, "o"),
    "compensated": (TEAL, "o"),
    "pruned": (OLIVE, "v"),
    "kmeans": (PURPLE, "^"),
    "product": (PURPLE, "o"),
    "kernel-svd": (ROSE, "^"),
    "layer-svd": (ROSE, "o"),
    "dictionary": (RUST, "o"),
    "predictor": (INK, "X"),
}
TICKS = (1, 2, 4, 8, 16)  # bits a weight


@style()
def rate_and_accuracy(table: pd.DataFrame) -> Figure:
    """Test accuracy over bits a weight of one network, on a logarithmic axis: a dot a seed, and the front of the means."""
    figure, axis = new_figure(width=7.0, height=4.4)
    for method, rows in table.groupby("method", sort=False):
        colour, marker = LOOKS[method]
        points = (rows["bits_per_weight"], rows["test_accuracy"])
        axis.scatter(
            *points, s=24, color=colour, marker=marker, alpha=0.75, linewidths=0, label=NAMES[method]
        )
    draw_front(axis, mean_over_seeds(table))
    draw_floors(axis, {"original": table["original_test"].iloc[0]})
    axis.set_xscale("log")
    axis.set_xticks(TICKS, list(map(str, TICKS)))
    axis.minorticks_off()
    axis.set(xlabel="bits a weight on disk", ylabel="test accuracy", ylim=(0, 1))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def draw_front(axis: Axes, means: pd.DataFrame) -> None:
    """The front as a line: straight in bits, and so bent on the logarithmic axis."""
    bits = np.geomspace(0.5, TICKS[-1], 400)
    axis.plot(bits, [height(means, at) for at in bits], color=INK, linewidth=1, zorder=1, label="front")


def corners_table(table: pd.DataFrame) -> pd.DataFrame:
    """The corners of the front of one network's means, the fewest bits first."""
    corners = front_of(mean_over_seeds(table))
    return described(corners).assign(**{"test accuracy": corners["test_accuracy"]})


def costs_table(table: pd.DataFrame) -> pd.DataFrame:
    """By method, the longest that one of its settings took to write and to read, in seconds of one core."""
    slowest = table.groupby("method", sort=False)[["encode_seconds", "decode_seconds"]].max()
    names = {"encode_seconds": "to write, s", "decode_seconds": "to read, s"}
    return slowest.rename(index=NAMES, columns=names).rename_axis("method").reset_index()


def described(rows: pd.DataFrame) -> pd.DataFrame:
    """Method, parameters in words, and bits a weight of some rows."""
    words = [setting_in_words(row) for row in rows.to_dict("records")]
    return pd.DataFrame(
        {
            "method": rows["method"].map(NAMES),
            "setting": words,
            "bits a weight": rows["bits_per_weight"],
        }
    )


def setting_in_words(row: dict) -> str:
    """Parameters that are not 0: "size 256, rank 3, 4 bits"."""
    said = [f"{name} {row[name]:g}" for name in ("size", "rank", "share") if row[name]]
    return ", ".join(said + [f"{row['bits']} bits"] * bool(row["bits"])) or "–"

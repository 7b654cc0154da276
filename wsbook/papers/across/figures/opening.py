"""What opens part X: one network and many ways to store it, and the picture of its card."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wsbook.figures.glyphs import cells, dot, layers, polyline, svg, word
from wsbook.figures.scheme import Lane, Step
from wsbook.figures.scheme import scheme as drawn_scheme
from wsbook.figures.style import INK, new_figure, style
from wsbook.papers.across.figures.rate import LOOKS, NAMES, TICKS
from wsbook.papers.across.samples.front import height, mean_over_seeds
from wsbook.papers.across.samples.leads import NETWORK
from wsbook.verdicts.decision import Evidence

SHOWN = ("compensated", "nearest", "kmeans", "dictionary", "predictor")  # methods on the card


def scheme() -> str:
    """From a network to bytes and back."""
    return drawn_scheme(
        [
            Lane(
                "Store",
                [
                    Step(layers([3, 4, 4, 2]), "a trained network"),
                    Step(methods(), "a method", "rounding, codebooks, dictionaries, a predictor"),
                    Step(bits(), "one string of bytes", "all that is needed to rebuild it"),
                    Step(layers([3, 4, 4, 2]), "the network again"),
                    Step(rates(), "accuracy at its rate", "and the front of all methods"),
                ],
                "No label is seen once the network is trained, and every byte is counted.",
            )
        ],
        "The question of part X: what each way to store a network keeps of its accuracy.",
    )


def methods() -> str:
    """Three drawings on top of each other: a grid of levels, a codebook, a network."""
    x = np.repeat(np.arange(6), 2)
    steps = polyline(np.append(x[1:], 6) * 11 + 6, 24 - x * 3.2)
    codebook = [dot(14 + 19 * i, 36, 5, colour) for i, (colour, _) in enumerate(list(LOOKS.values())[3:7])]
    return svg(80, 62, [steps, *codebook, word("h = 140", 40, 59, 12)])


def bits() -> str:
    """A string of zeros and ones."""
    values = np.random.default_rng(1).integers(0, 2, (5, 9)).astype(float)
    return cells(values, size=7, frame=True)


def rates() -> str:
    """A curve that rises and levels off, and a point below it."""
    x = np.linspace(6, 80, 40)
    return svg(
        84, 60, [polyline(x, 54 - 44 * (1 - np.exp(-(x - 6) / 16))), dot(48, 34, 4, LOOKS["kmeans"][0])]
    )


@style()
def picture(evidence: Mapping[str, Evidence], records: Callable[[str], pd.DataFrame]) -> tuple[Figure, str]:
    """The front of each of a few methods: test accuracy of ResNet-20 over bits a weight."""
    table = records("x-rate")
    table = table[table["network"] == NETWORK]
    figure, axis = new_figure(width=4.0, height=3.0)
    for method in SHOWN:
        draw_method(axis, mean_over_seeds(table[table["method"] == method]), method)
    axis.axhline(table["original_test"].iloc[0], color=INK, linestyle=(0, (4, 3)), linewidth=0.8, alpha=0.7)
    axis.set_xscale("log")
    axis.set_xticks(TICKS, list(map(str, TICKS)))
    axis.minorticks_off()
    axis.set(xlabel="bits a weight on disk", ylabel="test accuracy", ylim=(0, 1))
    figure.legend(loc="outside lower center", ncols=2, handlelength=1, handletextpad=0.4, columnspacing=1)
    return (
        figure,
        "Test accuracy over bits a weight: error-compensated rounding lies highest, predictors lower.",
    )


def draw_method(axis: Axes, means: pd.DataFrame, method: str) -> None:
    """All settings of a method as dots, and its front as a line."""
    colour, marker = LOOKS[method]
    bits = np.geomspace(means["bits_per_weight"].min(), means["bits_per_weight"].max(), 100)
    axis.plot(bits, [height(means, at) for at in bits], color=colour, linewidth=1.5)
    axis.scatter(
        means["bits_per_weight"],
        means["test_accuracy"],
        s=26,
        color=colour,
        marker=marker,
        label=NAMES[method],
    )

"""What opens paper B: its idea as a scheme, and the picture of its card."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.forest import Row, forest
from wsbook.figures.glyphs import cells, dot, layers, polyline, svg
from wsbook.figures.scheme import Lane, Step
from wsbook.figures.scheme import scheme as drawn_scheme
from wsbook.figures.style import BLUE, OLIVE, PURPLE, RUST, TEAL
from wsbook.verdicts.decision import Evidence


def scheme() -> str:
    """Networks as tokens through an autoencoder, and new ones from where the codes of a few lie densely."""
    return drawn_scheme(
        [
            Lane(
                "Learn",
                [
                    Step(zoos(), "zoos", "trained networks for several image sets"),
                    Step(cells(tokens(), size=7), "tokens", "rows of weights, cut and padded"),
                    Step(blocks(), "masked transformer", "padding is masked"),
                    Step(latent(), "latent codes", "one for each token"),
                    Step(cells(tokens(0.15), size=7), "tokens again", "through a second transformer"),
                ],
                "The error of each token is divided by the spread of its weights, padding left out.",
            ),
            Lane(
                "Generate",
                [
                    Step(zoos(1, 3), "prompts", "a few networks of the target"),
                    Step(density(), "density of their codes", "kernels around the prompts"),
                    Step(latent(many=True), "samples", "candidates for each target"),
                    Step(zoos(1, 2), "new networks", "the best by validation accuracy"),
                ],
            ),
        ],
        "The idea of paper B. Colours of networks stand for the image sets that they were trained on.",
    )


def zoos(sets: int = 4, each: int = 3) -> str:
    """A row of dots, the networks, for each set."""
    colours = (BLUE, TEAL, PURPLE, OLIVE) if sets > 1 else (RUST,)
    rows = [[dot(12 + 20 * x, 10 + 14 * y, 5, c) for x in range(each)] for y, c in enumerate(colours)]
    return svg(20 * each + 4, 14 * sets + 6, sum(rows, []))


def tokens(noise: float = 0.0) -> np.ndarray:
    """Weights in rows (6, 9), the last of a layer padded with zeros."""
    generator = np.random.default_rng(2)
    values = generator.normal(size=(6, 9))
    values += noise * generator.normal(size=values.shape)
    values[2, 5:] = 0
    values[5, 3:] = 0
    return values


def blocks() -> str:
    """Layers in which every token looks at every other."""
    return layers([5, 5, 5], width=78, height=64, colour=PURPLE)


def latent(many: bool = False) -> str:
    """Points of a plane: codes, or samples around them."""
    generator = np.random.default_rng(3)
    centres = np.array([[20.0, 20.0], [56.0, 16.0], [40.0, 44.0]])
    if not many:
        return svg(76, 60, [dot(x, y, 4, RUST) for x, y in centres])
    around = centres[generator.integers(3, size=22)] + generator.normal(scale=5, size=(22, 2))
    return svg(76, 60, [dot(x, y, 2.2, BLUE) for x, y in around])


def density() -> str:
    """Kernels around three codes, and their sum."""
    x = np.linspace(2, 82, 90)
    kernels = [np.exp(-((x - at) ** 2) / 72) for at in (22, 38, 62)]
    curves = [polyline(x, 54 - 22 * kernel, RUST, 1) for kernel in kernels]
    total = polyline(x, 54 - 24 * np.sum(kernels, axis=0), BLUE, 2)
    return svg(84, 62, [*curves, total, *(dot(at, 55, 3.5, RUST) for at in (22, 38, 62))])


def picture(evidence: Mapping[str, Evidence], records: Callable[[str], pd.DataFrame]) -> tuple[Figure, str]:
    """Gains in accuracy of networks generated from several zoos over those from one."""
    said = {
        "unseen": "unseen images, against one other zoo",
        "best": "unseen images, against the best other zoo",
        "seen": "images of one of its zoos, against that zoo",
    }
    outcomes = {label: evidence[name].outcome for name, label in said.items()}
    rows = [Row(label, outcome.estimate, outcome.interval) for label, outcome in outcomes.items()]
    figure = forest(rows, "gain by several zoos, points of accuracy", unit=100)
    return (
        figure,
        "Gains by several zoos with their intervals: above zero against one other zoo, below it against the best.",
    )

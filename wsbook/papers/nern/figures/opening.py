"""What opens paper C: its training schemes, a counterpart of its figure 5, and the picture of its card."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.forest import Row, forest
from wsbook.figures.glyphs import cells, layers, svg, waves, word
from wsbook.figures.scheme import Lane, Step
from wsbook.figures.scheme import scheme as drawn_scheme
from wsbook.figures.style import BLUE, PURPLE, TEAL
from wsbook.verdicts.decision import Evidence


def scheme() -> str:
    """A predictor of kernels, and the three ways to train it."""
    return drawn_scheme(
        [
            Lane(
                "Predict a network",
                [
                    Step(coordinate(), "coordinates", "layer, filter, channel"),
                    Step(waves((1, 2, 4, 8)), "positional encoding", "sines and cosines"),
                    Step(layers([4, 5, 5, 3], colour=PURPLE), "predictor", "five layers of width h"),
                    Step(kernels(), "kernels", "3 × 3 weights each"),
                    Step(layers([3, 4, 4, 2]), "network", "all its convolutions"),
                ],
            ),
            Lane(
                "Phase 1: reconstruction",
                [
                    Step(kernels(), "kernels of the original"),
                    Step(kernels(0.2), "predicted kernels", by="⇄"),
                    Step(loss("recon", "weights"), "error of the weights", "needs no image", by="→"),
                ],
            ),
            Lane(
                "Phase 2: distillation alone",
                [
                    Step(images(), "images"),
                    Step(bars((0.9, 0.3, 0.5)), "logits of the teacher", "the original, or a stronger one"),
                    Step(bars((0.8, 0.4, 0.6)), "logits of the predicted network", by="⇄"),
                    Step(loss("KD", "logits"), "divergence", "weights may leave the original's"),
                ],
                "NeRN trains with both errors, and one of feature maps, at once; paper C trains with one after the other.",
            ),
            Lane(
                "Rounds",
                [
                    Step(layers([3, 4, 4, 2]), "original"),
                    Step(layers([3, 4, 4, 2], colour=TEAL), "round 1", "a copy of the original"),
                    Step(layers([3, 4, 4, 2], colour=TEAL), "round 2", "a copy of the copy"),
                    Step(layers([3, 4, 4, 2], colour=TEAL), "… round 5"),
                ],
                "Each round trains a fresh predictor by reconstruction alone.",
            ),
        ],
        "How paper C trains: a counterpart of its figure 5.",
    )


def coordinate() -> str:
    """The three numbers of a kernel's place."""
    return svg(
        60,
        60,
        [word(f"{name} = {n}", 30, 18 + 18 * i, 13) for i, (name, n) in enumerate(zip("ℓfc", (7, 3, 9)))],
    )


def kernels(noise: float = 0.0) -> str:
    """Four smooth 3 x 3 kernels, with gaps between them."""
    generator = np.random.default_rng(6)
    values = np.zeros((7, 7))
    for row in (0, 4):
        for column in (0, 4):
            values[row : row + 3, column : column + 3] = generator.normal(size=(3, 3))
    return cells(values + noise * generator.normal(size=values.shape) * (values != 0), size=7)


def images() -> str:
    """A few pictures."""
    return cells(np.add.outer(np.sin(np.arange(6) / 1.5), np.cos(np.arange(8) / 2)), size=7, gap=0.5)


def bars(heights: tuple[float, ...]) -> str:
    """Logits of three classes."""
    return svg(
        66,
        56,
        [
            f'<rect x="{6 + 20 * i}" y="{52 - 46 * h:.1f}" width="14" height="{46 * h:.1f}" fill="{BLUE}"/>'
            for i, h in enumerate(heights)
        ],
    )


def loss(index: str, of: str) -> str:
    """The symbol of a loss."""
    name = f'L<tspan font-size="12" dy="4">{index}</tspan>'
    return svg(76, 56, [word(name, 38, 34, 24)])


def picture(evidence: Mapping[str, Evidence], records: Callable[[str], pd.DataFrame]) -> tuple[Figure, str]:
    """The gain of the copy over its original: the paper's, and ours over seeds and over test images."""
    seeds, images = (evidence[name] for name in ("gain", "images"))
    rows = [
        Row("the paper’s", seeds.part.effect, paper=True),
        Row("ours, over trainings", seeds.outcome.estimate, seeds.outcome.interval),
        Row("ours, over test images", images.outcome.estimate, images.outcome.interval),
    ]
    figure = forest(rows, "gain of the copy, points of accuracy", unit=100)
    return (
        figure,
        "Gain of the copy over its original: small, above zero over trainings, around zero over test images.",
    )

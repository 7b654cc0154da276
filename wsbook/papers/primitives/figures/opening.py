"""What opens paper A: its idea as a scheme, and the picture of its card."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wsbook.figures.forest import Row, forest
from wsbook.figures.glyphs import cells
from wsbook.figures.scheme import Lane, Step
from wsbook.figures.scheme import scheme as drawn_scheme
from wsbook.verdicts.decision import Evidence

ATOMS, WEIGHTS, NETWORKS = 5, 13, 8  # of the scheme


def scheme() -> str:
    """Weight vectors as sparse combinations of primitives, and a new one from two codes."""
    codes, atoms = example()
    one, other = codes[[0]], codes[[3]]
    between = (one + other) / 2
    return drawn_scheme(
        [
            Lane(
                "Learn",
                [
                    Step(cells(codes @ atoms), "networks", "one weight vector a row"),
                    Step(cells(codes, frame=True), "sparse codes", "few are not zero", by="≈"),
                    Step(cells(atoms), "dictionary", "one primitive a row", by="×"),
                ],
                "Codes and dictionary are learned together: squared error, and an ℓ₁ penalty on the codes.",
            ),
            Lane(
                "Compose",
                [
                    Step(cells(np.vstack([one, other]), frame=True), "two codes"),
                    Step(cells(between, frame=True), "their mixture", "or any other code"),
                    Step(cells(atoms), "dictionary", by="×"),
                    Step(cells(between @ atoms), "a new network", by="="),
                ],
            ),
        ],
        "The idea of paper A, on an example: blue weights are positive, rust-coloured ones negative.",
    )


def example() -> tuple[np.ndarray, np.ndarray]:
    """Sparse codes (NETWORKS, ATOMS) and a dictionary (ATOMS, WEIGHTS) to draw."""
    generator = np.random.default_rng(4)
    atoms = generator.normal(size=(ATOMS, WEIGHTS))
    codes = np.zeros((NETWORKS, ATOMS))
    for row in codes:
        row[generator.choice(ATOMS, 2, replace=False)] = generator.normal(size=2) + 0.4
    return codes, atoms


def picture(evidence: Mapping[str, Evidence], records: Callable[[str], pd.DataFrame]) -> tuple[Figure, str]:
    """Held-out errors: what the paper promises, what noise alone and principal components leave, the best dictionary."""
    best = evidence["best"]
    floors = records("a-floors").query("k == 30 and atoms == 'unit-norm'")
    rows = [
        Row("promised by the paper", best.part.rule.below, paper=True),
        Row("noise alone", floors["noise_floor"].mean()),
        Row("principal components, for comparison", floors["pca"].mean()),
        Row("the best dictionary trained", best.outcome.estimate, best.outcome.interval),
    ]
    figure = forest(rows, "relative error on held-out weights, %", unit=100, line=best.part.rule.below)
    figure.axes[0].set_xlim(0, 50)
    alt = "Relative errors on held-out weights, from low to high: what the paper promises, noise alone, PCA, the best dictionary."
    return figure, alt

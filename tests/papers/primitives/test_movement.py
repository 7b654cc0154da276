"""How far optimisers move."""

import numpy as np
import pandas as pd

from wsbook.papers.primitives.samples.movement import DERIVED


def table(**falls):
    """Records in which the train error of each optimiser falls by so much; in a second seed by half of it."""
    return pd.DataFrame(
        {"optimiser": name, "seed": seed, "train_curve": [2.0, 9.0, 2.0 - fall / (1 + seed)]}
        for name, fall in falls.items()
        for seed in range(2)
    )


def test_a_fall_is_relative_to_the_least_of_the_others():
    rows = table(rmsprop=0.4, sgd=0.1, adamw=0.8)
    np.testing.assert_allclose(DERIVED["relative-fall-sgd"](rows), [0.25, 0.25])
    np.testing.assert_allclose(DERIVED["relative-fall-rmsprop"](rows), [0.5, 0.5])
    np.testing.assert_allclose(DERIVED["relative-fall-adamw"](rows), [2, 2])


def test_while_an_optimiser_is_missing_nothing_is_known():
    assert np.isnan(DERIVED["relative-fall-sgd"](table(rmsprop=0.4, sgd=0.1))).all()
    assert np.isnan(DERIVED["relative-fall-sgd"](table(rmsprop=0.4, adamw=0.1))).all()

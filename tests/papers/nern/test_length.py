"""What claim C-length is decided on."""

import numpy as np
import pandas as pd

from wsbook.papers.nern.experiments.length import LENGTH, LENGTH_LR, LONG_JOINT_LR, LONG_LR
from wsbook.papers.nern.samples.length import leads


def record(seed: int, steps: int, reconstruction: float, accuracy: float) -> dict:
    setting = {"network": "resnet20-cifar10", "hidden": 140, "lr": 1e-3}
    return setting | {
        "seed": seed,
        "steps": steps,
        "reconstruction": reconstruction,
        "test_accuracy": accuracy,
    }


def test_a_lead_is_decoupled_less_joint_of_the_same_seed_and_length():
    rows = [
        *(
            record(0, *row)
            for row in ((200, 0.0, 0.88), (200, 1.0, 0.87), (5000, 0.0, 0.91), (5000, 1.0, 0.89))
        ),
        *(record(1, *row) for row in ((200, 0.0, 0.87), (200, 1.0, 0.88), (5000, 0.0, 0.92))),
    ]
    table = pd.DataFrame(rows)
    np.testing.assert_allclose(leads(table), [[0.02, 0.01], [np.nan, -0.01]])
    short = leads(table[table.steps == 200])
    np.testing.assert_allclose(short, [[np.nan, 0.01], [np.nan, -0.01]])  # the longer one is not there yet


def test_both_objectives_have_every_length_from_the_same_first_training():
    planned = LENGTH.grid["cpu"]
    pairs = list(zip(planned[::2], planned[1::2]))
    assert [a.steps for a, _ in pairs] == [200, 1000, 5000, 19600]
    assert all(a.steps == b.steps and a.first == b.first and a.images == b.images == 256 for a, b in pairs)
    assert all((a.reconstruction, b.reconstruction) == (0, 1) for a, b in pairs)


def test_long_trainings_have_rates_that_were_tried():
    tried = {(bool(setting.reconstruction), setting.lr) for setting in LENGTH_LR.grid["cpu"]}
    assert {(False, LONG_LR), (True, LONG_JOINT_LR)} <= tried

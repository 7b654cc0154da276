"""Figures of generated networks show the numbers of their table."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.sane.figures.generation import (
    BESIDE,
    RIVALS,
    STARTS,
    by_capacity,
    by_contrast,
    by_target,
    courses,
    interaction,
)


def test_courses_show_errors_of_every_start_and_target():
    rows = [
        {"target": target, "seed": seed} | {start: [0.1, 0.5 + 0.1 * seed, 0.9] for start in STARTS}
        for target in ("mnist", "kmnist")
        for seed in range(2)
    ]
    figure = courses(pd.DataFrame(rows))
    assert [axis.get_title(loc="left") for axis in figure.axes] == [
        "networks for MNIST",
        "networks for KMNIST",
    ]
    for axis in figure.axes:
        means = [line for line in axis.lines if line.get_marker() == "o"]
        assert [line.get_label() for line in means] == list(STARTS.values())
        for line in means:
            assert np.array(line.get_ydata()) == pytest.approx([90, 45, 10])
        assert len(axis.lines) == 3 * len(STARTS) and axis.get_yscale() == "log"


def test_accuracies_are_averaged_by_target_and_composition():
    rows = [
        {"data": data, "target": "mnist", "seed": seed} | dict.fromkeys(RIVALS, 0.2 + 0.1 * seed)
        for data in ("mnist", "usps", "eurosat", "mnist+usps")
        for seed in range(2)
    ]
    found = by_target(pd.DataFrame(rows))
    assert list(found["trained on"]) == ["its own", "another", "its own and others"]
    assert found[list(RIVALS.values())].to_numpy() == pytest.approx(25)
    assert by_target(pd.DataFrame(columns=["data", "target", "seed"])).empty


def test_accuracies_are_averaged_by_bandwidth_and_contrast():
    rows = [
        {"bandwidth": w, "contrast": c, "target": t, "generated": x, "noisy_prompts": 0.5, "reconstructed": 0.7}
        for w, c, t, x in [(0.2, 0.0, "a", 0.2), (0.2, 0.0, "b", 0.4), (0.2, 0.05, "a", 0.6), (0.05, 0.0, "a", 0.9)]
    ]  # fmt: skip
    found = by_contrast(pd.DataFrame(rows))
    assert list(zip(found.bandwidth, found.trained, found.generated.round(9))) == [
        ("0.2", "without contrast", 30),
        ("0.2", "with contrast", 60),
        ("0.05", "without contrast", 90),
    ]
    assert list(found["noisy prompts"]) == [50] * 3 and list(found["reconstructed prompts"]) == [70] * 3
    assert by_contrast(pd.DataFrame(columns=["data", "seed"])).empty


def test_autoencoders_stand_in_the_order_of_their_sizes():
    sizes = {(128, 64): 0.9, (64, 32): 0.5, (64, 64): 0.7}
    rows = [
        {"width": width, "latent": latent, "data": data, "target": target} | dict.fromkeys(BESIDE, value)
        for (width, latent), value in sizes.items()
        for data in ("mnist", "mnist+usps")
        for target in ("mnist", "kmnist")
    ]
    figure = by_capacity(pd.DataFrame(rows))
    assert len(figure.axes) == 2 * len(BESIDE)
    for axis in figure.axes:
        assert [line.get_ydata().tolist() for line in axis.lines] == [[0.5, 0.7, 0.9]] * 2
    for axis in figure.axes[-len(BESIDE) :]:  # the lower row has the labels of both
        assert [label.get_text() for label in axis.get_xticklabels()] == ["64 / 32", "64 / 64", "128 / 64"]


def test_losses_are_compared_with_one_zoo_that_has_a_name():
    rows = [
        {"data": data, "target": "kmnist", "normalisation": loss, "seed": 0, "generated": 0.5}
        for data in ("usps", "mnist+usps")
        for loss in ("none", "token")
    ]
    axis = interaction(pd.DataFrame(rows), {"none": "plain", "token": "by token"}).axes[0]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["one zoo (USPS)", "many"]

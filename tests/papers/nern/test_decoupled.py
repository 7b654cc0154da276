"""What is measured of networks after a second training, on a toy."""

import pytest
import torch

from wsbook.papers.nern.measures import distillation, int8, robustness
from wsbook.papers.nern.measures.distilled import kernels_of, parameters_of
from wsbook.papers.nern.measures.robust import original_robust_accuracy, robust_accuracy, stride
from wsbook.papers.nern.method.fitted import predict, targets_of, trained
from wsbook.papers.nern.method.network import accuracy
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Cell

SETTING = Distillation(
    "toy", 8, first_steps=10, first_batch=64, steps=3, images=10, kd=1.0, batch=0, optimiser="adam", lr=1e-4
)


@pytest.fixture(autouse=True)
def source(named_toy):
    """The toy by its name."""
    int8.network_in_int8.cache_clear()
    yield named_toy
    int8.network_in_int8.cache_clear()


def test_a_predictor_is_trained_once_and_is_what_the_shelf_holds(monkeypatch):
    first = parameters_of(SETTING, 0, "cpu")
    assert torch.equal(first, first.half().float())
    monkeypatch.setattr(distillation, "follow", None)  # would fail if called
    assert torch.equal(parameters_of(SETTING, 0, "cpu"), first)


def test_its_kernels_are_those_it_predicts(source):
    targets = targets_of(source, SETTING.order, "cpu")
    expected = predict(SETTING.hidden, parameters_of(SETTING, 0, "cpu"), targets)
    assert torch.equal(kernels_of(SETTING, 0, "cpu"), expected)


def test_robustness_before_and_after_and_of_the_original(source):
    (found,) = robustness.measure([Cell(SETTING, 0)], "cpu")
    targets = targets_of(source, SETTING.order, "cpu")
    start = predict(SETTING.hidden, trained(SETTING.first, 0, "cpu"), targets)
    expected = robust_accuracy(source, kernels_of(SETTING, 0, "cpu"))
    expected |= {f"start_{k}": v for k, v in robust_accuracy(source, start).items()}
    expected |= {f"original_{k}": v for k, v in original_robust_accuracy("toy").items()}
    assert found.metrics == expected and len(found.metrics) == 9


def test_accuracy_in_float_is_that_of_the_predictor(source):
    (found,) = int8.measure([Cell(SETTING, 0)], "cpu")
    assert found.metrics["predicted"] == accuracy(source, kernels_of(SETTING, 0, "cpu"), "test")
    assert found.metrics["original"] == accuracy(source, source.frame.values, "test")


@pytest.mark.parametrize("count, every", [(25, 1), (359, 3), (999, 9), (10_000, 10), (100_000, 10)])
def test_a_tenth_of_the_images_is_shown_but_not_fewer_than_a_hundred(count, every):
    assert stride(count) == every

"""What is recorded of a stored network is of what was decoded."""

import pytest
import torch

from wsbook.nets import originals
from wsbook.papers.across.experiments.rate import RATE
from wsbook.papers.across.measures import rate
from wsbook.papers.across.method.codec import encode
from wsbook.papers.across.setting import Rate, draws
from wsbook.study.experiment import Cell, plan


@pytest.fixture
def measured(toy, job, monkeypatch):
    """A function from parameters to what `measure` finds, for the toy."""
    monkeypatch.setitem(originals.ORIGINALS, "resnet8-digits", lambda name: toy)
    for cached in (originals.original, rate.original_right):
        cached.cache_clear()
    monkeypatch.setattr(toy.__class__, "fingerprints", lambda self, *parts: dict.fromkeys(parts, "x"))
    monkeypatch.setitem(originals.ORIGINALS, "toy", lambda name: toy)
    yield lambda **knobs: rate.measure([Cell(Rate(network="resnet8-digits", **knobs), 0)], "cpu")[0]
    for cached in (originals.original, rate.original_right):
        cached.cache_clear()


def test_bytes_rates_and_accuracies_are_those_of_the_decoded_network(measured, job):
    found = measured(method="nearest", bits=1).metrics
    data = encode(job(method="nearest", bits=1))
    weights = sum(p.numel() for p in job(method="float16").source.net.parameters() if p.dim() > 1)
    assert found["bytes"] == len(data)
    assert found["bits_per_weight"] == pytest.approx(8 * len(data) / weights)
    assert found["drop"] == pytest.approx(found["original_test"] - found["test_accuracy"])
    assert found["one_right"] >= abs(found["drop"])
    assert 0 < found["rmse"] and found["encode_seconds"] > 0


def test_sixteen_bits_lose_nothing(measured):
    found = measured(method="float16")
    assert found.metrics["one_right"] == 0 == found.metrics["drop"]
    assert max(found.curves["layer_rmse"]) < 1e-4 and len(found.curves["layer_rmse"]) == 7


def test_settings_that_draw_nothing_have_one_seed():
    stacks = plan(RATE, RATE.grid["cpu"], 3)
    seeds = {}
    for (cell,) in stacks:
        seeds.setdefault(cell.setting, []).append(cell.seed)
    assert all(found == ([0, 1, 2] if draws(setting) else [0]) for setting, found in seeds.items())
    assert {len(found) for found in seeds.values()} == {1, 3}


def test_seeds_differ_where_something_is_drawn(job):
    same = [encode(job(seed, method="nearest", bits=3)) for seed in (0, 1)]
    other = [encode(job(seed, method="kmeans", size=9)) for seed in (0, 1)]
    assert same[0] == same[1] and other[0] != other[1]
    assert not torch.equal(
        *(job(seed, method="compensated", bits=3).generator.get_state() for seed in (0, 1))
    )

"""Alterations change one block by what they say, and gains are taken on images that had no part in the choice."""

import numpy as np
import pandas as pd
import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.nern.experiments.direct import DIRECT
from wsbook.papers.nern.measures import direct
from wsbook.papers.nern.measures.direct import Alteration, altered, layers_of, measure
from wsbook.papers.nern.samples import direct as held_out
from wsbook.study.experiment import Cell
from wsbook.weights.smoothing import low_pass


@pytest.fixture
def toys(toy, monkeypatch):
    """The toy original where `direct` looks for originals."""
    monkeypatch.setattr(direct, "original", lambda name: toy)
    direct._original_score.cache_clear()
    yield toy
    direct._original_score.cache_clear()


def test_only_the_block_is_altered(toys):
    plain, changed = toys.net.state_dict(), altered(Alteration("toy", "low-pass", 2, 3.0))
    differ = [name for name in plain if not torch.equal(plain[name], changed[name])]
    assert differ == [name for name in layers_of(toys, 2) if plain[name].shape[-1] == 3]
    for name in differ:
        assert torch.equal(changed[name], low_pass(plain[name], 3.0))


@pytest.mark.parametrize("kind, strength", [("low-pass", 3.0), ("singular-values", 0.4)])
def test_noise_is_as_large_in_every_layer(toys, kind, strength):
    setting = {"network": "toy", "kind": kind, "block": 3, "strength": strength}
    plain = toys.net.state_dict()
    smooth, noisy, other = (altered(Alteration(**setting, noise=noise)) for noise in (0, 1, 2))
    for name in layers_of(toys, 3):
        sizes = [(state[name] - plain[name]).norm() for state in (smooth, noisy, other)]
        torch.testing.assert_close(sizes[1], sizes[0], rtol=1e-4, atol=1e-6)
        assert sizes[0] == 0 or not torch.equal(noisy[name], other[name])


def test_folds_share_out_the_test_images(toys):
    setting = Alteration("toy", "low-pass", 1, 2.0)
    measured = measure([Cell(setting, fold) for fold in range(direct.FOLDS)], "cpu")
    inputs, labels = toys.inputs("test")
    net = toys.net
    net_state = {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(altered(setting))
    with torch.no_grad():
        right = (net(inputs).argmax(1) == labels).float()
    net.load_state_dict(net_state)
    counts = [len(labels[fold :: direct.FOLDS]) for fold in range(direct.FOLDS)]
    hits = sum(m.metrics["accuracy"] * count for m, count in zip(measured, counts))
    assert hits == pytest.approx(right.sum().item(), abs=1e-3)


def test_an_alteration_of_nothing_gains_nothing(toys):
    (measured,) = measure([Cell(Alteration("toy", "singular-values", 1, 1.0), 0)], "cpu")
    assert measured.metrics["gain"] == 0
    assert measured.metrics["size"] < 1e-6
    assert measured.curves["layer_s_ratio"] == pytest.approx([0] * 2, abs=1e-6)


@pytest.mark.parametrize("wrong", [
    {"kind": "blur"}, {"reading": "guess"}, {"strength": -1.0}, {"strength": 0.0}, {"block": 0}, {"noise": -1},
])  # fmt: skip
def test_bad_settings(wrong, one_sentence):
    with pytest.raises(StudyError) as caught:
        Alteration(**wrong)
    one_sentence(caught.value)


def test_a_block_or_a_fold_that_is_not_there(toys, one_sentence):
    for setting, fold in ((Alteration("toy", block=9), 0), (Alteration("toy"), direct.FOLDS)):
        with pytest.raises(StudyError) as caught:
            measure([Cell(setting, fold)], "cpu")
        one_sentence(caught.value)


# Choices on other images


def test_the_choice_is_made_on_the_other_folds():
    gains = np.array([[[9.0, 0.0, 0.0], [0.0, 1.0, 1.0]]])
    # For fold 0 the others prefer the second setting, for the rest the first.
    assert held_out.held_out(gains).tolist() == [0.0, 0.0, 0.0]
    assert held_out.chosen_on_test(gains) == 3.0


def test_choosing_among_noise_gains_on_the_images_of_the_choice_alone():
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(400, 12, 10))  # 12 settings that gain nothing, 10 folds
    assert held_out.chosen_on_test(draws) > 0.4
    assert abs(held_out.held_out(draws).mean()) < 0.05
    one_by_one = np.mean([held_out.held_out(gains[None]) for gains in draws], axis=0)
    assert held_out.held_out(draws) == pytest.approx(one_by_one)


def table_of(shift):
    """Records of the filter: strength 2 gains `shift` in block 1, and nothing else does; two noises for each."""
    knobs = [(block, strength) for block in (1, 2, 3) for strength in (1.0, 2.0, 23.53)]
    rows = [
        {"network": held_out.NETWORK, "kind": "low-pass", "reading": "flat-index", "block": block,
         "strength": strength, "noise": noise, "seed": seed,
         "gain": shift if (strength, noise, block) == (2.0, 0, 1) else 0.0,
         "layer_s_ratio": [0.1, 0.2] if noise == 0 else [0.05, 0.3] if noise < 10 else [0.15, 0.5]}
        for number, (block, strength) in enumerate(knobs, 1)
        for noise in (0, number, number + 9)
        for seed in range(4)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_gain_that_is_there_is_found():
    table = table_of(0.01)
    assert held_out.DERIVED["low-pass-1"](table) == pytest.approx([0.01] * 4)
    assert held_out.DERIVED["low-pass-1-over-noise"](table) == pytest.approx([0.01] * 4)
    assert held_out.DERIVED["low-pass-2"](table) == pytest.approx([0.0] * 4)
    assert held_out.DERIVED["low-pass-by-block"](table) == pytest.approx(np.array([[0.01, 0.0, 0.0]] * 4))
    assert held_out.DERIVED["any-alteration"](table) == pytest.approx([0.01] * 4)
    assert held_out.DERIVED["low-pass-s-ratio"](table).tolist() == [0.1, 0.2]
    assert held_out.DERIVED["low-pass-s-ratio-over-noise"](table) == pytest.approx([0.0, -0.2])


def test_noises_are_averaged_over_draws_with_a_choice_in_each():
    table = table_of(0.0)
    table.loc[table["noise"] == 2, "gain"] = 0.01  # strength 2 of the first draw
    table.loc[table["noise"] == 12, "gain"] = 0.03  # strength 23.53 of the second
    assert held_out.gains(table, noisy=True, block=1).shape == (2, 3, 4)
    assert held_out.held_out_gain(table, noisy=True, block=1) == pytest.approx([0.02] * 4)
    assert held_out.DERIVED["low-pass-1-over-noise"](table) == pytest.approx([-0.02] * 4)


def test_a_draw_without_a_noise_for_each_alteration_decides_nothing():
    table = table_of(0.01)
    missing = table[~table["noise"].isin([2, 11])]
    assert np.isnan(held_out.DERIVED["low-pass-1-over-noise"](missing)).all()
    without = table[table["noise"] == 0]
    assert all(not held_out.DERIVED[f"low-pass-{name}-over-noise"](without).size for name in (1, "s-ratio"))


@pytest.mark.parametrize("profile", ["quick", "cpu", "paper"])
def test_no_two_noises_have_a_direction_in_common(profile):
    planned = DIRECT.grid[profile]
    for network in {setting.network for setting in planned}:
        numbers = [setting.noise for setting in planned if setting.network == network and setting.noise]
        assert len(numbers) == len(set(numbers)) > 0


def test_no_records_are_no_samples():
    nothing = table_of(0.01).assign(network="another")
    assert all(len(derived(nothing)) == 0 for derived in held_out.DERIVED.values())
    assert np.isnan(held_out.chosen_on_test(held_out.gains(nothing)))

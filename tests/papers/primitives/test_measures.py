"""Floors, bands, spectra, methods and the multiverse: known answers and properties."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from wsbook.papers.primitives.grids import BASE
from wsbook.papers.primitives.measures import bands, floors, methods, multiverse, spectra
from wsbook.papers.primitives.method.errors import global_error, outside_span, sample_error
from wsbook.papers.primitives.method.synthetic import draw_start, draw_zoo, stream
from wsbook.papers.primitives.samples import multiverse as survival
from wsbook.papers.primitives.setting import Setting
from wsbook.study.experiment import Cell

TINY = Setting(n_train=16, n_test=8, d=48, k_true=4, k=4, epochs=3, batch_size=16)


def gaussian(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_errors_of_known_residuals():
    weights = torch.tensor([[3.0, 4.0], [0.0, 10.0]])
    approximation = torch.tensor([[0.0, 4.0], [0.0, 5.0]])
    assert sample_error(weights, approximation).item() == pytest.approx((0.6 + 0.5) / 2)
    assert global_error(weights, approximation).item() == pytest.approx((34 / 125) ** 0.5)
    assert outside_span(weights, torch.tensor([[0.0, 2.0]])).item() == pytest.approx((9 / 125) ** 0.5)


@pytest.mark.parametrize("atoms", ["unit-norm", "unit-variance"])
def test_floors_are_in_the_order_that_theory_gives(atoms):
    setting = replace(BASE, atoms=atoms)
    basis, _ = draw_start(setting, 0)
    errors = floors.floor_errors(draw_zoo(setting, 0), basis)
    assert errors["oracle"] <= errors["noise_floor"] * 1.001  # 30 of 1,024 noise directions fit in the span
    assert errors["oracle"] < errors["pca"] < errors["random"]
    assert errors["random"] == pytest.approx((1 - setting.k / setting.d) ** 0.5, abs=0.01)


def test_band_errors_find_smoothing_where_there_is_some_and_none_where_there_is_not():
    weights = gaussian(20, 512)
    shrunk = 0.7 * weights
    flat = bands.band_errors(weights, shrunk)
    assert torch.allclose(flat, torch.full((bands.BANDS,), 0.3), atol=1e-5)
    spectrum = torch.fft.rfft(weights)
    spectrum[:, spectrum.shape[1] // 2 :] = 0
    smoothed = torch.fft.irfft(spectrum, n=512)
    found = bands.band_errors(weights, smoothed)
    assert found[0] < 1e-4 and found[-1] == pytest.approx(1.0, abs=1e-4)
    signs = 2.0 * torch.randint(0, 2, (512,), generator=torch.Generator().manual_seed(1)) - 1
    metrics, _ = bands.shape_metrics(weights, smoothed, signs)
    assert metrics["band_difference"] > 0.9 and abs(metrics["control_band_difference"]) < 0.1


def test_slopes_see_clipped_peaks():
    weights = gaussian(20, 400)
    clipped = weights.clamp(-1.9, 1.9)
    metrics, _ = bands.shape_metrics(weights, clipped, torch.ones(400))
    assert metrics["peak_slope"] < 0.9 < 0.99 < metrics["bulk_slope"]


def test_spectral_distances_are_zero_for_equal_sets_and_overlap_knows_directions():
    weights = gaussian(20, 5) @ gaussian(5, 64, seed=1)
    turned = weights @ torch.linalg.qr(gaussian(64, 64, seed=2)).Q
    assert spectra.singular_distance(weights, weights, 5) == pytest.approx(0, abs=1e-6)
    assert spectra.singular_distance(turned, weights, 5) == pytest.approx(0, abs=1e-5)
    assert spectra.subspace_overlap(weights, weights, 5) == pytest.approx(1, abs=1e-5)
    assert spectra.subspace_overlap(turned, weights, 5) < 0.3
    assert spectra.log_spectral_distance(10 * weights, weights) == pytest.approx(20, abs=1e-3)


def test_shuffled_codes_keep_every_columns_values():
    codes = gaussian(12, 4)
    mixed = spectra.shuffled(codes, stream(0, "test"))
    assert torch.equal(mixed.sort(0).values, codes.sort(0).values)
    assert not torch.equal(mixed, codes)


def test_recovery_is_one_for_the_truth_in_any_order_sign_and_scale():
    truth = gaussian(5, 30)
    assert methods.recovery(-3 * truth.flip(0), truth) == pytest.approx(1, abs=1e-5)
    assert methods.recovery(gaussian(5, 30, seed=9), truth) < 0.7


def test_the_oracle_beats_every_learner_and_ksvd_finds_atoms_that_adam_does_not():
    cells = {name: methods.MethodSetting(method=name) for name in ("adam", "ksvd", "oracle")}
    found = {name: methods.measure_one(Cell(setting, 0)).metrics for name, setting in cells.items()}
    assert found["oracle"]["test_error_pinv"] < min(found[n]["test_error_pinv"] for n in ("adam", "ksvd"))
    assert found["oracle"]["recovery"] == pytest.approx(1)
    assert found["ksvd"]["recovery"] > found["adam"]["recovery"] + 0.1


def test_readings_are_a_balanced_half_fraction_with_the_base_among_them():
    readings = multiverse.readings()
    full = int(np.prod([len(levels) for levels in multiverse.CHOICES.values()]))
    assert len(readings) == len(set(readings)) == full // 2 and BASE in readings
    for first in multiverse.CHOICES:
        for second in multiverse.CHOICES:
            if first != second:
                pairs = Counter((getattr(r, first), getattr(r, second)) for r in readings)
                assert len(set(pairs.values())) == 1


def test_a_multiverse_cell_holds_the_runs_that_its_figures_hold():
    (cell,) = multiverse.measure([Cell(TINY_BASE, 1)], "cpu")
    position = multiverse.RUNS.index("k=10")
    assert len(cell.curves["test_error"]) == len(multiverse.RUNS)
    alone = multiverse.train_chunk([Cell(TINY_BASE, 1)], [(0, 0, replace(TINY_BASE, k=10))], "cpu")
    assert cell.curves["test_error"][position] == pytest.approx(alone["test_error"].item(), rel=1e-4)


TINY_BASE = replace(BASE, d=64, epochs=2)


def fake_multiverse(errors) -> pd.DataFrame:
    """A table in which every reading has the given test and train errors by run, plus seed noise."""
    generator = np.random.default_rng(0)
    rows = []
    for reading in multiverse.readings()[:6]:
        for seed in range(6):
            noisy = [x + 0.001 * generator.standard_normal() for x in errors]
            choices = {name: getattr(reading, name) for name in multiverse.CHOICES}
            rows.append(
                {**choices, "seed": seed, "test_error": noisy, "train_error": noisy, "train_mean": noisy}
            )
    return pd.DataFrame(rows)


def test_statements_hold_where_they_are_planted_and_fall_when_the_order_is_turned():
    order = {"beta1=0.5": 0.20, "beta1=0.7": 0.22, "default": 0.25, "beta1=0.99": 0.33}
    errors = [order.get(name, 0.5) for name in multiverse.RUNS]
    planted = survival.verdicts(fake_multiverse(errors))
    assert (planted["momentum-worse"] == "reproduced").all()
    assert (planted["momentum-value"] == "reproduced").all()
    turned = dict(zip(order, reversed(order.values()), strict=True))
    reverse = survival.verdicts(fake_multiverse([turned.get(name, 0.5) for name in multiverse.RUNS]))
    assert (reverse["momentum-worse"] == "not reproduced").all()
    flat = survival.verdicts(fake_multiverse([0.3] * len(multiverse.RUNS)))
    assert (flat["momentum-worse"] == "reproduced").mean() < 0.5


def planted_multiverse() -> pd.DataFrame:
    """Readings with independent and with shared streams, in which momentum only generalises worse."""
    order = {"beta1=0.5": 0.20, "beta1=0.7": 0.22, "default": 0.25, "beta1=0.99": 0.33}
    table = fake_multiverse([order.get(name, 0.5) for name in multiverse.RUNS])
    return pd.concat([table.assign(streams=name) for name in ("independent", "shared")], ignore_index=True)


def test_every_reading_is_counted_once_for_every_statement():
    decided = survival.verdicts(planted_multiverse())
    counts = survival.tally(decided)
    assert (counts.sum(axis=1) == len(decided) / 2).all()
    worse = counts.loc[("shared", "Higher momentum generalises worse")]
    assert worse["holds"] == len(decided) / 2
    held = (decided[survival.ORDERS] == "reproduced").sum(axis=1)
    assert survival.jointly(decided).loc[held.max()].sum() == (held == held.max()).sum()


def test_a_figure_needs_both_its_sides():
    decided = survival.verdicts(planted_multiverse())
    assert survival.traded(decided).loc["figure 1, momentum"].sum() == 0  # train errors rise too
    decided["momentum-faster"] = "reproduced"
    assert survival.traded(decided).loc["figure 1, momentum"].sum() == len(decided)
    assert survival.traded(decided).loc["all three at once"].sum() == 0


def test_readings_stand_beside_the_papers_numbers():
    nearest = survival.nearest_readings(planted_multiverse())
    side = survival.beside_paper(nearest.head(2))
    assert side.loc["test, beta1=0.7", "paper"] == 0.22
    assert side.loc["test, beta1=0.7", "1"] == pytest.approx(0.22, abs=0.01)
    assert side.loc["streams", "paper"] is None
    assert [name for name in side.index if "not counted" in name] == [
        "train, optimiser=adamw (not counted)"
    ]

"""Lines and planes through networks."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.nern.measures import lines, planes
from wsbook.papers.nern.measures.planes import Methods, Rounds, axes, score, survey
from wsbook.papers.nern.measures.rounds import Round, made
from wsbook.papers.nern.method.network import accuracy
from wsbook.papers.nern.setting import Distillation
from wsbook.study.experiment import Cell

FIRST = Round("toy", hidden=8, steps=20, batch=64)


@pytest.fixture
def three(named_toy):
    """Kernels of the toy, and two sets that differ from them at random."""
    generator = torch.Generator().manual_seed(0)
    values = named_toy.frame.values
    noise = torch.randn(2, *values.shape, generator=generator) * named_toy.frame.present
    return [values, values + 0.2 * noise[0], values + 0.1 * noise[0] + 0.3 * noise[1]]


def test_a_survey_meets_the_three_networks_where_it_says_they_are(named_toy, three):
    metrics, curves = survey(named_toy, three, points=3)
    for name, kernels in zip(("loss_original", "loss_second", "loss_third"), three):
        assert metrics[name] == pytest.approx(score(named_toy, kernels).loss, rel=1e-4)
    x0, y0, x1, y1, x2, y2 = curves["places"]
    assert (x0, y0, y1) == pytest.approx((0, 0, 0), abs=1e-9)
    assert x1 == pytest.approx((three[1] - three[0]).norm().item(), rel=1e-5)
    assert (x2**2 + y2**2) ** 0.5 == pytest.approx((three[2] - three[0]).norm().item(), rel=1e-5)


def test_its_grid_surrounds_them_row_by_row(named_toy, three):
    metrics, curves = survey(named_toy, three, points=4)
    assert len(curves["surface"]) == 16 and metrics["lowest"] == min(curves["surface"])
    x, y = curves["x"], curves["y"]
    assert x[0] < min(curves["places"][0::2]) and y[-1] > max(curves["places"][1::2])
    # The point of row 1, column 2, from the two directions that the three networks give.
    along = (three[1] - three[0]) / (three[1] - three[0]).norm()
    rest = three[2] - three[0]
    across = rest - (rest * along).sum() * along
    kernels = three[0] + x[2] * along + y[1] * across / across.norm()
    assert curves["surface"][1 * 4 + 2] == pytest.approx(score(named_toy, kernels).loss, rel=1e-3)


def test_a_barrier_is_the_rise_above_the_higher_end_of_a_side(named_toy, three):
    metrics, _ = survey(named_toy, three, points=2)
    for name, a, b in (("second", 0, 1), ("third", 0, 2), ("between", 1, 2)):
        steps = torch.linspace(0, 1, planes.ALONG).tolist()
        losses = [score(named_toy, torch.lerp(three[a], three[b], t)).loss for t in steps]
        expected = max(losses) - max(losses[0], losses[-1])
        assert metrics[f"barrier_{name}"] == pytest.approx(expected, abs=1e-4)
        assert metrics[f"barrier_{name}"] >= -1e-6


def test_axes_leave_a_margin_of_the_larger_side():
    places = torch.tensor([[0.0, 0.0], [4.0, 0.0], [1.0, 2.0]])
    x, y = axes(places, 3)
    margin = 4 * planes.MARGIN
    assert x == pytest.approx([-margin, 2, 4 + margin]) and y == pytest.approx([-margin, 1, 2 + margin])


def test_the_plane_of_rounds_holds_the_original_the_first_and_the_last(named_toy):
    setting = Rounds("toy", hidden=8, number=2, chosen="test", steps=20, batch=64, points=2)
    networks = setting.networks(0, "cpu")
    last = replace(FIRST, number=2, chosen="test")
    assert torch.equal(networks[0], named_toy.frame.values)
    assert torch.equal(networks[1], made(FIRST, 0, "cpu")) and torch.equal(
        networks[2], made(last, 0, "cpu")
    )
    (measured,) = planes.measure([Cell(setting, 0)], "cpu")
    assert len(measured.curves["surface"]) == 4


def test_the_plane_of_methods_holds_both_trainings_of_one_setting():
    setting = Methods(hidden=8, steps=3, lr=1e-5, kd=1.0, joint_lr=1e-4)
    assert setting.decoupled == Distillation(hidden=8, steps=3, lr=1e-5, kd=1.0)
    assert setting.joint == Distillation(hidden=8, steps=3, lr=1e-4, reconstruction=1.0, kd=1e-4, fmd=1e-4)


def test_pictures_of_nothing_are_refused():
    with pytest.raises(StudyError, match="at least 2 points along each axis, not 1"):
        Methods(points=1)
    with pytest.raises(StudyError, match="a later round than the first"):
        Rounds(number=1)


def test_the_line_runs_from_the_original_to_the_round(named_toy):
    (measured,) = lines.measure([Cell(FIRST, 0)], "cpu")
    course = measured.curves["accuracy_course"]
    end = made(FIRST, 0, "cpu")
    assert course[0] == accuracy(named_toy, named_toy.frame.values, "test")
    assert course[-1] == accuracy(named_toy, end, "test")
    half = torch.lerp(named_toy.frame.values, end, 0.4)
    assert course[2] == accuracy(named_toy, half, "test")
    assert measured.metrics["gain"] == course[-1] - course[0]
    assert measured.metrics["crest"] >= 0 and measured.metrics["barrier"] >= 0

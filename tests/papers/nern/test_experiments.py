"""What is planned for paper C."""

from dataclasses import replace

import pytest

from wsbook.catalogue import EXPERIMENTS as ALL
from wsbook.papers.nern.experiments import EXPERIMENTS
from wsbook.papers.nern.experiments.decoupled import CALM_JOINT_LR, DECOUPLED, JOINT_LR
from wsbook.papers.nern.experiments.landscape import METHOD_PLANE
from wsbook.papers.nern.experiments.robustness import ROBUSTNESS
from wsbook.papers.nern.experiments.storage import INT8, SIZES
from wsbook.papers.nern.setting import Distillation


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_joint_training_at_the_paper_s_scale_starts_from_a_fresh_predictor(experiment):
    trainings = [s for grid in experiment.grid.values() for s in grid if isinstance(s, Distillation)]
    for setting in trainings:
        fresh = setting.first_steps == 0
        assert not experiment.at_paper_scale(setting) or fresh == (setting.reconstruction > 0)


def test_the_plane_through_both_methods_is_never_at_the_paper_s_scale():
    assert not any(METHOD_PLANE.at_paper_scale(setting) for setting in METHOD_PLANE.grid["paper"])


def test_the_second_phase_and_nern_are_at_the_paper_s_scale():
    for name in ("c-decoupled", "c-int8", "c-networks"):
        assert all(ALL[name].at_paper_scale(setting) for setting in ALL[name].grid["paper"])


@pytest.mark.parametrize("experiment", [DECOUPLED, INT8, ROBUSTNESS], ids=lambda e: e.name)
def test_the_joint_objective_has_a_second_rate_at_every_size(experiment):
    planned = set(experiment.grid["cpu"])
    joint = [s for s in planned if s.network == "resnet20-cifar10" and s.reconstruction]
    assert {setting.lr for setting in joint} == {JOINT_LR, CALM_JOINT_LR}
    assert all(replace(s, lr=lr) in planned for s in joint for lr in (JOINT_LR, CALM_JOINT_LR))


def test_kernels_are_ordered_as_in_the_paper():
    orders = {(pair.architecture == "resnet18", pair.order) for pair in SIZES.grid["paper"]}
    assert orders == {(True, "cross-filter"), (False, "in-filter")}

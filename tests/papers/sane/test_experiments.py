"""What is planned for paper B."""

import pytest

from wsbook.papers.sane.experiments import EXPERIMENTS
from wsbook.papers.sane.experiments.base import PROFILES, SETS, UNSEEN, runs_of
from wsbook.papers.sane.experiments.domains import ARCHITECTURES, ARCHITECTURES_AS_LONG
from wsbook.papers.sane.experiments.residual import RESIDUAL
from wsbook.papers.sane.experiments.transfer import (
    DIVERSITY,
    IN_DISTRIBUTION,
    OUT_OF_DISTRIBUTION,
    target_unseen,
)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_no_setting_is_planned_twice(experiment):
    for profile in PROFILES:
        settings = experiment.grid[profile]
        assert len(set(settings)) == len(settings) > 0


@pytest.mark.parametrize("profile", PROFILES)
def test_targets_are_seen_where_they_should_be(profile):
    assert all(s.target in s.sets for s in IN_DISTRIBUTION.grid[profile])
    assert not any(s.target in s.sets for s in OUT_OF_DISTRIBUTION.grid[profile])
    assert not any(target_unseen(profile) in s.sets for s in DIVERSITY.grid[profile])
    assert not any(
        name in setting.data.split("+")
        for experiment in EXPERIMENTS
        if experiment.name != "b-zoos"  # which only looks at networks
        for setting in experiment.grid[profile]
        for name in UNSEEN[profile]
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_comparisons_have_as_many_networks(profile):
    for experiment in (IN_DISTRIBUTION, OUT_OF_DISTRIBUTION, DIVERSITY, RESIDUAL):
        for setting in experiment.grid[profile]:
            used = sum(zoo.models for zoo in setting.zoos)
            assert setting.models * 0.9 <= used <= setting.models
        assert len({(s.models, s.steps, s.batch) for s in experiment.grid[profile]}) == 1


@pytest.mark.parametrize("profile", PROFILES)
def test_architectures_have_as_much_training(profile):
    together = ARCHITECTURES.grid[profile]
    assert len({s.models / len(s.networks) for s in together}) == len({s.steps for s in together}) == 1
    for_each = ARCHITECTURES_AS_LONG.grid[profile]
    assert len({(s.models / len(s.networks), s.steps / len(s.networks)) for s in for_each}) == 1


def test_choices_of_sets_are_balanced():
    sets = SETS["cpu"]
    for count in range(1, len(sets)):
        choices = runs_of(sets, count)
        assert len(set(choices)) == len(sets)
        assert {name: sum(name in c for c in choices) for name in sets} == dict.fromkeys(sets, count)
        assert all(list(c) == sorted(c, key=sets.index) for c in choices)
    assert runs_of(sets, len(sets)) == [sets]

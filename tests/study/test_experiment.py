"""Plans are fixed by settings and seeds alone; bad input is refused in one sentence."""

import importlib
import math
import pickle
from dataclasses import replace

import pytest

from wsbook.catalogue import EXPERIMENTS, PAPERS, find_experiment
from wsbook.errors import StudyError
from wsbook.papers.primitives.setting import Setting
from wsbook.study.experiment import Cell, is_written, override, parameters, plan, select
from wsbook.study.profile import PROFILES, check_profile
from wsbook.study.record import cell_key


def test_a_plan_holds_every_cell_once_in_stacks_of_equal_key(toy, settings):
    stacks = plan(toy.experiment, [settings(1), settings(2), settings(1, 0.9)], 3)
    assert [[(c.setting.size, c.setting.slope, c.seed) for c in stack] for stack in stacks] == [
        [(1, 0.5, 0), (1, 0.5, 1)],
        [(1, 0.5, 2), (1, 0.9, 0)],
        [(1, 0.9, 1), (1, 0.9, 2)],
        [(2, 0.5, 0), (2, 0.5, 1)],
        [(2, 0.5, 2)],
    ]


def test_a_gpu_takes_larger_stacks(toy, settings):
    assert [len(stack) for stack in plan(toy.experiment, [settings()], 7, "cuda")] == [3, 3, 1]


def test_a_gpu_takes_one_cell_after_the_other_where_a_measure_does(toy, settings):
    single = replace(toy.experiment, stack_size=1)
    assert [len(stack) for stack in plan(single, [settings()], 3, "cuda")] == [1, 1, 1]


def test_a_setting_that_draws_nothing_has_one_seed(toy, settings):
    some = replace(toy.experiment, draws=lambda setting: setting.size > 1)
    cells = [cell for stack in plan(some, [settings(1), settings(2)], 3) for cell in stack]
    assert [(cell.setting.size, cell.seed) for cell in cells] == [(1, 0), (2, 0), (2, 1), (2, 2)]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_plans_each_of_its_cells_once(name):
    experiment = EXPERIMENTS[name]
    for profile in experiment.grid:
        chosen = select(experiment, profile, {})
        stacks = plan(experiment, chosen, experiment.seeds[profile])
        cells = [cell_key(parameters(cell.setting), cell.seed) for stack in stacks for cell in stack]
        seeds = [experiment.seeds[profile] if experiment.draws(setting) else 1 for setting in chosen]
        assert len(cells) == len(set(cells)) == sum(seeds)
        assert max(map(len, stacks)) <= experiment.stack_size


@pytest.mark.parametrize("seeds", [0, -1])
def test_a_plan_needs_seeds(toy, settings, seeds, one_sentence):
    with pytest.raises(StudyError, match=f"positive, not {seeds}") as error:
        plan(toy.experiment, [settings()], seeds)
    one_sentence(error.value)


def test_settings_are_selected_by_what_a_user_types(toy, settings):
    assert select(toy.experiment, "quick", {}) == [settings(1), settings(2), settings(3, 0.25)]
    for half in ("0.5", ".5", "5e-1"):
        assert select(toy.experiment, "quick", {"slope": half, "size": "2"}) == [settings(2)]


@pytest.mark.parametrize(
    ("value", "texts", "others"),
    [
        (True, ["True", "true"], ["1", "False", ""]),
        (0.001, ["1e-3", "0.001"], ["0.01", "nan", "small"]),
        (3, ["3", "3.0"], ["4", "three"]),
        ("a+b", ["a+b"], ["a", "A+B"]),
    ],
)
def test_values_may_be_written_in_several_ways(value, texts, others):
    assert all(is_written(value, text) for text in texts)
    assert not any(is_written(value, text) for text in others)


@pytest.mark.parametrize(
    ("profile", "only", "message"),
    [
        ("fast", {}, "there is no profile 'fast'; choose one of quick, cpu, paper"),
        ("quick", {"sise": "1"}, "no parameter 'sise'; it has size, slope"),
        ("quick", {"size": "7"}, "has size=7"),
        ("quick", {"size": "1", "slope": "0.25"}, "has size=1, slope=0.25"),
    ],
)
def test_a_selection_of_nothing_is_refused(toy, profile, only, message, one_sentence):
    with pytest.raises(StudyError, match=message) as error:
        select(toy.experiment, profile, only)
    one_sentence(error.value)


def test_a_profile_without_settings_is_named(toy, one_sentence):
    del toy.experiment.grid["paper"]
    with pytest.raises(StudyError, match="toy has no settings for profile paper") as error:
        select(toy.experiment, "paper", {})
    one_sentence(error.value)


def test_profiles_are_three():
    assert [check_profile(name) for name in PROFILES] == ["quick", "cpu", "paper"]


def test_overrides_replace_fields_and_drop_the_duplicates_that_this_makes(toy, settings):
    grid = [settings(1), settings(2), settings(3, 0.25)]
    assert override(toy.experiment, grid, {"size": 5}) == [settings(5), settings(5, 0.25)]
    assert override(toy.experiment, grid, {}) == grid


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sise": 1, "depth": 2}, "unknown parameter depth, sise; known are size, slope"),
        ({"size": 0}, "size must be positive, not 0"),
        ({"size": True}, "size takes a value of type int, not True"),
        ({"slope": False}, "slope takes a value of type float, not False"),
        ({"slope": float("nan")}, "slope takes a finite number, not nan"),
        ({"slope": float("inf")}, "slope takes a finite number, not inf"),
    ],
)
def test_bad_overrides_are_refused(toy, settings, changes, message, one_sentence):
    with pytest.raises(StudyError, match=message) as error:
        override(toy.experiment, [settings()], changes)
    one_sentence(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("k", 0), ("k", -3), ("k_true", 0), ("d", 0), ("n_train", -80), ("epochs", 0), ("batch_size", 0)]
    + [("sparsity", x) for x in (0.0, -0.1, 1.0001, math.nan, math.inf)]
    + [("lr", x) for x in (math.nan, math.inf, -math.inf, 0.0, -1e-3)]
    + [("beta1", 1.0), ("beta2", -0.1), ("batch_size", 30)]
    + [("optimiser", "adamax"), ("init", "zeros"), ("loss", "max"), ("streams", "none")],
)
def test_a_setting_of_paper_a_out_of_range_is_refused_by_name(toy, name, value, one_sentence):
    with pytest.raises(StudyError, match=name) as error:
        override(toy.experiment, [Setting()], {name: value})
    assert str(value) in one_sentence(error.value)


@pytest.mark.parametrize("sparsity", [1e-9, 1.0])
def test_the_ends_of_a_range_are_as_written(sparsity):
    assert Setting(sparsity=sparsity).sparsity == sparsity


def test_an_unknown_experiment_is_refused_with_the_list(toy, one_sentence):
    assert find_experiment("toy") is toy.experiment
    with pytest.raises(StudyError, match="no experiment 'tay'; there are toy") as error:
        find_experiment("tay")
    one_sentence(error.value)


def test_the_names_of_the_catalogue_are_those_of_its_experiments():
    assert all(experiment.name == name for name, experiment in EXPERIMENTS.items())


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_worker_gets_all_it_needs_and_not_the_plan(name):
    """Processes start empty: what crosses to them is pickled, which no nested function can be."""
    experiment = EXPERIMENTS[name]
    stack = plan(experiment, experiment.grid["cpu"], 1)[0]
    got = pickle.loads(pickle.dumps(experiment.for_worker("cpu", stack)))
    assert (got.measure, got.kind, got.source) == (experiment.measure, experiment.kind, experiment.source)
    assert got.grid == {"cpu": [cell.setting for cell in stack]}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_setting_is_planned_once_and_has_a_scale(name):
    experiment = EXPERIMENTS[name]
    for profile, grid in experiment.grid.items():
        assert len(set(grid)) == len(grid)
        scales = {experiment.at_paper_scale(setting) for setting in grid}
        assert scales <= {True, False}
        # those two compare trainings of which one is never the paper's
        if profile == "paper" and name not in ("c-method-plane", "c-method-confidence"):
            assert True in scales


def test_cells_are_compared_by_value(settings):
    assert Cell(settings(1), 0) == Cell(settings(1), 0) != Cell(settings(1), 1)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.letter)
def test_a_constant_is_called_what_its_experiment_is(paper):
    home = next(e.measure.__module__ for e in paper.experiments).split(".measures")[0]
    named = vars(importlib.import_module(f"{home}.experiments"))
    for experiment in paper.experiments:
        letter, _, name = experiment.name.partition("-")
        assert letter == paper.letter.lower()
        assert named[name.replace("-", "_").upper()] is experiment

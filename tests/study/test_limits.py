"""No experiment takes a changed setting that only a run would stumble over."""

import itertools

import pytest

from wsbook.catalogue import EXPERIMENTS
from wsbook.errors import StudyError
from wsbook.nern.setting import Distillation
from wsbook.study.experiment import override, parameters
from wsbook.study.limits import check_ranges

ZERO = {  # what may be zero: a coefficient that is switched off, or a training that is left out
    "beta1", "beta2", "weight_decay", "contrast", "noise", "penalty", "uniform", "warmup", "first_steps",
    "reconstruction", "kd", "fmd",
}  # fmt: skip


def settings_of(name):
    return list(itertools.chain(*EXPERIMENTS[name].grid.values()))


def bad_values():
    """(experiment, parameter, value) of all kinds."""
    for name, experiment in EXPERIMENTS.items():
        setting = settings_of(name)[0]
        whole = {"batch"} if isinstance(setting, Distillation) else set()  # 0 stands for all kernels
        for field, value in parameters(setting).items():
            if isinstance(value, str):
                yield name, field, "nonsense"
            elif not isinstance(value, bool):
                yield name, field, type(value)(-1)
                if field not in ZERO | whole:
                    yield name, field, type(value)(0)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_planned_setting_is_taken(name):
    for setting in settings_of(name):
        check_ranges(setting)
        EXPERIMENTS[name].check(setting)


@pytest.mark.parametrize(("name", "field", "value"), list(bad_values()))
def test_nonsense_is_refused_before_anything_is_computed(name, field, value, one_sentence):
    with pytest.raises(StudyError) as error:
        override(EXPERIMENTS[name], settings_of(name)[:1], {field: value})
    one_sentence(error.value)

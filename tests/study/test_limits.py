"""No experiment takes a changed setting that only a run would stumble over."""

import itertools
from dataclasses import replace

import pytest

from wsbook.catalogue import EXPERIMENTS
from wsbook.errors import StudyError
from wsbook.papers.nern.setting import Distillation
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
                if value and field not in ZERO | whole:  # what is planned as zero may be zero
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


@pytest.mark.parametrize("network", ["resnet20-cifar10", "resnet8-digits", "resnet8-wide-digits"])
@pytest.mark.parametrize(
    ("name", "field"), [("c-decoupled", "batch"), ("c-decoupled", "first_batch"), ("c-rounds", "batch")]
)
def test_a_batch_of_more_kernels_than_there_are_is_refused(name, field, network, one_sentence):
    most = {"resnet20-cifar10": 29_744, "resnet8-digits": 2056, "resnet8-wide-digits": 8208}[network]
    setting = replace(settings_of(name)[0], network=network)
    override(EXPERIMENTS[name], [setting], {field: most})
    with pytest.raises(StudyError, match=f"{network} has {most} kernels") as error:
        override(EXPERIMENTS[name], [setting], {field: most + 1})
    one_sentence(error.value)

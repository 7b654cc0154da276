"""Robustness: the accuracies are those of separate evaluations; corruption is repeatable."""

import pytest
import torch

from wsbook.data.digits import digits
from wsbook.data.imageset import channel_statistics, standardise
from wsbook.errors import StudyError
from wsbook.nets.attacks import fgsm, iterated_fgsm
from wsbook.nets.evaluate import evaluate
from wsbook.nets.resnet import ResNet
from wsbook.nets.robustness import Trials, robustness
from wsbook.nets.train import Recipe, initialise, train


def corrupt(images, name, severity, generator):
    """Dimmed, or with random pixels inverted."""
    if name == "dim":
        return images // (1 + severity)
    chosen = torch.rand(images.shape, generator=generator) < 0.1 * severity
    return torch.where(chosen, 255 - images, images)


@pytest.fixture(scope="module")
def case():
    """A trained network, test images, labels, mean, std."""
    images, test = digits("train"), digits("test")
    mean, std = channel_statistics(images.images)
    generator = torch.Generator().manual_seed(0)
    net = initialise(ResNet(8, channels=1, widths=(4, 8)), generator)
    train(net, standardise(images.images, mean, std), images.labels, Recipe(4, lr=1e-2), generator)
    return net, test.images, test.labels, mean, std


def generator():
    return torch.Generator().manual_seed(5)


def test_accuracies_are_those_of_separate_evaluations(case):
    net, images, labels, mean, std = case
    trials = Trials(("dim", "invert"), (1, 3), (0.0, 8 / 255), (8 / 255,), steps=4)
    found = robustness(*case, trials, corrupt, generator(), batch=len(labels))
    drawn = generator()

    def accuracy(pixels):
        return evaluate(net, standardise(pixels, mean, std), labels).accuracy

    x = standardise(images, mean, std)
    dim = [accuracy(corrupt(images, "dim", severity, drawn)) for severity in (1, 3)]
    invert = [accuracy(corrupt(images, "invert", severity, drawn)) for severity in (1, 3)]
    attacked = evaluate(net, fgsm(net, x, labels, 8 / 255, mean, std), labels).accuracy
    iterated = iterated_fgsm(net, x, labels, 8 / 255, mean, std, 2 / 255, 4)
    expected = {
        "clean": accuracy(images),
        "ood_dim": sum(dim) / 2,
        "ood_invert": sum(invert) / 2,
        "ood": sum(dim + invert) / 4,
        "fgsm_0": accuracy(images),
        "fgsm_8": attacked,
        "ifgsm_8": evaluate(net, iterated, labels).accuracy,
    }
    assert found == pytest.approx(expected, abs=1e-12)
    assert found["fgsm_8"] < found["clean"] and found["ood_invert"] < found["clean"]


def test_batches_change_nothing_but_what_is_drawn(case):
    trials = Trials(("dim",), (2,), (0.5 / 255,), (1 / 255,), steps=2)
    whole, parts = (robustness(*case, trials, corrupt, generator(), batch) for batch in (360, 7))
    assert whole == parts
    assert {"clean", "ood", "ood_dim", "fgsm_0.5", "ifgsm_1"} == whole.keys()


def test_equal_generators_corrupt_equally_and_the_mode_is_kept(case):
    trials, net = Trials(("invert",), (1, 2), ()), case[0]
    first = robustness(*case, trials, corrupt, generator())
    net.train()
    again = robustness(*case, trials, corrupt, generator())
    assert first == again and net.training
    net.eval()


def test_clean_alone(case):
    assert robustness(*case, Trials(epsilons=()), corrupt, generator()).keys() == {"clean"}


@pytest.mark.parametrize("bad", [{"steps": 0}, {"epsilons": (-1.0,)}, {"iterated_epsilons": (-1.0,)}])
def test_bad_trials(bad, one_sentence):
    with pytest.raises(StudyError, match="attacks need") as caught:
        Trials(**bad)
    one_sentence(caught.value)

"""The student is the original as a function of its kernels, gradients included."""

import pytest
import torch
from torch.func import functional_call

from wsbook.errors import StudyError
from wsbook.nets import library
from wsbook.nets.maps import forward_with_maps
from wsbook.nets.train import initialise
from wsbook.papers.nern.method.losses import fmd_loss, kd_loss
from wsbook.papers.nern.method.student import Student


def placed(source, kernels):
    """The weights of the original's layers, written kernel by kernel."""
    state = source.net.state_dict()
    weights = {name: torch.zeros_like(state[name]) for name in source.frame.layers}
    for kernel, (layer, filter_, channel) in zip(kernels, source.frame.coordinates.tolist()):
        weight = weights[source.frame.layers[layer]]
        weight[filter_, channel] = kernel.view(3, 3) if weight.shape[-1] == 3 else kernel[4]
    return weights


def close(found, expected):
    return (found - expected).norm() < 1e-4 * expected.norm()


@pytest.fixture
def other(toy):
    """Kernels unlike the original's, with numbers also where 1x1 kernels have none."""
    noise = torch.randn(toy.frame.values.shape, generator=torch.Generator().manual_seed(5))
    return toy.frame.values + 0.1 * noise


def test_with_the_originals_kernels_it_is_the_original(toy):
    inputs, _ = toy.inputs("test")
    with torch.no_grad():
        found, expected = Student(toy, "cpu").logits(toy.frame.values, inputs), toy.net(inputs)
    assert expected.std() > 0.1
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert abs(kd_loss(expected, found).item()) < 1e-3


def test_with_other_kernels_it_is_the_original_with_those(toy, other):
    inputs, _ = toy.inputs("test")
    student = Student(toy, "cpu")
    with torch.no_grad():
        expected, expected_maps = forward_with_maps(toy.net, placed(toy, other), inputs)
        logits, maps = student.maps(other, inputs)
        assert torch.equal(student.logits(other, inputs), logits)
        assert not close(student.logits(toy.frame.values, inputs), expected)
    assert close(logits, expected)
    assert len(maps) == 10
    assert all(close(a, b) for a, b in zip(maps, expected_maps, strict=True))


def test_gradients_are_those_through_the_original(toy, other):
    inputs, _ = toy.inputs("val")
    with torch.no_grad():
        truth, true_maps = forward_with_maps(toy.net, None, inputs)

    kernels = other.clone().requires_grad_()
    logits, maps = Student(toy, "cpu").maps(kernels, inputs)
    (kd_loss(truth, logits) + fmd_loss(true_maps, maps)).backward()

    plain = other.clone().requires_grad_()
    logits, maps = forward_with_maps(toy.net, placed(toy, plain), inputs)
    (kd_loss(truth, logits) + fmd_loss(true_maps, maps)).backward()
    assert close(kernels.grad, plain.grad)
    assert not kernels.grad[~toy.frame.present].any()

    by_logits = other.clone().requires_grad_()
    kd_loss(truth, Student(toy, "cpu").logits(by_logits, inputs)).backward()
    plain = other.clone().requires_grad_()
    kd_loss(truth, functional_call(toy.net, placed(toy, plain), (inputs,))).backward()
    assert close(by_logits.grad, plain.grad)


def test_gradients_are_finite_differences(toy, other):
    inputs, _ = toy.inputs("val")
    student, direction = Student(toy, "cpu"), torch.sign(other)
    kernels = other.clone().requires_grad_()
    student.logits(kernels, inputs).square().mean().backward()
    with torch.no_grad():
        step = 1e-3
        ahead, behind = (
            student.logits(other + sign * step * direction, inputs).square().mean().item()
            for sign in (1, -1)
        )
    slope = (kernels.grad * direction).sum().item()
    assert (ahead - behind) / (2 * step) == pytest.approx(slope, rel=0.02)


def test_the_original_stays_as_it_was(toy, other):
    before = {name: tensor.clone() for name, tensor in toy.net.state_dict().items()}
    student = Student(toy, "cpu")
    kernels = other.clone().requires_grad_()
    student.logits(kernels, toy.inputs("val")[0]).sum().backward()
    assert all(torch.equal(tensor, before[name]) for name, tensor in toy.net.state_dict().items())
    assert all(p.grad is None for p in [*toy.net.parameters(), *student.net.parameters()])


def test_architectures_without_maps_have_logits_alone(toy, monkeypatch, one_sentence):
    from dataclasses import replace

    net = library.MobileNet(classes=5, channels=2, multiplier=1 / 8)
    initialise(net, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for _ in range(100):  # statistics of batch normalisation, without which signals die out
            net.train()(toy.inputs("train")[0])
    net.eval()
    monkeypatch.setitem(
        library.NETWORKS,
        "toy",
        library.Entry(lambda classes, channels: library.MobileNet(multiplier=1 / 8)),
    )
    source = replace(toy, net=net)
    student, (inputs, _) = Student(source, "cpu"), source.inputs("val")
    with torch.no_grad():
        expected = net(inputs)
        torch.testing.assert_close(
            student.logits(source.frame.values, inputs), expected, rtol=1e-4, atol=1e-4
        )
    assert (expected.std(dim=0) > 0.01).all()  # images do make a difference
    with pytest.raises(StudyError, match="distil its logits alone") as caught:
        student.maps(source.frame.values, inputs)
    one_sentence(caught.value)

"""Ranger is rectified Adam with centred gradients and lookahead; a restored optimiser goes on as it was."""

import pytest
import torch

from wsbook.papers.nern.method.optimisers import Adam, Ranger, cosine_lr

SHAPES = ((4, 3), (4,), (2, 4), (2,))


def drawn(seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in SHAPES]


def take(optimiser, parameters, gradients):
    for p, gradient in zip(parameters, gradients, strict=True):
        p.grad = gradient.clone()
    optimiser.step()


@pytest.mark.parametrize("size", [1.0, 1e-6])  # gradients far above and below eps
def test_ranger_is_a_plain_loop(plain_ranger, size):
    parameters = [p.requires_grad_() for p in drawn(0)]
    optimiser, plain = Ranger(parameters, lr=0.03), plain_ranger(parameters, lr=0.03)
    for step in range(30):
        gradients = [size * g for g in drawn(step + 1)]
        optimiser.set_lr(0.03 / (1 + step))
        plain.lr = 0.03 / (1 + step)
        take(optimiser, parameters, gradients)
        plain.step(gradients)
        for found, expected in zip(parameters, plain.weights):
            torch.testing.assert_close(found.detach().double(), expected, rtol=1e-5, atol=1e-6)


def test_rows_of_matrices_are_centred_and_biases_are_not():
    parameters = [p.requires_grad_() for p in drawn(0)]
    gradients = [g + 5 for g in drawn(1)]
    take(Ranger(parameters), parameters, gradients)
    for p, gradient in zip(parameters, gradients):
        if p.dim() == 2:
            gradient = torch.stack([row - row.mean() for row in gradient])
        torch.testing.assert_close(p.grad, gradient)


def test_every_sixth_step_goes_half_way_back():
    (p,) = [torch.ones(3, requires_grad=True)]
    optimiser = Ranger([p], lr=0.1)
    path = [p.detach().clone()]
    for _ in range(12):
        take(optimiser, [p], [torch.full((3,), 0.5)])
        path.append(p.detach().clone())
    falls = [(a - b)[0].item() for a, b in zip(path, path[1:])]
    assert all(fall > 0 for number, fall in enumerate(falls, 1) if number % 6)
    assert falls[5] < 0 and falls[11] < 0
    assert (path[0] - path[6] < path[0] - path[5]).all()


@pytest.mark.parametrize("make", [Ranger, Adam])
@pytest.mark.parametrize("stop", [1, 5, 6, 13])
def test_a_restored_optimiser_goes_on_bitwise(make, stop):
    whole = [p.requires_grad_() for p in drawn(0)]
    optimiser = make(whole, lr=0.01)
    for step in range(stop):
        take(optimiser, whole, drawn(step + 1))
    saved = {name: tensor.clone() for name, tensor in optimiser.tensors().items()}
    resumed = [p.detach().clone().requires_grad_() for p in whole]
    other = make(resumed, lr=0.01)
    other.restore(saved)
    for step in range(stop, 20):
        take(optimiser, whole, drawn(step + 1))
        take(other, resumed, drawn(step + 1))
    assert all(torch.equal(a, b) for a, b in zip(whole, resumed))
    assert all(not torch.equal(a, b) for a, b in zip(whole, drawn(0)))


def test_adam_is_that_of_torch():
    parameters, plain = ([p.requires_grad_() for p in drawn(0)] for _ in range(2))
    optimiser, reference = Adam(parameters, 1e-2), torch.optim.Adam(plain, 1e-2)
    for step in range(10):
        take(optimiser, parameters, drawn(step + 1))
        take(reference, plain, drawn(step + 1))
    assert all(torch.equal(a, b) for a, b in zip(parameters, plain))


def test_the_learning_rate_falls_along_half_a_cosine():
    rates = [cosine_lr(step, 1000, 5e-3) for step in range(1001)]
    assert rates[0] == 5e-3 and rates[1000] == pytest.approx(1e-6, rel=1e-9)
    assert rates[500] == pytest.approx((5e-3 + 1e-6) / 2)
    assert rates[250] == pytest.approx(1e-6 + (5e-3 - 1e-6) * (1 + 0.5**0.5) / 2)
    assert all(a > b for a, b in zip(rates, rates[1:]))


def test_a_warm_up_rises_in_a_straight_line():
    rates = [cosine_lr(step, 1000, 5e-3, warmup=9) for step in range(20)]
    plain = [cosine_lr(step, 1000, 5e-3) for step in range(20)]
    shares = [rate / full for rate, full in zip(rates, plain)]
    assert shares == pytest.approx([min(1, (step + 1) / 10) for step in range(20)])

"""The gradients written out by hand are those of autograd."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from wsbook.papers.nern.method import gradients
from wsbook.papers.nern.method.embedding import embed, points
from wsbook.papers.nern.method.gradients import Gradients, SquaredErrors
from wsbook.papers.nern.method.predictor import Predictor
from wsbook.papers.nern.method.sampler import Batch

COORDINATES = torch.cartesian_prod(torch.arange(4), torch.arange(19), torch.arange(17))
N = len(COORDINATES)  # 1,292: three chunks
CENTRE = torch.arange(9) == 4


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(0)
    predictor = Predictor(24, generator)
    target = 0.1 * torch.randn(N, 9, generator=generator)
    return predictor, points(COORDINATES), target, generator


def assert_same_gradients(predictor, plain):
    for (name, p), expected in zip(predictor.named_parameters(), plain.parameters(), strict=True):
        assert p.grad.shape == p.shape
        assert (p.grad - expected.grad).norm() <= 1e-5 * expected.grad.norm(), name


def drawn(kind, generator):
    """A batch, and its distinct rows."""
    if kind == "uniform":
        rows = torch.randperm(N, generator=generator)[:1100]
        return Batch(rows, None), rows
    rows = torch.randint(N // 2, (1100,), generator=generator).sort().values
    first = [i == 0 or rows[i] != rows[i - 1] for i in range(len(rows))]
    return Batch(rows, torch.tensor(first).float()), rows.unique()


@pytest.mark.parametrize("kind", ["uniform", "weighted"])
@pytest.mark.parametrize("ones", [0, 600])
def test_backward_is_that_of_autograd(problem, sequential, kind, ones):
    predictor, at, target, generator = problem
    present = torch.ones(N, 9, dtype=torch.bool)
    present[:ones] = CENTRE
    errors = SquaredErrors(predictor, at, target, present)
    for _ in range(2):  # the second call must forget the first
        batch, rows = drawn(kind, generator)
        squares = errors.backward(batch, torch.tensor(0.37))

    plain = sequential(predictor)
    misses = torch.where(present[rows], plain(embed(COORDINATES[rows])) - target[rows], 0.0)
    total = misses.square().sum()
    (0.37 * total / 2).backward()
    assert_same_gradients(predictor, plain)
    assert squares.shape == () and squares.item() == pytest.approx(total.item(), rel=1e-5)


def test_absent_weights_have_no_say(problem):
    predictor, at, target, generator = problem
    present = CENTRE.expand(N, 9)
    errors = SquaredErrors(predictor, at, target, present)
    batch, _ = drawn("uniform", generator)
    errors.backward(batch, torch.ones(()))
    before = [p.grad.clone() for p in predictor.parameters()]
    target[:, ~CENTRE] = 1e3
    errors.backward(batch, torch.ones(()))
    assert all(torch.equal(p.grad, g) for p, g in zip(predictor.parameters(), before))


def test_the_scale_multiplies_the_gradients(problem):
    predictor, at, target, generator = problem
    errors = SquaredErrors(predictor, at, target, torch.ones(N, 9, dtype=torch.bool))
    batch, _ = drawn("uniform", generator)
    errors.backward(batch, torch.ones(()))
    before = [p.grad.clone() for p in predictor.parameters()]
    errors.backward(batch, torch.tensor(2.0))
    assert all(torch.equal(p.grad, 2 * g) for p, g in zip(predictor.parameters(), before))


def test_gradients_by_the_kernels_become_gradients_by_the_parameters(problem, sequential):
    predictor, at, _, generator = problem
    rows = torch.randperm(N, generator=generator)[:700]
    by_kernels = torch.randn(700, 9, generator=generator)
    Gradients(predictor, at).sweep(rows, lambda part, _: by_kernels[part], 1.0)
    plain = sequential(predictor)
    plain(embed(COORDINATES[rows])).backward(by_kernels)
    assert_same_gradients(predictor, plain)


@pytest.mark.parametrize("chunk", [1, 97, 10_000])
def test_chunks_change_nothing(problem, monkeypatch, chunk):
    predictor, at, target, _ = problem
    batch, present = Batch(torch.arange(0, N, 5), None), torch.ones(N, 9, dtype=torch.bool)
    squares = SquaredErrors(predictor, at, target, present).backward(batch, torch.ones(()))
    before = [p.grad.clone() for p in predictor.parameters()]
    monkeypatch.setitem(gradients.CHUNK, "cpu", chunk)
    again = SquaredErrors(predictor, at, target, present).backward(batch, torch.ones(()))
    assert again.item() == pytest.approx(squares.item(), rel=1e-5)
    for p, gradient in zip(predictor.parameters(), before):
        assert (p.grad - gradient).norm() <= 1e-5 * gradient.norm()


def test_predictions_leave_no_trace_in_the_targets(problem):
    predictor, at, target, generator = problem
    before = target.clone()
    SquaredErrors(predictor, at, target, torch.ones(N, 9, dtype=torch.bool)).backward(
        drawn("uniform", generator)[0], torch.ones(())
    )
    assert torch.equal(target, before)


class Operations(TorchDispatchMode):
    """Notes the operations that run."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        self.names.append(str(function))
        return function(*arguments, **(keywords or {}))


@pytest.mark.parametrize("kind", ["uniform", "weighted"])
def test_a_cuda_graph_could_hold_it(problem, monkeypatch, kind):
    """The same operations on the same memory in every step, and no number goes to the host."""
    predictor, at, target, generator = problem
    monkeypatch.setitem(gradients.CHUNK, "cpu", gradients.CHUNK["cuda"])
    errors = SquaredErrors(predictor, at, target, torch.arange(9).expand(N, 9) > 0)
    seen = []
    for _ in range(2):
        batch, scale = drawn(kind, generator)[0], torch.tensor(0.37)
        places = [p.grad.data_ptr() for p in predictor.parameters()]
        with Operations() as operations:
            errors.backward(batch, scale)
        assert places == [p.grad.data_ptr() for p in predictor.parameters()]
        seen.append(operations.names)
    assert seen[0] == seen[1] and len(seen[0]) > 50
    assert not any(name in operation for operation in seen[0] for name in ("_local_scalar", "nonzero"))

"""LISTA: untrained it is ISTA, trained it beats ISTA at the same number of steps."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.primitives.method.coding import largest_eigenvalue_bound, lasso, lasso_objective
from wsbook.papers.primitives.method.lista import Lista, train_lista

PENALTY = 0.1


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def planted(N=256, d=20, k=30, seed=0):
    g = generator(seed)
    D = torch.nn.functional.normalize(torch.randn(k, d, generator=g), dim=1)
    A = torch.randn(2 * N, k, generator=g) * (torch.rand(2 * N, k, generator=g) < 0.1)
    W = A @ D + 0.02 * torch.randn(2 * N, d, generator=g)
    return W[:N], W[N:], D


def ista(W, D, penalty, steps):
    L = largest_eigenvalue_bound(D @ D.T)
    A = torch.zeros(len(W), len(D))
    for _ in range(steps):
        A = torch.nn.functional.softshrink(A + (W - A @ D) @ D.T / L, float(penalty / L))
    return A


@pytest.mark.parametrize("layers", [0, 3])
def test_untrained_it_is_ista(layers):
    W, _, D = planted()
    torch.testing.assert_close(Lista(D, PENALTY, layers).encode(W), ista(W, D, PENALTY, layers + 1))


@pytest.mark.parametrize("target", ["objective", "codes"])
def test_trained_it_beats_ista_on_new_samples(target):
    train, test, D = planted()
    encoder = Lista(D, PENALTY, 3)
    losses = train_lista(encoder, train, 60, generator(), target)
    exact, plain, learned = lasso(test, D, PENALTY), ista(test, D, PENALTY, 4), encoder.encode(test)
    assert losses[-1] < 0.9 * losses[0]
    if target == "codes":
        assert (learned - exact).norm() < 0.8 * (plain - exact).norm()
    else:
        best = lasso_objective(test, D, exact, PENALTY)
        gap = lasso_objective(test, D, learned, PENALTY) - best
        assert 0 < gap < 0.8 * (lasso_objective(test, D, plain, PENALTY) - best)
    assert not learned.requires_grad and (learned == 0).any()


def test_a_stack_trains_like_each_encoder_alone():
    (W, _, D), (V, _, E) = planted(N=64), planted(N=64, seed=1)
    stack = Lista(torch.stack([D, E]), PENALTY, 2)
    train_lista(stack, torch.stack([W, V]), 3, generator(7))
    for index, (data, atoms) in enumerate(((W, D), (V, E))):
        alone = Lista(atoms, PENALTY, 2)
        train_lista(alone, data, 3, generator(7))
        torch.testing.assert_close(
            stack.encode(torch.stack([W, V]))[index], alone.encode(data), rtol=1e-4, atol=1e-5
        )


def test_training_leaves_the_dictionary_and_repeats_with_the_generator():
    W, _, D = planted(N=64)
    encoders = [Lista(D, PENALTY, 2) for _ in range(2)]
    losses = [train_lista(encoder, W, 3, generator(1)) for encoder in encoders]
    assert losses[0] == losses[1] and torch.equal(encoders[0].dictionary, D)
    assert torch.equal(encoders[0].filters, encoders[1].filters)


def test_bad_input_is_named():
    W, _, D = planted(N=8)
    with pytest.raises(StudyError, match="layers is -1"):
        Lista(D, PENALTY, -1)
    with pytest.raises(StudyError, match="penalty is nan"):
        Lista(D, float("nan"), 1)
    with pytest.raises(StudyError, match="target is 'code'; choose one of objective, codes"):
        train_lista(Lista(D, PENALTY, 1), W, 1, generator(), "code")

"""Online dictionary learning against scikit-learn's objective, and by its properties."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import DictionaryLearning

from wsbook.errors import StudyError
from wsbook.papers.primitives.method.coding import lasso, lasso_objective
from wsbook.papers.primitives.method.online import (
    OnlineDictionary,
    online_dictionary,
    sampled_atoms,
    updated_atoms,
)

PENALTY = 0.1


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def planted(N=600, d=30, k=8, seed=0):
    g = generator(seed)
    D = torch.nn.functional.normalize(torch.randn(k, d, generator=g), dim=1)
    A = torch.randn(N, k, generator=g) * (torch.rand(N, k, generator=g) < 0.2)
    return A @ D + 0.02 * torch.randn(N, d, generator=g), D


def objective(W, D, penalty=PENALTY):
    return float(lasso_objective(W, D, lasso(W, D, penalty, 1e-5, 5000), penalty))


@pytest.mark.parametrize("batch_size", [32, 600])
def test_reaches_scikit_learns_objective(batch_size):
    W, _ = planted()
    start = sampled_atoms(W, 8, generator(3))
    peer = DictionaryLearning(
        8,
        alpha=PENALTY,
        max_iter=30,
        fit_algorithm="cd",
        dict_init=start.double().numpy(),
        code_init=np.zeros((600, 8)),
    ).fit(W.double().numpy())  # in float32 its coordinate descent never meets its tolerance
    theirs = objective(W, torch.from_numpy(np.ascontiguousarray(peer.components_)).float())
    epochs = 15 if batch_size == 32 else 60
    ours = online_dictionary(W, 8, PENALTY, epochs, generator(5), batch_size, start)
    assert objective(W, ours) < 1.01 * theirs < 0.7 * objective(W, start)


def test_finds_a_planted_dictionary():
    W, D = planted()
    learned = online_dictionary(W, 8, PENALTY, 20, generator(1), 32)
    assert ((D @ learned.T).abs().amax(1) > 0.98).all()
    assert (learned.norm(dim=1) <= 1 + 1e-5).all()


def test_an_update_never_raises_the_quadratic_it_minimises():
    g = generator()
    A = torch.rand(50, 40, generator=g, dtype=torch.float64)  # all positive: strongly coupled atoms
    W = torch.randn(50, 9, generator=g, dtype=torch.float64)
    gram, cross = A.T @ A, A.T @ W
    D = torch.nn.functional.normalize(torch.randn(40, 9, generator=g, dtype=torch.float64), dim=1)
    values = []
    for _ in range(200):
        values.append(float((W - A @ D).square().sum()))
        D = updated_atoms(D, gram, cross)
    assert all(b <= a * (1 + 1e-12) for a, b in zip(values, values[1:]))
    assert values[-1] < 0.5 * values[0] and (D.norm(dim=1) <= 1 + 1e-12).all()
    gradient = gram @ D - cross  # at the optimum it vanishes, or points straight out of the ball
    stuck = D - torch.nn.functional.normalize(D - gradient, dim=1)
    optimal = torch.where(D.norm(dim=1) < 1 - 1e-6, gradient.norm(dim=1), stuck.norm(dim=1))
    assert optimal.max() < 0.05 * cross.norm(dim=1).mean()


def test_a_memory_of_one_batch_forgets_the_batches_before():
    W, _ = planted()
    start = sampled_atoms(W, 8, generator(2))
    learner = OnlineDictionary(start, PENALTY, generator(), memory=300)
    learner.step(W[:300])
    D = learner.D
    learner.step(W[300:])
    A = lasso(W[300:], D, PENALTY, 1e-2, 50)
    torch.testing.assert_close(learner.gram, A.T @ A)
    torch.testing.assert_close(learner.cross, A.T @ W[300:])


def test_unused_atoms_are_replaced():
    W, _ = planted()
    start = sampled_atoms(W, 8, generator(2))
    start[3:] = 0
    learned = online_dictionary(W, 8, PENALTY, 10, generator(4), 64, start)
    assert (lasso(W, learned, PENALTY) != 0).any(0).all()
    assert (start[3:] == 0).all()  # the caller's tensor is left alone
    assert objective(W, learned) < 0.7 * objective(W, start[:3])


def test_scales_with_the_data_and_repeats_with_the_generator():
    W, _ = planted()
    learned = online_dictionary(W, 8, PENALTY, 3, generator(1), 64)
    assert torch.equal(learned, online_dictionary(W, 8, PENALTY, 3, generator(1), 64))
    scaled = online_dictionary(8 * W, 8, 8 * PENALTY, 3, generator(1), 64)
    torch.testing.assert_close(scaled, learned, rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"atoms": 601}, "601 of the 600 samples"),
        ({"atoms": 0}, "0 of the 600 samples"),
        ({"epochs": 0}, "epochs is 0"),
        ({"batch_size": 0}, "batch_size 0"),
        ({"penalty": -1.0}, "penalty is -1"),
        ({"W": torch.full((600, 30), torch.nan)}, "18000 values that are not finite"),
        ({"W": torch.zeros(600, 30)}, "0 that are not zero"),
    ],
)
def test_bad_input_is_named(change, message, one_sentence):
    given = dict(W=planted()[0], atoms=8, penalty=PENALTY, epochs=1, generator=generator())
    with pytest.raises(StudyError, match=message) as caught:
        online_dictionary(**(given | change))
    one_sentence(caught.value)

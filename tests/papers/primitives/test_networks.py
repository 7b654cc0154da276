"""Dictionaries of whole networks: nothing learned from held-out models, paths end where they should."""

import json

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS
from wsbook.nets.train import Recipe
from wsbook.papers.primitives.method.networks import (
    BASES,
    Split,
    Tuning,
    barrier,
    code_tuning,
    interpolation,
    reconstructions,
    split_zoo,
    tune,
    zoo_reconstruction,
)
from wsbook.zoo.small import task, train_population
from wsbook.zoo.stacked import score

SHAPES = CNN_DIGITS.shapes


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def digits():
    return task("digits", generator())


@pytest.fixture(scope="module")
def zoo(digits):
    return train_population(CNN_DIGITS, digits, Recipe(epochs=4, lr=1e-2), range(12), shared_start=7)


@pytest.fixture
def split(zoo):
    return split_zoo(CNN_DIGITS, zoo.weights, 4, False, generator())


def test_split_is_by_model_and_alignment_keeps_the_functions(zoo, digits):
    plain = split_zoo(CNN_DIGITS, zoo.weights, 4, False, generator())
    assert torch.equal(torch.cat([plain.train, plain.held]), zoo.weights)
    aligned = split_zoo(CNN_DIGITS, zoo.weights, 4, True, generator())
    assert aligned.train.shape == (8, CNN_DIGITS.size)
    accuracy = score(CNN_DIGITS, torch.cat([aligned.train, aligned.held]), *digits.test)[0]
    assert (accuracy - zoo.test_accuracy).abs().max() < 1e-6 + 1 / len(digits.test[1])


def test_training_models_are_aligned_without_the_held_out_ones(zoo):
    changed = zoo.weights.clone()
    changed[-4:] = changed[-4:].flip(0) * 2
    first, second = (split_zoo(CNN_DIGITS, w, 4, True, generator()) for w in (zoo.weights, changed))
    assert torch.equal(first.train, second.train)


@pytest.mark.parametrize("name", BASES)
def test_bases_hold_sparse_combinations_of_known_atoms(name):
    own = generator(1)
    atoms = torch.linalg.qr(torch.randn(200, 3, generator=own)).Q.T
    models = 5 + torch.randn(40, 3, generator=own) @ atoms
    basis = BASES[name](models, 3, 3, own)
    rebuilt = basis.decode(basis.encode(models, 3))
    error = (rebuilt - models).norm() / (models - models.mean(0)).norm()
    assert error > 0.9 if name == "random" else error < 0.05
    assert ((basis.encode(models, 2) != 0).sum(1) <= 2).all()


def test_reconstructions_order_as_they_must(split):
    found = reconstructions(split, 4, 2, generator())
    error = {name: (w - split.held).norm(dim=1) for name, w in found.items()}
    assert (error["pca_full"] <= error["pca"] + 1e-4).all() and (error["pca"] <= error["mean"] + 1e-4).all()
    torch.testing.assert_close(error["noise"], error["ksvd"])
    assert torch.equal(found["mean"][0], split.train.mean(0))
    for row, held in zip(found["nearest"], split.held):
        distances = (split.train - held).norm(dim=1)
        assert torch.equal(row, split.train[distances.argmin()])


def test_as_many_components_as_models_rebuild_the_training_models(split):
    same = Split(split.spec, split.train, split.train)
    found = reconstructions(same, len(split.train), 1, generator())
    torch.testing.assert_close(found["pca_full"], split.train, rtol=1e-3, atol=1e-4)
    assert torch.equal(found["nearest"], split.train)


def test_zoo_reconstruction_is_ready_for_a_record(split, digits):
    metrics = zoo_reconstruction(split, 4, 2, digits.test, generator())
    assert json.loads(json.dumps(metrics)) == metrics
    expected = score(CNN_DIGITS, split.held, *digits.test)[0].mean().item()
    assert metrics["original_accuracy"] == pytest.approx(expected)
    assert metrics == zoo_reconstruction(split, 4, 2, digits.test, generator())


def test_paths_end_at_their_models(split, digits):
    result = interpolation(split, 4, 2, digits.test, generator(), points=5)
    json.dumps(result)
    accuracy = score(CNN_DIGITS, split.held, *digits.test)[0]
    for name in ("weights", "matched"):
        assert len(result[f"{name}_accuracy"]) == 5 and len(result[f"{name}_barrier"]) == 2
        assert result[f"{name}_accuracy"][0] == pytest.approx(accuracy[::2].mean().item(), abs=0.003)
        assert result[f"{name}_accuracy"][-1] == pytest.approx(accuracy[1::2].mean().item(), abs=0.003)
    middle = (split.held[::2] + split.held[1::2]) / 2
    expected = score(CNN_DIGITS, middle, *digits.test)[0].mean().item()
    assert result["weights_accuracy"][2] == pytest.approx(expected, abs=0.003)


def test_barrier_of_known_curves():
    curves = torch.tensor([[1.0, 0.8, 0.5], [0.4, 0.9, 0.6], [0.8, 0.6, 0.5]], dtype=torch.float64)
    assert barrier(curves).tolist() == pytest.approx([0.5, 0.0, 0.0])


def test_matching_removes_the_barrier_of_permuted_copies(zoo, digits):
    from wsbook.weights.alignment import permute, random_permutations

    moved = permute(zoo.weights[-2], SHAPES, random_permutations(SHAPES, generator(3)))
    split = Split(CNN_DIGITS, zoo.weights[:8], torch.stack([zoo.weights[-2], moved]))
    result = interpolation(split, 4, 2, digits.test, generator(), points=5)
    assert result["weights_barrier"][0] > 0.1
    assert result["matched_barrier"][0] < 0.005


def test_tuning_codes_moves_only_within_the_basis_and_helps(split, digits):
    basis = BASES["pca"](split.train, 4, 2, generator())
    start = torch.zeros(3, 4)
    codes, curve = tune(
        CNN_DIGITS, basis.decode, start, digits, 0.1, Tuning(steps=20, every=10), generator()
    )
    assert codes.shape == (3, 4) and len(curve) == 3
    assert curve[-1] > curve[0]
    assert torch.equal(start, torch.zeros(3, 4))


def test_code_tuning_is_ready_for_a_record(split, digits):
    how = Tuning(steps=10, every=5, code_lrs=(0.1, 0.3), weight_lrs=(1e-2,))
    result = code_tuning(split, 4, 2, digits, how, generator())
    json.dumps(result)
    assert {k[: -len("_lr")] for k in result if k.endswith("_lr")} == {"weights"} | {
        f"{basis}_{start}" for basis in ("ksvd", "pca", "random") for start in ("held", "mean", "random")
    }
    assert result["weights_lr"] == 1e-2 and len(result["ksvd_held_curve"]) == 3
    expected = score(CNN_DIGITS, split.train.mean(0, keepdim=True), *digits.test)[0].item()
    assert result["pca_mean_before"] == pytest.approx(expected, abs=0.003)


def test_too_many_held_out(zoo):
    with pytest.raises(StudyError, match="cannot hold out 11"):
        split_zoo(CNN_DIGITS, zoo.weights, 11, False, generator())

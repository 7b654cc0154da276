"""Dictionaries of whole networks: reconstruction, paths between networks, and tuning of codes.

Section 1 of paper A promises "rapid model generation and interpolation without full retraining", and
adaptation "via code finetuning". A zoo of small CNNs is split by model: bases are learned on the
training models alone, and judged by the accuracy of held-out models, not only by the distance of
their weights. Bases hold directions around the mean training model: w ≈ mean + a D.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNNSpec
from wsbook.papers.primitives.method.coding import omp
from wsbook.papers.primitives.method.errors import sample_error
from wsbook.papers.primitives.method.ksvd import ksvd
from wsbook.papers.primitives.method.online import online_dictionary
from wsbook.weights.alignment import align, align_together
from wsbook.zoo.small import Task, initial_weights
from wsbook.zoo.stacked import logits, score

KSVD_ITERATIONS = 30
ONLINE_EPOCHS = 100
ONLINE_PENALTY = 0.1  # of the largest correlation, in the lasso of online learning


@dataclass(frozen=True)
class Split:
    """A zoo's weight vectors, split by model; both parts aligned, or neither."""

    spec: CNNSpec
    train: Tensor  # (M, P)
    held: Tensor  # (n, P)


@dataclass(frozen=True)
class Basis:
    """Directions around a mean: weights = mean + codes @ atoms."""

    mean: Tensor  # (P,)
    atoms: Tensor  # (k, P)

    def encode(self, weights: Tensor, sparsity: int) -> Tensor:
        """Codes (n, k) by OMP with at most `sparsity` entries."""
        return omp(weights - self.mean, self.atoms, sparsity)

    def decode(self, codes: Tensor) -> Tensor:
        """Weight vectors (n, P)."""
        return self.mean + codes @ self.atoms


def split_zoo(
    spec: CNNSpec, weights: Tensor, held: int, aligned: bool, generator: torch.Generator
) -> Split:
    """The last `held` of the weight vectors (M, P) held out.

    If asked, the training models are aligned to each other, and then the held-out ones to the mean
    of those.

    Raises
        StudyError: unless at least two models remain for training and two are held out.
    """
    if not 2 <= held <= len(weights) - 2:
        raise StudyError(
            f"a zoo of {len(weights)} models cannot hold out {held}; hold out 2 to {len(weights) - 2}."
        )
    known, unseen = weights[:-held], weights[-held:]
    if aligned:
        known, reference = align_together(known, spec.shapes, generator)
        unseen = align(unseen, reference, spec.shapes, generator)
    return Split(spec, known, unseen)


def ksvd_basis(models: Tensor, atoms: int, sparsity: int, generator: torch.Generator) -> Basis:
    """K-SVD on the centred models (M, P)."""
    mean = models.mean(0)
    return Basis(mean, ksvd(models - mean, atoms, sparsity, KSVD_ITERATIONS, generator).dictionary)


def online_basis(models: Tensor, atoms: int, sparsity: int, generator: torch.Generator) -> Basis:
    """Online dictionary learning on the centred models (M, P); its lasso ignores `sparsity`."""
    mean = models.mean(0)
    centred = models - mean
    penalty = ONLINE_PENALTY * torch.linalg.vector_norm(centred, dim=1).mean().item()
    learned = online_dictionary(centred, atoms, penalty, ONLINE_EPOCHS, generator)
    return Basis(mean, learned)


def pca_basis(models: Tensor, atoms: int, sparsity: int, generator: torch.Generator) -> Basis:
    """The leading principal directions of the models (M, P)."""
    mean = models.mean(0)
    return Basis(mean, torch.linalg.svd(models - mean, full_matrices=False).Vh[:atoms])


def random_basis(models: Tensor, atoms: int, sparsity: int, generator: torch.Generator) -> Basis:
    """Random directions of unit length around the mean model: no structure of the zoo but its mean."""
    directions = torch.randn(atoms, models.shape[1], generator=generator).to(models)
    return Basis(models.mean(0), F.normalize(directions, dim=1))


BASES: dict[str, Callable[[Tensor, int, int, torch.Generator], Basis]] = {
    "ksvd": ksvd_basis,
    "online": online_basis,
    "pca": pca_basis,
    "random": random_basis,
}


def reconstructions(
    split: Split, atoms: int, sparsity: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Stand-ins (n, P) for the held-out models, by method.

    ksvd, online, pca, random: OMP codes with `sparsity` entries over `atoms` directions. pca_full:
    all `atoms` principal components. mean: the mean training model. nearest: the closest training
    model. noise: the held-out model plus Gaussian noise as large as the error of ksvd.
    """
    learned = {name: build(split.train, atoms, sparsity, generator) for name, build in BASES.items()}
    found = {name: basis.decode(basis.encode(split.held, sparsity)) for name, basis in learned.items()}
    pca = learned["pca"]
    found["pca_full"] = pca.decode((split.held - pca.mean) @ pca.atoms.T)
    found["mean"] = pca.mean.expand_as(split.held)
    found["nearest"] = split.train[torch.cdist(split.held, split.train).argmin(1)]
    noise = torch.randn(split.held.shape, generator=generator).to(split.held)
    size = torch.linalg.vector_norm(found["ksvd"] - split.held, dim=1, keepdim=True)
    found["noise"] = split.held + size * F.normalize(noise, dim=1)
    return found


def zoo_reconstruction(
    split: Split, atoms: int, sparsity: int, test: tuple[Tensor, Tensor], generator: torch.Generator
) -> dict[str, float]:
    """NAME_error and NAME_accuracy of `reconstructions` over the held-out models, and
    original_accuracy.

    Errors are means of ||w - w^|| / ||w||, accuracies means on `test`.
    """
    found = {"original": split.held} | reconstructions(split, atoms, sparsity, generator)
    accuracy = score(split.spec, torch.cat(list(found.values())), *test)[0].view(len(found), -1)
    metrics = {}
    for (name, weights), hits in zip(found.items(), accuracy):
        metrics[f"{name}_error"] = sample_error(split.held, weights).item()
        metrics[f"{name}_accuracy"] = hits.mean().item()
    del metrics["original_error"]
    return metrics


def interpolation(
    split: Split,
    atoms: int,
    sparsity: int,
    test: tuple[Tensor, Tensor],
    generator: torch.Generator,
    points: int = 11,
) -> dict[str, list[float]]:
    """Accuracy and loss along paths between pairs of held-out models, means over disjoint pairs.

    Paths, `points` steps from t = 0 to 1: "weights", the straight line; "codes", the straight line
    between K-SVD codes, which a linear decoder makes the straight line between reconstructions;
    "matched", the straight line to the second model aligned to the first. Keys NAME_accuracy,
    NAME_loss; and NAME_barrier, NAME_loss_barrier of one entry a pair, see `barrier`.
    """
    first, second = split.held[0 : len(split.held) // 2 * 2 : 2], split.held[1::2]
    basis = ksvd_basis(split.train, atoms, sparsity, generator)
    codes = [basis.encode(ends, sparsity) for ends in (first, second)]
    matched = [align(b[None], a, split.spec.shapes, generator)[0] for a, b in zip(first, second)]
    t = torch.linspace(0, 1, points).to(first)[:, None, None]
    paths = {
        "weights": first.lerp(second, t),
        "codes": basis.decode(codes[0].lerp(codes[1], t)),
        "matched": first.lerp(torch.stack(matched), t),
    }
    result: dict[str, list[float]] = {}
    for name, path in paths.items():
        accuracy, loss = (s.view(points, -1) for s in score(split.spec, path.flatten(0, 1), *test))
        result[f"{name}_accuracy"] = accuracy.mean(1).tolist()
        result[f"{name}_loss"] = loss.mean(1).tolist()
        result[f"{name}_barrier"] = barrier(accuracy).tolist()
        result[f"{name}_loss_barrier"] = barrier(-loss).tolist()
    return result


def barrier(values: Tensor) -> Tensor:
    """How far values (points, pairs) fall below the line between their ends at worst; (pairs,), >= 0."""
    t = torch.linspace(0, 1, len(values)).to(values)[:, None]
    return (values[0].lerp(values[-1], t) - values).amax(0)


@dataclass(frozen=True)
class Tuning:
    """How codes (or weights) are tuned: Adam for `steps` on batches of the training images."""

    steps: int = 100
    batch: int = 64
    every: int = 10  # steps between two looks at the validation accuracy
    code_lrs: tuple[float, ...] = (0.1, 0.3, 1.0)  # tried for codes; validation accuracy decides
    weight_lrs: tuple[float, ...] = (3e-3, 1e-2, 3e-2)  # likewise for whole weight vectors


Decode = Callable[[Tensor], Tensor]


def tune(
    spec: CNNSpec,
    decode: Decode,
    start: Tensor,
    data: Task,
    lr: float,
    how: Tuning,
    generator: torch.Generator,
) -> tuple[Tensor, list[float]]:
    """Parameters (n, q) of n networks tuned from `start`; network i has the weights decode(...)[i].

    Returns them with the networks' mean validation accuracy before the first step and after each
    `how.every`. Every network gets batches of its own.
    """
    inputs, labels = data.train
    parameters = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([parameters], lr)
    curve = []
    for step in range(how.steps + 1):
        if step % how.every == 0:
            curve.append(score(spec, decode(parameters.detach()), *data.val)[0].mean().item())
        if step < how.steps:
            picked = torch.randint(len(inputs), (len(start), how.batch), generator=generator)
            out = logits(spec, decode(parameters), inputs[picked]).flatten(0, 1)
            loss = F.cross_entropy(out, labels[picked].flatten(), reduction="sum") / how.batch
            parameters.grad = torch.autograd.grad(loss, parameters)[0]
            optimiser.step()
    return parameters.detach(), curve


def starting_codes(
    split: Split, basis: Basis, sparsity: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Codes (n, k) to tune from. held: of the held-out models. mean: zero, the mean training model.
    random: each atom's coefficients drawn from those of the training models, atom by atom."""
    known = basis.encode(split.train, sparsity)
    held = basis.encode(split.held, sparsity)
    rows = torch.randint(len(known), held.shape, generator=generator).to(known.device)
    return {"held": held, "mean": torch.zeros_like(held), "random": known.gather(0, rows)}


def code_tuning(
    split: Split,
    atoms: int,
    sparsity: int,
    data: Task,
    how: Tuning,
    generator: torch.Generator,
) -> dict[str, float | list[float]]:
    """Networks found by tuning only the code over a basis, against training all weights as long.

    For every basis (ksvd, pca, random) and start (held, mean, random), and for "weights": all
    weights from random initialisation. Keys BASIS_START_before and _accuracy, mean test accuracies
    before and after tuning; _lr, the rate that did best on validation images; _curve, validation
    accuracies on the way.
    """
    fresh = [torch.Generator().manual_seed(_integer(generator)) for _ in split.held]
    ways: dict[str, tuple[Decode, Tensor, tuple[float, ...]]] = {
        "weights": (lambda w: w, initial_weights(split.spec, fresh), how.weight_lrs)
    }
    for name in ("ksvd", "pca", "random"):
        basis = BASES[name](split.train, atoms, sparsity, generator)
        for where, start in starting_codes(split, basis, sparsity, generator).items():
            ways[f"{name}_{where}"] = basis.decode, start, how.code_lrs
    result: dict[str, float | list[float]] = {}
    for name, (decode, start, rates) in ways.items():
        trials = {lr: tune(split.spec, decode, start, data, lr, how, generator) for lr in rates}
        lr = max(rates, key=lambda rate: trials[rate][1][-1])
        for key, parameters in (("before", start), ("accuracy", trials[lr][0])):
            accuracy = score(split.spec, decode(parameters), *data.test)[0]
            result[f"{name}_{key}"] = accuracy.mean().item()
        result |= {f"{name}_lr": lr, f"{name}_curve": trials[lr][1]}
    return result


def _integer(generator: torch.Generator) -> int:
    return int(torch.randint(2**31, (), generator=generator))

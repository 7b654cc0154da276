"""Dictionaries of whole networks: reconstruction, paths between networks, and tuning of codes.

Section 1 of paper A promises "rapid model generation and interpolation without full retraining", and
adaptation "via code finetuning". A zoo of small CNNs is split by model: bases are learned on the
training models alone, and judged by the accuracy of held-out models, not only by the distance of
their weights. Bases hold directions around the mean training model: w ≈ mean + a D.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNNSpec
from wsbook.primitives.coding import omp
from wsbook.primitives.errors import sample_error
from wsbook.primitives.ksvd import ksvd
from wsbook.primitives.online import online_dictionary
from wsbook.weights.alignment import align
from wsbook.zoo.small import Task
from wsbook.zoo.stacked import logits, score

KSVD_ITERATIONS = 30
ONLINE_EPOCHS = 100
ONLINE_PENALTY = 0.1  # of the largest correlation, in the lasso of online learning


@dataclass(frozen=True)
class Split:
    """A zoo's weight vectors, split by model; both parts aligned to one training model, or neither."""

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
    """The last `held` of the weight vectors (M, P) held out, all aligned to the first if asked.

    Raises
        StudyError: unless at least two models remain for training and one is held out.
    """
    if not 1 <= held <= len(weights) - 2:
        raise StudyError(
            f"a zoo of {len(weights)} models cannot hold out {held}; hold out 1 to {len(weights) - 2}."
        )
    if aligned:
        weights = align(weights, weights[0], spec.shapes, generator)
    return Split(spec, weights[:-held], weights[-held:])


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


def tune_codes(
    spec: CNNSpec,
    basis: Basis,
    codes: Tensor,
    data: Task,
    lr: float,
    steps: int,
    batch: int,
    generator: torch.Generator,
    every: int,
) -> tuple[Tensor, list[list[float]]]:
    """Codes (n, k) after Adam on the training loss of their networks, weights following as decoded.

    Returns them with the validation accuracies (n,) before the first step and after each `every`
    steps. Every network gets batches of its own.
    """
    inputs, labels = data.train
    codes = codes.clone().requires_grad_()
    optimiser = torch.optim.Adam([codes], lr)
    curve = [score(spec, basis.decode(codes.detach()), *data.val)[0].tolist()]
    for step in range(1, steps + 1):
        picked = torch.randint(len(inputs), (len(codes), batch), generator=generator)
        out = logits(spec, basis.decode(codes), inputs[picked])
        loss = F.cross_entropy(out.flatten(0, 1), labels[picked].flatten(), reduction="sum") / batch
        codes.grad = torch.autograd.grad(loss, codes)[0]
        optimiser.step()
        if step % every == 0:
            curve.append(score(spec, basis.decode(codes.detach()), *data.val)[0].tolist())
    return codes.detach(), curve

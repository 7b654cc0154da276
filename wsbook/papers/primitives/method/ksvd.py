"""K-SVD (Aharon et al. 2006): sparse codes and atoms in turn, atoms updated with their codes."""

from typing import NamedTuple

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.primitives.method.coding import check_data, omp
from wsbook.papers.primitives.method.online import sampled_atoms, unit_atoms


class KSVD(NamedTuple):
    """A learned factorisation W ≈ codes @ dictionary."""

    dictionary: Tensor  # (k, d), atoms of unit length
    codes: Tensor  # (N, k), at most `sparsity` entries a row
    errors: list[float]  # ‖W - A D‖_F / ‖W‖_F after every iteration; never increases


def ksvd(
    W: Tensor,
    atoms: int,
    sparsity: int,
    iterations: int,
    generator: torch.Generator,
    start: Tensor | None = None,
) -> KSVD:
    """Minimise ‖W - A D‖_F with at most `sparsity` entries in every row of A.

    An iteration codes all samples by OMP, keeping a sample's old code where OMP finds a worse one,
    and then updates one atom after the other together with its codes: the leading singular pair of
    the residual without that atom, by the single power step of Rubinstein et al. (2008) instead of
    an SVD. Atoms that no sample uses become the worst represented samples.

    W (N, d); start (atoms, d), by default rows of W drawn with the generator. Raises StudyError
    unless 1 <= sparsity <= atoms, iterations >= 1 and, without a start, atoms <= N.
    """
    if iterations < 1:
        raise StudyError(f"ksvd: iterations is {iterations}, but it is a count; give at least 1.")
    check_data("ksvd", W)
    D = unit_atoms(sampled_atoms(W, atoms, generator) if start is None else start)
    A, errors, size = W.new_zeros(len(W), len(D)), [], float(torch.linalg.vector_norm(W))
    for _ in range(iterations):
        A = _better_codes(W, D, A, omp(W, D, sparsity))
        residual = W - A @ D
        _replace_unused(W, D, A, residual)
        for j in range(len(D)):
            _update_atom(D, A, residual, j)
        errors.append(float(torch.linalg.vector_norm(residual)) / size)
    return KSVD(D, A, errors)


def _better_codes(W: Tensor, D: Tensor, old: Tensor, new: Tensor) -> Tensor:
    """Row by row, whichever of two codes leaves the smaller residual."""
    old_error = (W - old @ D).square().sum(1, keepdim=True)
    new_error = (W - new @ D).square().sum(1, keepdim=True)
    return new.where(new_error <= old_error, old)


def _replace_unused(W: Tensor, D: Tensor, A: Tensor, residual: Tensor) -> None:
    """Turn atoms without a user into the worst represented samples, the worst first, in place."""
    unused = (A == 0).all(0).nonzero().squeeze(1)
    errors, worst = residual.square().sum(1).sort(descending=True)
    represented = errors <= torch.finfo(W.dtype).eps * W.square().sum(1)[worst]
    worst = worst[~represented][: len(unused)]
    D[unused[: len(worst)]] = unit_atoms(W[worst])


def _update_atom(D: Tensor, A: Tensor, residual: Tensor, j: int) -> None:
    """Refit atom j and its codes on the samples that use it; all three change in place."""
    users = A[:, j].nonzero().squeeze(1)
    if len(users) == 0:
        return
    code = A[users, j]
    without = residual[users] + torch.outer(code, D[j])
    D[j] = unit_atoms(code @ without)
    A[users, j] = without @ D[j]
    residual[users] = without - torch.outer(A[users, j], D[j])

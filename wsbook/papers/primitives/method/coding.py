"""Sparse codes for given dictionaries: orthogonal matching pursuit and the lasso.

Throughout, W (..., N, d) holds weight vectors as rows, D (..., k, d) atoms as rows and
A (..., N, k) the codes, so that W ≈ A @ D. Leading dimensions (stacks of runs) broadcast.
"""

import math

import torch
from torch import Tensor

from wsbook.errors import StudyError

_DEPENDENT = 1e-10  # squared length left of a unit atom that lies in the span of the chosen ones
_OMP_ELEMENTS = 2**20  # working memory of one chunk of samples, in numbers
_CHECK_EVERY = 10  # FISTA iterations between two looks at the optimality conditions


def omp(W: Tensor, D: Tensor, sparsity: int) -> Tensor:
    """Orthogonal matching pursuit: at most `sparsity` atoms a sample, chosen greedily.

    Batch-OMP (Rubinstein et al. 2008): after W Dᵀ and D Dᵀ the data is not touched again, and all
    samples advance together, in float64. The chosen atoms are orthogonalised in Gram space: row t
    of `basis` holds the inner products of the t-th orthonormal direction with every atom. Atoms of
    any length are allowed; an atom that depends on those already chosen is never chosen.

    W (..., N, d), D (..., k, d); returns (..., N, k). Raises StudyError unless 1 <= sparsity <= k.
    """
    _check_shapes(W, D)
    k = D.shape[-2]
    if not isinstance(sparsity, int) or not 1 <= sparsity <= k:
        raise StudyError(
            f"omp: sparsity is {sparsity!r}, but a code over {k} atoms can use 1 to {k} of them; "
            f"give a whole number in that range."
        )
    lengths = torch.linalg.vector_norm(D.double(), dim=-1, keepdim=True)
    atoms = D.double() / lengths.where(lengths > 0, 1.0)
    gram = atoms @ atoms.mT
    correlations = W.double() @ atoms.mT
    runs = correlations.shape[:-2].numel()
    samples = max(1, _OMP_ELEMENTS // (runs * sparsity * k))
    chunks = [_pursue(c, gram, sparsity) for c in correlations.split(samples, dim=-2)]
    codes = torch.cat(chunks, dim=-2) / lengths.where(lengths > 0, 1.0).mT
    return codes.to(torch.promote_types(W.dtype, D.dtype))


def lasso(
    W: Tensor,
    D: Tensor,
    penalty: float,
    tolerance: float = 1e-4,
    max_iterations: int = 1000,
    start: Tensor | None = None,
) -> Tensor:
    """Lasso codes: every sample minimises ½‖w - a D‖² + penalty ‖a‖₁.

    FISTA (Beck & Teboulle 2009) with the gradient restart of O'Donoghue & Candès (2015), restarted
    sample by sample. A sample is done once its `kkt_residual` is at most tolerance * ‖D w‖_∞, the
    penalty from which its code would be zero; done samples (with stacked dictionaries: done
    runs) leave the batch. After max_iterations the codes are returned as they are.

    The paper's objective (1/N) Σ ‖w - a D‖² + λ‖a‖₁ has the same codes at penalty = λ/2.
    scikit-learn: `sparse_encode(alpha=penalty)`, `DictionaryLearning(alpha=penalty)`, and
    `Lasso(alpha=penalty / d)`, whose squared error is a mean over the d entries of w.

    W (..., N, d), D (..., k, d), start (..., N, k) or None for zeros; returns (..., N, k).
    Raises StudyError for a penalty that is negative or not finite.
    """
    _check_shapes(W, D)
    check_penalty("lasso", penalty)
    gram = D @ D.mT
    step = 1 / largest_eigenvalue_bound(gram)
    mix = torch.eye(gram.shape[-1]).to(gram) - step * gram
    pull = step * (W @ D.mT)
    k, shape, threshold = D.shape[-2], pull.shape, step * penalty
    if D.dim() > 2:  # every run is a problem of its own; else every sample is
        mix = mix.expand(*shape[:-2], k, k).reshape(-1, k, k)
        threshold = threshold.expand(*shape[:-2], 1, 1).reshape(-1, 1, 1)
    pull = pull.reshape(-1, *shape[-2:]) if D.dim() > 2 else pull.reshape(-1, k)
    codes = torch.zeros_like(pull) if start is None else start.reshape(pull.shape)
    codes = _iterate_to_tolerance(pull, mix, threshold, tolerance, max_iterations, codes)
    return codes.reshape(shape)


def kkt_residual(W: Tensor, D: Tensor, A: Tensor, penalty: float) -> Tensor:
    """How far each code is from optimal for `lasso`: the distance of 0 from the subdifferential.

    With g = D (w - a D): max_j of |g_j - penalty sign(a_j)| where a_j ≠ 0, and of
    max(|g_j| - penalty, 0) elsewhere.

    W (..., N, d), D (..., k, d), A (..., N, k); returns (..., N).
    """
    return _kkt_residual((W - A @ D) @ D.mT, A, penalty)


def lasso_objective(W: Tensor, D: Tensor, A: Tensor, penalty: float) -> Tensor:
    """½‖w - a D‖² + penalty ‖a‖₁, averaged over the samples in float64.

    W (..., N, d), D (..., k, d), A (..., N, k); returns (...).
    """
    squared_error = (W - A @ D).square().sum(-1, dtype=torch.float64)
    return (squared_error / 2 + penalty * A.abs().sum(-1, dtype=torch.float64)).mean(-1)


def largest_eigenvalue_bound(gram: Tensor) -> Tensor:
    """Upper bound of a Gram matrix's largest eigenvalue, at most a factor k^(1/32) above it.

    ‖G¹⁶‖_F^(1/16) by repeated squaring: a few products, cheaper than eigenvalues and, unlike the
    power method, never too small for a step size. gram (..., k, k); returns (..., 1, 1).
    """
    logarithm, power = 0.0, gram
    for squaring in range(5):
        norm = _frobenius(power)[..., None, None].clamp(min=torch.finfo(gram.dtype).tiny)
        logarithm = logarithm + norm.log() / 2**squaring
        if squaring < 4:
            power = (power / norm) @ (power / norm)
    return logarithm.exp().clamp(min=torch.finfo(gram.dtype).tiny)


def check_penalty(where: str, penalty: float) -> None:
    """Raise StudyError for a penalty that is negative, infinite or nan."""
    if not (math.isfinite(penalty) and penalty >= 0):
        raise StudyError(
            f"{where}: the l1 penalty is {penalty}, but the problem is convex and bounded only for "
            f"a finite penalty of at least 0; give one in that range."
        )


def check_data(where: str, W: Tensor) -> None:
    """Raise StudyError unless W is a matrix (N, d) of finite numbers that are not all zero."""
    if W.dim() != 2 or not W.isfinite().all() or not W.any():
        raise StudyError(
            f"{where}: the data has shape {tuple(W.shape)}, {int((~W.isfinite()).sum())} values "
            f"that are not finite and {int(W.count_nonzero())} that are not zero; give a matrix "
            f"(N, d) of finite weights, and leave out networks that diverged."
        )


def _check_shapes(W: Tensor, D: Tensor) -> None:
    if W.dim() < 2 or D.dim() < 2 or W.shape[-1] != D.shape[-1] or D.shape[-2] == 0:
        raise StudyError(
            f"The data has shape {tuple(W.shape)} and the dictionary {tuple(D.shape)}, but they "
            f"should be (..., N, d) and (..., k, d) with the same d and k >= 1; rows are vectors."
        )


def _frobenius(X: Tensor) -> Tensor:
    return torch.linalg.vector_norm(X, dim=(-2, -1))


def _pursue(correlation: Tensor, gram: Tensor, sparsity: int) -> Tensor:
    """Batch-OMP from correlations W Dᵀ (..., N, k) with unit atoms of this gram (..., k, k)."""
    k = gram.shape[-1]
    negligible = 1e-10 * correlation.abs().amax(-1, keepdim=True)
    free = gram.diagonal(dim1=-2, dim2=-1).unsqueeze(-2).expand_as(correlation).clone()
    basis = correlation.new_zeros(*correlation.shape[:-1], sparsity, k)
    picks, amplitudes = [], []
    for t in range(sparsity):
        score = correlation.abs().where(free > _DEPENDENT, 0.0)
        best, pick = score.max(-1, keepdim=True)
        usable = best > negligible
        length = free.gather(-1, pick).sqrt().where(usable, torch.inf)  # inf adds a zero direction
        earlier = basis[..., :t, :]
        overlap = earlier.take_along_dim(pick.unsqueeze(-2), dim=-1).mT @ earlier
        row = (gram.take_along_dim(pick, dim=-2) - overlap.squeeze(-2)) / length
        amplitude = correlation.gather(-1, pick) / length
        correlation = correlation - amplitude * row
        free = (free - row.square()).scatter(-1, pick, 0.0)
        basis[..., t, :] = row
        picks.append(pick)
        amplitudes.append(amplitude)
    picks, amplitudes = torch.cat(picks, -1), torch.cat(amplitudes, -1)
    triangle = basis.take_along_dim(picks.unsqueeze(-2), dim=-1).triu()
    diagonal = triangle.diagonal(dim1=-2, dim2=-1)
    diagonal += (diagonal == 0).to(diagonal.dtype)
    weights = torch.linalg.solve_triangular(triangle, amplitudes.unsqueeze(-1), upper=True)
    return torch.zeros_like(correlation).scatter_add(-1, picks, weights.squeeze(-1))


def _kkt_residual(gradient: Tensor, A: Tensor, penalty: float | Tensor) -> Tensor:
    at_zero = (gradient.abs() - penalty).clamp(min=0)
    return (gradient - penalty * A.sign()).abs().where(A != 0, at_zero).amax(-1)


def _iterate_to_tolerance(
    pull: Tensor,
    mix: Tensor,
    threshold: Tensor,
    tolerance: float,
    max_iterations: int,
    codes: Tensor,
) -> Tensor:
    """FISTA on problems (P, k) sharing mix (k, k), or (P, N, k) with mix (P, k, k) of their own."""
    codes, live = codes.clone(), torch.arange(len(codes), device=codes.device)
    allowed = tolerance * pull.abs().amax(-1)
    state = codes, codes, torch.ones_like(codes[..., :1])
    for iteration in range(0, max_iterations, _CHECK_EVERY):
        iterations = min(_CHECK_EVERY, max_iterations - iteration)
        state = _fista(pull, mix, threshold, state, iterations)
        codes[live] = found = state[0]
        residual = _kkt_residual(pull + found @ mix - found, found, threshold)
        going = ~(residual <= allowed).reshape(len(live), -1).all(-1)
        if not going.any():
            break
        if not going.all():
            live, pull, allowed = live[going], pull[going], allowed[going]
            state = tuple(x[going] for x in state)
            if mix.dim() == 3:
                mix, threshold = mix[going], threshold[going]
    return codes


def _fista(
    pull: Tensor,
    mix: Tensor,
    threshold: Tensor,
    state: tuple[Tensor, Tensor, Tensor],
    iterations: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """a ← soft(pull + b mix, threshold), where b extrapolates a beyond its last change.

    state: codes a, extrapolated codes b, and the momentum counter of each sample.
    """
    codes, ahead, counter = state
    for _ in range(iterations):
        target = pull + ahead @ mix
        new = target - target.clamp(-threshold, threshold)  # soft thresholding
        change = new - codes
        restart = ((ahead - new) * change).sum(-1, keepdim=True) > 0
        counter = counter.where(~restart, 1.0)
        following = (1 + (1 + 4 * counter.square()).sqrt()) / 2
        ahead = torch.addcmul(new, (counter - 1) / following, change)
        codes, counter = new, following
    return codes, ahead, counter

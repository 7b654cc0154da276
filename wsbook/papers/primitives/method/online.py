"""Online dictionary learning (Mairal et al. 2009, 2010): one small update a mini-batch."""

import math

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.primitives.method.coding import check_data, check_penalty, lasso

_BLOCK = 8  # atoms updated together: fewer, larger matrix products, at a slightly shorter step
_CODING_TOLERANCE = 1e-2  # codes need not be better than the dictionary they are for
_UNUSED = 1e-6  # an atom whose squared codes are below this share of the average is replaced


class OnlineDictionary:
    """A dictionary D (k, d) that minimises ½‖W - A D‖_F² + penalty ‖A‖₁ as batches W stream by.

    Atoms stay in the unit ball, as in scikit-learn's DictionaryLearning, whose objective this is
    (penalty = alpha); the paper's λ is twice the penalty. Past batches live on only in the
    statistics `gram` = Σ β aᵀa (k, k) and `cross` = Σ β aᵀw (k, d), where β fades what older
    dictionaries coded: at batch t everything before is scaled by (1 - 1/t)^forgetting (Mairal et
    al. 2010, section 3.4), so that about t / (forgetting + 1) batches count, and never more than
    about `memory` samples: with a memory of N, codes from passes before the last one fade, and
    batches of N alternate exactly between coding and updating.
    """

    def __init__(
        self,
        start: Tensor,
        penalty: float,
        generator: torch.Generator,
        memory: float = math.inf,
        forgetting: float = 10.0,
        coding_iterations: int = 50,
    ):
        """start (k, d): atoms to begin with, projected on the unit ball.

        memory is a number of samples; coding_iterations bounds the FISTA steps a batch; the
        generator picks the samples that replace unused atoms.
        """
        check_penalty("OnlineDictionary", penalty)
        self.D = _unit_ball(start)
        self.penalty, self.generator = penalty, generator
        self.memory, self.forgetting = memory, forgetting
        self.coding_iterations = coding_iterations
        self.batches = 0
        self.gram = start.new_zeros(len(start), len(start))
        self.cross = torch.zeros_like(start)

    def step(self, W: Tensor) -> None:
        """Code the batch W (n, d), fold it into the statistics, and update every atom once."""
        A = lasso(W, self.D, self.penalty, _CODING_TOLERANCE, self.coding_iterations)
        self.batches += 1
        growing, level = (1 - 1 / self.batches) ** self.forgetting, 1 - len(W) / self.memory
        fade = max(0.0, min(growing, level))
        self.gram.mul_(fade).addmm_(A.mT, A)
        self.cross.mul_(fade).addmm_(A.mT, W)
        self.D = updated_atoms(self.D, self.gram, self.cross)
        self._replace_unused(W)

    def _replace_unused(self, W: Tensor) -> None:
        use = self.gram.diagonal()
        unused = use <= _UNUSED * use.mean()
        if unused.any():
            picks = torch.randint(len(W), (int(unused.sum()),), generator=self.generator)
            self.D[unused] = unit_atoms(W[picks.to(W.device)])
            self.gram[unused] = self.gram[:, unused] = self.cross[unused] = 0


def online_dictionary(
    W: Tensor,
    atoms: int,
    penalty: float,
    epochs: int,
    generator: torch.Generator,
    batch_size: int = 256,
    start: Tensor | None = None,
    **options: float,
) -> Tensor:
    """Dictionary (atoms, d) of the rows of W (N, d), by `epochs` shuffled passes over them.

    start (atoms, d) is where to begin, by default `sampled_atoms`; options are those of
    OnlineDictionary. Raises StudyError for atoms, epochs or batch sizes below 1, a bad penalty, and
    data that is not finite.
    """
    check_data("online_dictionary", W)
    if epochs < 1 or batch_size < 1:
        raise StudyError(
            f"online_dictionary: epochs is {epochs} and batch_size {batch_size}; both are counts, "
            f"give at least 1."
        )
    start = sampled_atoms(W, atoms, generator) if start is None else start
    learner = OnlineDictionary(start, penalty, generator, memory=len(W), **options)
    for _ in range(epochs):
        order = torch.randperm(len(W), generator=generator).to(W.device)
        for batch in order.split(batch_size):
            learner.step(W[batch])
    return learner.D


def sampled_atoms(W: Tensor, atoms: int, generator: torch.Generator) -> Tensor:
    """Unit-length copies (atoms, d) of rows of W (N, d) drawn without replacement.

    Raises StudyError unless 1 <= atoms <= N.
    """
    if not 1 <= atoms <= len(W):
        raise StudyError(
            f"The dictionary is to start from {atoms} of the {len(W)} samples; ask for 1 to "
            f"{len(W)} atoms, or pass `start`."
        )
    rows = W[torch.randperm(len(W), generator=generator)[:atoms].to(W.device)]
    return unit_atoms(rows)


def updated_atoms(D: Tensor, gram: Tensor, cross: Tensor) -> Tensor:
    """One pass of block-coordinate descent on ½ tr(Dᵀ gram D) - tr(crossᵀ D) in the unit ball.

    Mairal et al. (2009), algorithm 2, in blocks: within a block the quadratic is majorised by the
    diagonal of absolute row sums (≥ gram, by Gershgorin), which separates into exact projected
    updates of its atoms, so a pass never increases the objective and is all matrix products.
    D, cross (k, d), gram (k, k); returns (k, d).
    """
    D = D.clone()
    tiny = torch.finfo(gram.dtype).tiny
    for first in range(0, len(D), _BLOCK):
        block = slice(first, first + _BLOCK)
        curvature = gram[block, block].abs().sum(1, keepdim=True).clamp(min=tiny)
        D[block] = _unit_ball(D[block] + (cross[block] - gram[block] @ D) / curvature)
    return D


def unit_atoms(D: Tensor) -> Tensor:
    """D (..., k, d) with atoms of unit length; zero atoms stay zero."""
    return torch.nn.functional.normalize(D, dim=-1, eps=torch.finfo(D.dtype).tiny)


def _unit_ball(D: Tensor) -> Tensor:
    return D / torch.linalg.vector_norm(D, dim=-1, keepdim=True).clamp(min=1.0)

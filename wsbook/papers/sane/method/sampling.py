"""New networks from the latents of a few: kernel density estimates, token by token (SANE, section 4).

As the papers describe it, every token of a candidate comes from its own draw: an anchor chosen at random, and
Gaussian noise. The released code gives the same random numbers to all tokens, so that a candidate is one
anchor with one shift; both are here.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from wsbook.errors import StudyError

BANDWIDTH = 0.2  # standard deviation of the kernels, in latent space
Score = Callable[[Tensor], Tensor]  # latents (N, T, L) to validation accuracies (N,)


def sample(
    anchors: Tensor,
    count: int,
    generator: torch.Generator,
    shared: bool = False,
    bandwidth: float = BANDWIDTH,
) -> Tensor:
    """Latents (count, T, L) drawn from the density of the anchors (A, T, L) at each token.

    With `shared` all tokens of a candidate have one anchor and one noise, as in the released code.

    Raises
        StudyError: if there is no anchor, or the count or the bandwidth is not positive.
    """
    if not len(anchors):
        raise StudyError("a density needs at least one anchor; give networks to sample from.")
    if count <= 0 or bandwidth <= 0:
        raise StudyError(
            f"the number of candidates and the bandwidth must be positive: {count}, {bandwidth}."
        )
    tokens = 1 if shared else anchors.shape[1]
    chosen = torch.randint(len(anchors), (count, tokens), generator=generator)
    noise = torch.randn(count, tokens, anchors.shape[2], generator=generator)
    every = torch.arange(anchors.shape[1])
    centres = anchors[chosen.to(anchors.device).expand(-1, len(every)), every.to(anchors.device)]
    return centres + bandwidth * noise.to(anchors.device)


def subsample(latents: Tensor, score: Score, keep: int) -> tuple[Tensor, Tensor]:
    """The `keep` candidates (keep, T, L) with the best scores, best first, and these scores."""
    best = score(latents).topk(min(keep, len(latents)))
    return latents[best.indices], best.values


def bootstrap(
    anchors: Tensor,
    count: int,
    keep: int,
    rounds: int,
    score: Score,
    generator: torch.Generator,
    shared: bool = False,
    bandwidth: float = BANDWIDTH,
) -> tuple[Tensor, Tensor]:
    """Sample and subsample, then again with the survivors as anchors; all that survived are candidates."""
    found, scores = anchors[:0], torch.empty(0)
    for _ in range(rounds):
        drawn = torch.cat([found, sample(anchors, count, generator, shared, bandwidth)])
        found, scores = subsample(drawn, score, keep)
        anchors = found
    return found, scores

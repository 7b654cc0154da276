"""Whole networks through an autoencoder that sees windows of their tokens."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from wsbook.papers.sane.method.autoencoder import Autoencoder

Pass = Callable[[Tensor, Tensor], Tensor]
BATCH = 64  # networks at a time


def spans(length: int, window: int, halo: int) -> Iterator[tuple[slice, slice]]:
    """Windows that cover a sequence, and which of their tokens count.

    Each has `halo` tokens of context on either side, where there are so many ("haloing").
    """
    inner = max(1, window - 2 * halo) if length > window else length
    for start in range(0, length, inner):
        stop = min(start + inner, length)
        first = max(0, min(start - halo, length - window))
        last = min(length, first + window)
        yield slice(first, last), slice(start - first, stop - first)


@torch.no_grad()
def through(step: Pass, values: Tensor, positions: Tensor, window: int, halo: int) -> Tensor:
    """Sequences (N, T, ...) through an encoder or decoder, window by window; positions (T, 3)."""
    out = []
    for part in values.split(BATCH):
        pieces = []
        for seen, counts in spans(len(positions), window, halo):
            places = positions[seen].expand(len(part), -1, -1)
            pieces.append(step(part[:, seen], places)[:, counts])
        out.append(torch.cat(pieces, dim=1))
    return torch.cat(out)


def encoded(model: Autoencoder, tokens: Tensor, positions: Tensor, halo: int = 0) -> Tensor:
    """Latents (N, T, latent) of the tokens (N, T, D) of whole networks."""
    return through(model.encode, tokens, positions, model.sizes.window, halo)


def decoded(model: Autoencoder, latents: Tensor, positions: Tensor, halo: int = 0) -> Tensor:
    """Tokens (N, T, D) of the latents (N, T, latent) of whole networks."""
    return through(model.decode, latents, positions, model.sizes.window, halo)

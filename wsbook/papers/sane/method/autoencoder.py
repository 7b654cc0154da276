"""SANE: a transformer autoencoder of weight tokens (Schürholt et al. 2024, section 3; paper B, section 3).

Tokens are embedded with learned positions, pass through an encoder, and become latents; a decoder that
mirrors it gives tokens back. A projection of the latents of a whole window serves the contrastive loss.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wsbook.errors import StudyError

PROJECTED = 30  # width of the projection head, hidden and out
EXPANSION = 4  # of the width, inside a block
SPREAD = 0.02  # standard deviation of initial weights


@dataclass(frozen=True)
class Sizes:
    """The sizes of an autoencoder."""

    token: int  # D, numbers in a token
    window: int  # tokens that are seen at once
    positions: tuple[int, int, int]  # how many places, layers and channels there are
    width: int = 128  # d, of the transformers
    heads: int = 4
    blocks: int = 2  # of the encoder, and of the decoder
    latent: int = 32  # numbers in the latent of a token

    def __post_init__(self) -> None:
        for name in ("token", "window", "width", "heads", "blocks", "latent"):
            if getattr(self, name) <= 0:
                raise StudyError(f"{name} of an autoencoder must be positive, not {getattr(self, name)}.")
        if self.width % self.heads:
            raise StudyError(f"a width of {self.width} cannot be shared by {self.heads} heads.")


class Block(nn.Module):
    """Attention over all tokens of a window, then a perceptron on each; both after a normalisation."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.before, self.between = (nn.LayerNorm(width, bias=False) for _ in range(2))
        self.inward = nn.Linear(width, 3 * width, bias=False)
        self.outward = nn.Linear(width, width, bias=False)
        self.wide = nn.Linear(width, EXPANSION * width, bias=False)
        self.narrow = nn.Linear(EXPANSION * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, W, d) to the same."""
        query, key, value = self.inward(self.before(x)).unflatten(-1, (3, self.heads, -1)).unbind(2)
        seen = F.scaled_dot_product_attention(*(t.transpose(1, 2) for t in (query, key, value)))
        x = x + self.outward(seen.transpose(1, 2).flatten(2))
        return x + self.narrow(F.gelu(self.wide(self.between(x))))


class Transformer(nn.Module):
    """Linear in, learned positions, blocks, a normalisation, linear out."""

    def __init__(self, inputs: int, outputs: int, sizes: Sizes):
        super().__init__()
        self.inward = nn.Linear(inputs, sizes.width)
        self.places = nn.ModuleList(nn.Embedding(count, sizes.width) for count in sizes.positions)
        self.blocks = nn.ModuleList(Block(sizes.width, sizes.heads) for _ in range(sizes.blocks))
        self.last = nn.LayerNorm(sizes.width, bias=False)
        self.outward = nn.Linear(sizes.width, outputs)

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        """x (B, W, inputs) at positions (B, W, 3) to (B, W, outputs)."""
        x = self.inward(x)
        for axis, place in enumerate(self.places):
            x = x + place(positions[..., axis])
        for block in self.blocks:
            x = block(x)
        return self.outward(self.last(x))


@torch.no_grad()
def initialise(model: nn.Module, blocks: int, generator: torch.Generator) -> None:
    """Gaussian weights, those that add to the residual stream smaller by its depth; zero biases."""
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.zero_()
        elif parameter.dim() == 2:
            adds = "blocks." in name and name.endswith(("outward.weight", "narrow.weight"))
            parameter.normal_(0.0, SPREAD / (math.sqrt(2 * blocks) if adds else 1.0), generator=generator)


class Autoencoder(nn.Module):
    """Encoder, decoder and projection head."""

    def __init__(self, sizes: Sizes, generator: torch.Generator):
        super().__init__()
        self.sizes = sizes
        self.encoder = Transformer(sizes.token, sizes.latent, sizes)
        self.decoder = Transformer(sizes.latent, sizes.token, sizes)
        self.projection = nn.Sequential(
            nn.Flatten(1),
            nn.Linear(sizes.window * sizes.latent, PROJECTED),
            nn.LayerNorm(PROJECTED),
            nn.ReLU(),
            nn.Linear(PROJECTED, PROJECTED),
        )
        initialise(self, sizes.blocks, generator)

    def encode(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Latents (B, W, latent) of tokens (B, W, D) at positions (B, W, 3)."""
        return self.encoder(tokens, positions)

    def decode(self, latents: Tensor, positions: Tensor) -> Tensor:
        """Tokens (B, W, D) of latents (B, W, latent)."""
        return self.decoder(latents, positions)

    def forward(self, tokens: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Reconstructed tokens (B, W, D), and projections (B, 30) of whole windows."""
        latents = self.encode(tokens, positions)
        return self.decode(latents, positions), self.projection(latents)

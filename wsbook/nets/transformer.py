"""Small transformers that classify images by their patches, and text by its characters.

Blocks are pre-norm; a vector stands for each patch or character, to which one for its place is added, both
learned; the mean over all of them decides.
"""

import math

from torch import Tensor, nn

from wsbook.errors import StudyError
from wsbook.nets.cnn import ACTIVATIONS


class Attention(nn.Module):
    """Attention of each vector to all."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Vectors (B, T, d) to the same."""
        query, key, value = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        weights = (query @ key.mT / math.sqrt(query.shape[-1])).softmax(-1)
        return self.out((weights @ value).transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then a perceptron on each vector; both see normalised vectors, and add to them."""

    def __init__(self, width: int, heads: int, hidden: int, activation: str):
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.wide, self.narrow = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.act = ACTIVATIONS[activation]()

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.before(x))
        return x + self.narrow(self.act(self.wide(self.between(x))))


class Transformer(nn.Module):
    """From vectors (B, length, width) to logits (B, classes).

    Raises
        StudyError: if the heads cannot share the width.
    """

    def __init__(
        self, length: int, width: int, heads: int, hidden: int, depth: int, classes: int, activation: str
    ):
        super().__init__()
        if width % heads:
            raise StudyError(f"a width of {width} cannot be shared by {heads} heads.")
        self.places = nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, heads, hidden, activation) for _ in range(depth)))
        self.last = nn.LayerNorm(width)
        self.linear = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(x + self.places.weight)
        return self.linear(self.last(x).mean(1))


class VisionTransformer(nn.Module):
    """Images (B, channels, side, side), cut into patches of `patch` x `patch`, to logits (B, classes).

    Raises
        StudyError: if the patches do not cover the image.
    """

    def __init__(
        self,
        side: int,
        patch: int,
        channels: int,
        width: int,
        heads: int,
        hidden: int,
        depth: int,
        classes: int = 10,
        activation: str = "gelu",
    ):
        super().__init__()
        if side % patch:
            raise StudyError(f"patches of side {patch} do not cover an image of side {side}.")
        self.patches = nn.Conv2d(channels, width, patch, patch)
        self.transformer = Transformer(
            (side // patch) ** 2, width, heads, hidden, depth, classes, activation
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.transformer(self.patches(x).flatten(2).mT)


class TextTransformer(nn.Module):
    """Text (B, length), as int64 numbers of characters below `vocabulary`, to logits (B, classes)."""

    def __init__(
        self,
        vocabulary: int,
        length: int,
        width: int,
        heads: int,
        hidden: int,
        depth: int,
        classes: int = 10,
        activation: str = "gelu",
    ):
        super().__init__()
        self.characters = nn.Embedding(vocabulary, width)
        self.transformer = Transformer(length, width, heads, hidden, depth, classes, activation)

    def forward(self, x: Tensor) -> Tensor:
        return self.transformer(self.characters(x))

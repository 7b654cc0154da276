"""A HyperNetwork: a few labelled images of a task in, the weights of a network for that task out.

Paper B compares its generated networks with those of HyperNetworks; which, its text at hand does not say.
This one is ours, made of standard parts. A small CNN embeds each image; the means over the images of each
class, in the order of labels, become the embedding of the task. A transformer sees it at the learned
position of every weight token (see `wsbook.weights.tokens`) and says what to add to the token. What it is
added to, a bias of the last layer, is learned too and starts as an initialised network (Beck et al. 2022);
the size of its tokens is the unit of what is added, so that no layer outruns the others.
"""

import torch
from torch import Tensor, nn

from wsbook.nets.train import initialise as initialise_cnn
from wsbook.papers.sane.method.autoencoder import Sizes, Transformer, initialise
from wsbook.weights.tokens import layout, tokens, untokened
from wsbook.zoo.networks import Network

CHANNELS = 16  # of the first convolution on images
GRID = 2  # an image becomes so many by so many places before they are joined
SHOTS = 5  # images of each class


class HyperNetwork(nn.Module):
    """From images of every class to weight vectors of one architecture."""

    def __init__(
        self,
        network: Network,
        token: int,
        width: int,
        heads: int,
        blocks: int,
        generator: torch.Generator,
    ):
        """For networks in tokens of `token` numbers; the width, heads and blocks are the transformer's."""
        super().__init__()
        self.layout, self.classes = layout(network.shapes, token), classes_of(network)
        self.register_buffer("places", self.layout.positions, persistent=False)
        start = tokens(network.initial([generator])[0], self.layout)
        unit = start.norm(dim=1) / self.layout.mask.sum(1).sqrt()
        self.start = nn.Parameter(start)
        self.register_buffer("unit", unit[:, None])
        self.eye = initialise_cnn(eye(width), generator)
        self.join = initialise_cnn(nn.Linear(self.classes * width, width), generator)
        counts = (self.places.max(0).values + 1).tolist()
        sizes = Sizes(token, len(self.places), tuple(counts), width, heads, blocks)
        self.transformer = Transformer(width, token, sizes)
        initialise(self.transformer, blocks, generator)

    def forward(self, images: Tensor) -> Tensor:
        """Weight vectors (B, P) from grey images (B, classes, shots, 1, side, side)."""
        seen = self.eye(images.flatten(0, 2)).unflatten(0, images.shape[:3]).mean(2)
        tasks = self.join(seen.flatten(1))[:, None].expand(-1, len(self.places), -1)
        added = self.transformer(tasks, self.places.expand(len(tasks), -1, -1))
        return untokened(self.start + self.unit * added, self.layout)


def classes_of(network: Network) -> int:
    """How many classes the networks of an architecture tell apart: the outputs of the last layer."""
    return list(network.shapes.values())[-1][0]


def eye(width: int) -> nn.Sequential:
    """A CNN from grey images (N, 1, side, side) to embeddings (N, width)."""
    return nn.Sequential(
        nn.Conv2d(1, CHANNELS, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(CHANNELS, width, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(GRID),
        nn.Flatten(),
        nn.Linear(GRID**2 * width, width),
    )

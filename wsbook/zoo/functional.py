"""Networks of a zoo that are ordinary torch modules, run as functions of their weight vectors.

On a GPU many run at once, by vmap; on a CPU one after another, which is faster there.

Weight vectors hold what is trained. In training, batch normalisation takes the statistics of the batch.
Before a network is judged, its running statistics become those of 512 training images, layer by layer:
exactly, and alike for networks that were trained and networks that were made otherwise.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from wsbook.nets.train import initialise
from wsbook.weights.flatten import Shapes, flatten, shapes_of, unflatten
from wsbook.weights.symmetry import Units
from wsbook.zoo.small import Task

CONDITIONING = 512  # training images that statistics of batch normalisation are taken from
BATCH = 256  # inputs at a time where networks are judged
TOGETHER = 20  # networks judged at once on a GPU

Buffers = dict[str, Tensor]  # running statistics (M, channels) by name


@dataclass(frozen=True)
class FunctionalNetwork:
    """The networks that a kind of module makes of some arguments."""

    kind: type[nn.Module]
    arguments: tuple
    units_of: Callable[[nn.Module], Units]
    side: int
    channels: int
    stack = 1

    @cached_property
    def module(self) -> nn.Module:
        """The function, without numbers. Statistics of batch normalisation become those of the batch."""
        with torch.device("meta"):
            module = self.kind(*self.arguments)
        for layer in module.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = 1.0
        return module

    @cached_property
    def shapes(self) -> Shapes:
        return shapes_of(dict(self.module.named_parameters()))

    @cached_property
    def units(self) -> Units:
        return self.units_of(self.module)

    def initial(self, generators: Sequence[torch.Generator]) -> Tensor:
        """Weights by the law of `initialise`; embeddings alike, uniform in +- 1 / sqrt(width)."""
        net = self.kind(*self.arguments)
        return torch.stack([self._drawn(net, generator) for generator in generators])

    def _drawn(self, net: nn.Module, generator: torch.Generator) -> Tensor:
        for layer in initialise(net, generator).modules():
            if isinstance(layer, nn.Embedding):
                bound = 1 / math.sqrt(layer.embedding_dim)
                nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
        return flatten(dict(net.named_parameters()), self.shapes).detach()

    def logits(self, weights: Tensor, inputs: Tensor) -> Tensor:
        self.module.train()
        return self._called(weights, inputs, self._blank(weights))

    def score(self, weights: Tensor, on: Task, part: str) -> tuple[Tensor, Tensor]:
        _, labels = getattr(on, part)
        accuracy, loss = [], []
        for out in self.judged(weights, on, part):
            accuracy.append((out.argmax(2) == labels).double().mean(1))
            wanted = labels.expand(len(out), -1)
            loss.append(F.cross_entropy(out.mT.double(), wanted, reduction="none").mean(1))
        return torch.cat(accuracy), torch.cat(loss)

    def decisions(self, weights: Tensor, on: Task, part: str) -> Tensor:
        return torch.cat([out.argmax(2) for out in self.judged(weights, on, part)])

    @torch.no_grad()
    def judged(self, weights: Tensor, on: Task, part: str) -> Iterator[Tensor]:
        """Logits (m, N, classes) for all inputs of a part, of m networks after m."""
        inputs, _ = getattr(on, part)
        for some in weights.split(TOGETHER if weights.is_cuda else self.stack):
            statistics = self.conditioned(some, on)
            self.module.eval()
            parts = [self._called(some, x[None], statistics) for x in inputs.split(BATCH)]
            yield torch.cat(parts, dim=1)

    @torch.no_grad()
    def conditioned(self, weights: Tensor, on: Task) -> Buffers:
        """Statistics of batch normalisation of networks (M, P), over images from all the training part."""
        statistics = self._blank(weights)
        if statistics:
            inputs, _ = on.train
            chosen = torch.linspace(0, len(inputs) - 1, min(CONDITIONING, len(inputs))).long()
            self.module.train()
            self._called(weights, inputs[None, chosen.to(inputs.device)], statistics)
        return statistics

    def _blank(self, weights: Tensor) -> Buffers:
        kept = {n: b for n, b in self.module.named_buffers() if b.is_floating_point()}
        return {name: weights.new_zeros(len(weights), *buffer.shape) for name, buffer in kept.items()}

    def _called(self, weights: Tensor, inputs: Tensor, statistics: Buffers) -> Tensor:
        """Logits (M, B, classes) of inputs (M, B, ...) or (1, B, ...); training fills in the statistics."""
        inputs = inputs.expand(len(weights), *inputs.shape[1:])
        if together(weights):
            return torch.vmap(self._one)(weights, inputs, statistics)
        alone = [{name: rows[m] for name, rows in statistics.items()} for m in range(len(weights))]
        return torch.stack([self._one(*each) for each in zip(weights, map(_laid_out, inputs), alone)])

    def _one(self, vector: Tensor, inputs: Tensor, statistics: Buffers) -> Tensor:
        """Logits (B, classes) of one network."""
        return functional_call(self.module, unflatten(vector, self.shapes) | statistics, (inputs,))


def together(weights: Tensor) -> bool:
    """Whether networks run at once rather than one after another."""
    return weights.is_cuda


def _laid_out(inputs: Tensor) -> Tensor:
    """Text as it is, images (B, C, H, W) with channels last in memory: a CPU convolves these faster."""
    return inputs.contiguous(memory_format=torch.channels_last) if inputs.dim() == 4 else inputs

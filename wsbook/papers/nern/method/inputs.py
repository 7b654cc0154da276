"""What the distillation losses see: training images with augmentation, or noise."""

import torch
from torch import Tensor

from wsbook.data.imageset import standardise
from wsbook.nets.originals import Original
from wsbook.nets.train import flip_and_crop


class Images:
    """Batches of the original's training images, every epoch in a new order.

    Where the original was trained on mirrored and shifted images (CIFAR), so are they: padded with
    black, which is why pixels are standardised afterwards.
    """

    def __init__(self, source: Original, batch: int, generator: torch.Generator):
        self.source, self.generator = source, generator
        self.pixels = source.images("train").images.permute(0, 3, 1, 2).to(generator.device)
        self.batch = min(batch, len(self.pixels))
        self.order = torch.empty(0, dtype=torch.long, device=generator.device)

    def draw(self) -> Tensor:
        """Inputs (batch, C, H, W)."""
        if len(self.order) < self.batch:  # the rest of an epoch is left out
            count = len(self.pixels)
            self.order = torch.randperm(count, generator=self.generator, device=self.pixels.device)
        picked, self.order = self.order[: self.batch], self.order[self.batch :]
        pixels = self.pixels[picked]
        if self.source.augmented:
            pixels = flip_and_crop(pixels, self.generator)
        return standardise(pixels.permute(0, 2, 3, 1), self.source.mean, self.source.std)


class Noise:
    """Inputs drawn afresh from U[-1, 1] (appendix C)."""

    def __init__(self, source: Original, batch: int, generator: torch.Generator):
        self.batch, self.generator = batch, generator
        self.shape = source.inputs("val")[0].shape[1:]
        self.order = torch.empty(0, dtype=torch.long, device=generator.device)

    def draw(self) -> Tensor:
        """Inputs (batch, C, H, W)."""
        size = (self.batch, *self.shape)
        return torch.rand(size, generator=self.generator, device=self.generator.device) * 2 - 1

"""Few labelled images of a task, drawn again and again: so many of each class, or of any."""

import torch
from torch import Tensor

from wsbook.errors import StudyError


class Examples:
    """Labelled images (N, C, H, W) of one task, to be drawn with replacement."""

    def __init__(self, data: tuple[Tensor, Tensor], classes: int):
        """Images and labels (N,) of so many classes.

        Raises
            StudyError: if the labels are not those classes, each with an image.
        """
        self.inputs, self.labels = data
        self.counts = self.labels.bincount(minlength=classes).cpu()
        if len(self.counts) > classes or not self.counts.all():
            raise StudyError(
                f"a HyperNetwork for {classes} classes needs images of each and of no other, but there are "
                f"{self.counts.tolist()} by label; leave this image set out."
            )
        self.by_class = self.labels.argsort(stable=True)
        self.first = self.counts.cumsum(0) - self.counts

    def of_each_class(self, sets: int, shots: int, generator: torch.Generator) -> Tensor:
        """Sets of `shots` images of each class, (sets, classes, shots, C, H, W)."""
        shares = torch.rand(sets, len(self.counts), shots, generator=generator, dtype=torch.float64)
        places = self.first[:, None] + (shares * self.counts[:, None]).long()
        return self.inputs[self.by_class[places.to(self.inputs.device)]]

    def of_any(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Images (count, C, H, W) and their labels (count,)."""
        places = torch.randint(len(self.labels), (count,), generator=generator).to(self.inputs.device)
        return self.inputs[places], self.labels[places]

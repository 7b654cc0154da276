"""What defines a zoo: a population of networks that were trained alike."""

import zlib
from dataclasses import dataclass
from functools import cached_property

import torch

from wsbook.errors import StudyError
from wsbook.zoo.networks import OWN, Network, network
from wsbook.zoo.small import Task
from wsbook.zoo.tasks import task
from wsbook.zoo.texts import TEXTS


@dataclass(frozen=True)
class Zoo:
    """Networks of one architecture on one task; each has its own seed and, where wanted, learning rate."""

    data: str = "mnist"
    network: str = "cnn-s"  # as `wsbook.zoo.networks` calls it
    models: int = 100
    images: int = 10_000  # at most so many to train on; half as many to validate on
    epochs: int = 10
    kept: int = 5  # the weights after each of so many last epochs are kept
    batch: int = 64
    lr: float = 3e-3  # of Adam
    spread: float = 0.0  # learning rates are 10^u lr with u uniform in +- spread
    weight_decay: float = 0.0  # decoupled
    activation: str = OWN  # of hidden units
    first_seed: int = 0  # seeds count up from here, one a model

    def __post_init__(self) -> None:
        for name in ("models", "images", "epochs", "kept", "batch", "lr"):
            if getattr(self, name) <= 0:
                raise StudyError(f"{name} of a zoo must be positive, not {getattr(self, name)}.")
        if self.kept > self.epochs:
            raise StudyError(f"a zoo of {self.epochs} epochs cannot keep {self.kept}; lower kept.")
        if (self.data in TEXTS) != (network(self.network, self.activation).channels == 0):
            raise StudyError(
                f"one of {self.data} and {self.network} is about text, the other about images."
            )
        if self.spread < 0 or self.weight_decay < 0:
            raise StudyError("the spread of learning rates and the weight decay must not be negative.")

    @property
    def seeds(self) -> range:
        """The seeds of the models."""
        return range(self.first_seed, self.first_seed + self.models)

    def generator(self, seed: int) -> torch.Generator:
        """The generator of a model's initialisation, learning rate and order of images.

        Models of different image sets share none of these, even if they share a seed: a zoo of many sets would
        else have fewer initialisations than a zoo of one set and as many models.
        """
        return torch.Generator().manual_seed(zlib.crc32(f"{self.data} {seed}".encode()))

    @cached_property
    def architecture(self) -> Network:
        """The architecture."""
        return network(self.network, self.activation)

    @property
    def task(self) -> Task:
        """What they are trained to do."""
        return task(self.data, self.images, self.architecture.side, self.architecture.channels)

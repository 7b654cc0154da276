"""Trained autoencoders, kept on the shelf, and what they were trained on."""

from dataclasses import dataclass
from functools import cached_property, partial

import torch
from torch import Tensor

from wsbook.papers.sane.method.autoencoder import Autoencoder, Sizes
from wsbook.papers.sane.method.sequences import decoded, encoded
from wsbook.papers.sane.method.training import train
from wsbook.papers.sane.method.windows import Feed, Source
from wsbook.papers.sane.setting import Training
from wsbook.study.progress import progress
from wsbook.study.shelf import Checkpoint, digest, find, keep, kept_as, shelf_name
from wsbook.weights.tokens import Layout, layout, tokens, untokened
from wsbook.zoo.archive import members
from wsbook.zoo.networks import Network


@dataclass(frozen=True)
class Fitted:
    """An autoencoder, for the networks of one architecture."""

    model: Autoencoder
    network: Network
    training: Tensor  # (N, P) the weight vectors of this architecture it was trained on

    @cached_property
    def layout(self) -> Layout:
        """How these become tokens."""
        return layout(self.network.shapes, self.model.sizes.token)

    @property
    def device(self) -> torch.device:
        """Where the autoencoder is; vectors and latents are on the CPU."""
        return next(self.model.parameters()).device

    def encode(self, vectors: Tensor) -> Tensor:
        """Latents (N, T, latent) of weight vectors (N, P)."""
        values, positions = tokens(vectors, self.layout), self.layout.positions
        return encoded(self.model, values.to(self.device), positions.to(self.device)).cpu()

    def decode(self, latents: Tensor) -> Tensor:
        """Weight vectors (N, P) of latents (N, T, latent)."""
        positions = self.layout.positions.to(self.device)
        return untokened(decoded(self.model, latents.to(self.device), positions).cpu(), self.layout)


def training_vectors(setting: Training) -> list[Tensor]:
    """The weight vectors (N, P) of each zoo that are trained on: those of 70 % of the models, after each kept
    epoch."""
    return [members(zoo).part(0).weights.flatten(0, 1) for zoo in setting.zoos]


def sizes_of(setting: Training) -> Sizes:
    """The sizes of the autoencoder of a setting."""
    layouts = [layout(zoo.architecture.shapes, setting.token) for zoo in setting.zoos]
    counts = torch.stack([at.positions.max(0).values + 1 for at in layouts]).max(0).values
    kept = {
        name: getattr(setting, name) for name in ("token", "window", "width", "heads", "blocks", "latent")
    }
    return Sizes(positions=tuple(counts.tolist()), **kept)


@kept_as("autoencoder")
def fitted(setting: Training, seed: int, device: str, zoo: int = 0) -> Fitted:
    """The autoencoder of a setting and seed, from the shelf or trained here; for the architecture of one of its
    zoos. It is found by the networks that it is trained on, too: a damaged shard leaves fewer of them."""
    vectors = training_vectors(setting)
    zoos_digest = digest({str(number): of_zoo for number, of_zoo in enumerate(vectors)})
    name = shelf_name("autoencoder", setting, seed, zoos_digest)
    model = Autoencoder(sizes_of(setting), torch.Generator().manual_seed(seed)).to(device)
    if kept := find(name):
        model.load_state_dict(kept)
    else:
        generators = [torch.Generator().manual_seed(10_000 * (k + 1) + seed) for k in range(3)]
        sources = [
            Source(v.to(device), z.architecture, setting.token, generators[0])
            for v, z in zip(vectors, setting.zoos)
        ]
        watched = partial(progress, desc=f"{setting.data}, seed {seed}", unit="step", leave=False)
        checkpoint = Checkpoint(name)
        feed = Feed(sources, setting.window, generators[1])
        train(model, feed, setting, generators[2], checkpoint, watched)
        keep(name, model.state_dict())
        checkpoint.discard()
    network = setting.zoos[zoo].architecture
    alike = [v for v, z in zip(vectors, setting.zoos) if z.architecture == network]
    return Fitted(model.eval(), network, torch.cat(alike))

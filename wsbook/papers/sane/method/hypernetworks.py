"""Trained HyperNetworks, kept on the shelf, and the networks that they make."""

from functools import partial

import torch
from torch import Tensor

from wsbook.papers.sane.method.episodes import Examples
from wsbook.papers.sane.method.hypernetwork import SHOTS, HyperNetwork
from wsbook.papers.sane.method.hypertraining import HyperTraining, train
from wsbook.study.progress import progress
from wsbook.study.shelf import Checkpoint, find, keep, kept_as, shelf_name


@kept_as("hypernetwork")
def hypernetwork(setting: HyperTraining, seed: int, device: str) -> HyperNetwork:
    """The HyperNetwork of a setting and seed, from the shelf or trained here."""
    name, model = shelf_name("hypernetwork", setting, seed), setting.untrained(seed).to(device)
    if kept := find(name):
        model.load_state_dict(kept)
        return model.eval()
    checkpoint = Checkpoint(name)
    watched = partial(progress, desc=f"HyperNetwork of {setting.data}", unit="step", leave=False)
    train(model, setting, torch.Generator().manual_seed(10_000 + seed), checkpoint, watched)
    keep(name, model.state_dict())
    checkpoint.discard()
    return model


@torch.no_grad()
def made(
    model: HyperNetwork, data: tuple[Tensor, Tensor], count: int, generator: torch.Generator
) -> Tensor:
    """Weight vectors (count, P) for a task, each from other images (N, C, H, W) and labels (N,) of it."""
    on, device = Examples(data, model.classes), model.start.device
    drawn = (on.of_each_class(1, SHOTS, generator).to(device) for _ in range(count))
    return torch.cat([model(images) for images in drawn]).cpu()

"""Predictors trained on the reconstruction loss, kept on the shelf for all that builds on them."""

from functools import partial

import torch
from torch import Tensor

from wsbook.nets.originals import Original, original
from wsbook.papers.nern.method.embedding import points
from wsbook.papers.nern.method.predictor import Predictor, set_vector
from wsbook.papers.nern.method.reconstruction import Targets, Trajectory, reconstruct
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.progress import progress
from wsbook.study.shelf import Checkpoint, find, keep, kept_as, shelf_name
from wsbook.weights.ordering import ordered_coordinates


def targets_of(source: Original, order: str, device: str) -> Targets:
    """The kernels of an original, at coordinates in the given order."""
    frame = source.frame
    at = points(ordered_coordinates(frame, order).to(device))
    return Targets(frame.values.to(device), frame.present.to(device), at)


def predict(hidden: int, vector: Tensor, targets: Targets) -> Tensor:
    """All kernels (N, 9) by the predictor of parameters (P,)."""
    device = targets.values.device
    predictor = set_vector(Predictor(hidden, torch.Generator()).to(device), vector)
    with torch.no_grad():
        return predictor(targets.at)


def file_name(setting: Reconstruction, seed: int) -> str:
    """Where the predictor of a setting and seed lies on the shelf."""
    return shelf_name("fitted", setting, seed)


@kept_as("fitted")
def follow(setting: Reconstruction, seed: int, device: str) -> Trajectory:
    """Train a predictor, going on where an earlier try stopped; the last one goes on the shelf.

    The checkpoint of the last step stays until its owner discards it.
    """
    name = file_name(setting, seed)
    targets = targets_of(original(setting.network), setting.order, device)
    generator = torch.Generator(device).manual_seed(seed)
    watched = partial(progress, desc=f"h = {setting.hidden}, seed {seed}", unit="step", leave=False)
    trajectory = reconstruct(targets, setting, generator, Checkpoint(name), watched)
    keep(name, {"predictor": trajectory.vectors[-1].half()})  # rounding adds less than a thousandth to L
    return trajectory


def trained(setting: Reconstruction, seed: int, device: str) -> Tensor:
    """Parameters (P,) of the predictor of a setting and seed: from the shelf, or trained here."""
    kept = find(file_name(setting, seed))
    if kept is None:
        return follow(setting, seed, device).vectors[-1]
    return kept["predictor"].float()

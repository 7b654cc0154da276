"""Labelled images: their canonical order, their fingerprint, and how networks are fed with them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class ImageSet:
    """One split of an image set."""

    images: Tensor  # (N, H, W, C) uint8
    labels: Tensor  # (N,) int64
    classes: tuple[str, ...]
    fingerprint: str  # SHA-256 over the SHA-256 of images and of labels


def sha256(array: np.ndarray) -> str:
    """SHA-256 of an array's raw bytes in C order, as 64 hexadecimal digits."""
    return hashlib.sha256(np.ascontiguousarray(array)).hexdigest()


def combined(images_sha256: str, labels_sha256: str) -> str:
    """The fingerprint of a split from those of its two arrays."""
    return hashlib.sha256(f"{images_sha256}{labels_sha256}".encode()).hexdigest()


def image_set(images: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> ImageSet:
    """An `ImageSet` of uint8 images (N, H, W, C) and labels (N,), fingerprinted as they stand."""
    labels = labels.astype(np.uint8)
    return ImageSet(
        torch.from_numpy(images),
        torch.from_numpy(labels).long(),
        tuple(classes),
        combined(sha256(images), sha256(labels)),
    )


def canonical_order(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The permutation (N,) that sorts images by label, then by raw bytes: the same for every source."""
    rows = np.ascontiguousarray(images).reshape(len(images), -1)
    raw = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    return np.array(sorted(range(len(rows)), key=lambda i: (labels[i], raw[i].tobytes())))


def channel_statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (C,) of images (N, H, W, C) uint8, on the scale from 0 to 1."""
    pixels = images.flatten(0, -2).double() / 255
    return pixels.mean(0).float(), pixels.std(0, correction=0).float()


def standardise(images: Tensor, mean: Tensor | Sequence[float], std: Tensor | Sequence[float]) -> Tensor:
    """Images (N, H, W, C) uint8 as network input (N, C, H, W) float32, channels last in memory.

    Computes (pixel / 255 - mean) / std with one mean and std a channel.
    """
    mean, std = (torch.as_tensor(s, dtype=torch.float32, device=images.device) for s in (mean, std))
    return images.float().div_(255).sub_(mean).div_(std).permute(0, 3, 1, 2)


def stratified_split(
    labels: Tensor, fractions: Sequence[float], generator: torch.Generator
) -> list[Tensor]:
    """Indices of disjoint random parts that hold each class in the given fractions (summing to 1).

    Cuts every class at the rounded cumulative fractions, so that no image is lost; the indices of
    each part rise, which keeps a canonical order canonical.
    """
    parts: list[list[Tensor]] = [[] for _ in fractions]
    shares = torch.tensor(fractions, dtype=torch.float64).cumsum(0)
    for label in labels.unique():
        members = (labels == label).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        cuts = (shares * len(members)).round().long()[:-1]
        for part, piece in zip(parts, members.tensor_split(cuts)):
            part.append(piece)
    return [torch.cat(part).sort().values for part in parts]

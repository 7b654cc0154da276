"""Image sets and text as a zoo's networks see them, in three parts."""

from functools import cache

import torch
from torch import Tensor

from wsbook.data.imageset import channel_statistics, standardise, stratified_split
from wsbook.data.registry import load, splits_of
from wsbook.zoo.pictures import coloured, grey, resized
from wsbook.zoo.small import Task
from wsbook.zoo.texts import TEXTS, documents

SPLIT_SEED = 0
WHOLE = {"kmnist": "test", "eurosat": "all"}  # sets with one split, which is cut in three
CUTS = (0.5, 0.25, 0.25)


@cache
def task(data: str, images: int, side: int, channels: int = 1) -> Task:
    """Images of side x side, grey or in three colours, standardised by the statistics of the training part.

    Sets with validation images come in fixed parts. Of others at most `images` images are drawn to train on
    and half as many to validate on, or two thirds and one third of those there are; the test split is used
    whole. Sets of a single split, EuroSAT and KMNIST's test images, are cut in three: .5, .25 and .25.

    The tasks of `wsbook.zoo.texts` are cut alike; their inputs are int64 (N, side), numbers of characters.
    """
    if data in TEXTS:
        inputs, labels = documents(data, side)
        return Task(
            *((inputs[part], labels[part]) for part in stratified_split(labels, CUTS, _generator()))
        )
    if "val" in splits_of(data):
        parts = [load(data, split) for split in ("train", "val", "test")]
        pixels, labels = [p.images for p in parts], [p.labels for p in parts]
    else:
        pixels, labels = _drawn(data, images)
    pixels = [resized(grey(p) if channels == 1 else coloured(p), side) for p in pixels]
    mean, std = channel_statistics(pixels[0])
    return Task(*((standardise(p, mean, std).contiguous(), y) for p, y in zip(pixels, labels)))


def _drawn(data: str, images: int) -> tuple[list[Tensor], list[Tensor]]:
    """Images and labels of the three parts."""
    generator = _generator()
    if data in WHOLE:
        source = load(data, WHOLE[data])
        parts = stratified_split(source.labels, CUTS, generator)
        return [source.images[i] for i in parts], [source.labels[i] for i in parts]
    source, test = load(data, "train"), load(data, "test")
    share = min(images / len(source.labels), 2 / 3)
    parts = stratified_split(source.labels, (share, share / 2, 1 - 1.5 * share), generator)[:2]
    pixels = [*(source.images[i] for i in parts), test.images]
    return pixels, [*(source.labels[i] for i in parts), test.labels]


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(SPLIT_SEED)

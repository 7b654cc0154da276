"""Image sets as a zoo's networks see them: grey, of one size, standardised, in three parts."""

from functools import cache

import torch
from torch import Tensor

from wsbook.data.imageset import channel_statistics, standardise, stratified_split
from wsbook.data.registry import load, splits_of
from wsbook.zoo.pictures import grey, resized
from wsbook.zoo.small import Task

SPLIT_SEED = 0
WHOLE = {"kmnist": "test", "eurosat": "all"}  # sets with one split, which is cut in three


@cache
def task(data: str, images: int, side: int) -> Task:
    """Grey images of side x side, standardised by the statistics of the training part.

    Sets with validation images come in fixed parts. Of others at most `images` images are drawn to train on
    and half as many to validate on, or two thirds and one third of those there are; the test split is used
    whole. Sets of a single split, EuroSAT and KMNIST's test images, are cut in three: .5, .25 and .25.
    """
    if "val" in splits_of(data):
        parts = [load(data, split) for split in ("train", "val", "test")]
        pixels, labels = [p.images for p in parts], [p.labels for p in parts]
    else:
        pixels, labels = _drawn(data, images)
    pixels = [resized(grey(p), side) for p in pixels]
    mean, std = channel_statistics(pixels[0])
    return Task(*((standardise(p, mean, std).contiguous(), y) for p, y in zip(pixels, labels)))


def _drawn(data: str, images: int) -> tuple[list[Tensor], list[Tensor]]:
    """Images and labels of the three parts."""
    generator = torch.Generator().manual_seed(SPLIT_SEED)
    if data in WHOLE:
        source = load(data, WHOLE[data])
        parts = stratified_split(source.labels, (0.5, 0.25, 0.25), generator)
        return [source.images[i] for i in parts], [source.labels[i] for i in parts]
    source, test = load(data, "train"), load(data, "test")
    share = min(images / len(source.labels), 2 / 3)
    parts = stratified_split(source.labels, (share, share / 2, 1 - 1.5 * share), generator)[:2]
    pixels = [*(source.images[i] for i in parts), test.images]
    return pixels, [*(source.labels[i] for i in parts), test.labels]

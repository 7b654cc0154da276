"""The UCI handwritten digits (8 x 8, 1,797 images) that ship with scikit-learn."""

import numpy as np
import torch
from sklearn.datasets import load_digits

from wsbook.data.imageset import ImageSet, canonical_order, image_set, stratified_split

FRACTIONS = {"train": 0.6, "val": 0.2, "test": 0.2}
SPLIT_SEED = 0
FULL_SCALE = 16  # the brightest pixel of the source; spread over 0 to 255 like other image sets


def digits(split: str) -> ImageSet:
    """The part "train", "val" or "test" of a fixed stratified split, images (N, 8, 8, 1)."""
    source = load_digits()
    images = np.round(source.images * (255 / FULL_SCALE)).astype(np.uint8)[..., None]
    order = canonical_order(images, source.target)
    images, labels = images[order], source.target[order]
    generator = torch.Generator().manual_seed(SPLIT_SEED)
    parts = stratified_split(torch.from_numpy(labels), list(FRACTIONS.values()), generator)
    part = parts[list(FRACTIONS).index(split)].numpy()
    return image_set(images[part], labels[part], [str(name) for name in source.target_names])

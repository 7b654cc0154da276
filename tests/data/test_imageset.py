"""Canonical order, standardising, and splits that keep the classes' shares."""

import numpy as np
import torch

from wsbook.data.digits import FRACTIONS, digits
from wsbook.data.imageset import canonical_order, channel_statistics, standardise, stratified_split


def test_canonical_order_does_not_depend_on_the_source():
    rng = np.random.default_rng(1)
    images = rng.integers(0, 3, (40, 2, 2, 1), dtype=np.uint8)
    labels = rng.integers(0, 3, 40).astype(np.uint8)
    shuffled = rng.permutation(40)
    first, second = canonical_order(images, labels), canonical_order(images[shuffled], labels[shuffled])
    assert np.array_equal(images[first], images[shuffled][second])
    assert np.array_equal(labels[first], np.sort(labels))
    rows = [(labels[i], images[i].tobytes()) for i in first]
    assert rows == sorted(rows)


def test_standardised_channels_have_mean_0_and_deviation_1():
    images = torch.randint(
        256, (50, 6, 5, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    out = standardise(images, *channel_statistics(images))
    assert out.shape == (50, 3, 6, 5) and out.is_contiguous(memory_format=torch.channels_last)
    assert out.mean((0, 2, 3)).abs().max() < 1e-5
    assert (out.std((0, 2, 3), correction=0) - 1).abs().max() < 1e-5
    mean, std = channel_statistics(images)
    assert torch.allclose(out[3, 1, 4, 2], (images[3, 4, 2, 1] / 255 - mean[1]) / std[1])


def test_stratified_split_covers_all_and_keeps_shares():
    labels = torch.tensor([0] * 30 + [1] * 50 + [2] * 20)
    parts = stratified_split(labels, [0.6, 0.2, 0.2], torch.Generator().manual_seed(0))
    assert torch.cat(parts).sort().values.equal(torch.arange(100))
    assert [labels[p].bincount().tolist() for p in parts] == [[18, 30, 12], [6, 10, 4], [6, 10, 4]]
    other = stratified_split(labels, [0.6, 0.2, 0.2], torch.Generator().manual_seed(1))
    assert not torch.equal(parts[0], other[0])


def test_digits_are_fixed_disjoint_and_canonical():
    parts = {split: digits(split) for split in FRACTIONS}
    assert sum(len(p.labels) for p in parts.values()) == 1797
    assert {split: len(p.labels) for split, p in parts.items()} == {"train": 1078, "val": 360, "test": 359}
    for part in parts.values():
        assert part.images.shape[1:] == (8, 8, 1) and part.images.max() == 255
        assert np.array_equal(
            canonical_order(part.images.numpy(), part.labels.numpy()), np.arange(len(part.labels))
        )
        assert part.labels.bincount().min() >= 0.9 * len(part.labels) / 10
    assert digits("train").fingerprint == parts["train"].fingerprint != parts["val"].fingerprint

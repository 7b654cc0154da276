"""Greedy orderings of kernels, so that neighbouring coordinates hold similar kernels (Ashkenazi et al. 2022).

An ordering is a path: from the kernel of index 0, always on to the most similar one not yet visited,
the lowest index among equals. Kernels are compared by cosine similarity, which is 0 where one of them
is zero. The network's weights stay where they are; only the coordinates of its kernels change.

Cosines are float64 sums of products, taken element by element from the first to the last, so that
equal kernels tie exactly and a path is the same on every machine.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.weights.framed import Framed

ORDERS = ("none", "in-filter", "cross-filter")
ROUNDING = 4e-6  # more than twice the error of a cosine in float32
GONE = -4  # added to a cosine, leaves it below every other
PER_ANCHOR = 128  # points that share an anchor, on average
CAP = 8192  # points around an anchor that are looked through for lists
LISTED = 32  # points on a list, on average
ROWS = 2048  # points that are compared with all anchors at once
BLOCK = 16384  # similarities that are worked on at once, to stay in a cache


def in_filter(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Ranks of the filters (F,) and, in each filter, of its channels (F, C), for weight (F, C, kh, kw).

    The channels of each filter are ordered first. Filters are then compared by the sum, over ranks,
    of the cosines of their kernels of equal rank.
    """
    elements = np.moveaxis(_units(weight), -1, 0)
    channels = np.concatenate([_channel_paths(block) for block in _filter_blocks(elements)])
    reordered = np.take_along_axis(elements, channels[None], axis=2)
    similarity = _similarity(np.ascontiguousarray(np.moveaxis(reordered, 2, 0)))
    filters = _paths(lambda here: similarity[here], 1, len(similarity))
    return _ranks(filters[0], weight), _ranks(channels, weight)


def cross_filter(weight: Tensor) -> Tensor:
    """Rank (F * C,) of every kernel of weight (F, C, kh, kw) on one path through them all."""
    units = _units(weight)
    return _ranks(_long_path(units.reshape(-1, units.shape[-1])), weight)


def ordered_coordinates(frame: Framed, order: str) -> Tensor:
    """Coordinates (N, 3) int64 of the kernels of `frame` once each layer is ordered.

    in-filter: kernel (f, c) goes to (layer, rank of f, rank of c in f). cross-filter: the kernel of
    rank r goes to (layer, r // channels, r % channels). none: the coordinates as they are.

    Raises
        StudyError: if the order is unknown or a kernel is not finite.
    """
    if order not in ORDERS:
        raise StudyError(f"unknown order {order!r}; choose {', '.join(ORDERS)}.")
    if not frame.values.isfinite().all():
        raise StudyError("a network with infinite or undefined weights has no order; train it again.")
    if order == "none":
        return frame.coordinates.clone()
    place = _in_filter_places if order == "in-filter" else _cross_filter_places
    parts = zip(frame.shapes.values(), frame.values.split(frame.counts))
    places = [place(part.reshape(*shape[:2], 3, 3)) for shape, part in parts]
    return torch.cat([frame.coordinates[:, :1], torch.cat(places)], dim=1)


def _in_filter_places(weight: Tensor) -> Tensor:
    filters, channels = in_filter(weight)
    return torch.stack([filters[:, None].expand_as(channels), channels], dim=-1).flatten(0, 1)


def _cross_filter_places(weight: Tensor) -> Tensor:
    rank, channels = cross_filter(weight), weight.shape[1]
    return torch.stack([rank // channels, rank % channels], dim=1)


def _filter_blocks(elements: np.ndarray) -> list[np.ndarray]:
    """Elements (d, F, C) of kernels in parts (d, f, C) that fit in a cache."""
    _, filters, channels = elements.shape
    return np.array_split(elements, min(filters, math.ceil(filters * channels / BLOCK)), axis=1)


def _channel_paths(elements: np.ndarray) -> np.ndarray:
    """Paths (F, C) through the kernels of each filter, of elements (d, F, C)."""
    elements, every = np.ascontiguousarray(elements), np.arange(elements.shape[1])
    return _paths(lambda here: _cosine(elements, elements[:, every, here][..., None]), *elements.shape[1:])


def _similarity(elements: np.ndarray) -> np.ndarray:
    """Cosines (F, F) between kernels (C, d, F) of two filters, summed over channels."""
    _, _, filters = elements.shape
    total = np.zeros((filters, filters))
    for rows in np.array_split(np.arange(filters), min(filters, math.ceil(filters**2 / BLOCK))):
        part = slice(rows[0], rows[-1] + 1)
        for kernels in elements:
            total[part] += _cosine(kernels[:, part, None], kernels[:, None, :])
    return total


def _units(weight: Tensor) -> np.ndarray:
    """Kernels (F, C, kh * kw) scaled to length 1; zero kernels stay zero."""
    kernels = weight.flatten(2).numpy(force=True).astype(np.float64)
    elements = np.moveaxis(kernels, -1, 0)
    lengths = np.sqrt(_cosine(elements, elements))[..., None]
    return np.divide(kernels, lengths, out=np.zeros_like(kernels), where=lengths > 0)


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Inner products over the first axis, summed from its first element to its last."""
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:]):
        total += x * y
    return total


def _ranks(paths: np.ndarray, weight: Tensor) -> Tensor:
    """Place of each point on its path: the inverse permutations, on the device of `weight`."""
    return torch.from_numpy(np.argsort(paths, axis=-1)).to(weight.device)


def _paths(similarity: Callable[[np.ndarray], np.ndarray], sets: int, points: int) -> np.ndarray:
    """One greedy path (sets, points) through each set, all at once.

    `similarity` of the current points (sets,) gives their similarity to all points (sets, points).
    """
    paths, every = np.zeros((sets, points), dtype=np.int64), np.arange(sets)
    visited = np.zeros((sets, points), dtype=bool)
    for step in range(1, points):
        here = paths[:, step - 1]
        visited[every, here] = True
        paths[:, step] = np.where(visited, -np.inf, similarity(here)).argmax(1)
    return paths


def _long_path(units: np.ndarray) -> np.ndarray:
    """The greedy path (n,) through units (n, d), without looking at all of them in every step.

    Equal kernels are one point, passed as often as there are kernels.
    """
    keys = np.ascontiguousarray(units).view(f"V{units[0].nbytes}").ravel()
    _, some, point, kernels = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    units, waiting = units[some], np.argsort(point, kind="stable")
    ends = kernels.cumsum()
    heads, zero = ends - kernels, ~units.any(1)
    path, passed = np.zeros(len(waiting), dtype=np.int64), np.zeros(len(waiting), dtype=bool)
    left = _Left(units, np.arange(len(units)))
    for step in range(1, len(path)):
        last = path[step - 1]
        here, passed[last] = point[last], True
        if left.count * 2 < len(left.points):
            left = _Left(units, np.flatnonzero(heads < ends))
        heads[here] += 1
        if heads[here] == ends[here]:
            left.drop(here)
        if zero[here]:
            path[step] = passed.argmin()  # all cosines are 0
            continue
        found = left.closest(here)
        if len(found) > 1:
            cosine = _cosine(units[here], units[found].T)
            found = found[cosine == cosine.max()]
        path[step] = waiting[heads[found]].min()
    return path


class _Left:
    """The points left at some step, of units (N, d), and for each of them a list of the closest."""

    def __init__(self, units: np.ndarray, points: np.ndarray):
        n = len(points)
        self.points, self.count = points, n
        self.place = np.zeros(len(units), dtype=np.int64)
        self.place[points] = np.arange(n)
        self.columns = np.zeros((units.shape[1] + 1, n), dtype=np.float32)
        self.columns[:-1] = units[points].T
        self.dropped = self.columns[-1]  # 0 or GONE
        self.bounds = np.zeros((n, 2), dtype=np.int64)  # of each point's list
        self.floors = np.full(n, np.inf)  # the least cosine on it
        if n > 2 * CAP:
            self.listed, self.cosines = self._lists(self.columns[:-1])

    def drop(self, point: int) -> None:
        self.dropped[self.place[point]] = GONE
        self.count -= 1

    def closest(self, here: int) -> np.ndarray:
        """Points that are as close to point `here` as any, but for the rounding of float32."""
        place = self.place[here]
        start, stop = self.bounds[place]
        if start < stop:
            listed = self.listed[start:stop]
            cosines = self.cosines[start:stop] + self.dropped[listed]
            best = cosines.max()
            if best > self.floors[place] + ROUNDING:
                return self.points[listed[cosines >= best - ROUNDING]]
        column = self.columns[:, place].copy()
        column[-1] = 1
        cosines = column @ self.columns
        return self.points[np.flatnonzero(cosines >= cosines.max() - ROUNDING)]

    def _lists(self, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places and cosines on all lists: for each of columns (d, n), all whose cosine is above its floor.

        What lies outside the cap of angle r around an anchor is more than r - a away from a column at
        the angle a from it. A list reaches no further than that, so that it is exact although only
        the cap is looked through. It is empty where almost equal columns overfill the cap.
        """
        rows = np.ascontiguousarray(columns.T)
        parts, filled = [(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))], 0
        for anchor, group in _groups(columns):
            to_all = rows[anchor] @ columns
            edge = _exceeded_by(CAP, to_all)
            cap = np.flatnonzero(to_all >= edge).astype(np.int32)
            if len(cap) > 4 * CAP:
                continue
            cosines = rows.take(group, axis=0) @ rows.take(cap, axis=0).T
            reach = _angle(edge + ROUNDING) - _angle(to_all[group] - ROUNDING)
            floors = np.cos(np.clip(reach, 0, np.pi / 2)) + ROUNDING
            floors = np.maximum(floors, _exceeded_by(LISTED * len(group), cosines.ravel()))
            close = np.flatnonzero(cosines >= floors.astype(np.float32)[:, None])
            ends = np.searchsorted(close, np.arange(len(group) + 1) * len(cap))
            self.bounds[group] = filled + np.stack([ends[:-1], ends[1:]], axis=1)
            self.floors[group] = floors
            parts.append((cap[close % len(cap)], cosines.ravel()[close]))
            filled += len(close)
        return tuple(np.concatenate(part) for part in zip(*parts))


def _groups(columns: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Anchors, a sample of columns (d, n), each with the columns that it is the closest anchor of."""
    anchors = np.arange(0, columns.shape[1], PER_ANCHOR)
    blocks = np.split(columns, range(ROWS, columns.shape[1], ROWS), axis=1)
    owner = np.concatenate([(block.T @ columns[:, anchors]).argmax(1) for block in blocks])
    ends = np.bincount(owner, minlength=len(anchors)).cumsum()
    groups = np.split(np.argsort(owner, kind="stable"), ends[:-1])
    return ((anchor, group) for anchor, group in zip(anchors, groups) if len(group))


def _exceeded_by(count: int, values: np.ndarray) -> float:
    """A value that about `count` of `values` (n,) are not below, estimated from some 4096 of them."""
    sample = values[:: max(1, len(values) // 4096)]
    rank = max(0, round(len(sample) * (1 - count / len(values))))
    return float(np.partition(sample, rank)[rank])


def _angle(cosine: np.ndarray | float) -> np.ndarray:
    return np.arccos(np.clip(cosine, -1, 1))

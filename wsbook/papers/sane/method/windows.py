"""Batches of windows of tokens from one zoo or several.

An item is a window of consecutive tokens of one network after one epoch, in two views that differ in the
order of its hidden units: every view is the same function. Orders come from a pool that is drawn once, so that
a view costs one gather.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.weights.flatten import Shapes
from wsbook.weights.symmetry import Units, permute, random_permutations
from wsbook.weights.tokens import Layout, layout
from wsbook.zoo.networks import Network

POOL = 256  # orders of hidden units to choose from


@dataclass(frozen=True)
class Windows:
    """B windows of W tokens of D numbers; tokens that a short network lacks are masked out."""

    tokens: Tensor  # (B, W, D)
    mask: Tensor  # (B, W, D) bool
    positions: Tensor  # (B, W, 3) int64


class Source:
    """The networks of one architecture, ready to be cut into windows."""

    def __init__(self, vectors: Tensor, network: Network, size: int, generator: torch.Generator):
        """Weight vectors (N, P) of networks of one architecture, in tokens of `size`."""
        self.layout: Layout = layout(network.shapes, size)
        self.vectors = F.pad(vectors, (0, 1))  # the last entry is what padding points to
        self.orders = orders(network.shapes, network.units, generator).to(vectors.device)
        self.positions = self.layout.positions.to(vectors.device)
        self.index = self.layout.index.to(vectors.device)

    def __len__(self) -> int:
        return len(self.vectors)

    def windows(self, items: Tensor, starts: Tensor, orders: Tensor, size: int) -> Windows:
        """Windows of `size` tokens of networks `items` (B,) from `starts` (B,), units ordered by rows `orders`
        (B,) of the pool; row 0 leaves them as they are."""
        places = starts[:, None] + torch.arange(size, device=starts.device)
        there = places < len(self.index)
        places = places.clamp_max(len(self.index) - 1)
        index = self.index.index_select(0, places.flatten()).view(*places.shape, -1)
        index = index.where(there[..., None], self.layout.weights)
        chosen = _row_entries(self.orders, orders, index)
        tokens = _row_entries(self.vectors, items, chosen)
        return Windows(tokens, index < self.layout.weights, self.positions[places])


def _row_entries(table: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Entries (B, W, D) at `columns` (B, W, D) of the rows (B,) of a table. One index into the flat table is several
    times faster than one for each dimension."""
    places = rows[:, None, None] * table.shape[1] + columns
    return table.flatten().index_select(0, places.flatten()).view(columns.shape)


def orders(shapes: Shapes, units: Units, generator: torch.Generator) -> Tensor:
    """A pool (256, P + 1) of places in a weight vector: row 0 is the identity, the others permute hidden units
    at random. The last column is the place of padding, which stays."""
    plain = torch.arange(sum(torch.Size(shape).numel() for shape in shapes.values()))
    rows = [plain]
    for _ in range(POOL - 1):
        rows.append(permute(plain, shapes, units, random_permutations(units, generator)))
    return F.pad(torch.stack(rows), (0, 1), value=len(plain))


class Feed:
    """Random windows from all sources, each network equally likely."""

    def __init__(self, sources: Sequence[Source], window: int, generator: torch.Generator):
        if not sources or not all(len(source) for source in sources):
            raise StudyError("an autoencoder needs at least one zoo, and networks in each.")
        sizes = {source.index.shape[1] for source in sources}
        if len(sizes) > 1:
            raise StudyError(f"tokens of one autoencoder must have one size, not {sorted(sizes)}.")
        self.sources, self.window, self.generator = sources, window, generator
        self.shares = torch.tensor([float(len(source)) for source in sources])

    def draw(self, batch: int, views: int = 2) -> list[Windows]:
        """`views` views of the same `batch` windows, with different orders of the hidden units."""
        of = torch.multinomial(self.shares, batch, replacement=True, generator=self.generator)
        counts = of.bincount(minlength=len(self.sources)).tolist()
        parts = [self._views(s, n, views) for s, n in zip(self.sources, counts) if n]
        return [joined([part[view] for part in parts]) for view in range(views)]

    def _views(self, source: Source, count: int, views: int) -> list[Windows]:
        last = max(1, len(source.index) - self.window + 1)
        items = self._below(len(source), count)
        starts = self._below(last, count)
        drawn = [self._below(POOL, count) for _ in range(views)]
        return [source.windows(items, starts, order, self.window) for order in drawn]

    def _below(self, limit: int, count: int) -> Tensor:
        device = self.sources[0].vectors.device
        return torch.randint(limit, (count,), generator=self.generator).to(device)


def joined(parts: Sequence[Windows]) -> Windows:
    """Windows of several batches as one."""
    names = ("tokens", "mask", "positions")
    return Windows(*(torch.cat([getattr(part, name) for part in parts]) for name in names))

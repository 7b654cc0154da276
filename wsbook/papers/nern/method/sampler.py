"""Mini-batches of kernels: mostly uniform, sometimes in proportion to the kernels' norms."""

from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.errors import StudyError


@dataclass(frozen=True)
class Batch:
    """Rows of the kernels a step learns from."""

    rows: Tensor  # (B,) int64
    counted: Tensor | None  # (B,) float32, 0 at repetitions of a row; None if there are none


class KernelSampler:
    """The reference's batches: with probability `uniform` drawn without replacement, otherwise with
    replacement in proportion to the original kernels' L2 norms. A kernel counts once however often it
    was drawn, and nothing corrects for its probability.

    Raises
        StudyError: if the batch is not between 1 and the number of kernels, or `uniform` no probability.
    """

    def __init__(self, kernels: Tensor, batch: int, uniform: float, generator: torch.Generator):
        if not 1 <= batch <= len(kernels):
            raise StudyError(
                f"a batch of {batch} does not suit a network of {len(kernels)} kernels; choose 1 to {len(kernels)}."
            )
        if not 0 <= uniform <= 1:
            raise StudyError(f"the share of uniform batches must lie between 0 and 1, not {uniform}.")
        self.kernels, self.batch, self.uniform, self.generator = len(kernels), batch, uniform, generator
        self.cumulative = kernels.norm(dim=1).double().cumsum(0)

    def draw(self) -> Batch:
        """The next batch."""
        device = self.generator.device
        if torch.rand((), generator=self.generator, device=device) < self.uniform:
            order = torch.randperm(self.kernels, generator=self.generator, device=device)
            return Batch(order[: self.batch], None)
        at = torch.rand(self.batch, generator=self.generator, device=device, dtype=torch.float64)
        rows = torch.searchsorted(self.cumulative, at * self.cumulative[-1]).sort().values
        rows.clamp_(max=self.kernels - 1)
        return Batch(rows, torch.cat([rows.new_ones(1), (rows[1:] != rows[:-1]).long()]).float())

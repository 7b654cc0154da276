"""Dictionary training by gradient, many runs at once as stacked matrices.

The objective is equation (2) of paper A,

    L(D, {a_i}) = 1/N sum_i ||w_i - D^T a_i||^2 + lambda ||a_i||_1,

with both D and the codes as parameters. Its gradients are written out, so that a step of a whole
stack is three batched matrix products and a few passes over D. Runs are padded to a
common number of atoms with atoms and codes of zero, whose gradients vanish exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize, pad

from wsbook.papers.primitives.method.synthetic import SyntheticZoo, draw_start, draw_zoo, stream
from wsbook.papers.primitives.method.update import Moments, coefficient_table
from wsbook.papers.primitives.setting import Setting

CURVE_POINTS = 50
ATOM_MULTIPLE = 8  # products with 32 columns run up to 1.7 times as fast as with 30


@dataclass(frozen=True)
class Trained:
    """A stack after training: R runs, k the padded number of atoms."""

    settings: Sequence[Setting]
    train: Tensor  # (R, n_train, d)
    test: Tensor  # (R, n_test, d)
    dictionary: Tensor  # (R, k, d)
    codes: Tensor  # (R, n_train, k)
    zoos: Sequence[SyntheticZoo]  # on the CPU
    snapshots: Sequence[object]  # what `observe` returned, at most 50 times


class Gradients:
    """Gradients of the objective for one batch of every run, in buffers that are reused."""

    def __init__(self, settings: Sequence[Setting], k: int, device: str):
        self.k = k
        first = settings[0]
        batch, d = first.batch_size, first.d

        def per_run(values: list[float]) -> Tensor:
            return torch.tensor(values, device=device)[:, None, None]

        mean = [s.loss == "mean" for s in settings]
        self.scale = per_run([2 / batch / (d if m else 1) for m in mean])
        self.shrink = per_run(
            [s.penalty / batch / (s.k if m else 1) for s, m in zip(settings, mean, strict=True)]
        )
        self.residual = torch.empty(len(settings), batch, d, device=device)
        self.dictionary = torch.empty(len(settings), k, d, device=device)

    def __call__(self, weights: Tensor, codes: Tensor, dictionary: Tensor) -> tuple[Tensor, Tensor]:
        """(dL/dD, dL/dA) for weights (R, b, d) and codes (R, b, k)."""
        torch.baddbmm(weights, codes, dictionary, beta=-1, out=self.residual)
        scaled = codes * self.scale  # scaling the small factor saves a pass over the large product
        torch.bmm(scaled.mT, self.residual, out=self.dictionary)
        by_code = torch.bmm(self.residual, dictionary.mT).mul_(self.scale)
        return self.dictionary, by_code.addcmul_(codes.sign(), self.shrink)


def stack_start(
    settings: Sequence[Setting], seeds: Sequence[int], device: str
) -> tuple[list[SyntheticZoo], Tensor, Tensor, Tensor, Tensor]:
    """Data and initial values: zoos, train (R, n, d), test, dictionary (R, k, d), codes (R, n, k)."""
    zoos = [draw_zoo(s, seed) for s, seed in zip(settings, seeds, strict=True)]
    starts = [draw_start(s, seed) for s, seed in zip(settings, seeds, strict=True)]
    k = -(-max(s.k for s in settings) // ATOM_MULTIPLE) * ATOM_MULTIPLE
    dictionary = torch.stack([pad(d, (0, 0, 0, k - len(d))) for d, _ in starts])
    codes = torch.stack([pad(a, (0, k - a.shape[1])) for _, a in starts])
    train = torch.stack([zoo.train for zoo in zoos])
    test = torch.stack([zoo.test for zoo in zoos])
    return zoos, train.to(device), test.to(device), dictionary.to(device), codes.to(device)


def train(settings: Sequence[Setting], seeds: Sequence[int], device: str = "cpu", observe=None) -> Trained:
    """Train one dictionary a run; run r has settings[r] and seeds[r].

    All settings must have equal `shapes`. `observe(trained)` is called after the last step of at
    most 50 evenly spaced epochs, the last included; what it returns ends up in `snapshots`.
    The random draws of a run depend on its setting and seed alone.
    """
    settings = list(settings)
    shape = settings[0]
    zoos, weights, test, dictionary, codes = stack_start(settings, seeds, device)
    gradients = Gradients(settings, dictionary.shape[1], device)
    moments = Moments(dictionary), Moments(codes)
    table = coefficient_table(settings, shape.steps, device)
    decays = bool((table[:, 4] != 0).any() or (table[:, 5] != 1).any())
    renormalise = torch.tensor([s.renormalise for s in settings], device=device)[:, None, None]
    any_renormalised = any(s.renormalise for s in settings)
    orders = [stream(seed, "order") for seed in seeds]
    every = max(1, shape.epochs // CURVE_POINTS)
    snapshots: list[object] = []
    steps = iter(table)
    for epoch in range(1, shape.epochs + 1):
        for rows in epoch_batches(shape, orders, device):
            by_dictionary, by_codes = batch_gradients(gradients, weights, codes, dictionary, rows)
            row = next(steps)
            moments[0].step(by_dictionary, row, decays)
            moments[1].step(by_codes, row, decays)
            if any_renormalised:
                dictionary.copy_(torch.where(renormalise, normalize(dictionary, dim=2), dictionary))
        if observe and (shape.epochs - epoch) % every == 0:
            snapshots.append(observe(Trained(settings, weights, test, dictionary, codes, zoos, ())))
    return Trained(settings, weights, test, dictionary, codes, zoos, snapshots)


def epoch_batches(shape: Setting, orders: Sequence[torch.Generator], device: str):
    """The batches of one epoch: row indices (R, b) in an order of each run's own, or None for all."""
    if shape.batch_size == shape.n_train:
        yield None
        return
    order = torch.stack([torch.randperm(shape.n_train, generator=g) for g in orders])
    yield from order.to(device).split(shape.batch_size, dim=1)


def batch_gradients(
    gradients: Gradients, weights: Tensor, codes: Tensor, dictionary: Tensor, rows: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Gradients for the given rows of every run; codes outside the batch get zeros.

    That is what indexing one code matrix with a batch gives in PyTorch: Adam's momentum still moves
    the codes of samples that are not in the batch.
    """
    if rows is None:
        return gradients(weights, codes, dictionary)
    runs = torch.arange(len(rows), device=rows.device)[:, None]
    by_dictionary, by_batch = gradients(weights[runs, rows], codes[runs, rows], dictionary)
    by_codes = torch.zeros_like(codes)
    by_codes[runs, rows] = by_batch
    return by_dictionary, by_codes

"""Long training of one network by SGD, on a CPU or a GPU, which can be stopped and taken up again.

Images stay where they are as uint8 and are augmented and standardised there, batch by batch. On a GPU the
network runs in bfloat16. On a CPU a resumed run ends in the same bits as an uninterrupted one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wsbook.data.imageset import standardise
from wsbook.errors import StudyError
from wsbook.nets.train import Augment, flip_and_crop

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class LongRecipe:
    """SGD with Nesterov momentum; the learning rate rises linearly, then falls to zero as a cosine."""

    epochs: int
    batch: int = 128
    lr: float = 0.1  # the largest
    rise: float = 0.0  # share of the steps in which lr rises from 0; 0 is a plain cosine, .3 a one-cycle
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1 or not 0 <= self.rise < 1:
            raise StudyError("training needs epochs >= 1, batch >= 1 and 0 <= rise < 1.")

    def lr_at(self, step: int, steps: int) -> float:
        """Learning rate of a step, counted from 0."""
        top = self.rise * steps
        if step < top:
            return self.lr * (step + 1) / (top + 1)
        return self.lr * (0.5 + 0.5 * math.cos(math.pi * (step - top) / (steps - top)))


class Run:
    """A training run between two steps: all that decides how it goes on is in `tensors`.

    Raises
        StudyError: if there are fewer images than a batch holds.
    """

    def __init__(self, net: nn.Module, count: int, recipe: LongRecipe, generator: torch.Generator):
        if count < recipe.batch:
            raise StudyError(
                f"a batch of {recipe.batch} needs as many images, not {count}; lower the batch."
            )
        self.net = net.to(memory_format=torch.channels_last).train()
        self.count, self.recipe, self.generator = count, recipe, generator
        self.batches = count // recipe.batch
        self.optimiser = torch.optim.SGD(
            net.parameters(),
            recipe.lr,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=recipe.momentum > 0,
        )
        device = next(net.parameters()).device
        self.momenta = {name: torch.zeros_like(p) for name, p in net.named_parameters()}
        for name, parameter in net.named_parameters():
            self.optimiser.state[parameter]["momentum_buffer"] = self.momenta[name]
        self.losses = torch.zeros(recipe.epochs * self.batches, device=device)
        self.order = torch.zeros(count, dtype=torch.int64, device=device)
        self.done = 0  # steps

    def tensors(self) -> Tensors:
        """Copies, on the CPU, of everything that the rest of the run depends on."""
        state = {f"net.{name}": tensor for name, tensor in self.net.state_dict().items()}
        state |= {f"momentum.{name}": tensor for name, tensor in self.momenta.items()}
        state |= {"losses": self.losses, "order": self.order, "done": torch.tensor(self.done)}
        state["generator"] = self.generator.get_state()
        return {k: t.cpu().clone(memory_format=torch.contiguous_format) for k, t in state.items()}

    def restore(self, tensors: Tensors) -> None:
        """Go on from `tensors`.

        Raises
            StudyError: if they come from another network, number of images or recipe's length.
        """
        own = self.tensors()
        if {k: t.shape for k, t in own.items()} != {k: t.shape for k, t in tensors.items()}:
            raise StudyError(
                "this checkpoint is of another network, number of images or of steps; delete it."
            )
        self.net.load_state_dict({name: tensors[f"net.{name}"] for name in self.net.state_dict()})
        for name, momentum in self.momenta.items():
            momentum.copy_(tensors[f"momentum.{name}"])
        self.losses.copy_(tensors["losses"])
        self.order.copy_(tensors["order"])
        self.generator.set_state(tensors["generator"].cpu())
        self.done = int(tensors["done"])

    def next_batch(self) -> Tensor:
        """Indices (B,) of the next step's images; every epoch has an order of its own."""
        part = self.done % self.batches
        if part == 0:
            fresh = torch.randperm(self.count, generator=self.generator, device=self.generator.device)
            self.order.copy_(fresh)
        return self.order[part * self.recipe.batch : (part + 1) * self.recipe.batch]

    def step(self, inputs: Tensor, labels: Tensor) -> None:
        """One step of SGD on inputs (B, C, H, W) with labels (B,)."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.lr_at(self.done, len(self.losses))
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=inputs.is_cuda):
            logits = self.net(inputs)
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.losses[self.done] = loss.detach()
        self.done += 1

    def check(self, since: int) -> None:
        """Make sure that losses from step `since` on, and the weights, are finite.

        Raises
            StudyError: otherwise.
        """
        bad = (~self.losses[since : self.done].isfinite()).nonzero()
        step = since + int(bad[0]) if len(bad) else self.done - 1
        if len(bad) or not all(tensor.isfinite().all() for tensor in self.net.state_dict().values()):
            raise StudyError(
                f"training diverged at step {step} of {len(self.losses)}: loss or weights are not finite; "
                "lower the learning rate."
            )


def train_long(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    mean: Sequence[float] | Tensor,
    std: Sequence[float] | Tensor,
    recipe: LongRecipe,
    generator: torch.Generator,
    augment: Augment | None = flip_and_crop,
    tensors: Tensors | None = None,
    save: Callable[[Tensors], None] | None = None,
    every: int = 1000,
) -> list[float]:
    """Train `net` in place on images uint8 (N, H, W, C) with labels (N,); mean loss of each epoch.

    Network, images, labels and generator are on one device. Images are augmented as uint8, so that
    crops are padded with black, then standardised with `mean` and `std`. Every `every` steps, and at the
    end, losses and weights are checked, and `save` receives all that the run needs; given to another
    call as `tensors`, with equal other arguments, it goes on from there. A last batch that is not full
    is left out of its epoch.

    Raises
        StudyError: if a loss is not finite (nothing is saved then, so that the last checkpoint is good),
            if the GPU's memory is too small for the batch, or if `tensors` does not fit.
    """
    mean, std = (torch.as_tensor(s, dtype=torch.float32, device=images.device) for s in (mean, std))
    run = Run(net, len(images), recipe, generator)
    if tensors is not None:
        run.restore(tensors)
    try:
        while run.done < len(run.losses):
            since = run.done
            for _ in range(min(every, len(run.losses) - since)):
                picked = run.next_batch()
                pixels = images[picked].permute(0, 3, 1, 2)
                pixels = augment(pixels, generator) if augment else pixels
                run.step(standardise(pixels.permute(0, 2, 3, 1), mean, std), labels[picked])
            run.check(since)
            if save is not None:
                save(run.tensors())
    except torch.OutOfMemoryError as error:
        raise StudyError(
            f"the GPU's memory is too small for a batch of {recipe.batch}; lower it."
        ) from error
    net.to(memory_format=torch.contiguous_format).eval()
    return run.losses.double().view(recipe.epochs, -1).mean(1).tolist()

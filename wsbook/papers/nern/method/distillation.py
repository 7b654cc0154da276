"""Training a predictor through the network it predicts: NeRN's joint objective and paper C's second phase.

Every step predicts all kernels, passes images through the student, and turns the gradient by the
kernels into one by the predictor's parameters. As in the reference that gradient passes only
through the kernels of a batch, unless all are asked for.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.originals import Original
from wsbook.papers.nern.method.gradients import Gradients
from wsbook.papers.nern.method.inputs import Images, Noise
from wsbook.papers.nern.method.losses import fmd_loss, kd_loss
from wsbook.papers.nern.method.optimisers import Adam, Ranger, cosine_lr
from wsbook.papers.nern.method.predictor import Predictor, set_vector, vector_of
from wsbook.papers.nern.method.reconstruction import Targets, Trajectory, rmse
from wsbook.papers.nern.method.sampler import Batch, KernelSampler
from wsbook.papers.nern.method.student import Student
from wsbook.papers.nern.setting import Distillation
from wsbook.study.resume import Progress, complete
from wsbook.study.shelf import Checkpoint

Teach = Callable[[Tensor], Tensor]  # inputs to logits
SNAPSHOTS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)  # of the length
LOSSES = ("reconstruction", "kd", "fmd")


@dataclass(frozen=True)
class Distilled:
    """Predictors along a training run, and the losses (steps, 3) of every step, NaN where weightless."""

    trajectory: Trajectory
    losses: Tensor


class Run:
    """One training run that can stop and go on."""

    def __init__(
        self,
        source: Original,
        targets: Targets,
        setting: Distillation,
        generator: torch.Generator,
        start: Tensor | None,
        teach: Teach | None,
    ):
        self.setting, self.targets, self.generator, self.teach = setting, targets, generator, teach
        device = targets.values.device
        self.predictor = Predictor(setting.hidden, generator).to(device)
        if start is not None:
            set_vector(self.predictor, start)
        make = Ranger if setting.optimiser == "ranger" else Adam
        self.optimiser = make(self.predictor.parameters(), setting.lr)
        self.gradients = Gradients(self.predictor, targets.at)
        self.student = Student(source, device.type)
        feed = Images if setting.inputs == "images" else Noise
        self.feed = feed(source, setting.images, generator)
        size = setting.batch or len(targets.values)
        self.sampler = KernelSampler(targets.values, size, setting.uniform, generator)
        self.step, self.earlier, self.start = 0, 0.0, time.monotonic()
        self.wanted = sorted({round(share * setting.steps) for share in SNAPSHOTS})
        self.snapshots = [vector_of(list(self.predictor.parameters())).cpu()]
        self.losses = torch.full((setting.steps, len(LOSSES)), torch.nan)

    def advance(self) -> None:
        """One step."""
        self.optimiser.set_lr(
            cosine_lr(self.step, self.setting.steps, self.setting.lr, self.setting.warmup)
        )
        with torch.no_grad():
            kernels = self.predictor(self.targets.at)
        gradient, losses = self._by_kernels(kernels.requires_grad_())
        batch = self.sampler.draw() if self.setting.batch else self._everything()
        counted = 1.0 if batch.counted is None else batch.counted[:, None]
        picked = gradient.index_select(0, batch.rows) * counted
        self.gradients.sweep(batch.rows, lambda part, _: picked[part], 1.0)
        self.optimiser.step()
        self.losses[self.step] = losses.cpu()
        self.step += 1
        self._look(losses)

    def _everything(self) -> Batch:
        return Batch(torch.arange(len(self.targets.values), device=self.targets.values.device), None)

    def _by_kernels(self, kernels: Tensor) -> tuple[Tensor, Tensor]:
        """The gradient (N, 9) of the loss by the kernels, and the three losses (3,)."""
        weights = [getattr(self.setting, name) for name in LOSSES]
        losses = [torch.full((), torch.nan, device=kernels.device) for _ in LOSSES]
        if self.setting.reconstruction:
            losses[0] = rmse(kernels, self.targets).float()
        if self.setting.kd or self.setting.fmd:
            losses[1:] = self._distillation(kernels, self.feed.draw())
        total = sum(weight * loss for weight, loss in zip(weights, losses) if weight)
        (gradient,) = torch.autograd.grad(total, kernels)
        return gradient, torch.stack([loss.detach() for loss in losses])

    def _distillation(self, kernels: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """L_KD and L_FMD on inputs (B, C, H, W); the latter is NaN if it has no weight."""
        original = self.targets.values
        if not self.setting.fmd:
            with torch.no_grad():
                truth = self.teach(inputs) if self.teach else self.student.logits(original, inputs)
            return kd_loss(truth, self.student.logits(kernels, inputs)), kernels.new_full((), torch.nan)
        with torch.no_grad():
            truth, true_maps = self.student.maps(original, inputs)
        logits, maps = self.student.maps(kernels, inputs)
        return kd_loss(truth, logits), fmd_loss(true_maps, maps)

    def _look(self, losses: Tensor) -> None:
        """Keep the predictor where wanted; stop where a loss with a weight is not finite."""
        if self.step in self.wanted:
            self.snapshots.append(vector_of(list(self.predictor.parameters())).cpu())
        weights = [getattr(self.setting, name) for name in LOSSES]
        if any(weight and not loss.isfinite() for weight, loss in zip(weights, losses)):
            raise StudyError(
                f"a loss is not finite at step {self.step}; lower lr or the weights of the losses. "
                "The last checkpoint is kept."
            )

    def tensors(self) -> dict[str, Tensor]:
        """All that the rest of the run depends on."""
        state = {f"optimiser.{name}": value for name, value in self.optimiser.tensors().items()}
        state |= {f"snapshot.{number}": vector for number, vector in enumerate(self.snapshots)}
        return state | {
            "predictor": vector_of(list(self.predictor.parameters())),
            "losses": self.losses,
            "order": self.feed.order,
            "generator": self.generator.get_state(),
            "step": torch.tensor(self.step),
            "seconds": torch.tensor(self.earlier + time.monotonic() - self.start),
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go back to where `tensors` was taken."""
        own = {k.removeprefix("optimiser."): v for k, v in tensors.items() if k.startswith("optimiser.")}
        self.optimiser.restore(own)
        taken = sum(name.startswith("snapshot.") for name in tensors)
        self.snapshots = [tensors[f"snapshot.{number}"] for number in range(taken)]
        set_vector(self.predictor, tensors["predictor"])
        self.losses, self.feed.order = tensors["losses"], tensors["order"].to(self.feed.order.device)
        self.generator.set_state(tensors["generator"])
        self.step, self.earlier = int(tensors["step"]), float(tensors["seconds"])


def distil(
    source: Original,
    targets: Targets,
    setting: Distillation,
    generator: torch.Generator,
    start: Tensor | None = None,
    teach: Teach | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress = lambda steps: steps,
) -> Distilled:
    """Train a predictor from parameters `start` (P,), or a fresh one, with the original as teacher
    unless `teach` is given; goes on from the checkpoint, bitwise as if it had never stopped.

    Raises
        StudyError: if a loss ceases to be finite, the feature maps of this architecture are not
            defined, or the GPU's memory is too small.
    """
    try:
        run = Run(source, targets, setting, generator, start, teach)
        complete(run, setting.steps, checkpoint, progress)
    except torch.OutOfMemoryError as error:
        raise StudyError(
            f"the GPU's memory is too small for {setting.images} images a step; lower images."
        ) from error
    steps = torch.tensor(run.wanted)
    return Distilled(Trajectory(steps, torch.stack(run.snapshots), run.earlier), run.losses)

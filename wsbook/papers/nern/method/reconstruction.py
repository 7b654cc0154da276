"""Training on the reconstruction loss alone (NeRN's first objective; paper C, section 3.1).

The loss is the root mean square error over all predicted weights, L = sqrt(|W - W^|^2 / |W|), with
gradients through the kernels of a batch only. Its gradient is that of half the batch's sum of
squares, divided by |W| L; L itself, which would need all kernels in every step, is estimated
from the uniform batches.
"""

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.nern.method.embedding import Points
from wsbook.papers.nern.method.gradients import SquaredErrors
from wsbook.papers.nern.method.optimisers import Ranger, cosine_lr
from wsbook.papers.nern.method.predictor import Predictor, set_vector, vector_of
from wsbook.papers.nern.method.sampler import Batch, KernelSampler
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.resume import Progress, complete
from wsbook.study.shelf import Checkpoint

MEMORY = 0.9  # of the running mean square error, per uniform batch
CHECK = 100  # steps between looks at whether the loss is finite
SNAPSHOTS = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 1.0)  # of the length


@dataclass(frozen=True)
class Targets:
    """The kernels to predict."""

    values: Tensor  # (N, 9) float32
    present: Tensor  # (N, 9) bool
    at: Points  # N coordinates, ordered

    @property
    def weights(self) -> int:
        """|W|, the number of predicted weights."""
        return int(self.present.sum())


@dataclass(frozen=True)
class Trajectory:
    """Predictors along a training run."""

    steps: Tensor  # (n,) int64, after how many steps
    vectors: Tensor  # (n, P) their parameters
    earlier: float  # seconds spent before this call resumed it


def rmse(predicted: Tensor, targets: Targets) -> Tensor:
    """L = sqrt(|W - W^|^2 / |W|) over all weights, a scalar."""
    squares = (predicted - targets.values).mul(targets.present).double().square().sum()
    return (squares / targets.weights).sqrt()


class Scale:
    """1 / (|W| L), which turns gradients of half a sum of squares into those of the loss L."""

    def __init__(self, predictor: Predictor, targets: Targets, exact: bool):
        self.predictor, self.targets, self.exact = predictor, targets, exact
        self.weights = targets.weights
        self.mean_square = self._measure()

    @torch.no_grad()
    def _measure(self) -> Tensor:
        return rmse(self.predictor(self.targets.at), self.targets).square().float()

    def factor(self) -> Tensor:
        """The factor for the next step."""
        if self.exact:
            self.mean_square = self._measure()
        return 1 / (self.weights * self.mean_square.sqrt())

    def learn(self, batch: Batch, squares: Tensor) -> None:
        """Take the sum of squares of a batch into the estimate; batches by norm would bias it."""
        if batch.counted is None and not self.exact:
            mean = squares * (len(self.targets.values) / (len(batch.rows) * self.weights))
            self.mean_square.lerp_(mean, 1 - MEMORY)


def snapshot_steps(steps: int) -> list[int]:
    """The steps after which predictors are kept: more of them towards the end."""
    return sorted({max(1, round(share * steps)) for share in SNAPSHOTS})


class Run:
    """One training run that can stop and go on."""

    def __init__(self, targets: Targets, setting: Reconstruction, generator: torch.Generator):
        self.setting, self.generator = setting, generator
        device = targets.values.device
        self.predictor = Predictor(setting.hidden, generator).to(device)
        self.optimiser = Ranger(self.predictor.parameters(), setting.lr)
        self.sampler = KernelSampler(targets.values, setting.batch, setting.uniform, generator)
        self.errors = SquaredErrors(self.predictor, targets.at, targets.values, targets.present)
        self.scale = Scale(self.predictor, targets, setting.scale == "exact")
        self.step, self.earlier, self.start = 0, 0.0, time.monotonic()
        self.wanted = snapshot_steps(setting.steps)
        self.snapshots: list[Tensor] = []

    def advance(self) -> None:
        """One step."""
        self.optimiser.set_lr(cosine_lr(self.step, self.setting.steps, self.setting.lr))
        batch = self.sampler.draw()
        self.scale.learn(batch, self.errors.backward(batch, self.scale.factor()))
        self.optimiser.step()
        self.step += 1
        if self.step in self.wanted:
            self.snapshots.append(vector_of(list(self.predictor.parameters())).cpu())
        if self.step % CHECK == 0 and not self.scale.mean_square.isfinite():
            raise StudyError(
                f"the reconstruction loss is not finite at step {self.step}; lower lr. "
                "The last checkpoint is kept."
            )

    def tensors(self) -> dict[str, Tensor]:
        """All that the rest of the run depends on."""
        state = {f"optimiser.{name}": value for name, value in self.optimiser.tensors().items()}
        state |= {f"snapshot.{number}": vector for number, vector in enumerate(self.snapshots)}
        state["predictor"] = vector_of(list(self.predictor.parameters()))
        state["mean_square"] = self.scale.mean_square
        state["generator"] = self.generator.get_state()
        state["step"] = torch.tensor(self.step)
        state["seconds"] = torch.tensor(self.earlier + time.monotonic() - self.start)
        return state

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go back to where `tensors` was taken."""
        own = {k.removeprefix("optimiser."): v for k, v in tensors.items() if k.startswith("optimiser.")}
        self.optimiser.restore(own)
        taken = sum(name.startswith("snapshot.") for name in tensors)
        self.snapshots = [tensors[f"snapshot.{number}"] for number in range(taken)]
        set_vector(self.predictor, tensors["predictor"])
        self.scale.mean_square = tensors["mean_square"].clone()
        self.generator.set_state(tensors["generator"])
        self.step, self.earlier = int(tensors["step"]), float(tensors["seconds"])


def reconstruct(
    targets: Targets,
    setting: Reconstruction,
    generator: torch.Generator,
    checkpoint: Checkpoint | None = None,
    progress: Progress = lambda steps: steps,
) -> Trajectory:
    """Train a predictor of `targets`; goes on from the checkpoint, bitwise as if it had never stopped.

    Raises
        StudyError: if the loss ceases to be finite, or the batch does not suit the number of kernels.
    """
    run = Run(targets, setting, generator)
    complete(run, setting.steps, checkpoint, progress)
    return Trajectory(torch.tensor(run.wanted), torch.stack(run.snapshots), run.earlier)

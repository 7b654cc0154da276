"""Training a HyperNetwork: the networks that it makes shall tell the images of their task apart.

Each step draws episodes: a task, images of every class that the HyperNetwork sees, and images of the task
by which the network that it makes is judged. The gradient of their cross-entropy goes through its weights.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.sane.method.episodes import Examples
from wsbook.papers.sane.method.hypernetwork import SHOTS, HyperNetwork, classes_of
from wsbook.papers.sane.method.state import set_state, state_of
from wsbook.papers.sane.method.training import CLIP, one_cycle
from wsbook.study.resume import Progress, complete
from wsbook.study.shelf import Checkpoint, Tensors
from wsbook.zoo.networks import Network
from wsbook.zoo.setting import Zoo

JUDGED = 64  # images of an episode on which the network made is judged


@dataclass(frozen=True)
class HyperTraining:
    """Training a HyperNetwork on the tasks of some image sets."""

    data: str  # image sets, joined by +
    network: str  # the architecture of what it makes
    images: int  # of each set to train on
    token: int  # numbers in a token
    width: int  # of the transformer, as its heads and blocks
    heads: int
    blocks: int
    steps: int
    batch: int  # episodes a step
    lr: float  # the largest

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "lr"):
            if getattr(self, name) <= 0:
                raise StudyError(f"{name} of a HyperNetwork must be positive, not {getattr(self, name)}.")

    @property
    def architecture(self) -> Network:
        """The architecture of what it makes."""
        return Zoo(network=self.network).architecture

    def examples(self, device: torch.device) -> list[Examples]:
        """The training images of each task."""
        classes = classes_of(self.architecture)
        zoos = [Zoo(data, self.network, images=self.images) for data in self.data.split("+")]
        parts = [zoo.task.train for zoo in zoos]
        return [Examples((x.to(device), y.to(device)), classes) for x, y in parts]

    def untrained(self, seed: int) -> HyperNetwork:
        """The HyperNetwork to start from."""
        sizes = self.token, self.width, self.heads, self.blocks
        return HyperNetwork(self.architecture, *sizes, torch.Generator().manual_seed(seed))


class Run:
    """One training run that can stop and go on."""

    def __init__(self, model: HyperNetwork, setting: HyperTraining, generator: torch.Generator):
        self.model, self.setting, self.generator = model.train(), setting, generator
        self.network, self.tasks = setting.architecture, setting.examples(next(model.parameters()).device)
        self.optimiser = torch.optim.Adam(model.parameters(), setting.lr, fused=True)
        self.losses = torch.zeros(setting.steps)
        self.step = 0

    def advance(self) -> None:
        """One step."""
        self.optimiser.param_groups[0]["lr"] = self.setting.lr * one_cycle(self.step, self.setting.steps)
        shown, inputs, labels = self._episodes()
        out = self.network.logits(self.model(shown), inputs)
        loss = F.cross_entropy(out.flatten(0, 1), labels.flatten())
        if not loss.isfinite():
            raise StudyError(
                f"the HyperNetwork's loss is not finite at step {self.step + 1}; lower its lr."
            )
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimiser.step()
        self.losses[self.step] = loss.detach()
        self.step += 1

    def _episodes(self) -> tuple[Tensor, Tensor, Tensor]:
        """Images shown (B, classes, shots, ...), images to judge by (B, 64, ...) and labels (B, 64)."""
        drawn = []
        for number in torch.randint(len(self.tasks), (self.setting.batch,), generator=self.generator):
            on = self.tasks[number]
            shown = on.of_each_class(1, SHOTS, self.generator)[0]
            drawn.append((shown, *on.of_any(JUDGED, self.generator)))
        return tuple(map(torch.stack, zip(*drawn)))

    def tensors(self) -> Tensors:
        """All that the rest of the run depends on."""
        return state_of(self.model, self.optimiser) | {
            "losses": self.losses,
            "generator": self.generator.get_state(),
            "step": torch.tensor(self.step),
        }

    def restore(self, tensors: Tensors) -> None:
        """Go back to where `tensors` was taken."""
        set_state(self.model, self.optimiser, tensors)
        self.losses.copy_(tensors["losses"])
        self.generator.set_state(tensors["generator"])
        self.step = int(tensors["step"])


def train(
    model: HyperNetwork,
    setting: HyperTraining,
    generator: torch.Generator,
    checkpoint: Checkpoint | None = None,
    progress: Progress = lambda steps: steps,
) -> Run:
    """Train `model` in place; goes on from the checkpoint, bitwise as if it had never stopped.

    Raises
        StudyError: if the loss ceases to be finite.
    """
    run = Run(model, setting, generator)
    complete(run, setting.steps, checkpoint, progress)
    model.eval()
    return run

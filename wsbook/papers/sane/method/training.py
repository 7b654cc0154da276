"""Training a weight autoencoder: reconstruction and contrast, both views in one pass (paper B, section 3)."""

import math
import time

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.nets.graphs import Graphs
from wsbook.papers.sane.method.autoencoder import Autoencoder
from wsbook.papers.sane.method.losses import nt_xent, reconstruction_loss
from wsbook.papers.sane.method.state import set_state, state_of
from wsbook.papers.sane.method.windows import Feed, Windows, joined
from wsbook.papers.sane.setting import Training
from wsbook.study.resume import Progress, complete
from wsbook.study.shelf import Checkpoint, Tensors

RISE = 0.3  # share of the steps in which the learning rate rises
FIRST, LAST = 1 / 25, 1 / 250_000  # of the largest learning rate, at the first and at the last step
CLIP = 1.0  # norm of the gradient
CHECK = 50  # steps between looks at whether the losses are finite


def one_cycle(step: int, steps: int) -> float:
    """Share of the largest learning rate at a step, counted from 0: half a cosine up, half a cosine down."""
    top = RISE * steps
    if step < top:
        return FIRST + (1 - FIRST) * (0.5 - 0.5 * math.cos(math.pi * step / top))
    return LAST + (1 - LAST) * (0.5 + 0.5 * math.cos(math.pi * (step - top) / (steps - top)))


class Run:
    """One training run that can stop and go on."""

    def __init__(self, model: Autoencoder, feed: Feed, setting: Training, noise: torch.Generator):
        self.model, self.feed, self.setting, self.noise = model.train(), feed, setting, noise
        self.optimiser = torch.optim.AdamW(
            model.parameters(), setting.lr, weight_decay=setting.weight_decay, fused=True
        )
        device = next(model.parameters()).device
        self.losses = torch.zeros(setting.steps, 2, device=device)  # reconstruction, contrast
        self.differentiated = Graphs(self._differentiate)
        self.step, self.earlier, self.start = 0, 0.0, time.monotonic()

    def advance(self) -> None:
        """One step."""
        setting = self.setting
        self.optimiser.param_groups[0]["lr"] = setting.lr * one_cycle(self.step, setting.steps)
        views = joined([self._noisy(view) for view in self.feed.draw(setting.batch)])
        self.losses[self.step] = self.differentiated(views.tokens, views.mask, views.positions)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimiser.step()
        self.step += 1
        if self.step % CHECK == 0 or self.step == setting.steps:
            self._check()

    def _differentiate(self, tokens: Tensor, mask: Tensor, positions: Tensor) -> Tensor:
        """Set the gradients; returns the losses (2,) of reconstruction and of contrast.

        Gradients are where a CUDA graph keeps them: all batches of a run have one shape, and so share one graph.
        """
        setting, parameters = self.setting, list(self.model.parameters())
        low = setting.precision == "bfloat16"
        # graphs must not keep casts of weights for the next step, where these are others
        with torch.autocast(tokens.device.type, torch.bfloat16, enabled=low, cache_enabled=False):
            rebuilt, projected = (found.float() for found in self.model(tokens, positions))
        rebuilding = reconstruction_loss(rebuilt, tokens, mask, positions[..., 1], setting.normalisation)
        contrast = nt_xent(*projected.chunk(2)) if setting.contrast else rebuilding.new_zeros(())
        total = (1 - setting.contrast) * rebuilding + setting.contrast * contrast
        gradients = torch.autograd.grad(total, parameters, allow_unused=not setting.contrast)
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient
        return torch.stack([rebuilding.detach(), contrast.detach()])

    def _noisy(self, view: Windows) -> Windows:
        if not self.setting.noise:
            return view
        drawn = torch.randn(view.tokens.shape, generator=self.noise, device=self.noise.device)
        tokens = view.tokens * (1 + self.setting.noise * drawn.to(view.tokens.device))
        return Windows(tokens, view.mask, view.positions)

    def _check(self) -> None:
        bad = (~self.losses[: self.step].isfinite().all(1)).nonzero()
        if len(bad):
            raise StudyError(
                f"a loss is not finite at step {int(bad[0]) + 1}; lower lr. The last checkpoint is kept."
            )

    def tensors(self) -> Tensors:
        """All that the rest of the run depends on."""
        return state_of(self.model, self.optimiser) | {
            "losses": self.losses,
            "feed": self.feed.generator.get_state(),
            "noise": self.noise.get_state(),
            "step": torch.tensor(self.step),
            "seconds": torch.tensor(self.earlier + time.monotonic() - self.start),
        }

    def restore(self, tensors: Tensors) -> None:
        """Go back to where `tensors` was taken."""
        set_state(self.model, self.optimiser, tensors)
        self.losses.copy_(tensors["losses"])
        self.feed.generator.set_state(tensors["feed"])
        self.noise.set_state(tensors["noise"])
        self.step, self.earlier = int(tensors["step"]), float(tensors["seconds"])


def train(
    model: Autoencoder,
    feed: Feed,
    setting: Training,
    noise: torch.Generator,
    checkpoint: Checkpoint | None = None,
    progress: Progress = lambda steps: steps,
) -> Run:
    """Train `model` in place; goes on from the checkpoint, bitwise as if it had never stopped.

    Raises
        StudyError: if a loss ceases to be finite, or the GPU's memory is too small.
    """
    run = Run(model, feed, setting, noise)
    try:
        complete(run, setting.steps, checkpoint, progress)
    except torch.OutOfMemoryError as error:
        raise StudyError(
            f"the GPU's memory is too small for {setting.batch} windows a step; lower batch."
        ) from error
    model.eval()
    return run

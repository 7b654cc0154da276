"""Steps of NeRN on ResNet-20 at h = 140: as its reference runs them, plainly, and as the package does.

Weights and images are random: neither changes the arithmetic. All ways take the same batches, and their
losses are compared before anything is timed.
"""

import time
from collections.abc import Callable, Sequence
from statistics import median

import torch
from torch import Tensor, nn

from benchmarks.timing import as_in_cells
from wsbook.data.imageset import ImageSet
from wsbook.nets.library import network
from wsbook.nets.maps import forward_with_maps
from wsbook.nets.originals import Original
from wsbook.nets.resnet import MEAN, STD
from wsbook.nets.train import initialise
from wsbook.papers.nern.method.distillation import Run as JointRun
from wsbook.papers.nern.method.embedding import embed, points
from wsbook.papers.nern.method.losses import NORM_FLOOR, kd_loss
from wsbook.papers.nern.method.optimisers import Ranger
from wsbook.papers.nern.method.predictor import Predictor
from wsbook.papers.nern.method.reconstruction import Run, Targets, rmse
from wsbook.papers.nern.method.sampler import KernelSampler
from wsbook.papers.nern.setting import Distillation, Reconstruction
from wsbook.study.resume import complete
from wsbook.study.run import steady_process
from wsbook.weights.framed import unframed
from wsbook.weights.ordering import ordered_coordinates

HIDDEN = 140
IMAGES = 256
CHUNK = 4096  # kernels that the reference predicts at once
WEIGHTS = 1e-4  # of both distillation losses
AGREEMENT = 1e-4  # relative, of losses
FEW_STEPS = 20  # after which rounding has not grown yet


class Random(Original):
    """An original of random weights with random images."""

    def images(self, part: str) -> ImageSet:
        generator = torch.Generator().manual_seed(0)
        pixels = torch.randint(256, (IMAGES, 32, 32, 3), generator=generator, dtype=torch.uint8)
        return ImageSet(pixels, torch.zeros(IMAGES, dtype=torch.long), tuple("0123456789"), "random")


def random_original() -> Random:
    """A ResNet-20 for ten classes."""
    net = initialise(network("resnet20", 10, 3), torch.Generator().manual_seed(0)).eval()
    return Random("resnet20-random", "resnet20", "random", net, MEAN, STD, augmented=True)


def plain_fmd(teacher: Sequence[Tensor], student: Sequence[Tensor]) -> Tensor:
    """L_FMD of feature maps, its gradient left to autograd."""

    def unit(maps: Tensor) -> Tensor:
        flat = maps.flatten(1)
        return flat / (flat.norm(dim=1, keepdim=True) + NORM_FLOOR)

    terms = [(unit(a) - unit(b)).square().sum() for a, b in zip(teacher, student)]
    return torch.stack(terms).sum() / len(teacher[0])


class Reference:
    """NeRN's own way, by its published code: everything is predicted and both networks run in each step."""

    def __init__(self, source: Original, targets: Targets, coordinates: Tensor, everything: bool):
        self.source, self.targets, self.everything = source, targets, everything
        generator = torch.Generator().manual_seed(0)
        self.embedded = embed(coordinates)
        first, *others = Predictor(HIDDEN, generator)
        self.predictor = nn.Sequential(first, *(m for layer in others for m in (nn.ReLU(), layer)))
        self.optimiser = Ranger(self.predictor.parameters())
        self.sampler = KernelSampler(targets.values, CHUNK, 1.0, generator)

    def step(self, inputs: Tensor | None, joint: bool) -> list[float]:
        """One step; the losses it took. Without `everything`, only the batch is predicted: the plain way."""
        batch = self.sampler.draw().rows
        if not self.everything:
            error = self.predictor(self.embedded[batch]) - self.targets.values[batch]
            loss = error.square().mean().sqrt()
            self._learn(loss)
            return [loss.item()]
        kernels = self._predict(set(batch.tolist()))
        losses = [rmse(kernels, self.targets).float(), *self._distillation(kernels, inputs)]
        self._learn(losses[0] + WEIGHTS * (losses[1] + losses[2]) if joint else losses[0])
        return [loss.item() for loss in losses]

    def _predict(self, batch: set[int]) -> Tensor:
        """All kernels in chunks; gradients reach those of the batch only."""
        parts = []
        for start in range(0, len(self.embedded), CHUNK):
            rows = range(start, min(start + CHUNK, len(self.embedded)))
            learning = [row - start for row in rows if row in batch]
            others = [row - start for row in rows if row not in batch]
            embedded = self.embedded[start : rows.stop]
            predicted = embedded.new_empty(len(rows), 9)
            with torch.no_grad():
                predicted[others] = self.predictor(embedded[others])
            parts.append(predicted.index_put((torch.tensor(learning),), self.predictor(embedded[learning])))
        return torch.cat(parts)

    def _distillation(self, kernels: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        state = self.source.net.state_dict()
        weights = unframed(state, self.source.frame, kernels)
        names = self.source.frame.layers
        truth, true_maps = forward_with_maps(self.source.net, None, inputs)
        logits, maps = forward_with_maps(self.source.net, {name: weights[name] for name in names}, inputs)
        return kd_loss(truth, logits), plain_fmd(true_maps, maps)

    def _learn(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


def step_seconds(step: Callable[[], object], repeats: int) -> float:
    """Median wall time of one step, after two to warm up."""
    times = []
    for _ in range(repeats + 2):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return median(times[2:])


def row(name: str, value: float, baseline: str, baseline_value: float) -> dict:
    """A row of the table, in milliseconds."""
    return {
        "name": f"NeRN: {name}",
        "value": 1e3 * value,
        "unit": "ms",
        "baseline": baseline,
        "baseline_value": 1e3 * baseline_value,
        "ratio": baseline_value / value,
        "note": f"ResNet-20, h = {HIDDEN}, {CHUNK} kernels and {IMAGES} images a step, one core, medians",
    }


def agree(found: float, expected: float, what: str) -> None:
    """Raise unless two losses agree."""
    if not abs(found - expected) <= AGREEMENT * abs(expected):
        raise ArithmeticError(f"{what}: {found} is not {expected}; the two ways differ.")


def on_gpu(source: Original, coordinates: Tensor, steps: int, graphs: bool) -> tuple[float, float]:
    """Seconds that a reconstruction of so many steps takes on a GPU, and the loss at its end."""
    frame = source.frame
    targets = Targets(frame.values.cuda(), frame.present.cuda(), points(coordinates.cuda()))
    setting = Reconstruction("resnet20-random", HIDDEN, steps)
    start = time.perf_counter()
    run = Run(targets, setting, torch.Generator("cuda").manual_seed(0))
    if not graphs:
        run.errors.swept = run.errors.swept.function
    complete(run, steps)
    loss = run.scale.mean_square.sqrt().item()  # waits for the GPU
    return time.perf_counter() - start, loss


def gpu_row(source: Original, coordinates: Tensor, steps: int) -> dict:
    """A whole reconstruction on a GPU, with and without CUDA graphs."""
    losses = [on_gpu(source, coordinates, FEW_STEPS, graphs)[1] for graphs in (True, False)]
    agree(*losses, "the loss by CUDA graphs")
    value, baseline = (on_gpu(source, coordinates, steps, graphs)[0] for graphs in (True, False))
    return {
        "name": "NeRN: a whole reconstruction on a GPU",
        "device": "cuda",
        "value": value,
        "unit": "s",
        "baseline": "without CUDA graphs on the same GPU",
        "baseline_value": baseline,
        "ratio": baseline / value,
        "note": f"ResNet-20, h = {HIDDEN}, {CHUNK} kernels a step, {steps:,} steps, snapshots included, once",
    }


def measure(small: bool = False) -> list[dict]:
    """A reconstruction step against both other ways, and a joint step against the reference's; where there is a
    GPU, a whole reconstruction on it."""
    steady_process()
    few, many = (1, 3) if small else (7, 100)
    source = random_original()
    coordinates = ordered_coordinates(source.frame, "in-filter")
    targets = Targets(source.frame.values, source.frame.present, points(coordinates))
    setting = Reconstruction("resnet20-random", HIDDEN, steps=10**6, scale="running")
    ours = Run(targets, setting, torch.Generator().manual_seed(0))
    both = Distillation("resnet20-random", HIDDEN, reconstruction=1.0, kd=WEIGHTS, fmd=WEIGHTS)
    joint = JointRun(source, targets, both, torch.Generator().manual_seed(0), None, None)
    reference = Reference(source, targets, coordinates, everything=True)
    plain = Reference(source, targets, coordinates, everything=False)
    inputs = joint.feed.draw()

    kernels = joint.predictor(targets.at).detach().requires_grad_()
    mine = [rmse(kernels, targets), *joint._distillation(kernels, inputs)]
    for name, loss, theirs in zip(("L_recon", "L_KD", "L_FMD"), mine, reference.step(inputs, True)):
        agree(loss.item(), theirs, name)

    alone, batch_only = (
        step_seconds(as_in_cells(ours.advance), many),
        step_seconds(lambda: plain.step(None, False), many),
    )
    as_published = step_seconds(lambda: reference.step(inputs, False), few)
    together = step_seconds(as_in_cells(joint.advance), few)
    joint_published = step_seconds(lambda: reference.step(inputs, True), few)
    rows = [
        row("a step of reconstruction", alone, "as the reference runs it", as_published),
        row("a step of reconstruction, plain", alone, "autograd and torch on the batch alone", batch_only),
        row("a joint step", together, "as the reference runs it", joint_published),
    ]
    if torch.cuda.is_available():
        rows.append(gpu_row(source, coordinates, 10 * FEW_STEPS if small else Reconstruction().steps))
    return rows

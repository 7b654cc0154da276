"""A step of an autoencoder of CNN-s: the package's way against that of the references.

The references keep a file for each window, with the window as it is and 200 times with hidden units in
another order. They read whole files into batches, copy these, take two of the views, and pass them through the
autoencoder one after the other. Weights are random, which does not change the arithmetic, and files stay in the
system's cache; both ways are compared on the same windows before anything is timed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import as_in_cells, paired, wall_seconds
from wsbook.papers.sane.method.autoencoder import Autoencoder
from wsbook.papers.sane.method.losses import nt_xent, reconstruction_loss
from wsbook.papers.sane.method.trained import sizes_of
from wsbook.papers.sane.method.training import CLIP, Run
from wsbook.papers.sane.method.windows import POOL, Feed, Source, Windows, joined
from wsbook.papers.sane.setting import Training
from wsbook.study.resume import complete
from wsbook.study.run import steady_process
from wsbook.weights.symmetry import Permutations, permute, random_permutations
from wsbook.weights.tokens import layout, tokens
from wsbook.zoo.networks import Network

SETTING = (
    Training()
)  # tokens of 201, windows of 48, width 128, 2 + 2 blocks, 4 heads, latents of 32, batch 32
LARGE = replace(SETTING, network="cnn-l", token=289, window=64, width=256, blocks=4, latent=64)
NETWORK = SETTING.zoos[0].architecture
NETWORKS = 350  # 70 models after each of five epochs
COPIES = 201  # of a window in its file
FILES = 40  # enough to draw a batch from
GPU_STEPS, FEW_STEPS = 500, 10  # FEW_STEPS before any is timed
PRODUCT = 1024  # rows and columns of large matrices


def vectors(network: Network = NETWORK) -> Tensor:
    """Random weight vectors (350, P)."""
    size = sum(torch.Size(shape).numel() for shape in network.shapes.values())
    return torch.randn(NETWORKS, size, generator=torch.Generator().manual_seed(0))


def pool() -> list[Permutations]:
    """The permutations behind the rows of the pool of `source`: the identity first."""
    generator = torch.Generator().manual_seed(1)
    identity = [torch.arange(group.size) for group in NETWORK.units]
    return [identity, *(random_permutations(NETWORK.units, generator) for _ in range(POOL - 1))]


def source(setting: Training = SETTING, device: str = "cpu") -> Source:
    """The package's networks to cut windows from."""
    network = setting.zoos[0].architecture
    of = vectors(network).to(device)
    return Source(of, network, setting.token, torch.Generator().manual_seed(1))


def autoencoder(setting: Training = SETTING) -> Autoencoder:
    """The autoencoder that both ways train."""
    return Autoencoder(sizes_of(setting), torch.Generator().manual_seed(0))


def random_feed(setting: Training = SETTING, device: str = "cpu") -> Feed:
    """Windows of the package's networks."""
    return Feed([source(setting, device)], setting.window, torch.Generator().manual_seed(2))


def our_run(feed: Feed, setting: Training = SETTING, device: str = "cpu") -> Run:
    """The package's way."""
    return Run(autoencoder(setting).to(device), feed, setting, torch.Generator().manual_seed(3))


@dataclass(frozen=True)
class Fixed:
    """A feed that always gives the same views."""

    views: list[Windows]

    def draw(self, batch: int) -> list[Windows]:
        return self.views


class Reference:
    """The references' way, with its files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vectors, self.layout = vectors(), layout(NETWORK.shapes, SETTING.token)
        self.model = autoencoder().train()
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), SETTING.lr, weight_decay=SETTING.weight_decay, fused=True
        )
        self.generator = torch.Generator().manual_seed(2)

    def view(self, items: Sequence[int], starts: Sequence[int], orders: Sequence[Permutations]) -> Windows:
        """Windows of networks `items` from tokens `starts`, their hidden units in an order each."""
        parts = []
        for item, start, order in zip(items, starts, orders):
            seen = slice(start, start + SETTING.window)
            moved = tokens(permute(self.vectors[item], NETWORK.shapes, NETWORK.units, order), self.layout)
            parts.append((moved[seen], self.layout.mask[seen], self.layout.positions[seen]))
        return Windows(*(torch.stack(rows) for rows in zip(*parts)))

    def write(self, files: int, copies: int) -> None:
        """Write the files of some windows."""
        last = max(1, len(self.layout.index) - SETTING.window + 1)
        for number in range(files):
            start = int(torch.randint(last, (), generator=self.generator))
            orders = [random_permutations(NETWORK.units, self.generator) for _ in range(copies)]
            found = self.view([number] * copies, [start] * copies, orders)
            shared = {"mask": found.mask[0].clone(), "positions": found.positions[0].clone()}
            torch.save({"tokens": found.tokens, **shared}, self.folder / f"{number}.pt")

    def draw(self) -> list[Windows]:
        """Two views of a batch of windows, with noise."""
        paths = sorted(self.folder.iterdir())
        numbers = torch.randint(len(paths), (SETTING.batch,), generator=self.generator).tolist()
        kept = [torch.load(paths[number], weights_only=True) for number in numbers]
        every, mask, positions = (torch.stack([found[name] for found in kept]) for name in kept[0])
        one, other = torch.randperm(every.shape[1], generator=self.generator)[:2]
        other_view = every.clone()[:, other]  # as they do: all views of all windows, for one of each
        return [self._noisy(Windows(view, mask, positions)) for view in (every[:, one], other_view)]

    def _noisy(self, view: Windows) -> Windows:
        noise = torch.randn(view.tokens.shape, generator=self.generator)
        return replace(view, tokens=view.tokens * (1 + SETTING.noise * noise))

    def losses(self, views: Sequence[Windows]) -> tuple[Tensor, Tensor]:
        """Reconstruction and contrast, by a pass for each view."""
        rebuilt, projected = zip(*(self.model(view.tokens, view.positions) for view in views))
        both = joined(views)
        rebuilding = reconstruction_loss(
            torch.cat(rebuilt), both.tokens, both.mask, both.positions[..., 1], SETTING.normalisation
        )
        return rebuilding, nt_xent(*projected)

    def step(self) -> None:
        """One step."""
        rebuilding, contrast = self.losses(self.draw())
        self.optimiser.zero_grad()
        ((1 - SETTING.contrast) * rebuilding + SETTING.contrast * contrast).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimiser.step()


def compare(reference: Reference) -> None:
    """Raise unless both ways cut the same windows and take the same losses of them."""
    generator = torch.Generator().manual_seed(4)
    items, rows = (torch.randint(n, (SETTING.batch,), generator=generator) for n in (NETWORKS, POOL))
    starts, orders = torch.zeros_like(items), pool()
    ours = source().windows(items, starts, rows, SETTING.window)
    theirs = reference.view(items.tolist(), starts.tolist(), [orders[row] for row in rows.tolist()])
    for name in ("tokens", "mask", "positions"):
        torch.testing.assert_close(getattr(ours, name), getattr(theirs, name), rtol=0, atol=0)
    views = [ours, source().windows(items, starts, rows.flip(0), SETTING.window)]
    run = our_run(Fixed(views), replace(SETTING, noise=0.0))
    run.advance()
    with torch.no_grad():
        torch.testing.assert_close(run.losses[0], torch.stack(reference.losses(views)), rtol=1e-4, atol=0)


def measure(small: bool = False) -> list[dict]:
    """A step, and the share of it that goes into its windows."""
    steady_process()
    repeats = 2 if small else 30
    with TemporaryDirectory() as folder:
        reference = Reference(Path(folder))
        compare(reference)
        reference.write(*(2, 3) if small else (FILES, COPIES))
        run = our_run(random_feed())
        ours, theirs = paired(run.advance, reference.step, repeats)
        data, their_data = paired(lambda: windows(run), reference.draw, repeats)
    share, their_share = 100 * data / ours, 100 * their_data / theirs
    return [
        row("a step", 1e3 * ours, 1e3 * theirs, "ms", repeats),
        row("share of a step that goes into its windows", share, their_share, "%", repeats),
        *(arithmetic_row(setting, repeats) for setting in (SETTING, *([] if small else [LARGE]))),
        *([gpu_row(10 if small else GPU_STEPS)] if torch.cuda.is_available() else []),
    ]


def arithmetic_row(setting: Training, repeats: int) -> dict:
    """How fast a step, with everything in it, does the arithmetic of its matrix products, beside a large product."""
    run = our_run(random_feed(setting), setting)
    one, other = torch.randn(2, PRODUCT, PRODUCT, generator=torch.Generator().manual_seed(5))
    with FlopCounterMode(display=False) as counter:
        run.advance()
    step, product = paired(run.advance, as_in_cells(lambda: one @ other), repeats)
    value, baseline = counter.get_total_flops() / step / 1e9, 2 * PRODUCT**3 / product / 1e9
    return {
        "name": f"SANE: matrix products in a step of width {setting.width}",
        "value": value,
        "unit": "GFLOP/s",
        "baseline": f"a product of {PRODUCT:,} x {PRODUCT:,} matrices, which no step can exceed",
        "baseline_value": baseline,
        "ratio": value / baseline,
        "note": f"{setting.network.upper()}, {setting.batch} windows of {setting.window} tokens of {setting.token}, "
        f"{setting.blocks} + {setting.blocks} blocks; {1e3 * step:.0f} ms a step; one thread, medians of "
        f"{repeats} alternating repeats",
    }


def gpu_row(steps: int, device: str = "cuda") -> dict:
    """A step on a GPU: its gradients as a CUDA graph in bfloat16 against the plain way in float32."""
    graph, plain = (gpu_run(FEW_STEPS, device, "float32", graphs) for graphs in (True, False))
    torch.testing.assert_close(graph.losses[:FEW_STEPS], plain.losses[:FEW_STEPS], rtol=1e-3, atol=0)
    value, baseline = (
        1e3 / steps * wall_seconds(complete, gpu_run(FEW_STEPS, device, *way), FEW_STEPS + steps)
        for way in (("bfloat16", True), ("float32", False))
    )
    return {
        "name": "SANE: a step on a GPU",
        "device": device,
        "value": value,
        "unit": "ms",
        "baseline": "without a CUDA graph, in float32, on the same GPU",
        "baseline_value": baseline,
        "ratio": baseline / value,
        "note": f"CNN-s, {SETTING.batch} windows of {SETTING.window} tokens, width {SETTING.width}; windows included; "
        f"mean of {steps} steps",
    }


def gpu_run(steps: int, device: str, precision: str, graphs: bool) -> Run:
    """A run on a GPU after some steps."""
    setting = replace(SETTING, precision=precision)
    run = our_run(random_feed(setting, device), setting, device)
    if not graphs:
        run.differentiated = run.differentiated.function
    complete(run, steps)
    return run


def windows(run: Run) -> Windows:
    """What a step of the package sees."""
    return joined([run._noisy(view) for view in run.feed.draw(SETTING.batch)])


def row(name: str, value: float, baseline: float, unit: str, repeats: int) -> dict:
    """A row of the table."""
    return {
        "name": f"SANE: {name}",
        "value": value,
        "unit": unit,
        "baseline": "a file for each window with all its views, a pass for each view",
        "baseline_value": baseline,
        "ratio": baseline / value,
        "note": f"CNN-s, {SETTING.batch} windows of {SETTING.window} tokens, width {SETTING.width}; one "
        f"thread, medians of {repeats} alternating repeats",
    }

"""Measure networks that are generated for an image set, beside what needs no autoencoder.

The prompts are trained networks of the target, of which no autoencoder has seen any. Candidates are chosen on
validation images; accuracies are those on test images.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.sane.autoencoders import Fitted, fitted
from wsbook.sane.baselines import average, nearest, with_noise
from wsbook.sane.sampling import BANDWIDTH, sample, subsample
from wsbook.sane.setting import Training
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.symmetry import align
from wsbook.zoo.archive import members
from wsbook.zoo.networks import Network
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task

SHOWN = 1000  # at most so many validation images choose among candidates


@dataclass(frozen=True)
class Generation(Training):
    """Networks for an image set, sampled with an autoencoder."""

    target: str = "mnist"  # the image set they are for
    prompts: int = 5
    candidates: int = 200
    keep: int = 10  # candidates, by validation accuracy
    shared: bool = False  # one anchor and one noise for all tokens, as in the released code
    bandwidth: float = BANDWIDTH

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.prompts <= self.fresh:
            raise StudyError(f"prompts number from 1 to {self.fresh}, not {self.prompts}; raise fresh.")
        if not 1 <= self.keep <= self.candidates:
            raise StudyError(f"of {self.candidates} candidates one cannot keep {self.keep}.")

    @property
    def training(self) -> Training:
        """How the autoencoder is trained."""
        own = {field.name for field in fields(Training)}
        return Training(**{name: value for name, value in asdict(self).items() if name in own})

    @property
    def prompt_zoo(self) -> Zoo:
        """The networks that prompts are drawn from, trained like those of the training zoos."""
        return self.fresh_zoo(replace(self.zoos[0], data=self.target))


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: test accuracy of what is generated and of its rivals, and how new it is."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def prompts_of(setting: Generation, seed: int) -> Tensor:
    """Weight vectors (A, P) of the prompts, hidden units aligned to the first of them."""
    last = members(setting.prompt_zoo).weights[:, -1]
    generator = torch.Generator().manual_seed(seed)
    chosen = last[torch.randperm(len(last), generator=generator)[: setting.prompts]]
    network = setting.prompt_zoo.architecture
    return align(chosen, chosen[0], network.shapes, network.units, generator)


def shown(on: Task) -> Task:
    """The task with at most `SHOWN` validation images, in equal steps through the classes: to choose by."""
    images, labels = on.val
    every = -(-len(labels) // SHOWN)
    return Task(on.train, (images[::every], labels[::every]), on.test)


def best(vectors: Tensor, network: Network, on: Task, keep: int) -> tuple[Tensor, Tensor]:
    """The vectors (keep, P) with the best validation accuracies, best first; their test accuracies (keep,)."""
    chosen, _ = subsample(vectors, lambda v: network.score(v, on, "val")[0], keep)
    return chosen, network.score(chosen, on, "test")[0]


def candidates(setting: Generation, found: Fitted, prompts: Tensor, seed: int) -> Tensor:
    """Weight vectors (N, P) decoded from the density of the prompts' latents."""
    anchors, generator = found.encode(prompts), torch.Generator().manual_seed(seed)
    return found.decode(sample(anchors, setting.candidates, generator, setting.shared, setting.bandwidth))


def plain_candidates(
    prompts: Tensor, generated: Tensor, network: Network, generator: torch.Generator
) -> dict[str, Tensor]:
    """As many weight vectors (N, P) as are generated, without an autoencoder: noisy copies of the prompts,
    as far away as what is generated, and random networks."""
    noisy = with_noise(prompts, generated, generator)
    return {"noisy_prompts": noisy, "random": network.initial([generator] * len(generated))}


def rivals(
    prompts: Tensor, plain: dict[str, Tensor], network: Network, on: Task, keep: int
) -> dict[str, float]:
    """Test accuracies of what needs no autoencoder: the best prompt, the prompts' mean and average, and those of
    `plain_candidates`, chosen as generated networks are."""
    mean = average(prompts, network, torch.Generator().manual_seed(0))[None]
    chosen = {name: best(vectors, network, on, keep)[1].mean().item() for name, vectors in plain.items()}
    return chosen | {
        "best_prompt": best(prompts, network, on, 1)[1].item(),
        "prompt": network.score(prompts, on, "test")[0].mean().item(),
        "prompt_average": network.score(mean, on, "test")[0].item(),
    }


def novelty(found: Fitted, vectors: Tensor, on: Task) -> dict[str, float]:
    """How near networks (N, P) come to the nearest training network: in weights, relative to the norm, and in the
    share of test images on which both decide alike."""
    numbers, distances = nearest(vectors, found.training)
    ours, theirs = (found.network.decisions(v, on, "test") for v in (vectors, found.training[numbers]))
    return {"distance": distances.mean().item(), "agreement": (ours == theirs).float().mean().item()}


def _measure(setting: Generation, seed: int, device: str) -> Measured:
    found = fitted(setting.training, seed, device)
    network, on = found.network, shown(setting.prompt_zoo.task)
    prompts = prompts_of(setting, seed)
    generated = candidates(setting, found, prompts, seed)
    plain = plain_candidates(prompts, generated, network, torch.Generator().manual_seed(seed))
    kept, chosen = best(generated, network, on, setting.keep)
    rebuilt = found.decode(found.encode(prompts))
    metrics = {
        "generated": chosen.mean().item(),
        "best_generated": chosen[0].item(),
        "candidates_val": network.score(generated, on, "val")[0].mean().item(),
        "reconstructed": network.score(rebuilt, on, "test")[0].mean().item(),
        **rivals(prompts, plain, network, on, setting.keep),
    }
    noisy = plain["noisy_prompts"][: setting.keep]
    for name, vectors in {"generated": kept, "prompt": prompts, "noisy": noisy}.items():
        metrics |= {f"{name}_{k}": value for k, value in novelty(found, vectors, on).items()}
    return Measured(metrics, {"chosen": chosen.tolist()})

"""Measure networks that are generated for an image set, beside what needs no autoencoder.

The prompts are trained networks of the target, of which no autoencoder has seen any. Candidates are chosen on
validation images; accuracies are those on test images.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.sane.method.baselines import average, nearest, with_noise
from wsbook.papers.sane.method.sampling import BANDWIDTH, bootstrap, sample
from wsbook.papers.sane.method.trained import Fitted, fitted
from wsbook.papers.sane.setting import Training
from wsbook.study.experiment import Cell, Measured
from wsbook.weights.symmetry import align
from wsbook.zoo.archive import members
from wsbook.zoo.networks import Network
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task

SHOWN = 500  # at most so many validation images choose among candidates


@dataclass(frozen=True)
class Generation(Training):
    """Networks for an image set, sampled with an autoencoder."""

    target: str = "mnist"  # the image set they are for
    prompts: int = 5
    candidates: int = 200
    keep: int = 10  # candidates, by validation accuracy
    shared: bool = True  # one anchor and one noise for all tokens, as in the released code
    bandwidth: float = BANDWIDTH
    rounds: int = 1  # of sampling; those kept of one round are prompts of the next

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.prompts <= self.fresh:
            raise StudyError(f"prompts number from 1 to {self.fresh}, not {self.prompts}; raise fresh.")
        if self.rounds < 1:
            raise StudyError(f"there is at least one round of sampling, not {self.rounds}; raise rounds.")
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


def prompts_of(zoo: Zoo, count: int, seed: int) -> Tensor:
    """Weight vectors (A, P) of so many networks of a zoo, hidden units aligned to the first of them."""
    last = members(zoo).weights[:, -1]
    generator = torch.Generator().manual_seed(seed)
    chosen = last[torch.randperm(len(last), generator=generator)[:count]]
    network = zoo.architecture
    return align(chosen, chosen[0], network.shapes, network.units, generator)


def shown(on: Task) -> Task:
    """The task with at most `SHOWN` validation images, in equal steps through the classes: to choose by."""
    images, labels = on.val
    every = -(-len(labels) // SHOWN)
    return Task(on.train, (images[::every], labels[::every]), on.test)


class Best(NamedTuple):
    """The networks of a pool with the best validation accuracies, best first."""

    vectors: Tensor  # (keep, P)
    test: Tensor  # (keep,) test accuracies
    pool: float  # mean validation accuracy of the pool


def best(vectors: Tensor, network: Network, on: Task, keep: int) -> Best:
    """The best of weight vectors (N, P)."""
    accuracies = network.score(vectors, on, "val")[0]
    chosen = vectors[accuracies.topk(min(keep, len(vectors))).indices]
    return Best(chosen, network.score(chosen, on, "test")[0], accuracies.mean().item())


def candidates(setting: Generation, found: Fitted, prompts: Tensor, seed: int) -> Tensor:
    """Weight vectors (N, P) decoded from the density of the prompts' latents; of several rounds the survivors of all
    but the last, and what is drawn around them."""
    network, on = found.network, shown(setting.prompt_zoo.task)
    anchors, generator = found.encode(prompts), torch.Generator().manual_seed(seed)
    rest = (generator, setting.shared, setting.bandwidth)
    score = lambda latents: network.score(found.decode(latents), on, "val")[0]  # noqa: E731
    kept, _ = bootstrap(anchors, setting.candidates, setting.keep, setting.rounds - 1, score, *rest)
    drawn = sample(kept if len(kept) else anchors, setting.candidates, *rest)
    return found.decode(torch.cat([kept, drawn]))


def noisy_copies(prompts: Tensor, like: Tensor, seed: int) -> Tensor:
    """Noisy copies (N, P) of prompts, as many as there are networks in `like` (N, P), and as far away."""
    return with_noise(prompts, like, torch.Generator().manual_seed(seed))


def random_networks(network: Network, count: int, seed: int) -> Tensor:
    """Weight vectors (count, P) of networks as training starts from them."""
    return network.initial([torch.Generator().manual_seed(seed)] * count)


@cache  # the same for all autoencoders
def rivals(zoo: Zoo, prompts: int, candidates: int, keep: int, seed: int) -> dict[str, float]:
    """Test accuracies of what needs no autoencoder: the best prompt, the prompts' mean and average, and as many
    random candidates as are generated, chosen as these are."""
    network, on = zoo.architecture, shown(zoo.task)
    vectors = prompts_of(zoo, prompts, seed)
    mean = average(vectors, network, torch.Generator().manual_seed(0))[None]
    return {
        "random": best(random_networks(network, candidates, seed), network, on, keep).test.mean().item(),
        "best_prompt": best(vectors, network, on, 1).test.item(),
        "prompt": network.score(vectors, on, "test")[0].mean().item(),
        "prompt_average": network.score(mean, on, "test")[0].item(),
    }


def novelty(found: Fitted, vectors: Tensor, on: Task) -> dict[str, float]:
    """How near networks (N, P) come to the nearest training network: in weights, relative to the norm, and in the
    share of validation images on which both decide alike."""
    numbers, distances = nearest(vectors, found.training)
    ours, theirs = (found.network.decisions(v, on, "val") for v in (vectors, found.training[numbers]))
    return {"distance": distances.mean().item(), "agreement": (ours == theirs).float().mean().item()}


def _measure(setting: Generation, seed: int, device: str) -> Measured:
    found, zoo = fitted(setting.training, seed, device), setting.prompt_zoo
    network, on = found.network, shown(zoo.task)
    prompts = prompts_of(zoo, setting.prompts, seed)
    generated = candidates(setting, found, prompts, seed)
    plain = noisy_copies(prompts, generated, seed)
    kept = best(generated, network, on, setting.keep)
    rebuilt = found.decode(found.encode(prompts))
    metrics = {
        "generated": kept.test.mean().item(),
        "best_generated": kept.test[0].item(),
        "candidates_val": kept.pool,
        "reconstructed": network.score(rebuilt, on, "test")[0].mean().item(),
        "noisy_prompts": best(plain, network, on, setting.keep).test.mean().item(),
        **rivals(zoo, setting.prompts, setting.candidates, setting.keep, seed),
    }
    compared = {"generated": kept.vectors, "prompt": prompts, "noisy": plain[: setting.keep]}
    for name, vectors in compared.items():
        metrics |= {f"{name}_{k}": value for k, value in novelty(found, vectors, on).items()}
    return Measured(metrics, {"chosen": kept.test.tolist()})

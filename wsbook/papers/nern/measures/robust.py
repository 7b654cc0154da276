"""How networks with predicted kernels do on corrupted and adversarial images: the OOD, FGSM and I-FGSM rows of
paper C's tables."""

from functools import cache

import torch
from torch import Tensor

from wsbook.data.corruptions import MAIN, corrupt
from wsbook.nets.attacks import PAPER_EPSILON
from wsbook.nets.folding import folded
from wsbook.nets.originals import Original, original
from wsbook.nets.robustness import Trials, robustness
from wsbook.papers.nern.method.network import rebuilt

SHARE, LEAST = 10, 100  # one test image in so many is shown, but at least so many in all
SHOWN = Trials(corruptions=MAIN, epsilons=(PAPER_EPSILON,), iterated_epsilons=(PAPER_EPSILON,))


def stride(count: int) -> int:
    """Which of `count` test images, sorted by label, are shown: every so manieth."""
    return max(1, min(SHARE, count // LEAST))


def robust_accuracy(source: Original, kernels: Tensor) -> dict[str, float]:
    """Accuracies "ood", "fgsm" and "ifgsm", 0 to 1, of the original with kernels (N, 9).

    Corruptions are those of CIFAR-10-C, averaged over 15 kinds and five severities. Attacks have the
    epsilon at which FGSM leaves our ResNet-20 what it leaves the paper's. All networks see the same images:
    of CIFAR-10 a tenth of the test images, with all classes in equal shares.
    """
    images = source.images("test")
    every = stride(len(images.labels))
    chosen = (images.images[::every], images.labels[::every], source.mean, source.std)
    net = folded(rebuilt(source, kernels))
    found = robustness(net, *chosen, SHOWN, corrupt, torch.Generator().manual_seed(0))
    level = f"{255 * PAPER_EPSILON:g}"
    return {"ood": found["ood"], "fgsm": found[f"fgsm_{level}"], "ifgsm": found[f"ifgsm_{level}"]}


@cache
def original_robust_accuracy(name: str) -> dict[str, float]:
    """The same of an original itself."""
    source = original(name)
    return robust_accuracy(source, source.frame.values)

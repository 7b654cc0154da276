"""How well a network does with its kernels replaced by predicted ones."""

import copy
from functools import cache

from torch import Tensor, nn

from wsbook.nets.evaluate import evaluate
from wsbook.nets.folding import folded
from wsbook.nets.originals import Original, original
from wsbook.weights.framed import unframed


def rebuilt(source: Original, values: Tensor) -> nn.Module:
    """The original with its kernels replaced by `values` (N, 9); everything else is copied."""
    net = copy.deepcopy(source.net)
    net.load_state_dict(unframed(net.state_dict(), source.frame, values.to(source.frame.values.device)))
    return net.eval()


def accuracy(source: Original, values: Tensor, part: str) -> float:
    """Accuracy, 0 to 1, on the "val" or "test" images with kernels `values` (N, 9)."""
    return evaluate(folded(rebuilt(source, values)), *source.inputs(part)).accuracy


@cache
def original_accuracy(name: str, part: str) -> float:
    """Accuracy of an original on the images of a part."""
    source = original(name)
    return accuracy(source, source.frame.values, part)

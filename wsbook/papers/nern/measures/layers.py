"""Layer by layer: how far predicted kernels are from the original's, and how their spectra differ."""

from torch import Tensor

from wsbook.nets.originals import Original
from wsbook.weights.framed import weights_of
from wsbook.weights.spectra import s_ratio


def layer_distances(source: Original, one: Tensor, other: Tensor) -> list[float]:
    """Root mean square difference, layer by layer, of two sets of kernels (N, 9); from the original's
    it is the error of a layer (figure 4)."""
    state = source.net.state_dict()
    both = (weights_of(source.frame, state, kernels).values() for kernels in (one, other))
    return [(a - b).double().square().mean().sqrt().item() for a, b in zip(*both)]


def s_ratio_differences(source: Original, values: Tensor) -> list[float]:
    """S_ratio of each layer minus the original's (figures 2 and 12)."""
    state = source.net.state_dict()
    predicted = weights_of(source.frame, state, values)
    return [s_ratio(w) - s_ratio(state[name]) for name, w in predicted.items()]

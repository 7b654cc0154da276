"""Layer by layer: how far predicted kernels are from the original's, and how their spectra differ."""

import torch
from torch import Tensor

from wsbook.nets.originals import Original
from wsbook.weights.framed import weights_of
from wsbook.weights.spectra import s_ratio


def layer_errors(source: Original, values: Tensor) -> list[float]:
    """Root mean square error of the weights of each layer (figure 4)."""
    state = source.net.state_dict()
    predicted = weights_of(source.frame, state, values)
    return [(w - state[name]).double().square().mean().sqrt().item() for name, w in predicted.items()]


def s_ratio_differences(source: Original, values: Tensor) -> list[float]:
    """S_ratio of each layer minus the original's (figures 2 and 12)."""
    state = source.net.state_dict()
    predicted = weights_of(source.frame, state, values)
    return [s_ratio(w) - s_ratio(state[name]) for name, w in predicted.items()]


def later_half(differences: list[float]) -> float:
    """Mean over the later half of the layers, (2/L) sum_{l >= L/2} (section 3.1, figure 3b)."""
    half = torch.tensor(differences[len(differences) // 2 :], dtype=torch.float64)
    return half.mean().item()

"""Post-training quantisation of weights to int8, symmetric, with one scale an output channel.

Only weights are quantised: activations, biases and batch normalisation stay float. Paper C quantises
weights and activations (PyTorch's static quantisation, fbgemm), so that its accuracies can be lower
than those of the weights alone; the sizes of the stored weights are the same.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from wsbook.errors import StudyError

State = Mapping[str, Tensor]
LEVELS = 127  # on each side of 0


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Levels (cout, ...) int8 and scales (cout,) of a weight (cout, ...): weight ~ scale * level.

    A channel's scale maps its largest magnitude to 127. Channels of zeros have scale 1.
    """
    largest = weight.flatten(1).abs().amax(1)
    scale = torch.where(largest > 0, largest / LEVELS, 1)
    levels = (weight / _column(scale, weight)).round().clamp(-LEVELS, LEVELS)
    return levels.to(torch.int8), scale


def dequantise(levels: Tensor, scale: Tensor) -> Tensor:
    """The weight (cout, ...) of levels (cout, ...) and scales (cout,), in the type of the scales."""
    return levels.to(scale.dtype) * _column(scale, levels)


def quantised_tensors(state: State, names: Sequence[str] | None = None) -> dict[str, Tensor]:
    """What is stored of a quantised network: levels, scales as NAME.scale, and all other tensors as they are.

    Raises
        StudyError: if there is no such weight.
    """
    stored = dict(state)
    for name in _weights(state, names):
        stored[name], stored[f"{name}.scale"] = quantise(state[name])
    return stored


def quantised_state(state: State, names: Sequence[str] | None = None) -> dict[str, Tensor]:
    """A copy of `state` whose weights `names` are quantised and back; default: all convolution and linear ones.

    Raises
        StudyError: if there is no such weight.
    """
    chosen = set(_weights(state, names))
    return {name: dequantise(*quantise(t)) if name in chosen else t.clone() for name, t in state.items()}


def _weights(state: State, names: Sequence[str] | None) -> list[str]:
    weights = [name for name, tensor in state.items() if tensor.is_floating_point() and tensor.dim() > 1]
    unknown = [name for name in names or () if name not in weights]
    if unknown:
        raise StudyError(
            f"this network has no weight {', '.join(unknown)} to quantise; choose among {', '.join(weights)}."
        )
    return weights if names is None else list(names)


def _column(scale: Tensor, weight: Tensor) -> Tensor:
    """Scales (cout,) as (cout, 1, ...), to multiply a weight with."""
    return scale.view(-1, *[1] * (weight.dim() - 1))

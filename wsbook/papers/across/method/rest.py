"""What all methods store alike: batch normalisation and the linear layer, in float16.

In evaluation, batch normalisation is x -> scale * x + shift, with scale = weight / sqrt(var + eps) and
shift = bias - scale * mean. Two numbers a channel are stored in place of four; what is read back has mean 0 and
variance 1.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from wsbook.papers.across.method import floats
from wsbook.papers.across.method.container import Reader, Writer

EPSILON = 1e-5  # of torch's batch normalisation
NORMALISED = (".weight", ".bias", ".running_mean", ".running_var", ".num_batches_tracked")


def normalisations(state: Mapping[str, Tensor]) -> list[str]:
    """Prefixes of the batch normalisations in a state dict."""
    return [name.removesuffix(".running_var") for name in state if name.endswith(".running_var")]


def others(state: Mapping[str, Tensor]) -> list[str]:
    """Names of what is neither a convolution nor of batch normalisation."""
    own = {prefix + part for prefix in normalisations(state) for part in NORMALISED}
    return [name for name, tensor in state.items() if tensor.dim() != 4 and name not in own]


def write(writer: Writer, state: Mapping[str, Tensor]) -> None:
    """All but the convolutions of a state dict."""
    scales, shifts = [], []
    for prefix in normalisations(state):
        weight, bias, mean, var = (state[prefix + part] for part in NORMALISED[:4])
        scales.append(weight / (var + EPSILON).sqrt())
        shifts.append(bias - scales[-1] * mean)
    rest = [state[name].flatten() for name in others(state)]
    for values in (scales, shifts, rest):
        floats.write(writer, torch.cat(values))


def read(reader: Reader, like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What `write` wrote; of `like`, names and shapes matter."""
    prefixes, state = normalisations(like), {}
    widths = [len(like[prefix + ".running_var"]) for prefix in prefixes]
    scales, shifts = (floats.read(reader, (sum(widths),)).split(widths) for _ in range(2))
    for prefix, scale, shift in zip(prefixes, scales, shifts):
        values = (
            scale,
            shift,
            torch.zeros_like(scale),
            torch.full_like(scale, 1 - EPSILON),
            torch.tensor(0),
        )
        state |= {prefix + part: value for part, value in zip(NORMALISED, values)}
    sizes = {name: like[name].numel() for name in others(like)}
    rest = floats.read(reader, (sum(sizes.values()),)).split(list(sizes.values()))
    return state | {name: values.reshape(like[name].shape) for name, values in zip(sizes, rest)}

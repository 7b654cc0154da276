"""Weights altered without any predictor: low-pass filters, singular values, interpolation, noise.

Paper C, appendix A, alters the convolutions of one block: `in_layers` applies a function of one weight
to some layers of a network. Shrinking, soft thresholds and noise are controls: does any change of the
same size do what smoothing does?
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from wsbook.errors import StudyError

State = Mapping[str, Tensor]
READINGS = ("flat-index", "flat-frequency", "spatial-2d")


def in_layers(
    state: State, layers: Sequence[str], function: Callable[[Tensor], Tensor]
) -> dict[str, Tensor]:
    """A copy of `state` with `function` applied to the weight of every layer named.

    Raises
        StudyError: if there is no such layer.
    """
    unknown = [name for name in layers if name not in state]
    if unknown:
        raise StudyError(f"this network has no {', '.join(unknown)}; choose among {', '.join(state)}.")
    chosen = set(layers)
    return {name: function(t) if name in chosen else t.clone() for name, t in state.items()}


def low_pass(weight: Tensor, cutoff: float, reading: str = "flat-index") -> Tensor:
    """Kernels (cout, cin, k, k) with their frequencies f multiplied by H(f) = exp(-0.5 (f / cutoff)^2).

    Paper C reshapes the weight to (cout, cin, k * k), takes "the FFT along the spatial dimensions" and
    calls f "the frequency index". Its cut-offs reach 23.53, above all frequencies of a 3x3 kernel by
    any reading, where the filter is slight. Of the three readings, the first is the text's:

    - flat-index: the FFT of the k * k flattened values, with f = 0, 1, ..., k * k - 1. A frequency and
      its negative, k * k - f, are then filtered differently, and the result is complex; its real part
      is kept, which amounts to filtering both by the mean of the two factors.
    - flat-frequency: the same FFT, with f signed: 0, 1, ..., -2, -1 cycles a kernel.
    - spatial-2d: the 2-D FFT, with f = sqrt(fy^2 + fx^2) in cycles a kernel.

    Raises
        StudyError: if the reading is unknown or the cut-off is not positive.
    """
    if reading not in READINGS:
        raise StudyError(
            f"unknown reading {reading!r} of the low-pass filter; choose {', '.join(READINGS)}."
        )
    if not cutoff > 0:
        raise StudyError(f"a low-pass filter needs a cut-off frequency above 0, not {cutoff}.")
    kernels = weight.double() if reading == "spatial-2d" else weight.double().flatten(2)
    axes = tuple(range(2, kernels.dim()))
    gain = torch.exp(-0.5 * (_frequencies(kernels.shape[2:], reading).to(weight.device) / cutoff).square())
    filtered = torch.fft.ifftn(torch.fft.fftn(kernels, dim=axes) * gain, dim=axes).real
    return filtered.reshape(weight.shape).to(weight.dtype)


def scale_last_singular_values(weight: Tensor, factor: float, count: int = 15) -> Tensor:
    """The weight (cout, ...) with the `count` smallest singular values of its matrix times `factor`.

    The matrix is (cout, cin * k * k). Where it has no more than `count` singular values, all are scaled.
    """
    return _with_singular_values(weight, lambda s: torch.cat([s[:-count], factor * s[-count:]]))


def soft_threshold_singular_values(weight: Tensor, share: float) -> Tensor:
    """The weight (cout, ...) with `share` of the largest singular value taken off each, none below 0."""
    return _with_singular_values(weight, lambda s: (s - share * s[0]).clamp_min(0))


def shrink(weight: Tensor, factor: float) -> Tensor:
    """The weight times `factor`: smaller, and no smoother."""
    return factor * weight


def add_noise(weight: Tensor, rmse: float, generator: torch.Generator) -> Tensor:
    """The weight plus Gaussian noise whose root mean square is `rmse`, exactly and not only on average."""
    noise = torch.randn(weight.shape, generator=generator, dtype=torch.float64)
    return weight + (noise * (rmse / noise.square().mean().sqrt())).to(weight)


def interpolate(state: State, other: State, t: float) -> dict[str, Tensor]:
    """(1 - t) state + t other for floating-point tensors; all others are those of `state`.

    Raises
        StudyError: if the two are not networks of one architecture.
    """
    if {name: w.shape for name, w in state.items()} != {name: w.shape for name, w in other.items()}:
        raise StudyError(
            "networks of different architectures cannot be interpolated; give two state dicts of the same one."
        )
    return {
        name: torch.lerp(w, other[name].to(w), t) if w.is_floating_point() else w.clone()
        for name, w in state.items()
    }


def _frequencies(shape: Sequence[int], reading: str) -> Tensor:
    """Frequency f, float64, of each coefficient of a transform of this shape."""
    if reading == "flat-index":
        return torch.arange(*shape, dtype=torch.float64)
    axes = [torch.fft.fftfreq(n, 1 / n, dtype=torch.float64) for n in shape]
    return torch.stack(torch.meshgrid(*axes, indexing="ij")).square().sum(0).sqrt()


def _with_singular_values(weight: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """The weight with `function` of its matrix's singular values (falling) in their stead."""
    u, s, vh = torch.linalg.svd(weight.flatten(1).double(), full_matrices=False)
    return ((u * function(s)) @ vh).reshape(weight.shape).to(weight.dtype)

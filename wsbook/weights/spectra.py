"""Spectra of weights: singular values of layers, power over frequencies, and distances between sets."""

import torch
from torch import Tensor


def singular_values(weight: Tensor) -> Tensor:
    """Singular values, falling, of a weight reshaped to (output units, everything else)."""
    return torch.linalg.svdvals(weight.flatten(1).double())


def s_ratio(weight: Tensor) -> float:
    """Share of the squared singular values in their larger half.

    S_ratio = sum_{i <= floor(k/2)} s_i^2 / sum_{i <= k} s_i^2, with k = min(n, m) singular values of
    the layer's matrix (n output channels, m = input channels x kernel area); paper C, section 3.1.
    """
    energy = singular_values(weight).square()
    return (energy[: len(energy) // 2].sum() / energy.sum()).item()


def power_spectrum(vectors: Tensor) -> Tensor:
    """Power |FFT|^2 (..., d // 2 + 1) of real vectors (..., d), summing to each one's squared norm."""
    d = vectors.shape[-1]
    both_signs = torch.full((d // 2 + 1,), 2.0, dtype=torch.float64, device=vectors.device)
    both_signs[0] = 1
    if d % 2 == 0:
        both_signs[-1] = 1
    return torch.fft.rfft(vectors.double(), norm="ortho").abs().square() * both_signs


def radial_power_spectrum(kernels: Tensor) -> tuple[Tensor, Tensor]:
    """Radii (r,) and mean power (r,) of kernels (..., H, W) over rings of equal frequency radius.

    Radii are in cycles a kernel, sqrt(fy^2 + fx^2). Each ring's power is the mean over its
    frequencies and over all kernels.
    """
    height, width = kernels.shape[-2:]
    power = torch.fft.fft2(kernels.double(), norm="ortho").abs().square().flatten(0, -3).mean(0)
    fy, fx = (torch.fft.fftfreq(n, 1 / n, dtype=torch.float64) for n in (height, width))
    squared = (fy[:, None].square() + fx.square()).round().long().to(power.device)
    values, ring = squared.unique(return_inverse=True)
    total = torch.zeros(len(values), dtype=power.dtype, device=power.device)
    total.index_add_(0, ring.flatten(), power.flatten())
    return values.sqrt(), total / ring.flatten().bincount()


def spectral_distance(spectra: Tensor, others: Tensor) -> float:
    """Distance between the mean spectra of two sets (n, f) and (m, f), each scaled to sum to 1.

    Half the L1 distance (total variation): 0 for the same shape, 1 for spectra that share nothing.
    """
    a, b = (s.double().mean(0) for s in (spectra, others))
    return 0.5 * (a / a.sum() - b / b.sum()).abs().sum().item()

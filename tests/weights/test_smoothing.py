"""Filters, singular values, interpolation and noise, against plain arithmetic."""

import cmath
import math

import numpy as np
import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.resnet import ResNet
from wsbook.weights.smoothing import (
    READINGS,
    add_noise,
    in_layers,
    interpolate,
    low_pass,
    scale_last_singular_values,
    shrink,
    soft_threshold_singular_values,
)
from wsbook.weights.spectra import radial_power_spectrum, s_ratio, singular_values


@pytest.fixture
def weight():
    return torch.randn(20, 3, 3, 3, generator=torch.Generator().manual_seed(0))


def plain_low_pass(kernel, frequencies, cutoff):
    """A discrete Fourier transform of nine numbers and back, in complex arithmetic."""
    n, root = len(kernel), lambda power: cmath.exp(2j * cmath.pi * power / len(kernel))
    spectrum = [sum(x * root(-f * i) for i, x in enumerate(kernel)) for f in range(n)]
    spectrum = [z * math.exp(-0.5 * (f / cutoff) ** 2) for z, f in zip(spectrum, frequencies)]
    return [(sum(z * root(f * i) for f, z in enumerate(spectrum)) / n).real for i in range(n)]


@pytest.mark.parametrize("cutoff", [0.7, 3.0, 23.53])
@pytest.mark.parametrize(
    "reading, frequencies", [("flat-index", range(9)), ("flat-frequency", [0, 1, 2, 3, 4, -4, -3, -2, -1])]
)
def test_flat_readings_are_the_plain_transform(weight, reading, frequencies, cutoff):
    smooth = low_pass(weight, cutoff, reading)
    assert smooth.shape == weight.shape and smooth.dtype == weight.dtype
    for f, c in ((0, 0), (7, 2)):
        expected = plain_low_pass(weight[f, c].flatten().tolist(), frequencies, cutoff)
        torch.testing.assert_close(smooth[f, c].flatten(), torch.tensor(expected))


def test_spatial_reading_scales_rings_of_the_spectrum(weight):
    radii, before = radial_power_spectrum(weight)
    after = radial_power_spectrum(low_pass(weight, 0.9, "spatial-2d"))[1]
    torch.testing.assert_close(after / before, torch.exp(-((radii.double() / 0.9) ** 2)), rtol=1e-5, atol=0)


@pytest.mark.parametrize("reading", READINGS)
def test_low_pass_keeps_the_mean_and_has_its_limits(weight, reading):
    for cutoff in (0.5, 2.0):
        torch.testing.assert_close(low_pass(weight, cutoff, reading).mean((2, 3)), weight.mean((2, 3)))
    assert low_pass(weight, 2.0, reading).norm() < weight.norm()
    torch.testing.assert_close(low_pass(weight, 1e6, reading), weight)
    flat = weight.mean((2, 3), keepdim=True).expand_as(weight)
    torch.testing.assert_close(low_pass(weight, 1e-3, reading), flat)
    pointwise = torch.randn(4, 3, 1, 1, generator=torch.Generator().manual_seed(1))
    assert torch.equal(low_pass(pointwise, 0.1, reading), pointwise)


def test_last_singular_values(weight):
    s = singular_values(weight)  # 20 of them
    scaled = singular_values(scale_last_singular_values(weight, 0.25))
    torch.testing.assert_close(
        scaled, torch.cat([s[:5], s[5:] / 4]).sort(descending=True).values, rtol=1e-5, atol=0
    )
    torch.testing.assert_close(scale_last_singular_values(weight, 1.0), weight)
    torch.testing.assert_close(scale_last_singular_values(weight, 0.5, count=99), weight / 2)
    assert s_ratio(scale_last_singular_values(weight, 0.5)) > s_ratio(weight)
    assert np.linalg.matrix_rank(scale_last_singular_values(weight, 0.0, count=12).flatten(1).numpy()) == 8


def test_soft_threshold(weight):
    s = singular_values(weight)
    soft = singular_values(soft_threshold_singular_values(weight, 0.3))
    torch.testing.assert_close(soft, (s - 0.3 * s[0]).clamp_min(0), atol=1e-6, rtol=1e-6)


def test_controls(weight):
    assert torch.equal(shrink(weight, 0.5), weight / 2)
    noisy = add_noise(weight, 0.01, torch.Generator().manual_seed(1))
    assert (noisy - weight).double().square().mean().sqrt().item() == pytest.approx(0.01, rel=1e-5)
    assert torch.equal(noisy, add_noise(weight, 0.01, torch.Generator().manual_seed(1)))
    assert not torch.equal(noisy, add_noise(weight, 0.01, torch.Generator().manual_seed(2)))


def test_interpolation():
    a, b = (ResNet(8, widths=(2, 3, 4)).state_dict() for _ in range(2))
    a["bn1.num_batches_tracked"] += 5
    assert all(torch.equal(w, a[name]) for name, w in interpolate(a, b, 0.0).items())
    end = interpolate(a, b, 1.0)
    assert torch.equal(end["conv1.weight"], b["conv1.weight"])
    assert end["bn1.num_batches_tracked"] == 5
    third = interpolate(a, b, 0.3)["conv1.weight"]
    torch.testing.assert_close(third, 0.7 * a["conv1.weight"] + 0.3 * b["conv1.weight"])


def test_only_the_layers_named_change():
    state = ResNet(8, widths=(2, 3, 4)).state_dict()
    before = {name: w.clone() for name, w in state.items()}
    layers = ["layer2.0.conv1.weight", "layer2.0.conv2.weight"]
    changed = in_layers(state, layers, lambda w: shrink(w, 2.0))
    for name, w in before.items():
        assert torch.equal(changed[name], 2 * w if name in layers else w)
        assert torch.equal(state[name], w)
        assert changed[name].data_ptr() != state[name].data_ptr()


def test_bad_input(weight):
    with pytest.raises(
        StudyError, match="unknown reading .radial. of the low-pass filter; choose flat-index"
    ):
        low_pass(weight, 1.0, "radial")
    for cutoff in (0.0, -1.0, math.nan):
        with pytest.raises(StudyError, match="above 0"):
            low_pass(weight, cutoff)
    with pytest.raises(StudyError, match="no conv9; choose among conv1"):
        in_layers({"conv1": weight}, ["conv9"], torch.abs)
    with pytest.raises(StudyError, match="different architectures"):
        interpolate({"conv1": weight}, {"conv1": weight[1:]}, 0.5)

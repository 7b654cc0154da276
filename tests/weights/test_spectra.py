"""Spectra: identities that hold exactly, and cases that can be worked out by hand."""

import math

import pytest
import torch

from wsbook.weights.spectra import (
    power_spectrum,
    radial_power_spectrum,
    s_ratio,
    singular_values,
    spectral_distance,
)


def rand(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_singular_values_carry_the_norm():
    weight = rand(6, 4, 3, 3)
    values = singular_values(weight)
    assert values.shape == (6,) and (values.diff() <= 0).all()
    assert values.square().sum() == pytest.approx(weight.double().square().sum().item())


def test_s_ratio_of_known_matrices():
    assert s_ratio(torch.diag(torch.tensor([3.0, 1.0, 2.0, 1.0]))) == pytest.approx(13 / 15)
    assert s_ratio(torch.diag(torch.tensor([2.0, 1.0, 1.0]))) == pytest.approx(4 / 6)  # floor(3 / 2) = 1
    assert s_ratio(torch.eye(8)) == pytest.approx(0.5)
    assert s_ratio(rand(4, 1) @ rand(1, 9)) == pytest.approx(1)


@pytest.mark.parametrize("d", [7, 8])
def test_power_spectrum_sums_to_the_squared_norm(d):
    vectors = rand(5, d)
    torch.testing.assert_close(power_spectrum(vectors).sum(-1), vectors.double().square().sum(-1))


def test_a_wave_has_all_its_power_at_its_frequency():
    wave = torch.cos(2 * math.pi * 3 * torch.arange(16) / 16)[None]
    assert power_spectrum(wave)[0].argmax() == 3
    assert power_spectrum(wave)[0, 3] == pytest.approx(8, rel=1e-5)


def test_radial_spectrum_of_constant_and_delta_kernels():
    radii, power = radial_power_spectrum(torch.ones(2, 4, 3, 3))
    assert radii.tolist() == pytest.approx([0, 1, 2**0.5])
    assert power.tolist() == pytest.approx([9, 0, 0], abs=1e-9)
    delta = torch.zeros(1, 3, 3)
    delta[0, 0, 0] = 1
    assert radial_power_spectrum(delta)[1].tolist() == pytest.approx([1 / 9] * 3)


def test_spectral_distance():
    a = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    b = torch.tensor([[0.0, 0.0, 5.0, 5.0]])
    assert spectral_distance(a, 7 * a) == pytest.approx(0)
    assert spectral_distance(a, b) == pytest.approx(1)
    assert spectral_distance(a, a + b / 5) == pytest.approx(0.5)

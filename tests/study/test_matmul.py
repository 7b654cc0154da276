"""Products of matrices by the faster library."""

import pytest
import torch
from torch.backends.mkldnn import matmul

from wsbook.study import matmul as products
from wsbook.study.matmul import SINGLE, fast_products, worst_error

SHAPES = [(1, 128, 128), (17, 3, 5), (64, 64, 64), (300, 4096, 9), (4096, 300, 300), (1000, 1, 1000)]


@pytest.fixture
def faster(monkeypatch):
    """A processor on which oneDNN is faster, as exact or not."""
    monkeypatch.setattr(products, "onednn_is_faster", lambda: True)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_products_keep_single_precision_on_this_machine(shape):
    with fast_products("cpu"):
        assert worst_error(*shape, torch.Generator().manual_seed(1)) < SINGLE


def test_the_bound_tells_bfloat16_from_single_precision(monkeypatch):
    monkeypatch.setattr(
        torch,
        "randn",
        lambda *shape, generator, draw=torch.randn: Coarse(draw(*shape, generator=generator)),
    )
    errors = [worst_error(*shape, torch.Generator().manual_seed(1)) for shape in products.PROBED]
    assert max(errors) > 100 * SINGLE
    assert not products.allowing_keeps_single_precision()


class Coarse(torch.Tensor):
    """A matrix whose float32 products lose what bfloat16 loses."""

    def __matmul__(self, other):
        one, two = self.as_subclass(torch.Tensor), other.as_subclass(torch.Tensor)
        if one.dtype == torch.float32:
            one, two = one.bfloat16().float(), two.bfloat16().float()
        return one @ two


def test_nothing_stays_changed(faster):
    before = matmul.fp32_precision, torch.backends.cuda.flash_sdp_enabled()
    with pytest.raises(ZeroDivisionError), fast_products("cpu"):
        assert (matmul.fp32_precision, torch.backends.cuda.flash_sdp_enabled()) == ("bf16", False)
        raise ZeroDivisionError
    assert (matmul.fp32_precision, torch.backends.cuda.flash_sdp_enabled()) == before


def test_a_gpu_is_left_alone(faster):
    with fast_products("cuda"):
        assert matmul.fp32_precision != "bf16" and torch.backends.cuda.flash_sdp_enabled()


@pytest.mark.parametrize(("vendor", "capability"), [("GenuineIntel", "AVX512"), ("AuthenticAMD", "AVX2")])
def test_other_processors_are_left_alone(vendor, capability, monkeypatch):
    monkeypatch.setattr(products, "cpu_vendor", lambda: vendor)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert not products.onednn_is_faster.__wrapped__()

"""Products of float32 matrices on a CPU, by the library that is faster there.

torch hands them to MKL, which keeps its widest instructions for Intel's processors. oneDNN, which comes with torch
too, uses those of AMD's, and is faster at large products. torch asks it only where bfloat16 is allowed inside
products of float32 (torch's notes on its MKLDNN backend). oneDNN makes use of that on processors with tiles of
bfloat16 alone (AMX); a probe makes sure that results here are those of single precision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from torch.backends.mkldnn import matmul

from wsbook.study.provenance import cpu_vendor

# rows, inner, columns
PROBED = ((4096, 140, 140), (140, 4096, 140), (3072, 128, 512), (200, 30, 2000), (64, 64, 64))
SINGLE = 2**-20  # relative to the lengths of rows and columns; a product in bfloat16 is off by some 2^-10


@contextmanager
def fast_products(device: str) -> Iterator[None]:
    """While it is open, products on the CPU are oneDNN's if that is faster, and as exact; no change for other devices."""
    if device != "cpu" or not onednn_is_faster():
        yield
        return
    before, fused = matmul.fp32_precision, torch.backends.cuda.flash_sdp_enabled()
    matmul.fp32_precision = "bf16"
    # fused attention, on CPUs too: its tiles are too small to call oneDNN for each
    torch.backends.cuda.enable_flash_sdp(False)
    try:
        yield
    finally:
        matmul.fp32_precision = before
        torch.backends.cuda.enable_flash_sdp(fused)


@cache
def onednn_is_faster() -> bool:
    """Whether MKL holds back on this processor and oneDNN does not, with results of single precision."""
    wide = torch.backends.mkldnn.is_available() and torch.backends.cpu.get_cpu_capability() == "AVX512"
    return wide and cpu_vendor() == "AuthenticAMD" and allowing_keeps_single_precision()


def allowing_keeps_single_precision() -> bool:
    """Whether products of float32 keep single precision where bfloat16 is allowed."""
    generator, before = torch.Generator().manual_seed(0), matmul.fp32_precision
    matmul.fp32_precision = "bf16"
    try:
        return all(worst_error(*shape, generator) < SINGLE for shape in PROBED)
    finally:
        matmul.fp32_precision = before


def worst_error(rows: int, inner: int, columns: int, generator: torch.Generator) -> float:
    """The largest error of a random product, relative to the lengths of its row and its column."""
    a = torch.randn(rows, inner, generator=generator)
    b = torch.randn(inner, columns, generator=generator)
    lengths = a.norm(dim=1)[:, None] * b.norm(dim=0)
    return ((a @ b - a.double() @ b.double()).abs() / lengths).max().item()

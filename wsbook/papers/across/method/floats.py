"""Numbers in half precision as bytes: high and low bytes apart, since exponents are far from uniform."""

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.papers.across.method import entropy
from wsbook.papers.across.method.container import Reader, Writer


def write(writer: Writer, values: Tensor, kind: torch.dtype = torch.float16) -> None:
    """Values (any shape) rounded to float16 or bfloat16, as two parts.

    Raises
        StudyError: if a value does not fit.
    """
    rounded = values.detach().to(kind)
    if not rounded.isfinite().all():
        raise StudyError(f"a value of magnitude {values.abs().max():.3g} does not fit in half precision.")
    words = rounded.flatten().contiguous().view(torch.int16).long() & 0xFFFF
    for plane in (words >> 8, words & 0xFF):
        entropy.write(writer, plane, 256)


def read(reader: Reader, shape: torch.Size | tuple[int, ...], kind: torch.dtype = torch.float16) -> Tensor:
    """The values, float32, that `write` wrote."""
    count = torch.Size(shape).numel()
    high, low = (entropy.read(reader, count, 256) for _ in range(2))
    words = (high << 8 | low).to(torch.int32).to(torch.int16)
    return words.view(kind).float().reshape(shape)

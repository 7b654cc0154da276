"""What a network takes on disk: tensors as safetensors, orderings of kernels bit by bit.

An ordering of n things is stored as n ranks of ceil(log2 n) bits: in-filter, for each layer, the ranks
of its filters, then those of the channels in each filter; cross-filter, the ranks of all its kernels.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.weights.framed import Framed
from wsbook.weights.ordering import ORDERS

Fields = Sequence[tuple[int, int]]  # how many numbers, and the bits of each


def tensor_bytes(tensors: Mapping[str, Tensor]) -> int:
    """Size of the safetensors file of a state dict, header included."""
    alone = {
        name: t.detach().clone(memory_format=torch.contiguous_format) for name, t in tensors.items()
    }  # tensors that share memory are refused
    return len(safetensors.torch.save(alone))


def permutation_bytes(frame: Framed, order: str) -> int:
    """Bytes of the packed ordering of a network's kernels; 0 for the order "none".

    Raises
        StudyError: if the order is unknown.
    """
    return _whole_bytes(_fields(frame, order))


def pack_order(frame: Framed, coordinates: Tensor, order: str) -> bytes:
    """The ordered coordinates (N, 3) of the kernels of `frame` as packed ranks.

    Raises
        StudyError: if the order is unknown.
    """
    numbers = []
    for shape, part in zip(frame.shapes.values(), coordinates.split(frame.counts)):
        filters, channels = part[:, 1], part[:, 2]
        if order == "in-filter":
            numbers += [filters[:: shape[1]], channels]
        elif order == "cross-filter":
            numbers += [filters * shape[1] + channels]
    return pack(numbers, [bits for _, bits in _fields(frame, order)])


def unpack_order(frame: Framed, packed: bytes, order: str) -> Tensor:
    """The coordinates (N, 3) that `pack_order` packed; of `frame`, only the shapes of layers matter.

    Raises
        StudyError: if the order is unknown or bytes are missing.
    """
    numbers = iter(unpack(packed, _fields(frame, order)))
    if order == "none":
        return frame.coordinates.clone()
    places = []
    for filters, channels, *_ in frame.shapes.values():  # noqa: B007
        first = next(numbers)
        if order == "in-filter":
            places.append(torch.stack([first.repeat_interleave(channels), next(numbers)], dim=1))
        else:
            places.append(torch.stack([first // channels, first % channels], dim=1))
    layers = frame.coordinates[:, :1]
    return torch.cat([layers, torch.cat(places).to(layers.device)], dim=1)


def pack(numbers: Sequence[Tensor], bits: Sequence[int]) -> bytes:
    """Whole numbers from 0, (n,) each, with so many bits each, as one stream of bits.

    Raises
        StudyError: if a number needs more bits.
    """
    stream = [np.zeros(0, dtype=np.uint8)]
    for values, width in zip(numbers, bits):
        values = values.numpy(force=True)[:, None]
        if (values >> width).any():
            raise StudyError(f"{values.max()} does not fit in {width} bits; these are no ranks.")
        stream.append((values >> np.arange(width)[::-1] & 1).astype(np.uint8).ravel())
    return np.packbits(np.concatenate(stream)).tobytes()


def unpack(packed: bytes, fields: Fields) -> list[Tensor]:
    """The numbers, int64, of each field of `pack`'s stream.

    Raises
        StudyError: if bytes are missing or too many.
    """
    if len(packed) != _whole_bytes(fields):
        raise StudyError(
            f"{len(packed)} bytes of ranks where {_whole_bytes(fields)} belong; "
            "the file is damaged or of another network."
        )
    stream, numbers = np.unpackbits(np.frombuffer(packed, dtype=np.uint8)), []
    for count, width in fields:
        rows, stream = stream[: count * width].reshape(count, width), stream[count * width :]
        numbers.append(torch.from_numpy(rows.astype(np.int64) @ (1 << np.arange(width)[::-1])))
    return numbers


def _fields(frame: Framed, order: str) -> Fields:
    if order not in ORDERS:
        raise StudyError(f"unknown order {order!r}; choose {', '.join(ORDERS)}.")
    fields = []
    for filters, channels, *_ in frame.shapes.values():
        kernels = filters * channels
        if order == "in-filter":
            fields += [(filters, _bits(filters)), (kernels, _bits(channels))]
        elif order == "cross-filter":
            fields += [(kernels, _bits(kernels))]
    return fields


def _bits(n: int) -> int:
    """ceil(log2 n): bits of a rank among n."""
    return (n - 1).bit_length()


def _whole_bytes(fields: Fields) -> int:
    return -(-sum(count * width for count, width in fields) // 8)

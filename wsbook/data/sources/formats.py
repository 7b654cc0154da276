"""Image formats of published archives: bytes to images uint8 (N, H, W, C) and labels, nothing else."""

import io
import struct

import numpy as np

from wsbook.errors import StudyError

Labelled = tuple[np.ndarray, np.ndarray]  # images (N, H, W, C) uint8, labels (N,) from 0


def records(raw: bytes, length: int, what: str) -> np.ndarray:
    """Bytes as uint8 (N, length).

    Raises
        StudyError: if they do not divide into records of `length` bytes.
    """
    if len(raw) % length:
        raise StudyError(f"{what} of {len(raw)} bytes is not made of records of {length} bytes.")
    return np.frombuffer(raw, np.uint8).reshape(-1, length)


def cifar(raw: bytes, label_bytes: int = 1) -> Labelled:
    """CIFAR's binary version: label bytes (the last one counts), then 3 x 32 x 32 pixels by colour."""
    rows = records(raw, label_bytes + 3 * 32 * 32, "a CIFAR file")
    images = rows[:, label_bytes:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return images, rows[:, label_bytes - 1]


def idx(raw: bytes) -> np.ndarray:
    """The array uint8 of an IDX file, MNIST's format: 0, 0, 8, rank, sizes (big-endian int32), values.

    Raises
        StudyError: if the header is another, or promises another number of bytes.
    """
    if raw[:3] != b"\0\0\x08" or len(raw) < 4 + 4 * raw[3]:
        raise StudyError(f"a file that starts with {raw[:4].hex()} is no IDX file of bytes.")
    shape = struct.unpack_from(f">{raw[3]}i", raw, 4)
    values = np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])
    if values.size != np.prod(shape):
        raise StudyError(f"an IDX file of shape {shape} holds {values.size} values instead.")
    return values.reshape(shape)


def usps(text: bytes) -> Labelled:
    """LIBSVM's USPS: lines "label index:value ...", labels 1 to 10, 16 x 16 values from -1 to 1.

    A pixel is 128 (value + 1), rounded and held below 256.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    values = np.full((len(lines), 16 * 16), -1.0)
    for row, (_, *pairs) in zip(values, lines):
        for pair in pairs:
            index, _, value = pair.partition(b":")
            row[int(index) - 1] = float(value)
    images = np.clip(np.rint(128 * (values + 1)), 0, 255).astype(np.uint8)
    return images.reshape(-1, 16, 16, 1), np.array([int(line[0]) - 1 for line in lines], np.uint8)


def svhn(raw: bytes) -> Labelled:
    """SVHN's MATLAB files: X (32, 32, 3, N) and y (N, 1), in which 10 stands for the digit 0."""
    from scipy.io import loadmat

    arrays = loadmat(io.BytesIO(raw))
    return arrays["X"].transpose(3, 0, 1, 2), (arrays["y"].ravel() % 10).astype(np.uint8)


def stl10(pixels: bytes, labels: bytes) -> Labelled:
    """STL-10's binary files: 3 x 96 x 96 pixels by colour and column; labels from 1."""
    rows = records(pixels, 3 * 96 * 96, "an STL-10 file")
    return rows.reshape(-1, 3, 96, 96).transpose(0, 3, 2, 1), np.frombuffer(labels, np.uint8) - 1


def halved(images: np.ndarray) -> np.ndarray:
    """Images (N, H, W, C) uint8 at half the size (H and W even): means of 2 x 2 pixels, halves up."""
    n, height, width, channels = images.shape
    blocks = images.reshape(n, height // 2, 2, width // 2, 2, channels)
    return ((blocks.sum((2, 4), dtype=np.uint16) + 2) // 4).astype(np.uint8)

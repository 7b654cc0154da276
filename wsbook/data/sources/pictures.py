"""Encoded pictures (JPEG, PNG), decoded only when they are asked for: ImageNet does not fit in memory."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wsbook.errors import StudyError

Encoded = bytes | Path  # the file's content, or where it is


def decoded(source: Encoded, shorter: int, size: int) -> np.ndarray:
    """A picture as RGB uint8 (size, size, 3): its shorter side scaled to `shorter`, its centre cut out.

    A picture whose shorter side is right is not resampled. Pixels of a JPEG depend slightly on the
    decoder that Pillow was built with.

    Raises
        StudyError: if the picture cannot be read, or if Pillow is not installed.
    """
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise StudyError("pictures need Pillow to be decoded; run pip install pillow.") from error
    try:
        picture = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source).convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        name = "a picture of the archive" if isinstance(source, bytes) else source
        raise StudyError(f"{name} is not a readable picture; replace or remove it.") from error
    scale = shorter / min(picture.size)
    if scale != 1:
        width, height = (max(size, round(side * scale)) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    left, top = ((side - size) // 2 for side in picture.size)
    return np.asarray(picture.crop((left, top, left + size, top + size)))


class Pictures:
    """Encoded pictures that index like an array of images uint8 (N, size, size, 3)."""

    def __init__(self, sources: Sequence[Encoded], shorter: int, size: int):
        self.sources, self.shorter, self.size = sources, shorter, size
        self.shape = (len(sources), size, size, 3)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        return np.stack([decoded(self.sources[i], self.shorter, self.size) for i in indices])

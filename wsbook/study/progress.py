"""Progress bars: on a terminal only, and not under CI."""

import os
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(steps: Iterable[Any] | None = None, **options: Any) -> tqdm:
    """A bar over `steps`, or one of `total`, that is quiet unless a person watches."""
    return tqdm(steps, disable=bool(os.environ.get("CI")) or None, **options)

"""Image sets, in canonical order and with fingerprints."""

from wsbook.data.imageset import ImageSet
from wsbook.data.registry import list_sets, load, verify

__all__ = ["ImageSet", "list_sets", "load", "verify"]

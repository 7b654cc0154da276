"""Names in settings of paper C that only a run would stumble over."""

from typing import Any

from wsbook.errors import StudyError
from wsbook.nern.setting import Distillation
from wsbook.nets.library import NETWORKS
from wsbook.nets.originals import ORIGINALS
from wsbook.study.limits import check_name
from wsbook.weights.ordering import ORDERS

KNOWN = {"network": ORIGINALS, "teacher": ("", *ORIGINALS), "order": ORDERS, "architecture": NETWORKS}


def check(setting: Any) -> None:
    """Raise a StudyError for an unknown network or order, or for steps without kernels."""
    for name, known in KNOWN.items():
        if hasattr(setting, name):
            check_name(name, getattr(setting, name), known)
    if not isinstance(setting, Distillation) and getattr(setting, "batch", 1) == 0:
        raise StudyError("parameter batch must be positive, not 0.")  # there 0 stands for all kernels

"""What only a run would stumble over in settings of paper C: unknown names, and batches that do not fit."""

from functools import cache
from typing import Any

import torch

from wsbook.errors import StudyError
from wsbook.nets.library import NETWORKS, network, predicted_layers
from wsbook.nets.originals import ORIGINALS
from wsbook.papers.nern.setting import Distillation
from wsbook.study.limits import check_name
from wsbook.weights.ordering import ORDERS

KNOWN = {"network": ORIGINALS, "teacher": ("", *ORIGINALS), "order": ORDERS, "architecture": NETWORKS}


def check(setting: Any) -> None:
    """Raise a StudyError for an unknown network or order, or for steps without kernels or with too many."""
    for name, known in KNOWN.items():
        if hasattr(setting, name):
            check_name(name, getattr(setting, name), known)
    if not isinstance(setting, Distillation) and getattr(setting, "batch", 1) == 0:
        raise StudyError("parameter batch must be positive, not 0.")  # there 0 stands for all kernels
    if hasattr(setting, "network"):
        most = kernels(setting.network)
        for name in ("batch", "first_batch"):
            if (batch := getattr(setting, name, 1)) > most:
                raise StudyError(
                    f"parameter {name} is {batch}, but {setting.network} has {most} kernels; choose at most as many."
                )


@cache  # many settings have one network
def kernels(original: str) -> int:
    """Number of kernels of a trained network, by its name alone: this needs neither weights nor images."""
    architecture = original if original in NETWORKS else original.rsplit("-", 1)[0]
    channels = 1 if original.endswith("-digits") else 3
    with torch.device("meta"):
        state = network(architecture, classes=10, channels=channels).state_dict()
    return sum(state[layer].shape[:2].numel() for layer in predicted_layers(architecture))

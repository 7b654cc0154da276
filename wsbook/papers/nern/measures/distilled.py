"""Predictors after a second training, from the shelf or trained on the spot."""

from torch import Tensor

from wsbook.nets.originals import original
from wsbook.papers.nern.measures import distillation
from wsbook.papers.nern.method.fitted import predict, targets_of
from wsbook.papers.nern.setting import Distillation
from wsbook.study.shelf import find


def parameters_of(setting: Distillation, seed: int, device: str) -> Tensor:
    """Parameters (P,) of the predictor of a setting and seed, as the shelf holds them."""
    name = distillation.file_name(setting, seed)
    if find(name) is None:
        distillation.follow(setting, seed, device)
    return find(name)["predictor"].float()


def kernels_of(setting: Distillation, seed: int, device: str) -> Tensor:
    """The kernels (N, 9) that it predicts."""
    targets = targets_of(original(setting.network), setting.order, device)
    return predict(setting.hidden, parameters_of(setting, seed, device).to(device), targets).cpu()

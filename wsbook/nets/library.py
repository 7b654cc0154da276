"""The networks that are represented by a predictor, by name."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from wsbook.errors import StudyError
from wsbook.nets.mobilenet import MobileNet
from wsbook.nets.projection import cifar_resnet, cifar_resnet50, resnet18
from wsbook.nets.resnet import ResNet


@dataclass(frozen=True)
class Entry:
    """How a network is built, and which of its convolutions a predictor stands for."""

    build: Callable[[int, int], nn.Module]  # from the numbers of classes and of image channels
    predicted: tuple[int, ...] = (1, 3)  # sizes of the predicted kernels


NETWORKS = {
    "resnet20": Entry(lambda classes, channels: ResNet(20, classes, channels)),
    "resnet56": Entry(lambda classes, channels: ResNet(56, classes, channels)),
    "resnet20-b": Entry(lambda classes, channels: cifar_resnet(20, classes, channels)),
    "resnet56-b": Entry(lambda classes, channels: cifar_resnet(56, classes, channels)),
    "resnet18": Entry(resnet18, predicted=(3,)),  # neither the 7x7 stem nor the 1x1 shortcuts
    "resnet50-cifar": Entry(cifar_resnet50),
    "mobilenet": Entry(MobileNet),
    "resnet8-digits": Entry(lambda classes, channels: ResNet(8, classes, channels, widths=(8, 16, 32))),
    "resnet8-wide": Entry(lambda classes, channels: ResNet(8, classes, channels, widths=(16, 32, 64))),
}


def entry(name: str) -> Entry:
    """The entry of `NETWORKS` of that name.

    Raises
        StudyError: if there is none.
    """
    if name not in NETWORKS:
        raise StudyError(f"there is no network {name!r}; choose one of {', '.join(NETWORKS)}.")
    return NETWORKS[name]


def network(name: str, classes: int, channels: int) -> nn.Module:
    """The named network for images of `channels` channels, with weights as torch draws them.

    Raises
        StudyError: if there is no such network.
    """
    return entry(name).build(classes, channels)


def predicted_layers(name: str) -> tuple[str, ...]:
    """Names, in the state dict, of the convolution weights that a predictor stands for.

    Raises
        StudyError: if there is no such network.
    """
    with torch.device("meta"):
        state = network(name, classes=10, channels=3).state_dict()
    sizes = entry(name).predicted
    return tuple(key for key, weight in state.items() if weight.dim() == 4 and weight.shape[-1] in sizes)

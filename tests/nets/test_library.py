"""Networks by name, and the convolutions that a predictor stands for."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.library import NETWORKS, network, predicted_layers

# layers, kernels and weights that are predicted
PREDICTED = {
    "resnet20": (19, 29_744, 267_696),
    "resnet56": (55, 94_256, 848_304),
    "resnet20-b": (21, 32_304, 270_256),
    "resnet56-b": (57, 96_816, 850_864),
    "resnet18": (16, 1_220_608, 10_985_472),
    "resnet50-cifar": (53, 13_385_920, 23_447_232),
    "mobilenet": (27, 3_144_640, 3_185_088),
    "resnet8-digits": (7, 2_056, 18_504),
    "resnet8-wide": (7, 8_208, 73_872),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_predicted_layers(name):
    with torch.device("meta"):
        state = network(name, 10, 1 if name.startswith("resnet8") else 3).state_dict()
    layers = predicted_layers(name)
    chosen = [state[layer] for layer in layers]
    kernels = sum(weight.shape[0] * weight.shape[1] for weight in chosen)
    assert (len(chosen), kernels, sum(weight.numel() for weight in chosen)) == PREDICTED[name]
    left = [weight.shape[-1] for key, weight in state.items() if weight.dim() == 4 and key not in layers]
    assert left == ([7, 1, 1, 1] if name == "resnet18" else [])


def test_order_is_that_of_the_network():
    assert predicted_layers("resnet20-b")[:2] == ("conv1.weight", "layer1.0.conv1.weight")
    block = [layer for layer in predicted_layers("resnet20-b") if layer.startswith("layer2.0")]
    assert block == [f"layer2.0.{conv}.weight" for conv in ("conv1", "conv2", "shortcut.0")]


@pytest.mark.parametrize("name", ["resnet20", "resnet56-b", "mobilenet", "resnet8-digits"])
def test_classes_and_channels(name):
    assert network(name, 7, 1)(torch.zeros(2, 1, 16, 16)).shape == (2, 7)


@pytest.mark.parametrize("ask", [predicted_layers, lambda name: network(name, 10, 3)])
def test_unknown_name(ask, one_sentence):
    with pytest.raises(StudyError, match="no network 'vgg'.*resnet20-b") as caught:
        ask("vgg")
    one_sentence(caught.value)

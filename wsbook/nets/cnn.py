"""Small sequential CNNs: valid convolutions, each followed by max-pooling and then the activation,
and fully connected layers.

`CNNSpec` is the architecture as data: the stacked networks of `wsbook.zoo` and the alignment of
neurons read it too.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}


@dataclass(frozen=True)
class Conv:
    """A convolution without padding, stride 1, and the max-pooling after it."""

    channels: int
    kernel: int
    pool: int = 1  # window and stride of the pooling; 1 leaves it out


@dataclass(frozen=True)
class CNNSpec:
    """Architecture of a small CNN."""

    side: int  # height and width of the images
    channels: int  # of the images
    convs: tuple[Conv, ...]
    hidden: tuple[int, ...]  # widths of the fully connected layers before the last
    classes: int = 10
    activation: str = "relu"

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Parameter names and shapes, in the order of the flattened weight vector."""
        shapes, fan_in, side = {}, self.channels, self.side
        for number, conv in enumerate(self.convs, 1):
            shapes[f"conv{number}.weight"] = (conv.channels, fan_in, conv.kernel, conv.kernel)
            shapes[f"conv{number}.bias"] = (conv.channels,)
            fan_in, side = conv.channels, (side - conv.kernel + 1) // conv.pool
        fan_in *= side**2
        for number, width in enumerate((*self.hidden, self.classes), 1):
            shapes[f"fc{number}.weight"] = (width, fan_in)
            shapes[f"fc{number}.bias"] = (width,)
            fan_in = width
        return shapes

    @property
    def size(self) -> int:
        """Number P of weights."""
        return sum(math.prod(shape) for shape in self.shapes.values())


# The "CNN-s" of the model-zoo literature (2,464 weights), and an analogue for 8 x 8 digits (1,666).
CNN_S = CNNSpec(28, 1, (Conv(8, 5, 2), Conv(6, 5, 2), Conv(4, 2)), (20,))
CNN_DIGITS = CNNSpec(8, 1, (Conv(8, 3, 2), Conv(12, 2)), (20,))


class SmallCNN(nn.Sequential):
    """The network of a `CNNSpec`: images (N, C, H, W) to logits (N, classes)."""

    def __init__(self, spec: CNNSpec):
        layers: list[tuple[str, nn.Module]] = []
        shapes = iter(spec.shapes.items())
        for number, conv in enumerate(spec.convs, 1):
            (name, (width, fan_in, kernel, _)), _ = next(shapes), next(shapes)
            layers.append((name.removesuffix(".weight"), nn.Conv2d(fan_in, width, kernel)))
            if conv.pool > 1:
                layers.append((f"pool{number}", nn.MaxPool2d(conv.pool)))
            layers.append((f"conv_act{number}", ACTIVATIONS[spec.activation]()))
        layers.append(("flatten", nn.Flatten()))
        for number in range(1, len(spec.hidden) + 2):
            (name, (width, fan_in)), _ = next(shapes), next(shapes)
            layers.append((name.removesuffix(".weight"), nn.Linear(fan_in, width)))
            if number <= len(spec.hidden):
                layers.append((f"fc_act{number}", ACTIVATIONS[spec.activation]()))
        super().__init__(OrderedDict(layers))

"""ResNets for 32 x 32 images (He et al. 2015, section 4.2), with parameter-free shortcuts (option A)."""

import copy
from pathlib import Path

import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from wsbook.data.registry import data_folder
from wsbook.errors import StudyError

# Normalisation of the stored networks' input: ImageNet's statistics, used by their authors for CIFAR too.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut that subsamples and pads new channels with zeros."""

    def __init__(self, fan_in: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(fan_in, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.stride, self.new_channels = stride, width - fan_in

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))

    def shortcut(self, x: Tensor) -> Tensor:
        """Option A: no parameters."""
        if self.stride == 1 and not self.new_channels:
            return x
        before = self.new_channels // 2
        return F.pad(
            x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, before, self.new_channels - before)
        )


class ResNet(nn.Module):
    """A CIFAR ResNet of depth 6n + 2: images (N, 3, 32, 32) to logits (N, classes).

    Other image sizes, numbers of channels and widths work too.

    Raises
        StudyError: if the depth is not 6n + 2.
    """

    def __init__(
        self, depth: int, classes: int = 10, channels: int = 3, widths: tuple[int, ...] = (16, 32, 64)
    ):
        super().__init__()
        if depth < 8 or (depth - 2) % 6:
            raise StudyError(f"a CIFAR ResNet has depth 6n + 2 (8, 14, 20, ...), not {depth}.")
        self.conv1 = nn.Conv2d(channels, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        fan_in = widths[0]
        for stage, width in enumerate(widths, 1):
            blocks = []
            for number in range((depth - 2) // 6):
                blocks.append(Block(fan_in, width, stride=2 if stage > 1 and number == 0 else 1))
                fan_in = width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.stages = len(widths)
        self.linear = nn.Linear(fan_in, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.linear(x.mean((2, 3)))


def fused(net: ResNet) -> ResNet:
    """A copy for evaluation, batch normalisation folded into the convolutions: same function, faster."""
    net = copy.deepcopy(net).eval()
    for module in net.modules():
        for number in (1, 2):
            conv, bn = getattr(module, f"conv{number}", None), getattr(module, f"bn{number}", None)
            if conv is not None and isinstance(bn, nn.BatchNorm2d):
                setattr(module, f"conv{number}", fuse_conv_bn_eval(conv, bn))
                setattr(module, f"bn{number}", nn.Identity())
    return net


def load_resnet(depth: int, path: Path | None = None) -> ResNet:
    """ResNet-20 or ResNet-56 trained on CIFAR-10, in evaluation mode.

    Reads WSBOOK_DATA/weights/resnet{depth}-cifar10.safetensors, or `path`. Input is standardised
    with `MEAN` and `STD`. Test accuracy: 91.73 % (depth 20), 93.39 % (depth 56).

    Raises
        StudyError: if the file is missing, or holds the weights of another network.
    """
    path = path or data_folder() / "weights" / f"resnet{depth}-cifar10.safetensors"
    if not path.is_file():
        raise StudyError(f"{path} is missing; put the trained weights there or give another path.")
    net = ResNet(depth)
    state = load_file(path)
    expected = {k: v.shape for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    if {k: v.shape for k, v in state.items() if not k.endswith("num_batches_tracked")} != expected:
        raise StudyError(f"{path} does not hold the weights of a ResNet-{depth}; check depth and file.")
    net.load_state_dict(state, strict=False)
    return net.eval()

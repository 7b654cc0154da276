"""ResNets whose shortcuts change shape by a 1x1 convolution and batch normalisation (option B).

He et al. 2015: the CIFAR networks of section 4.2 with projections, ResNet-18 for ImageNet, and ResNet-50
with a stem for small images. All end in global average pooling, so that images of any size work.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from wsbook.errors import StudyError


def projection(fan_in: int, width: int, stride: int) -> nn.Sequential:
    """The shortcut: empty, which is the identity, unless the shape changes."""
    if stride == 1 and fan_in == width:
        return nn.Sequential()
    return nn.Sequential(nn.Conv2d(fan_in, width, 1, stride, bias=False), nn.BatchNorm2d(width))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    expansion = 1  # channels that leave the block, as a multiple of its width

    def __init__(self, fan_in: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(fan_in, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = projection(fan_in, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class Bottleneck(nn.Module):
    """A 1x1 convolution that narrows, a 3x3 one that may subsample, a 1x1 one that widens, a shortcut."""

    expansion = 4

    def __init__(self, fan_in: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(fan_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, self.expansion * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(self.expansion * width)
        self.shortcut = projection(fan_in, self.expansion * width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.shortcut(x))


class ProjectionResNet(nn.Module):
    """A ResNet of blocks in stages: images (N, channels, H, W) to logits (N, classes).

    `blocks` and `widths` have one entry a stage; each stage after the first halves height and width.
    The stem is a 3x3 convolution, or for large images a 7x7 one of stride 2 and max-pooling.
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        blocks: Sequence[int],
        widths: Sequence[int],
        classes: int,
        channels: int = 3,
        large_images: bool = False,
    ):
        super().__init__()
        fan_in, self.stages = widths[0], len(widths)
        kernel, stride = (7, 2) if large_images else (3, 1)
        self.conv1 = nn.Conv2d(channels, fan_in, kernel, stride, padding=kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(fan_in)
        self.pool = nn.MaxPool2d(3, 2, padding=1) if large_images else nn.Identity()
        for stage, (count, width) in enumerate(zip(blocks, widths), 1):
            layer = nn.Sequential()
            for number in range(count):
                layer.append(block(fan_in, width, stride=2 if stage > 1 and number == 0 else 1))
                fan_in = block.expansion * width
            setattr(self, f"layer{stage}", layer)
        self.linear = nn.Linear(fan_in, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.linear(x.mean((2, 3)))


def cifar_resnet(depth: int, classes: int = 10, channels: int = 3) -> ProjectionResNet:
    """The CIFAR ResNet of depth 6n + 2 with projections; its widths are 16, 32, 64.

    Raises
        StudyError: if the depth is not 6n + 2.
    """
    if depth < 8 or (depth - 2) % 6:
        raise StudyError(f"a CIFAR ResNet has depth 6n + 2 (8, 14, 20, ...), not {depth}.")
    return ProjectionResNet(BasicBlock, [(depth - 2) // 6] * 3, (16, 32, 64), classes, channels)


def resnet18(classes: int = 1000, channels: int = 3) -> ProjectionResNet:
    """ResNet-18 for ImageNet."""
    return ProjectionResNet(BasicBlock, (2,) * 4, (64, 128, 256, 512), classes, channels, large_images=True)


def cifar_resnet50(classes: int = 100, channels: int = 3) -> ProjectionResNet:
    """ResNet-50 with a 3x3 stem for small images: 90.43 MiB for 100 classes, paper C's teacher."""
    return ProjectionResNet(Bottleneck, (3, 4, 6, 3), (64, 128, 256, 512), classes, channels)

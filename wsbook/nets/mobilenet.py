"""MobileNet (Howard et al. 2017) for 32 x 32 images: depthwise separable convolutions."""

import torch.nn.functional as F
from torch import Tensor, nn

from wsbook.errors import StudyError

STEM = 32  # channels after the first convolution
# Output channels and stride of every block, table 1 of the paper. For small images only the stem's stride
# changes, from 2 to 1, so that 32 x 32 pixels end as 2 x 2.
BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))


class Separable(nn.Module):
    """A 3x3 convolution of each channel by itself, then a 1x1 convolution across channels."""

    def __init__(self, fan_in: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(fan_in, fan_in, 3, stride, padding=1, groups=fan_in, bias=False)
        self.bn1 = nn.BatchNorm2d(fan_in)
        self.conv2 = nn.Conv2d(fan_in, width, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class MobileNet(nn.Module):
    """Images (N, channels, H, W) to logits (N, classes); every width is multiplied by `multiplier`.

    Raises
        StudyError: if the multiplier leaves the first convolution without channels.
    """

    def __init__(self, classes: int = 10, channels: int = 3, multiplier: float = 1.0):
        super().__init__()
        stem, *widths = (round(multiplier * width) for width in (STEM, *(width for width, _ in BLOCKS)))
        if stem < 1:
            raise StudyError(
                f"a MobileNet's width multiplier is at least 1/{STEM}, which {multiplier} is not."
            )
        self.conv1 = nn.Conv2d(channels, stem, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        strides = [stride for _, stride in BLOCKS]
        self.layers = nn.Sequential(*map(Separable, [stem, *widths], widths, strides))
        self.linear = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(F.relu(self.bn1(self.conv1(x))))
        return self.linear(x.mean((2, 3)))

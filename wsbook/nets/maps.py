"""The feature maps that NeRN's distillation compares (Ashkenazi et al. 2022): all before the ReLU."""

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from wsbook.errors import StudyError


class _Mapped(nn.Module):
    """A ResNet of two-convolution blocks whose forward pass also returns its feature maps."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        net = self.net
        maps = [net.bn1(net.conv1(x))]
        x = F.relu(maps[0])
        x = net.pool(x) if hasattr(net, "pool") else x
        for stage in range(1, net.stages + 1):
            for block in getattr(net, f"layer{stage}"):
                first = block.bn1(block.conv1(x))
                second = block.bn2(block.conv2(F.relu(first)))
                total = second + block.shortcut(x)
                maps += [first, second, total]
                x = F.relu(total)
        return net.linear(x.mean((2, 3))), maps


def forward_with_maps(
    net: nn.Module, params: Mapping[str, Tensor] | None, x: Tensor
) -> tuple[Tensor, list[Tensor]]:
    """Logits (N, classes) of images x (N, C, H, W), and the network's feature maps (N, c, h, w).

    The maps: batch normalisation of the stem, then of a block's first convolution, of its second, and
    the sum with the shortcut, 1 + 3 maps a block. `params`, under names of the state dict, stand in for
    the network's own; gradients reach them. Works on `wsbook.nets.folding.folded` networks too.

    Raises
        StudyError: if the network is no ResNet of two-convolution blocks, or lacks one of `params`.
    """
    if not hasattr(net, "stages") or hasattr(net.layer1[0], "conv3"):
        raise StudyError(
            f"feature maps are defined for ResNets of two-convolution blocks, which {type(net).__name__} "
            "is not; distil its logits alone."
        )
    mapped = _Mapped(net)
    if params is None:
        return mapped(x)
    if unknown := params.keys() - net.state_dict().keys():
        raise StudyError(f"the network has no parameter {min(unknown)}; give names of its state dict.")
    return functional_call(mapped, {f"net.{name}": value for name, value in params.items()}, (x,))

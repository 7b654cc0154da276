"""Networks whose batch normalisation is anything but the identity."""

import pytest
import torch
from torch import nn


@pytest.fixture
def scrambled():
    """A function that draws a network's batch normalisation at random and puts it in evaluation mode."""

    def scramble(net: nn.Module, generator: torch.Generator) -> nn.Module:
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor in (module.weight.data, module.bias.data, module.running_mean):
                    tensor.copy_(torch.randn(tensor.shape, generator=generator))
                module.running_var.copy_(torch.rand(module.running_var.shape, generator=generator) + 0.5)
        return net.eval()

    return scramble

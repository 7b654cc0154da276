"""Folding of batch normalisation keeps the function of every network there is."""

import pytest
import torch
from torch import nn

from wsbook.nets.folding import folded
from wsbook.nets.library import NETWORKS, network
from wsbook.nets.train import initialise


@pytest.mark.parametrize("name", NETWORKS)
def test_same_function_without_batch_normalisation(name, scrambled):
    generator = torch.Generator().manual_seed(0)
    net = scrambled(initialise(network(name, 10, 3), generator), generator).train()
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    images = torch.randn(2, 3, 16, 16, generator=generator)
    quick = folded(net)
    assert net.training and not quick.training
    assert not any(isinstance(module, nn.BatchNorm2d) for module in quick.modules())
    assert all(torch.equal(tensor, before[key]) for key, tensor in net.state_dict().items())
    with torch.no_grad():
        expected = net.double().eval()(images.double())
        found = quick(images).double()
    assert (found - expected).norm() < 1e-4 * expected.norm()

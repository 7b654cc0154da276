"""Feature maps for distillation: those that hooks see, with gradients that reach substituted weights."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from wsbook.errors import StudyError
from wsbook.nets.folding import folded
from wsbook.nets.library import network
from wsbook.nets.maps import forward_with_maps
from wsbook.nets.train import initialise


def made(name, scrambled, seed=0):
    generator = torch.Generator().manual_seed(seed)
    net = scrambled(initialise(network(name, 10, 3), generator), generator)
    return net, torch.randn(2, 3, 8, 8, generator=generator)


@pytest.mark.parametrize("name, count", [("resnet20", 28), ("resnet56-b", 82), ("resnet18", 25)])
def test_maps_are_those_that_hooks_see(name, count, scrambled):
    net, x = made(name, scrambled)
    seen, blocks = [], []
    for key, module in net.named_modules():
        if key.split(".")[-1] in ("bn1", "bn2"):
            module.register_forward_hook(lambda module, inputs, output: seen.append(output))
        if hasattr(module, "conv2"):
            module.register_forward_hook(lambda module, inputs, output: blocks.append(output))
    with torch.no_grad():
        expected = net(x)
        normalised = list(seen)
        logits, maps = forward_with_maps(net, None, x)
    assert len(maps) == count
    assert torch.equal(logits, expected)
    sums = maps[3::3]
    assert len(sums) == len(blocks)
    assert all(torch.equal(F.relu(total), out) for total, out in zip(sums, blocks))
    assert any((total < 0).any() for total in sums)
    others = [maps[0], *(m for first in range(1, count, 3) for m in maps[first : first + 2])]
    assert all(torch.equal(a, b) for a, b in zip(others, normalised, strict=True))


@pytest.mark.parametrize("name", ["resnet8-digits", "resnet20-b"])
def test_substituted_weights(name, scrambled):
    (net, x), (other, _) = made(name, scrambled), made(name, scrambled, seed=1)
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    params = {k: p.detach().clone().requires_grad_() for k, p in other.named_parameters() if p.dim() == 4}
    logits, maps = forward_with_maps(net, params, x)
    (logits.square().mean() + sum(m.square().mean() for m in maps)).backward()
    assert all(p.grad.abs().sum() > 0 for p in params.values())
    assert all(p.grad is None for p in net.parameters() if p.dim() == 4)
    assert all(torch.equal(tensor, before[key]) for key, tensor in net.state_dict().items())
    net.load_state_dict({**before, **{key: p.detach() for key, p in params.items()}})
    assert torch.equal(logits, net(x))


def test_a_folded_network_has_the_same_maps(scrambled):
    net, x = made("resnet20-b", scrambled)
    with torch.no_grad():
        logits, maps = forward_with_maps(net, None, x)
        quick_logits, quick_maps = forward_with_maps(folded(net), None, x)
    for found, expected in zip([quick_logits, *quick_maps], [logits, *maps], strict=True):
        assert (found - expected).norm() < 1e-4 * expected.norm()


@pytest.mark.parametrize("name", ["resnet50-cifar", "mobilenet"])
def test_other_networks_have_no_maps(name, one_sentence):
    with torch.device("meta"):
        net = network(name, 10, 3)
    with pytest.raises(StudyError, match="two-convolution blocks") as caught:
        forward_with_maps(net, None, torch.zeros(1, 3, 8, 8, device="meta"))
    one_sentence(caught.value)


def test_unknown_parameter(scrambled):
    net, x = made("resnet20", scrambled)
    with pytest.raises(StudyError, match="no parameter layer9"):
        forward_with_maps(net, {"layer9.weight": nn.Parameter(torch.zeros(1))}, x)

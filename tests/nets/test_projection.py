"""ResNets with projection shortcuts: the sizes the papers give, and a plain forward pass."""

import pytest
import torch
import torch.nn.functional as F

from wsbook.errors import StudyError
from wsbook.nets.projection import (
    BasicBlock,
    Bottleneck,
    ProjectionResNet,
    cifar_resnet,
    cifar_resnet50,
    resnet18,
)
from wsbook.nets.train import initialise


def convolutions(net):
    return [p for p in net.parameters() if p.dim() == 4]


@pytest.mark.parametrize("depth, layers, weights", [(20, 21, 270_256), (56, 57, 850_864)])
def test_cifar_resnets_have_the_predicted_weights_of_the_paper(depth, layers, weights):
    found = convolutions(cifar_resnet(depth))
    assert len(found) == layers and sum(p.numel() for p in found) == weights


def test_resnet18_has_the_kernels_of_the_paper():
    with torch.device("meta"):
        found = [p for p in convolutions(resnet18()) if p.shape[-1] == 3]
    assert len(found) == 16
    assert sum(p.shape[0] * p.shape[1] for p in found) == 1_220_608
    assert sum(p.numel() for p in found) == 10_985_472


def test_the_teacher_weighs_what_the_paper_says():
    with torch.device("meta"):
        size = sum(p.numel() for p in cifar_resnet50(100).parameters())
    assert size == 23_705_252 and size * 4 / 2**20 == pytest.approx(90.43, abs=0.005)


def plain(state, x, stages, large):
    """Logits from a state dict, with the batch normalisation of a network in evaluation."""

    def conv(name, x, stride=1):
        weight = state[f"{name}.weight"]
        return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    def norm(name, x):
        weight, bias, mean, var = (
            state[f"{name}.{k}"].view(-1, 1, 1) for k in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / (var + 1e-5).sqrt() * weight + bias

    x = norm("bn1", conv("conv1", x, 2 if large else 1)).clamp_min(0)
    x = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-torch.inf), 3, 2) if large else x
    for stage, (count, deep) in enumerate(stages, 1):
        for number in range(count):
            at, stride, y = f"layer{stage}.{number}", 2 if stage > 1 and number == 0 else 1, x
            for step in range(1, 4 if deep else 3):
                strided = stride if step == (2 if deep else 1) else 1
                y = norm(f"{at}.bn{step}", conv(f"{at}.conv{step}", y, strided))
                y = y if step == (3 if deep else 2) else y.clamp_min(0)
            if f"{at}.shortcut.0.weight" in state:
                x = norm(f"{at}.shortcut.1", conv(f"{at}.shortcut.0", x, stride))
            x = (x + y).clamp_min(0)
    return x.flatten(2).mean(2) @ state["linear.weight"].T + state["linear.bias"]


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
@pytest.mark.parametrize("large, side", [(False, 8), (True, 33)])
def test_forward(block, large, side, scrambled):
    generator = torch.Generator().manual_seed(0)
    net = ProjectionResNet(block, (2, 1), (4, 6), classes=5, channels=2, large_images=large)
    net = scrambled(initialise(net, generator), generator)
    x = torch.randn(3, 2, side, side, generator=generator)
    with torch.no_grad():
        expected = plain(net.state_dict(), x, [(2, block is Bottleneck), (1, block is Bottleneck)], large)
        torch.testing.assert_close(net(x), expected)


def test_shortcuts_have_weights_only_where_the_shape_changes():
    names = {name for name, _ in cifar_resnet(20).named_parameters() if "shortcut" in name}
    assert names == {f"layer{s}.0.shortcut.{p}" for s in (2, 3) for p in ("0.weight", "1.weight", "1.bias")}


def test_any_image_size():
    net = cifar_resnet(8, classes=7, channels=1)
    assert net(torch.zeros(2, 1, 96, 96)).shape == net(torch.zeros(2, 1, 8, 8)).shape == (2, 7)


def test_bad_depth(one_sentence):
    with pytest.raises(StudyError, match="6n") as caught:
        cifar_resnet(18)
    one_sentence(caught.value)

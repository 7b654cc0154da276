"""ResNets: folding batch normalisation keeps the function; the stored networks reach their accuracy."""

import os

import pytest
import torch
from safetensors.torch import save_file

from wsbook.data.imageset import standardise
from wsbook.data.registry import load
from wsbook.errors import StudyError
from wsbook.nets.evaluate import evaluate
from wsbook.nets.resnet import MEAN, STD, ResNet, fused, load_resnet
from wsbook.nets.train import initialise

needs_data = pytest.mark.skipif(
    "WSBOOK_DATA" not in os.environ, reason="WSBOOK_DATA is not set: no trained ResNet, no CIFAR-10"
)


def small(generator):
    """A ResNet-8 whose batch normalisation is anything but the identity."""
    net = initialise(ResNet(8, channels=1, widths=(4, 6, 8)), generator)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight.data, module.bias.data, module.running_mean):
                tensor.copy_(torch.randn(tensor.shape, generator=generator))
            module.running_var.copy_(torch.rand(module.running_var.shape, generator=generator) + 0.5)
    return net.eval()


def test_fused_is_the_same_function():
    generator = torch.Generator().manual_seed(0)
    net, images = small(generator), torch.randn(5, 1, 8, 8, generator=generator)
    quick = fused(net)
    with torch.no_grad():
        torch.testing.assert_close(quick(images), net(images), rtol=1e-4, atol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in quick.modules())
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in net.modules())


def test_parameter_counts():
    convs = [p for name, p in ResNet(20).named_parameters() if p.dim() == 4]
    assert sum(p.numel() for p in convs) == 267_696
    assert sum(p.numel() for p in ResNet(56).parameters()) == 853_018


def test_shortcut_subsamples_and_pads_with_zeros():
    block = ResNet(8).layer2[0]
    x = torch.arange(16 * 16, dtype=torch.float32).view(1, 16, 4, 4)
    y = block.shortcut(x)
    assert y.shape == (1, 32, 2, 2)
    assert torch.equal(y[:, 8:24], x[:, :, ::2, ::2])
    assert y[:, :8].abs().sum() == 0 == y[:, 24:].abs().sum()


def test_bad_depth_and_bad_files(tmp_path, monkeypatch):
    with pytest.raises(StudyError, match="6n"):
        ResNet(18)
    with pytest.raises(StudyError, match="missing"):
        load_resnet(20, tmp_path / "none.safetensors")
    save_file(ResNet(8).state_dict(), tmp_path / "eight.safetensors")
    with pytest.raises(StudyError, match="ResNet-20"):
        load_resnet(20, tmp_path / "eight.safetensors")
    monkeypatch.delenv("WSBOOK_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where fetched image sets would be found
    with pytest.raises(StudyError, match="WSBOOK_DATA is not set"):
        load_resnet(20)


@needs_data
def test_resnet20_reaches_its_accuracy():
    test = load("cifar10", "test")
    inputs = standardise(test.images, MEAN, STD)
    assert evaluate(fused(load_resnet(20)), inputs, test.labels).accuracy == pytest.approx(0.9173, abs=1e-9)


@needs_data
@pytest.mark.timeout(300)
def test_resnet56_reaches_its_accuracy():
    test = load("cifar10", "test")
    inputs = standardise(test.images, MEAN, STD)
    assert evaluate(fused(load_resnet(56)), inputs, test.labels).accuracy == pytest.approx(0.9339, abs=1e-9)

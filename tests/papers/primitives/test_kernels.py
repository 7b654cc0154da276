"""Codecs of kernels at equal storage: honest bits, the best setting within a budget, the right network."""

import math

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.evaluate import evaluate
from wsbook.nets.resnet import ResNet
from wsbook.nets.train import initialise
from wsbook.papers.primitives.method import kernels as real_kernels
from wsbook.papers.primitives.method.errors import global_error
from wsbook.papers.primitives.method.kernels import METHODS, kernel_dictionary_curve, sparse_codec, store
from wsbook.weights.kernels import kernels


@pytest.fixture(autouse=True)
def small_grids(monkeypatch):
    monkeypatch.setattr(real_kernels, "ATOMS", (8, 16))
    monkeypatch.setattr(real_kernels, "SPARSITIES", (1, 2))
    monkeypatch.setattr(real_kernels, "KSVD_ITERATIONS", 3)
    monkeypatch.setattr(real_kernels, "COEFFICIENT_BITS", (3, 8, 16))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def network():
    return initialise(ResNet(8, channels=1, widths=(4, 8, 8)), generator()).eval()


def test_sparse_codec_counts_its_bits():
    values = torch.randn(50, 9, generator=generator())
    dictionary = torch.eye(9)
    codes = torch.where(values.abs() >= values.abs().topk(2, dim=1).values[:, -1:], values, 0.0)
    coded = sparse_codec(values, dictionary, codes, 2, 16)
    assert coded.bits == 50 * (math.ceil(math.log2(36)) + 2 * 16) + 81 * 16 + 32
    torch.testing.assert_close(coded.values, codes, atol=1e-3, rtol=0)
    assert (sparse_codec(values, dictionary, codes, 2, 3).values != 0).sum() <= 100


@pytest.mark.parametrize("method", METHODS)
def test_budgets_are_kept_and_more_bits_never_hurt(method):
    which = kernels(network().state_dict())
    budgets = [4.0, 8.0, 16.0, 40.0]
    found = [s for s in store(which, method, budgets, generator()) if s is not None]
    assert len(found) >= 2
    for stored, budget in zip(found, budgets[-len(found) :]):
        assert stored.bits <= budget
        assert stored.error == pytest.approx(global_error(which.values, stored.values).item())
    errors = [s.error for s in found]
    assert errors == sorted(errors, reverse=True)


def test_nothing_fits_a_budget_of_nothing():
    assert store(kernels(network().state_dict()), "svd", [0.01], generator()) == [None]


def test_layers_of_any_scale_are_treated_alike():
    """Multiplying one layer by 1000 leaves the relative error within every layer as it was."""
    state = network().state_dict()
    scaled = dict(state)
    scaled["layer1.0.conv1.weight"] = 1000 * state["layer1.0.conv1.weight"]
    parts = []
    for s in (state, scaled):
        which = kernels(s)
        stored = store(which, "svd", [6.0], generator())[0]
        split = zip(which.values.split(which.counts), stored.values.split(which.counts))
        parts.append([global_error(a, b).item() for a, b in split])
    assert parts[0] == pytest.approx(parts[1], rel=0.3)


def test_curve_scores_the_network_with_stored_kernels_and_leaves_it_alone():
    net = network()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    inputs = torch.randn(60, 1, 8, 8, generator=generator(1))
    with torch.no_grad():
        labels = net(inputs).argmax(1)  # the network itself is right on all
    rows = kernel_dictionary_curve(net, "svd", [0.5, 2.0, 30.0], inputs, labels, generator())
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())
    assert evaluate(net, inputs, labels).accuracy == 1
    assert [row["budget"] for row in rows] == [2.0, 30.0][-len(rows) :]
    assert rows[-1]["error"] < 1e-3 and rows[-1]["accuracy"] == 1
    assert rows[0]["accuracy"] < 1
    assert all(isinstance(v, int | float) for row in rows for v in row.values())


def test_unknown_method():
    with pytest.raises(StudyError, match="no codec 'zip'; choose one of dictionary"):
        store(kernels(network().state_dict()), "zip", [2.0], generator())

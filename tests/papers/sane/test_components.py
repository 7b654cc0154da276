"""Principal components of aligned weights against scikit-learn, and on populations where they are known."""

import torch
from sklearn.decomposition import PCA

from wsbook.nets.cnn import CNN_DIGITS
from wsbook.papers.sane.method.components import aligned, principal_components, rebuilt_linearly
from wsbook.study import shelf
from wsbook.weights.symmetry import permute, random_permutations
from wsbook.zoo.archive import members
from wsbook.zoo.networks import StackedCNN
from wsbook.zoo.setting import Zoo

NETWORK = StackedCNN(CNN_DIGITS)
ZOO = Zoo("digits", "cnn-digits", models=6, epochs=2, kept=2)


def test_components_are_scikit_learns_of_the_first_part():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(150, 12, generator=generator, dtype=torch.float64) * torch.arange(12, 0, -1)
    parts = x.split([100, 25, 25])
    model = PCA(3).fit(parts[0].numpy())
    for mine, part in zip(principal_components(parts, 3), parts):
        theirs = torch.from_numpy(model.transform(part.numpy()))
        torch.testing.assert_close(mine.abs(), theirs.abs())  # up to the sign of an axis
    assert principal_components([x[:5], x[5:]], 8)[1].shape == (145, 5)


def test_alignment_undoes_permutations_in_all_epochs_by_the_last():
    generator = torch.Generator().manual_seed(1)
    mean = torch.randn(CNN_DIGITS.size, generator=generator)
    weights = mean + 0.1 * torch.randn(4, 2, CNN_DIGITS.size, generator=generator)
    weights[:, 0] = torch.randn(weights[:, 0].shape, generator=generator)  # like no other
    shapes, units = NETWORK.shapes, NETWORK.units
    moved = torch.stack(
        [permute(epochs, shapes, units, random_permutations(units, generator)) for epochs in weights]
    )
    assert not torch.equal(moved, weights)
    torch.testing.assert_close(aligned(moved, weights[0, -1], NETWORK, generator), weights)


def test_all_components_give_the_network_back_that_others_are_aligned_to(monkeypatch, tmp_path):
    monkeypatch.setattr(shelf, "RUNS", tmp_path)
    monkeypatch.setattr(shelf, "RESULTS", tmp_path)
    known = members(ZOO).weights[:, -1]
    for count, expected in ((100, True), (1, False)):
        rebuilt = rebuilt_linearly((ZOO,), ZOO, count)
        assert rebuilt.shape == known.shape
        assert torch.allclose(rebuilt[0], known[0], atol=1e-4) == expected
        assert not torch.allclose(rebuilt[-1], known[-1], atol=1e-4)  # not trained on

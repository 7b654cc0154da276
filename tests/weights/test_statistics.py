"""Weight statistics against NumPy's, and what must not change them."""

import numpy as np
import pytest
import torch

from wsbook.nets.cnn import CNN_S
from wsbook.weights.statistics import PER_TENSOR, QUANTILES, weight_statistics
from wsbook.weights.symmetry import permute, random_permutations, sequential

SHAPES = CNN_S.shapes


@pytest.fixture
def vectors():
    """Weight vectors (2, 3, P)."""
    return torch.randn(2, 3, CNN_S.size, generator=torch.Generator().manual_seed(0))


def test_statistics_are_numpys_tensor_by_tensor(vectors):
    found = weight_statistics(vectors, SHAPES).unflatten(-1, (len(SHAPES), PER_TENSOR))
    sizes = [int(np.prod(shape)) for shape in SHAPES.values()]
    for place in np.ndindex(2, 3):
        parts = np.split(vectors[place].numpy(), np.cumsum(sizes)[:-1])
        expected = [[p.mean(), p.std(), *np.quantile(p, QUANTILES)] for p in parts]
        torch.testing.assert_close(found[place], torch.tensor(expected, dtype=torch.float32))


def test_the_order_of_hidden_units_does_not_matter(vectors):
    units = sequential(SHAPES)
    order = random_permutations(units, torch.Generator().manual_seed(1))
    moved = permute(vectors, SHAPES, units, order)
    assert not torch.equal(moved, vectors)
    torch.testing.assert_close(weight_statistics(moved, SHAPES), weight_statistics(vectors, SHAPES))


def test_a_single_weight_is_all_its_statistics_but_the_spread():
    found = weight_statistics(torch.tensor([3.0]), {"scale": (1,)})
    assert found.tolist() == [3.0, 0.0, 3.0, 3.0, 3.0, 3.0, 3.0]

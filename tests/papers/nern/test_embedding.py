"""The embedding is the formula of the paper, and a table of its rows loses nothing."""

import math

import torch

from wsbook.papers.nern.method.embedding import WIDTH, embed, embed_indices, points


def by_hand(coordinate):
    return [
        function(p * 0.76**level * math.pi)
        for p in coordinate
        for level in range(40)
        for function in (math.sin, math.cos)
    ]


def some_coordinates():
    axes = torch.arange(4), torch.tensor([0, 3, 63]), torch.tensor([0, 1, 511])
    grid = torch.cartesian_prod(*axes)
    return grid[torch.randperm(len(grid), generator=torch.Generator().manual_seed(0))][:29]


def test_embedding_is_the_formula():
    coordinates = some_coordinates()
    expected = torch.tensor([by_hand(c) for c in coordinates.tolist()], dtype=torch.float64)
    found = embed(coordinates)
    assert found.shape == (29, 240) == expected.shape and found.dtype == torch.float32
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-7)


def test_the_first_level_holds_the_parity_and_the_index_zero_is_zeros_and_ones():
    rows = embed_indices(torch.arange(6))
    torch.testing.assert_close(rows[:, 1], torch.tensor([1.0, -1.0] * 3))
    assert rows[:, 0].abs().max() < 1e-6
    assert torch.equal(rows[0], torch.tensor([0.0, 1.0]).repeat(40))


def test_rows_of_the_table_sum_to_the_embedding_exactly():
    coordinates = some_coordinates()
    at = points(coordinates)
    assert len(at) == len(coordinates)
    assert torch.equal(at.table[at.entries].sum(1), embed(coordinates))


def test_the_table_holds_every_index_once():
    at = points(torch.cartesian_prod(torch.arange(3), torch.arange(7), torch.arange(5)))
    assert at.table.shape == (3 + 7 + 5, WIDTH) and at.entries.shape == (105, 3)
    thirds = at.table.view(15, 3, 80).abs().sum(2) > 0
    assert thirds.sum(1).tolist() == [1] * 15  # zero outside the third of its axis
    for axis in range(3):
        assert thirds[at.entries[:, axis], axis].all()

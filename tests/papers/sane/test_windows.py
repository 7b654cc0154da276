"""Windows hold the weights of the networks they are cut from, and views of them the same functions."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS, CNN_S
from wsbook.papers.sane.method.windows import POOL, Feed, Source, orders
from wsbook.weights.symmetry import sequential
from wsbook.weights.tokens import tokens, untokened
from wsbook.zoo.networks import StackedCNN
from wsbook.zoo.stacked import logits

SIZE = 30


def vectors(spec, count=4, seed=0):
    return torch.randn(count, spec.size, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def source():
    return Source(vectors(CNN_DIGITS), StackedCNN(CNN_DIGITS), SIZE, torch.Generator().manual_seed(0))


def rows(*numbers):
    return torch.tensor(numbers)


def test_a_window_holds_consecutive_tokens_of_its_network(source):
    whole = tokens(vectors(CNN_DIGITS), source.layout)
    found = source.windows(rows(2, 0), rows(5, 0), rows(0, 0), 8)
    assert torch.equal(found.tokens, torch.stack([whole[2, 5:13], whole[0, :8]]))
    assert torch.equal(found.mask, torch.stack([source.layout.mask[5:13], source.layout.mask[:8]]))
    assert torch.equal(found.positions[0], source.layout.positions[5:13])


def test_a_network_shorter_than_the_window_is_padded_and_masked(source):
    count = len(source.index)
    found = source.windows(rows(1), rows(0), rows(0), count + 6)
    assert not found.mask[0, count:].any() and not found.tokens[0, count:].any()
    assert torch.equal(untokened(found.tokens[:, :count], source.layout)[0], vectors(CNN_DIGITS)[1])


def test_every_order_of_the_pool_is_the_same_function(source):
    images = torch.randn(1, 6, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    count = len(source.index)
    plain = logits(CNN_DIGITS, vectors(CNN_DIGITS)[:1], images)
    for order in (1, 7, POOL - 1):
        found = source.windows(rows(0), rows(0), rows(order), count)
        vector = untokened(found.tokens, source.layout)
        assert not torch.equal(vector[0], vectors(CNN_DIGITS)[0])
        torch.testing.assert_close(logits(CNN_DIGITS, vector, images), plain, rtol=1e-4, atol=1e-4)


def test_the_pool_permutes_and_leaves_padding_alone():
    pool = orders(CNN_DIGITS.shapes, sequential(CNN_DIGITS.shapes), torch.Generator().manual_seed(0))
    assert pool.shape == (POOL, CNN_DIGITS.size + 1)
    assert torch.equal(pool.sort(dim=1).values, torch.arange(CNN_DIGITS.size + 1).expand_as(pool))
    assert (pool[:, -1] == CNN_DIGITS.size).all() and torch.equal(pool[0], torch.arange(len(pool[0])))


def test_views_are_of_the_same_windows(source):
    one, other = Feed([source], 6, torch.Generator().manual_seed(0)).draw(50)
    assert torch.equal(one.positions, other.positions) and torch.equal(one.mask, other.mask)
    assert not torch.equal(one.tokens, other.tokens)
    # Order within a layer differs, the weights of whole layers do not: compare sums of whole networks.
    whole = Feed([source], len(source.index), torch.Generator().manual_seed(0)).draw(20)
    sums = [view.tokens.double().sum((1, 2)) for view in whole]
    torch.testing.assert_close(*sums, rtol=1e-6, atol=1e-6)


def test_each_network_of_all_zoos_is_equally_likely(source):
    ones = Source(torch.ones(12, CNN_S.size), StackedCNN(CNN_S), SIZE, torch.Generator().manual_seed(1))
    (windows,) = Feed([source, ones], 6, torch.Generator().manual_seed(0)).draw(4000, views=1)
    of_ones = (windows.tokens[windows.mask.any(-1)].max(-1).values == 1).float().mean().item()
    assert of_ones == pytest.approx(12 / 16, abs=0.03)


def test_what_does_not_fit_is_refused(source):
    other = Source(vectors(CNN_S), StackedCNN(CNN_S), SIZE + 1, torch.Generator())
    with pytest.raises(StudyError, match=r"one size, not \[30, 31\]"):
        Feed([source, other], 6, torch.Generator())
    with pytest.raises(StudyError, match="at least one zoo"):
        Feed([], 6, torch.Generator())

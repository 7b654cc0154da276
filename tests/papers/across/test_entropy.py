"""Whole numbers come back from bytes, and take about their entropy."""

import numpy as np
import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.across.method import entropy, floats
from wsbook.papers.across.method.container import Reader, Writer


def size_and_back(symbols, alphabet):
    writer = Writer()
    entropy.write(writer, symbols, alphabet)
    return len(writer.parts[0]), entropy.read(Reader(writer.whole()), len(symbols), alphabet)


@pytest.mark.parametrize("alphabet", [1, 2, 3, 17, 256, 5000])
@pytest.mark.parametrize("count", [0, 1, 1000])
def test_numbers_come_back(alphabet, count):
    generator = torch.Generator().manual_seed(0)
    flat = torch.randint(alphabet, (count,), generator=generator)
    peaked = (alphabet * torch.rand(count, generator=generator) ** 6).long()
    for symbols in (flat, peaked, torch.full((count,), alphabet - 1)):
        assert torch.equal(size_and_back(symbols, alphabet)[1], symbols)


def test_the_code_is_as_long_as_the_entropy():
    rng = np.random.default_rng(0)
    shares = np.array([0.9, 0.05, 0.03, 0.02])
    symbols = torch.from_numpy(rng.choice(4, size=50_000, p=shares))
    found = np.bincount(symbols, minlength=4) / len(symbols)
    bits = -(found * np.log2(found)).sum() * len(symbols)
    assert 8 * size_and_back(symbols, 4)[0] < 1.001 * bits + 200


def test_numbers_without_a_pattern_are_packed():
    symbols = torch.randint(4096, (3000,), generator=torch.Generator().manual_seed(0))
    assert size_and_back(symbols, 4096)[0] == 1 + 3000 * 12 // 8


def test_rare_numbers_among_many_others_come_back():
    symbols = torch.zeros(1_000_000, dtype=torch.int64)
    symbols[777] = 200
    size, back = size_and_back(symbols, 256)
    assert torch.equal(back, symbols) and size < 700


def test_a_number_outside_the_alphabet_is_refused(one_sentence):
    for symbols in (torch.tensor([0, 4]), torch.tensor([-1])):
        with pytest.raises(StudyError) as caught:
            entropy.write(Writer(), symbols, 4)
        one_sentence(caught.value)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_halves_come_back_bit_by_bit(kind):
    values = torch.randn(7, 300, generator=torch.Generator().manual_seed(0)) * 1e-3
    values[0, :3] = torch.tensor([0.0, -0.0, 1e-7])
    writer = Writer()
    floats.write(writer, values, kind)
    back = floats.read(Reader(writer.whole()), values.shape, kind)
    assert torch.equal(back, values.to(kind).float())
    assert sum(map(len, writer.parts)) < 2 * values.numel()


def test_what_does_not_fit_in_half_precision_is_refused(one_sentence):
    with pytest.raises(StudyError) as caught:
        floats.write(Writer(), torch.tensor([1e6]))
    one_sentence(caught.value)

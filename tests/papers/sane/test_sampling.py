"""Candidates come from the density that is described, and the best of them survive."""

import math

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS
from wsbook.papers.sane.method.autoencoder import Autoencoder, Sizes
from wsbook.papers.sane.method.baselines import average, nearest, with_noise
from wsbook.papers.sane.method.sampling import bootstrap, sample, subsample
from wsbook.papers.sane.method.sequences import decoded, encoded, spans
from wsbook.weights.alignment import permute, random_permutations
from wsbook.zoo.networks import StackedCNN


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def anchors():
    """Three anchors of four tokens, far apart."""
    return (
        torch.arange(3.0).view(3, 1, 1) * 100 + torch.arange(4.0).view(1, 4, 1) * 10 + torch.zeros(3, 4, 2)
    )


def test_tokens_are_drawn_each_on_its_own(anchors):
    drawn = sample(anchors, 6000, generator())
    which = (drawn[..., 0] / 100).round()
    assert [(which == k).float().mean().item() for k in range(3)] == pytest.approx([1 / 3] * 3, abs=0.02)
    same = (which[:, 0] == which[:, 1]).float().mean().item()
    assert same == pytest.approx(1 / 3, abs=0.03)
    noise = drawn - which[..., None] * 100 - torch.arange(4.0)[:, None] * 10
    assert noise.std().item() == pytest.approx(0.2, rel=0.02)
    assert torch.corrcoef(noise[..., 0].T)[0, 1].abs() < 0.05


def test_or_share_one_anchor_and_one_noise_as_released(anchors):
    drawn = sample(anchors, 500, generator(), shared=True)
    moved = drawn - torch.arange(4.0)[:, None] * 10
    torch.testing.assert_close(moved, moved[:, :1].expand_as(moved), rtol=0, atol=1e-4)


def test_one_anchor_is_enough(anchors):
    drawn = sample(anchors[1:2], 50, generator(), bandwidth=1e-6)
    torch.testing.assert_close(drawn, anchors[1:2].expand(50, -1, -1), rtol=1e-6, atol=1e-4)


def test_the_best_survive_best_first(anchors):
    score = lambda latents: -latents[:, 0, 0]  # noqa: E731
    kept, scores = subsample(anchors, score, 2)
    assert torch.equal(kept, anchors[:2]) and scores.tolist() == [0, -100]
    assert len(subsample(anchors, score, 9)[0]) == 3


def test_rounds_of_survivors_never_get_worse(anchors):
    score = lambda latents: -(latents - 7).square().sum((1, 2))  # noqa: E731
    bests = [bootstrap(anchors, 50, 5, rounds, score, generator())[1][0].item() for rounds in (1, 3, 10)]
    assert bests == sorted(bests) and bests[0] < bests[2]


@pytest.mark.parametrize("length, window, halo", [(10, 4, 1), (9, 4, 0), (5, 8, 2), (4, 4, 1), (11, 5, 2)])
def test_windows_cover_every_token_once_with_context(length, window, halo):
    covered = []
    for seen, counts in spans(length, window, halo):
        tokens = list(range(length))[seen]
        assert len(tokens) == min(window, length)
        inside = tokens[counts]
        covered += inside
        assert inside[0] - tokens[0] >= min(halo, inside[0]) or length <= window
        assert tokens[-1] - inside[-1] >= min(halo, length - 1 - inside[-1]) or length <= window
    assert covered == list(range(length))


def test_short_networks_pass_as_one_window():
    sizes = Sizes(token=6, window=12, positions=(20, 5, 9), width=16, heads=2, blocks=1, latent=3)
    model = Autoencoder(sizes, generator()).eval()
    tokens = torch.randn(70, 9, 6, generator=generator(1))
    positions = torch.stack([torch.arange(9), torch.arange(9) // 3, torch.arange(9) % 3], dim=1)
    latents = encoded(model, tokens, positions)
    whole = model.encode(tokens, positions.expand(70, -1, -1))
    torch.testing.assert_close(latents, whole, rtol=1e-4, atol=1e-6)
    assert decoded(model, latents, positions).shape == tokens.shape


def test_the_average_of_one_network_in_other_orders_is_that_network():
    shapes = CNN_DIGITS.shapes
    vector = torch.randn(CNN_DIGITS.size, generator=generator())
    copies = torch.stack(
        [permute(vector, shapes, random_permutations(shapes, generator(s))) for s in range(4)]
    )
    torch.testing.assert_close(
        average(copies, StackedCNN(CNN_DIGITS), generator()), copies[0], rtol=1e-4, atol=1e-5
    )
    assert not torch.allclose(copies.mean(0), copies[0], atol=0.1)


def test_noisy_copies_are_as_far_away_as_what_they_stand_against():
    prompts = 10 * torch.randn(3, 400, generator=generator())
    like = prompts[[0, 2, 1]] + torch.tensor([1.0, 5.0, 0.1])[:, None] / math.sqrt(400)
    noisy = with_noise(prompts, like, generator(1))
    found = torch.cdist(noisy, prompts).min(dim=1).values
    assert found.tolist() == pytest.approx([1.0, 5.0, 0.1], rel=1e-3)


def test_the_nearest_training_network():
    training = torch.eye(3)
    numbers, distances = nearest(torch.tensor([[0.0, 2.0, 0.0], [0.9, 0.0, 0.1]]), training)
    assert numbers.tolist() == [1, 0] and distances[0].item() == pytest.approx(0.5)


def test_impossible_densities_are_refused(anchors):
    with pytest.raises(StudyError, match="at least one anchor"):
        sample(anchors[:0], 5, generator())
    with pytest.raises(StudyError, match="must be positive"):
        sample(anchors, 0, generator())

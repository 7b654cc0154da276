"""The losses of weight autoencoders are what their definitions say, token by token."""

import math

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.sane.method.losses import FLOOR, NORMALISATIONS, nt_xent, reconstruction_loss, spread


@pytest.fixture
def batch():
    """Two windows of five tokens of four numbers: three layers, some padding, a token of one weight."""
    generator = torch.Generator().manual_seed(0)
    target = torch.randn(2, 5, 4, generator=generator) * torch.tensor([1.0, 10, 0.1, 1, 5]).view(1, 5, 1)
    mask = torch.ones(2, 5, 4, dtype=torch.bool)
    mask[:, 1, 2:] = mask[:, 3, 1:] = mask[1, 4] = False
    layers = torch.tensor([[0, 0, 1, 2, 2], [0, 1, 1, 1, 2]])
    return target * mask, mask, layers


def deviation(values):
    """Of a list, divided by its length."""
    mean = sum(values) / len(values)
    return math.sqrt(sum((x - mean) ** 2 for x in values) / len(values))


def shared(target, mask, layers, normalisation, b, t):
    """The values that share a scale with token t of window b, one by one."""
    if normalisation == "token with padding":
        return target[b, t].tolist()
    near = {
        "token": lambda c, u: (c, u) == (b, t),
        "layer": lambda c, u: layers[c, u] == layers[b, t],
        "batch": lambda c, u: True,
    }[normalisation]
    pairs = [(c, u) for c in range(2) for u in range(5) if near(c, u)]
    return [x for c, u in pairs for x in target[c, u][mask[c, u]].tolist()]


@pytest.mark.parametrize("normalisation", NORMALISATIONS[1:])
def test_scales_are_standard_deviations_of_what_shares_them(batch, normalisation):
    found = spread(*batch, normalisation)
    for b in range(2):
        for t in range(5):
            values = shared(*batch, normalisation, b, t)
            expected = deviation(values) if values else 0.0
            assert found[b, t].item() == pytest.approx(expected, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_the_loss_is_a_mean_over_weights_and_padding_does_not_count(batch, normalisation):
    target, mask, layers = batch
    predicted = target + torch.randn(target.shape, generator=torch.Generator().manual_seed(1))
    total = 0.0
    scales = None if normalisation == "none" else spread(*batch, normalisation) + FLOOR
    for place in mask.nonzero().tolist():
        scale = 1.0 if scales is None else scales[place[0], place[1], 0].item()
        total += ((predicted[tuple(place)] - target[tuple(place)]).item() / scale) ** 2
    found = reconstruction_loss(predicted, target, mask, layers, normalisation)
    assert found.item() == pytest.approx(total / int(mask.sum()), rel=1e-4)
    predicted[~mask] = 1e6
    assert reconstruction_loss(predicted, target, mask, layers, normalisation).item() == found.item()


def test_normalised_per_token_a_loss_does_not_depend_on_the_scale_of_a_token(batch):
    target, mask, layers = batch
    factor = torch.tensor([1.0, 300.0, 1.0, 1.0, 1.0]).view(1, 5, 1)
    predicted = target + 0.5 * torch.ones_like(target)
    losses = {
        name: [
            reconstruction_loss(f * predicted, f * target, mask, layers, name).item()
            for f in (torch.ones(1), factor)
        ]
        for name in ("none", "token")
    }
    assert losses["token"][1] == pytest.approx(losses["token"][0], rel=0.01)
    assert losses["none"][1] > 100 * losses["none"][0]


def test_a_token_of_one_weight_does_not_blow_up(batch):
    target, mask, layers = batch
    loss = reconstruction_loss(target + 1e-3, target, mask, layers, "token")
    assert loss.isfinite() and loss < 2


def test_contrast_is_a_plain_loop():
    one, other = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0))
    views = [*one, *other]
    total = 0.0
    for i, view in enumerate(views):
        scores = {
            j: torch.cosine_similarity(view, v, dim=0).item() / 0.1 for j, v in enumerate(views) if j != i
        }
        total -= scores[(i + 4) % 8] - math.log(sum(math.exp(s) for s in scores.values()))
    assert nt_xent(one, other).item() == pytest.approx(total / 8, rel=1e-5)
    assert nt_xent(one, one) < nt_xent(one, other)


def test_what_cannot_be_is_refused(batch):
    with pytest.raises(StudyError, match="no normalisation 'tokens'; choose one of none, layer"):
        reconstruction_loss(batch[0], *batch, "tokens")
    with pytest.raises(StudyError, match="at least two windows"):
        nt_xent(torch.ones(1, 3), torch.ones(1, 3))

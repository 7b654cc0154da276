"""The autoencoder: shapes, positions, windows, and a start that depends on its generator alone."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.sane.method.autoencoder import Autoencoder, Sizes

SIZES = Sizes(token=7, window=5, positions=(20, 4, 6), width=16, heads=2, blocks=2, latent=3)


@pytest.fixture
def model():
    return Autoencoder(SIZES, torch.Generator().manual_seed(0)).eval()


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randn(4, 5, 7, generator=generator)
    positions = torch.stack(
        [torch.randint(n, (4, 5), generator=generator) for n in SIZES.positions], dim=-1
    )
    return tokens, positions


def test_shapes(model, batch):
    tokens, positions = batch
    rebuilt, projected = model(tokens, positions)
    assert rebuilt.shape == tokens.shape and projected.shape == (4, 30)
    assert model.encode(tokens, positions).shape == (4, 5, 3)
    assert torch.equal(model.decode(model.encode(tokens, positions), positions), rebuilt)


def test_windows_do_not_see_each_other_but_tokens_of_one_do(model, batch):
    tokens, positions = batch
    before = model.encode(tokens, positions)
    changed = tokens.clone()
    changed[1, 0] += 1
    after = model.encode(changed, positions)
    assert torch.equal(after[[0, 2, 3]], before[[0, 2, 3]])
    assert (after[1] != before[1]).any(dim=-1).all()


@pytest.mark.parametrize("axis", range(3))
def test_every_coordinate_of_a_position_matters(model, batch, axis):
    tokens, positions = batch
    moved = positions.clone()
    moved[..., axis] = (moved[..., axis] + 1) % SIZES.positions[axis]
    assert not torch.allclose(model.encode(tokens, moved), model.encode(tokens, positions))


def test_decoding_needs_no_whole_window(model, batch):
    tokens, positions = batch
    latents = model.encode(tokens, positions)[:, :2]
    assert model.decode(latents, positions[:, :2]).shape == (4, 2, 7)


def test_the_start_is_that_of_the_generator():
    one, same, other = (Autoencoder(SIZES, torch.Generator().manual_seed(s)) for s in (0, 0, 1))
    for (name, a), b, c in zip(one.named_parameters(), same.parameters(), other.parameters()):
        assert torch.equal(a, b), name
        if a.dim() == 2:
            assert not torch.equal(a, c), name


def test_the_residual_stream_starts_with_the_same_spread_at_any_depth(batch):
    tokens, positions = batch
    spreads = []
    for blocks in (1, 12):
        sizes = Sizes(token=7, window=5, positions=(20, 4, 6), width=64, heads=2, blocks=blocks, latent=3)
        model = Autoencoder(sizes, torch.Generator().manual_seed(0))
        x = model.encoder.inward(tokens)
        for block in model.encoder.blocks:
            x = block(x)
        spreads.append(x.std().item())
    assert spreads[1] < 1.5 * spreads[0]


@pytest.mark.parametrize(
    "changes, message",
    [({"width": 15}, "15 cannot be shared by 2 heads"), ({"latent": 0}, "latent of an autoencoder must")],
)
def test_impossible_sizes_are_refused(changes, message):
    with pytest.raises(StudyError, match=message):
        Sizes(**{"token": 7, "window": 5, "positions": (1, 1, 1), "width": 16, "heads": 2} | changes)

"""Transformers do what torch's own layers do."""

import pytest
import torch
from torch import nn

from wsbook.errors import StudyError
from wsbook.nets.transformer import Attention, Block, TextTransformer, VisionTransformer


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def torchs_attention(ours, kind=nn.MultiheadAttention):
    width = ours.out.in_features
    theirs = kind(width, ours.heads, batch_first=True)
    state = {
        "in_proj_weight": torch.cat([ours.query.weight, ours.key.weight, ours.value.weight]),
        "in_proj_bias": torch.zeros(3 * width),
        "out_proj.weight": ours.out.weight,
        "out_proj.bias": ours.out.bias,
    }
    theirs.load_state_dict(state)
    return theirs


def test_attention_is_torchs():
    ours, x = Attention(12, 3), normal(4, 7, 12)
    torch.testing.assert_close(ours(x), torchs_attention(ours)(x, x, x)[0])


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_block_is_torchs_encoder_layer_with_normalisation_first(activation):
    ours, x = Block(12, 3, 20, activation), normal(4, 7, 12)
    theirs = nn.TransformerEncoderLayer(12, 3, 20, 0.0, activation, batch_first=True, norm_first=True)
    theirs.self_attn = torchs_attention(ours.attention)
    theirs.linear1, theirs.linear2, theirs.norm1, theirs.norm2 = (
        ours.wide, ours.narrow, ours.before, ours.between,
    )  # fmt: skip
    torch.testing.assert_close(ours(x), theirs(x))


def test_patches_keep_their_places_and_text_its_order():
    sight, images = VisionTransformer(8, 4, 3, 12, 2, 16, 1), normal(2, 3, 8, 8)
    assert sight(images).shape == (2, 10)
    swapped = torch.cat([images[..., 4:], images[..., :4]], dim=-1)
    assert not torch.allclose(sight(images), sight(swapped), atol=1e-4)
    reader, text = TextTransformer(5, 3, 8, 2, 16, 1), torch.tensor([[0, 1, 4], [4, 1, 0]])
    assert not torch.allclose(*reader(text), atol=1e-4)
    for net, inputs, ends in ((sight, images, swapped), (reader, text[:1], text[1:])):
        nn.init.zeros_(net.transformer.places.weight)
        torch.testing.assert_close(net(inputs), net(ends))


def test_what_does_not_divide_is_refused():
    with pytest.raises(StudyError, match="a width of 10 cannot be shared by 3 heads"):
        TextTransformer(5, 3, 10, 3, 16, 1)
    with pytest.raises(StudyError, match="patches of side 3 do not cover an image of side 8"):
        VisionTransformer(8, 3, 1, 12, 2, 16, 1)

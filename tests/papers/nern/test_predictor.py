"""The predictor is the multilayer perceptron of the paper, of the size and compression rates printed there."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.library import network, predicted_layers
from wsbook.papers.nern.method.embedding import embed, points
from wsbook.papers.nern.method.predictor import (
    Predictor,
    compression_rate,
    parameter_count,
    set_vector,
    vector_of,
)

# Paper C, appendix E: two digits of the rate by hidden size.
RATES = {
    "resnet20-b": {120: 0.272, 140: 0.349, 180: 0.528, 300: 1.280},
    "resnet56-b": {220: 0.236, 280: 0.360, 320: 0.456, 360: 0.564, 510: 1.069, 680: 1.833, 750: 2.206},
    "resnet18": {700: 0.150, 1024: 0.310, 1372: 0.546},
}


def made(hidden, seed=0):
    return Predictor(hidden, torch.Generator().manual_seed(seed))


def test_forward_is_that_of_linear_layers_on_the_embedding(sequential):
    coordinates = torch.cartesian_prod(torch.arange(3), torch.arange(9), torch.arange(11))
    predictor = made(20)
    with torch.no_grad():
        found = predictor(points(coordinates))
        expected = sequential(predictor).double()(embed(coordinates).double())
    assert found.shape == (297, 9)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-6)


def test_gradients_are_those_of_linear_layers_on_the_embedding(sequential):
    coordinates = torch.cartesian_prod(torch.arange(3), torch.arange(4), torch.arange(5))
    predictor = made(12)
    plain = sequential(predictor)
    predictor(points(coordinates)).square().sum().backward()
    plain(embed(coordinates)).square().sum().backward()
    for found, expected in zip(predictor.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("hidden", [1, 7, 140])
def test_number_of_parameters(hidden):
    count = sum(p.numel() for p in made(hidden).parameters())
    assert count == parameter_count(hidden) == 3 * hidden**2 + 253 * hidden + 9


@pytest.mark.parametrize("name", RATES)
def test_compression_rates_of_the_paper(name):
    with torch.device("meta"):
        state = network(name, 10, 3).state_dict()
    weights = sum(state[layer].numel() for layer in predicted_layers(name))
    assert weights == {"resnet20-b": 270_256, "resnet56-b": 850_864, "resnet18": 10_985_472}[name]
    found = {hidden: round(compression_rate(hidden, weights), 3) for hidden in RATES[name]}
    assert found == pytest.approx(RATES[name], abs=1e-9)


def test_weights_follow_the_default_law_of_torch_and_the_seed():
    predictor = made(50)
    for layer in predictor:
        bound = layer.in_features**-0.5
        assert 0.9 * bound < layer.weight.abs().max() <= bound and layer.bias.abs().max() <= bound
        assert abs(layer.weight.std() / bound - 3**-0.5) < 0.05
    same, other = made(50), made(50, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(predictor.parameters(), same.parameters()))
    assert not any(torch.equal(a, b) for a, b in zip(predictor.parameters(), other.parameters()))


def test_a_vector_holds_all_parameters_and_is_apart_from_them():
    predictor, other = made(6), made(6, seed=1)
    vector = vector_of(list(predictor.parameters()))
    assert vector.shape == (parameter_count(6),) and not vector.requires_grad
    assert set_vector(other, vector) is other
    assert all(torch.equal(a, b) for a, b in zip(predictor.parameters(), other.parameters()))
    vector.zero_()
    assert all(p.abs().sum() > 0 for p in [*predictor.parameters(), *other.parameters()])


def test_bad_input(one_sentence):
    for hidden in (0, -3):
        with pytest.raises(StudyError, match=f"must be positive, not {hidden}") as caught:
            made(hidden)
        one_sentence(caught.value)
    for count in (parameter_count(5), parameter_count(6) + 1):
        with pytest.raises(StudyError, match=f"{count} parameters do not fit") as caught:
            set_vector(made(6), torch.zeros(count))
        one_sentence(caught.value)

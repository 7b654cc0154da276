"""Populations: each network is that of its seed, however it was stacked, and they learn."""

import pytest
import torch

from wsbook.nets.cnn import CNN_DIGITS, SmallCNN
from wsbook.nets.train import Recipe, initialise, train
from wsbook.weights.flatten import flatten
from wsbook.zoo.small import fit, initial_weights, task, train_population


@pytest.fixture(scope="module")
def digits():
    return task("digits", torch.Generator().manual_seed(0))


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def test_initial_weights_are_those_of_single_networks():
    expected = [flatten(initialise(SmallCNN(CNN_DIGITS), g).state_dict()) for g in generators(5, 6)]
    assert torch.equal(initial_weights(CNN_DIGITS, generators(5, 6)), torch.stack(expected))


@pytest.mark.parametrize("optimiser, lr", [("adam", 1e-3), ("sgd", 1e-2)])
def test_a_stack_trains_as_single_networks_do(digits, optimiser, lr):
    recipe = Recipe(epochs=1, lr=lr, optimiser=optimiser, weight_decay=1e-3)
    own = generators(1, 2)
    stacked = fit(CNN_DIGITS, initial_weights(CNN_DIGITS, own), digits.train, recipe, own)
    for seed, vector in zip((1, 2), stacked):
        net, generator = SmallCNN(CNN_DIGITS), torch.Generator().manual_seed(seed)
        train(initialise(net, generator), *digits.train, recipe, generator)
        torch.testing.assert_close(vector, flatten(net.state_dict()), rtol=1e-3, atol=1e-4)


def test_a_network_does_not_depend_on_its_neighbours(digits):
    recipe = Recipe(epochs=1, lr=1e-3)
    whole = train_population(CNN_DIGITS, digits, recipe, (1, 2, 3, 4), stack=4)
    parts = train_population(CNN_DIGITS, digits, recipe, (4, 2, 1), stack=2)
    torch.testing.assert_close(parts.weights, whole.weights[[3, 1, 0]], rtol=1e-3, atol=1e-5)
    again = train_population(CNN_DIGITS, digits, recipe, (1, 2, 3, 4), stack=4)
    assert torch.equal(whole.weights, again.weights)


def test_a_population_learns_and_differs(digits):
    zoo = train_population(CNN_DIGITS, digits, Recipe(epochs=8, lr=1e-2), range(6))
    assert zoo.weights.shape == (6, CNN_DIGITS.size) and zoo.seeds == tuple(range(6))
    assert zoo.val_accuracy.min() > 0.85 and zoo.test_accuracy.min() > 0.85
    assert torch.pdist(zoo.weights).min() > 1


def test_a_shared_start_is_shared(digits):
    still = Recipe(epochs=1, lr=0.0)
    zoo = train_population(CNN_DIGITS, digits, still, (1, 2), shared_start=9)
    assert torch.equal(zoo.weights, initial_weights(CNN_DIGITS, generators(9, 9)))
    moved = train_population(CNN_DIGITS, digits, Recipe(epochs=1), (1, 2), shared_start=9)
    assert not torch.equal(moved.weights[0], moved.weights[1])


def test_digits_task_is_standardised_with_training_statistics(digits):
    inputs, labels = digits.train
    assert inputs.shape == (1078, 1, 8, 8) and labels.shape == (1078,)
    assert inputs.mean().abs() < 1e-5 and (inputs.std(correction=0) - 1).abs() < 1e-5
    assert digits.test[0].mean().abs() > 1e-6


def test_drawn_parts_of_a_real_layout(monkeypatch):
    """Training and validation images are disjoint parts of the training split; the test split is whole."""
    from wsbook.data.imageset import image_set
    from wsbook.zoo import small

    numbers = torch.arange(200, dtype=torch.uint8)
    source = image_set(numbers.view(-1, 1, 1, 1).numpy(), (numbers % 2).numpy(), ("even", "odd"))
    monkeypatch.setattr(small, "load", lambda name, split: source)
    drawn = task("toys", torch.Generator().manual_seed(0), train=100, val=40)
    first = {round(x, 5) for x in drawn.train[0].flatten().tolist()}
    second = {round(x, 5) for x in drawn.val[0].flatten().tolist()}
    assert len(first) == 100 and len(second) == 40 and not first & second
    assert len(drawn.test[1]) == 200
    assert drawn.train[1].bincount().tolist() == [50, 50]

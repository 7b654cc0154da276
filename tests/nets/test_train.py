"""Training of one network: repeatable, learns, and refuses what it does not know."""

import pytest
import torch

from wsbook.data.digits import digits
from wsbook.data.imageset import channel_statistics, standardise
from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS, SmallCNN
from wsbook.nets.evaluate import evaluate
from wsbook.nets.train import Recipe, flip_and_crop, initialise, train


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def trained(seed, recipe):
    """A network trained on the digits, and its score on their validation part."""
    data, val = digits("train"), digits("val")
    statistics = channel_statistics(data.images)
    net, own = SmallCNN(CNN_DIGITS), generator(seed)
    history = train(initialise(net, own), standardise(data.images, *statistics), data.labels, recipe, own)
    return net, history, evaluate(net, standardise(val.images, *statistics), val.labels)


@pytest.mark.parametrize("optimiser, lr", [("adam", 1e-2), ("adamw", 1e-2), ("sgd", 0.1)])
def test_learns(optimiser, lr):
    _, history, score = trained(0, Recipe(epochs=4, lr=lr, optimiser=optimiser))
    assert score.accuracy > 0.8 and history[-1] < 0.5 * history[0]


def test_same_seed_same_weights_whatever_the_global_state():
    recipe = Recipe(epochs=1)
    first = trained(3, recipe)[0].state_dict()
    torch.rand(7)
    again, other = trained(3, recipe)[0].state_dict(), trained(4, recipe)[0].state_dict()
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["fc1.weight"], other["fc1.weight"])


def test_initialise_draws_within_bounds():
    net = initialise(SmallCNN(CNN_DIGITS), generator())
    weight = net.fc1.weight
    assert weight.abs().max() <= 48**-0.5
    assert weight.std().item() == pytest.approx((48 * 3) ** -0.5, rel=0.1)


def test_evaluate_does_not_depend_on_the_batch_and_keeps_the_mode():
    net = initialise(SmallCNN(CNN_DIGITS), generator())
    images = torch.randn(37, 1, 8, 8, generator=generator(1))
    labels = torch.randint(10, (37,), generator=generator(2))
    whole, parts = evaluate(net, images, labels, 37), evaluate(net, images, labels, 5)
    assert whole.accuracy == parts.accuracy
    assert whole.loss == pytest.approx(parts.loss, rel=1e-6)
    assert net.training
    with torch.no_grad():
        assert whole.accuracy == (net(images).argmax(1) == labels).double().mean().item()


def test_flip_and_crop_moves_and_mirrors_whole_images():
    images = torch.randn(300, 2, 6, 6, generator=generator(1))
    out = flip_and_crop(images, generator(2), pad=1)
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1))
    seen = set()
    for image, source in zip(out, padded):
        crops = {(False, y, x): source[:, y : y + 6, x : x + 6] for y in range(3) for x in range(3)}
        crops |= {(True, y, x): crop.flip(2) for (_, y, x), crop in crops.items()}
        matches = {key for key, crop in crops.items() if torch.equal(image, crop)}
        assert len(matches) == 1
        seen |= matches
    assert len(seen) == 18


def test_unknown_choices():
    with pytest.raises(StudyError, match="no optimiser 'lion'"):
        Recipe(1, optimiser="lion").optimise([torch.zeros(1)])
    with pytest.raises(StudyError, match="no schedule 'steps'"):
        Recipe(1, schedule="steps").lr_at(0, 10)


def test_cosine_schedule_ends_near_zero():
    recipe = Recipe(1, lr=2.0)
    assert recipe.lr_at(0, 10) == 2 and recipe.lr_at(5, 10) == pytest.approx(1)
    assert recipe.lr_at(9, 10) < 0.1
    assert Recipe(1, lr=2.0, schedule="constant").lr_at(9, 10) == 2

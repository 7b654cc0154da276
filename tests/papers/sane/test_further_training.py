"""Training on from given weights: equal compute, equal images, and what is read off the curves."""

import pytest
import torch
import torch.nn.functional as F

from wsbook.nets.cnn import SmallCNN
from wsbook.papers.sane.method.further_training import Course, course
from wsbook.weights.flatten import flatten, unflatten
from wsbook.zoo.growth import StackedAdam
from wsbook.zoo.networks import StackedCNN
from wsbook.zoo.setting import Zoo
from wsbook.zoo.small import Task
from wsbook.zoo.tasks import task

ZOO = Zoo("digits", "cnn-digits", epochs=2, kept=1, batch=200)
NETWORK = ZOO.architecture
RATES = [1e-3, 1e-2]


@pytest.fixture
def on():
    return task("digits", ZOO.images, 8)


@pytest.fixture
def start():
    return NETWORK.initial([torch.Generator().manual_seed(seed) for seed in range(3)])


def test_a_course_begins_with_the_start(on, start):
    at_first = NETWORK.score(start, on, "test")[0]
    found = course(start, on, ZOO, RATES, 7)
    assert found.accuracy.shape == (3, 3) and torch.equal(found.accuracy[:, 0], at_first)


def test_it_is_the_training_of_one_network_after_the_other(on, start):
    found = course(start, on, ZOO, [1e-2], 7)
    inputs, labels = on.train
    for number, vector in enumerate(start):
        net = SmallCNN(NETWORK.spec)
        net.load_state_dict(unflatten(vector, NETWORK.shapes))
        optimiser = torch.optim.Adam(net.parameters(), 1e-2)
        generator = torch.Generator().manual_seed(7 + number)
        for _ in range(ZOO.epochs):
            for picked in torch.randperm(len(inputs), generator=generator)[:1000].split(ZOO.batch):
                optimiser.zero_grad()
                F.cross_entropy(net(inputs[picked]), labels[picked]).backward()
                optimiser.step()
        trained = flatten(net.state_dict(), NETWORK.shapes)[None]
        accuracy = NETWORK.score(trained, on, "test")[0].item()
        assert found.accuracy[number, -1].item() == pytest.approx(accuracy, abs=0.01)


def test_every_start_takes_the_same_steps(on, start, monkeypatch):
    taken = []
    step = StackedAdam.step
    monkeypatch.setattr(StackedAdam, "step", lambda self, g: taken.append(len(g)) or step(self, g))
    counts = []
    for vectors in (start, 3 * start[:2]):
        taken.clear()
        course(vectors, on, ZOO, RATES, 7)
        counts.append(sum(taken) / len(vectors))
    assert counts == [len(RATES) * ZOO.epochs * (len(on.train[0]) // ZOO.batch)] * 2


def test_every_rate_sees_the_same_orders_of_images(on, start, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "wsbook.papers.sane.method.further_training.grow",
        lambda *args: seen.append(args) or iter([(args[1], None)]),
    )
    course(start, on, ZOO, RATES, 7)
    *_, lr, generators = seen[0]
    assert [generator.initial_seed() for generator in generators] == [7, 8, 9] * 2
    assert lr.tolist() == pytest.approx([1e-3] * 3 + [1e-2] * 3)


def test_neither_stacks_nor_companions_matter(on, start, monkeypatch):
    whole = course(start, on, ZOO, [1e-2], 7).accuracy
    alone = course(start[1:2], on, ZOO, [1e-2], 8).accuracy
    torch.testing.assert_close(alone[0], whole[1], rtol=0, atol=0.01)
    monkeypatch.setattr(StackedCNN, "stack", 2)
    split = course(start, on, ZOO, [1e-2], 7).accuracy
    torch.testing.assert_close(split, whole, rtol=0, atol=0.01)


def test_each_number_of_epochs_is_read_at_its_best_rate_on_validation_images(start, monkeypatch):
    """Accuracies of two networks at two rates, where the validation images disagree with the test images."""
    val = torch.tensor([[[0.1, 0.9, 0.6], [0.1, 0.5, 0.4]], [[0.1, 0.6, 0.5], [0.1, 0.7, 0.8]]])
    test = torch.tensor([[[0.2, 0.3, 0.4], [0.2, 0.3, 0.4]], [[0.2, 0.8, 0.5], [0.2, 0.9, 0.7]]])
    both = torch.stack([val, test]).flatten(1, 2)
    monkeypatch.setattr("wsbook.papers.sane.method.further_training._grown", lambda *_: both)
    found = course(start[:2], None, ZOO, RATES, 7)
    assert found.lr == [1e-3, 1e-3, 1e-2]
    torch.testing.assert_close(found.accuracy, torch.tensor([[0.2, 0.3, 0.5], [0.2, 0.3, 0.7]]))


def test_test_images_have_no_say(on, start):
    inputs, labels = on.test
    other = Task(on.train, on.val, (inputs, labels.flip(0)))
    one, same = (course(start, task, ZOO, RATES, 7) for task in (on, other))
    assert one.lr == same.lr and not torch.equal(one.accuracy, same.accuracy)


def test_metrics_are_read_off_the_mean_curve():
    accuracy = torch.tensor([[0.0, 0.4, 0.8], [0.2, 0.6, 1.0]], dtype=torch.float64)
    found = Course(accuracy, [1e-6, 0.01, 0.01])
    assert found.metrics("a") == pytest.approx({"a_0": 0.1, "a_1": 0.5, "a_last": 0.9, "a_area": 0.5})
    assert found.curves("a") == {
        "a": [0.1, 0.5, 0.9],
        "a_networks": [0.0, 0.4, 0.8, 0.2, 0.6, 1.0],
        "a_lr": [1e-6, 0.01, 0.01],
    }

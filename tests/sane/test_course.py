"""Training on from given weights: equal compute, equal images, and what is read off the curves."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from wsbook.nets.cnn import SmallCNN
from wsbook.sane.course import Course, courses
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
    for rate, course in zip(RATES, courses(start, on, ZOO, RATES, 7)):
        assert course.lr == rate and course.test.shape == (3, 3)
        assert torch.equal(course.test[:, 0], at_first)


def test_it_is_the_training_of_one_network_after_the_other(on, start):
    course = courses(start, on, ZOO, RATES, 7)[1]
    inputs, labels = on.train
    for number, vector in enumerate(start):
        net = SmallCNN(NETWORK.spec)
        net.load_state_dict(unflatten(vector, NETWORK.shapes))
        optimiser = torch.optim.Adam(net.parameters(), RATES[1])
        generator = torch.Generator().manual_seed(7 + number)
        for _ in range(ZOO.epochs):
            for picked in torch.randperm(len(inputs), generator=generator)[:1000].split(ZOO.batch):
                optimiser.zero_grad()
                F.cross_entropy(net(inputs[picked]), labels[picked]).backward()
                optimiser.step()
        trained = flatten(net.state_dict(), NETWORK.shapes)[None]
        accuracy = NETWORK.score(trained, on, "test")[0].item()
        assert course.test[number, -1].item() == pytest.approx(accuracy, abs=0.01)


def test_every_start_takes_the_same_steps(on, start, monkeypatch):
    taken = []
    step = StackedAdam.step
    monkeypatch.setattr(StackedAdam, "step", lambda self, g: taken.append(len(g)) or step(self, g))
    counts = []
    for vectors in (start, 3 * start[:2]):
        taken.clear()
        courses(vectors, on, ZOO, RATES, 7)
        counts.append(sum(taken) / len(vectors))
    assert counts == [len(RATES) * ZOO.epochs * (len(on.train[0]) // ZOO.batch)] * 2


def test_neither_stacks_nor_companions_matter(on, start, monkeypatch):
    whole = courses(start, on, ZOO, RATES, 7)
    monkeypatch.setattr(StackedCNN, "stack", 2)
    for one, same in zip(whole, courses(start, on, ZOO, RATES, 7)):
        torch.testing.assert_close(one.test, same.test, rtol=0, atol=0.01)
    alone = courses(start[1:2], on, ZOO, RATES[1:], 8)[0]
    torch.testing.assert_close(alone.test[0], whole[1].test[1], rtol=0, atol=0.01)


def test_the_choice_rests_on_validation_images(on, start):
    inputs, labels = on.test
    other = Task(on.train, on.val, (inputs, labels.flip(0)))
    for one, same in zip(courses(start, on, ZOO, RATES, 7), courses(start, other, ZOO, RATES, 7)):
        assert one.val == same.val and not torch.equal(one.test, same.test)
    weights = NETWORK.initial([torch.Generator().manual_seed(0)])
    still = courses(weights, on, replace(ZOO, epochs=1), [1e-30], 7)[0]
    assert still.val == NETWORK.score(weights, on, "val")[0].item()


def test_metrics_are_read_off_the_mean_curve():
    course = Course(0.01, torch.tensor([[0.0, 0.4, 0.8], [0.2, 0.6, 1.0]], dtype=torch.float64), 0.5)
    assert course.metrics("a") == pytest.approx(
        {"a_0": 0.1, "a_1": 0.5, "a_last": 0.9, "a_area": 0.5, "a_lr": 0.01}
    )
    assert course.curves("a") == {"a": [0.1, 0.5, 0.9], "a_networks": [0.0, 0.4, 0.8, 0.2, 0.6, 1.0]}

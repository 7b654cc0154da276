"""Zoos on the shelf: what is trained, found again, resumed, damaged and split."""

import warnings
from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS
from wsbook.zoo import archive, training
from wsbook.zoo.archive import DamagedShard, Members, file_name, members, shards
from wsbook.zoo.growth import StackedAdam, grow
from wsbook.zoo.setting import Zoo
from wsbook.zoo.tasks import task

ZOO = Zoo("digits", "cnn-digits", models=5, epochs=3, kept=2, batch=200, spread=0.5)


@pytest.fixture(autouse=True)
def shards_of_two(own_shelf, monkeypatch):
    """A shelf below tmp_path, and shards of two models."""
    monkeypatch.setattr(archive, "SHARD", 2)


def test_a_zoo_holds_the_kept_epochs_of_all_models():
    zoo = members(ZOO)
    assert zoo.weights.shape == (5, 2, CNN_DIGITS.size)
    assert zoo.table.model.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert zoo.table.epoch.tolist() == [2, 3] * 5
    on = task("digits", ZOO.images, 8)
    accuracy, _ = ZOO.architecture.score(zoo.weights[:, -1], on, "test")
    assert zoo.table.test_accuracy[1::2].tolist() == pytest.approx(accuracy.tolist())


def test_what_is_on_the_shelf_is_not_trained_again(own_shelf, monkeypatch):
    before = members(ZOO)
    (own_shelf / file_name(shards(ZOO)[1])).unlink()
    trained = []
    train = training.train_shard
    monkeypatch.setattr(training, "train_shard", lambda *a: trained.append(a[0].seeds) or train(*a))
    after = members(ZOO)
    assert trained == [range(2, 4)]
    larger = members(replace(ZOO, models=6))
    assert trained == [range(2, 4), range(4, 6)] and len(larger.weights) == 6
    assert torch.equal(larger.weights[:4], before.weights[:4])
    assert torch.equal(before.weights, after.weights) and before.table.equals(after.table)


def test_a_zoo_that_ends_within_a_shard_takes_its_first_models(own_shelf, monkeypatch):
    alone = members(ZOO)
    (own_shelf / file_name(shards(ZOO)[2])).unlink()
    longer = members(replace(ZOO, models=6))
    monkeypatch.setattr(training, "train_shard", None)  # would fail if called
    cut = members(ZOO)
    assert torch.equal(cut.weights, longer.weights[:5]) and len(cut.table) == 10
    torch.testing.assert_close(cut.weights, alone.weights)  # in whatever company it trained


def test_a_damaged_shard_is_named_and_the_rest_used(own_shelf):
    whole = members(ZOO)
    path = own_shelf / file_name(shards(ZOO)[1])
    path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(DamagedShard, match=rf"models 2 to 3 are left out: .*{path.name} is damaged"):
        left = members(ZOO)
    assert left.table.model.unique().tolist() == [0, 1, 4]
    assert torch.equal(left.weights, whole.weights[[0, 1, 4]])
    for shard in shards(ZOO):
        (own_shelf / file_name(shard)).write_bytes(b"")
    with warnings.catch_warnings(), pytest.raises(StudyError, match="no shard of the zoo of digits"):
        warnings.simplefilter("ignore")
        members(ZOO)


def test_parts_are_disjoint_by_model_and_leave_out_what_diverged():
    zoo = members(ZOO)
    table = zoo.table.copy()
    table.loc[2, "diverged"] = True  # model 1 after one of its epochs
    parts = [Members(ZOO, zoo.weights, table).part(number) for number in range(3)]
    seen = [model for part in parts for model in part.table.model.unique()]
    assert sorted(seen) == [0, 2, 3, 4] and len(parts[0].weights) == 3
    for part in parts:
        assert torch.equal(part.weights, zoo.weights[list(part.table.model.unique())])


def test_a_model_does_not_depend_on_those_beside_it():
    on = task("digits", ZOO.images, 8)
    ends = []
    for seeds in ([0, 1, 2], [1]):
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        start = ZOO.architecture.initial(generators)
        lr = torch.tensor([0.01, 0.002, 0.05] if len(seeds) == 3 else [0.002])
        *_, (weights, _) = grow(ZOO.architecture, start, on.train, ZOO, lr, generators)
        ends.append(weights[seeds.index(1)])
    torch.testing.assert_close(*ends, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_stacked_adam_is_torchs_with_a_rate_for_each_model(decay):
    generator = torch.Generator().manual_seed(0)
    start, rates = torch.randn(3, 7, generator=generator), torch.tensor([1e-3, 1e-2, 0.3])
    gradients = torch.randn(20, 3, 7, generator=generator) * torch.tensor([1e-6, 1.0, 50.0])[:, None]
    stacked = start.clone()
    optimiser = StackedAdam(stacked, rates, decay)
    for gradient in gradients:
        optimiser.step(gradient.clone())
    for row, rate in enumerate(rates.tolist()):
        alone = start[row].clone().requires_grad_()
        torchs = torch.optim.AdamW([alone], rate, weight_decay=decay)
        for gradient in gradients[:, row]:
            alone.grad = gradient.clone()
            torchs.step()
        torch.testing.assert_close(stacked[row], alone.detach(), rtol=1e-5, atol=1e-6)


def test_models_of_different_sets_start_from_different_weights():
    one, same, other = ZOO.generator(3), ZOO.generator(3), replace(ZOO, data="glyphs-digits").generator(3)
    drawn = [torch.rand(5, generator=generator) for generator in (one, same, other)]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert not torch.equal(torch.rand(5, generator=ZOO.generator(4)), drawn[0])


def test_shards_cover_all_models_once():
    assert [list(shard.seeds) for shard in shards(ZOO)] == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"models": 0}, "models of a zoo must be positive, not 0"),
        ({"kept": 4}, "3 epochs cannot keep 4"),
        ({"network": "vgg"}, "no zoo of networks 'vgg'; choose one of cnn-s, cnn-l"),
        ({"spread": -1.0}, "must not be negative"),
    ],
)
def test_impossible_zoos_are_refused(changes, message):
    with pytest.raises(StudyError, match=message):
        Zoo(**{"data": "digits", "network": "cnn-digits", "epochs": 3, "kept": 2} | changes)

"""Autoencoders are found by what they were trained on."""

import warnings

import pytest
import torch

from wsbook.papers.sane.method import trained
from wsbook.papers.sane.method.trained import fitted
from wsbook.zoo import archive
from wsbook.zoo.archive import DamagedShard, file_name, shards


def parameters(found):
    return torch.cat([p.detach().flatten() for p in found.model.parameters()])


def test_one_that_is_trained_on_what_a_damaged_shard_leaves_does_not_stand_for_the_whole_zoo(
    setting, own_shelf, monkeypatch
):
    monkeypatch.setattr(archive, "SHARD", 2)
    whole = fitted(setting, 0, "cpu")
    path = own_shelf / "weights" / file_name(shards(setting.zoos[0])[0])
    intact = path.read_bytes()
    path.write_bytes(b"")
    with pytest.warns(DamagedShard):
        less = fitted(setting, 0, "cpu")
    assert len(less.training) < len(whole.training)
    assert not torch.equal(parameters(less), parameters(whole))
    path.write_bytes(intact)
    monkeypatch.setattr(trained, "train", None)  # would fail if called
    with warnings.catch_warnings():
        warnings.simplefilter("error", DamagedShard)
        again = fitted(setting, 0, "cpu")
    assert torch.equal(parameters(again), parameters(whole))

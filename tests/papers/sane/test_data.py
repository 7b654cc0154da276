"""Records of paper B say which images and which networks they rest on."""

import pytest

from wsbook.data.registry import load
from wsbook.papers.sane.experiments import EXPERIMENTS
from wsbook.papers.sane.measures.data import fingerprints, zoos_alone, zoos_and_fresh, zoos_and_prompts
from wsbook.zoo import archive
from wsbook.zoo.archive import DamagedShard, file_name, shards
from wsbook.zoo.setting import Zoo

IMAGES = {f"digits/{split}" for split in ("train", "val", "test")}


def test_images_and_networks_are_named(setting, own_shelf):
    found = fingerprints(zoos_and_prompts(setting))
    networks = {"6 cnn-digits for digits from seed 0", "4 cnn-digits for digits from seed 10000"}
    assert found.keys() == IMAGES | networks
    assert found["digits/test"] == load("digits", "test").fingerprint[:12]
    assert found == fingerprints(zoos_and_fresh(setting))
    alone = fingerprints(zoos_alone(setting))
    assert alone.items() < found.items() and alone.keys() - IMAGES == {
        "6 cnn-digits for digits from seed 0"
    }


def test_networks_that_a_damaged_shard_takes_away_are_not_counted(setting, own_shelf, monkeypatch):
    monkeypatch.setattr(archive, "SHARD", 2)
    whole = fingerprints(setting.zoos)
    (own_shelf / "weights" / file_name(shards(setting.zoos[0])[0])).write_bytes(b"")
    with pytest.warns(DamagedShard):
        less = fingerprints(setting.zoos)
    assert less.keys() - IMAGES == {"4 cnn-digits for digits from seed 0"}
    assert set(less.values()) - set(whole.values()) == {less["4 cnn-digits for digits from seed 0"]}


def test_other_networks_have_another_fingerprint(own_shelf):
    one, other = (
        fingerprints([Zoo("digits", "cnn-digits", models=2, epochs=2, kept=1, lr=lr)])
        for lr in (1e-3, 2e-3)
    )
    assert {name for name in one if one[name] != other[name]} == {"2 cnn-digits for digits from seed 0"}


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_every_experiment_names_all_its_image_sets(experiment, monkeypatch):
    monkeypatch.setattr(
        "wsbook.papers.sane.measures.data.of_networks", lambda zoo: {f"{zoo.data} {zoo.network}": ""}
    )
    monkeypatch.setattr("wsbook.papers.sane.measures.data.of_images", lambda data: {})
    for setting in experiment.grid["cpu"]:
        wanted = {*setting.data.split("+"), getattr(setting, "target", setting.data.split("+")[0])}
        assert {name.split()[0] for name in experiment.data(setting)} == wanted

"""Zoos as folders: what is written is read back, whole or not at all, by the card's own words."""

import json
import os
import re
import sys
from dataclasses import replace

import pandas as pd
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from wsbook.errors import StudyError
from wsbook.study import shelf
from wsbook.study.shelf import read
from wsbook.weights.flatten import flatten
from wsbook.zoo import archive, exported
from wsbook.zoo import export as exporting
from wsbook.zoo.archive import file_name, members, shards
from wsbook.zoo.card import inputs
from wsbook.zoo.export import export
from wsbook.zoo.exported import read_table, read_zoo
from wsbook.zoo.inventory import only, shelved
from wsbook.zoo.setting import Zoo

pytest.importorskip("pyarrow")

ZOO = Zoo("digits", "cnn-digits", models=10, epochs=3, kept=2, batch=300, spread=0.5)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A shelf with a zoo of ten models in shards of four, which tests copy."""
    root = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "RUNS", root)
        patch.setattr(shelf, "RESULTS", root / "none")
        patch.setattr(archive, "SHARD", 4)
        members(ZOO)
    return {path.name: path.read_bytes() for path in (root / "weights").iterdir()}


@pytest.fixture
def whole(trained, own_shelf, monkeypatch):
    """The zoo, on a shelf of its own."""
    monkeypatch.setattr(archive, "SHARD", 4)
    own_shelf.mkdir(parents=True)
    for name, content in trained.items():
        (own_shelf / name).write_bytes(content)
    return members(ZOO)


@pytest.fixture
def folder(whole, tmp_path):
    """Where the zoo has been exported to."""
    export(only("digits"), tmp_path / "out")
    return tmp_path / "out"


def weights_in(folder):
    """Weight vectors (M, E, P) of an export, and its rows of the table in that order."""
    vectors, rows = {}, {}
    for epoch, tensors, table in read_zoo(folder):
        vectors.setdefault(epoch, []).append(flatten(tensors, ZOO.architecture.shapes))
        rows.setdefault(epoch, []).append(table)
    stacked = torch.stack([torch.cat(parts) for parts in vectors.values()], dim=1)
    tables = pd.concat([table.assign(at=epoch) for epoch, parts in rows.items() for table in parts])
    assert (tables.epoch == tables["at"]).all()
    return stacked, tables.sort_values(["model", "epoch"], ignore_index=True)


def test_what_is_written_is_read_back(whole, folder):
    weights, rows = weights_in(folder)
    assert torch.equal(weights, whole.weights)
    for name in ("epoch", "lr", "loss", "val_accuracy", "test_accuracy", "diverged"):
        assert rows[name].tolist() == whole.table[name].tolist(), name
    assert rows.seed.tolist() == whole.table.model.tolist()
    assert set(rows.batch) == {300} and set(rows.activation) == {"tanh"} and rows.lr.nunique() == 10
    for number, name in enumerate(("train", "val", "test")):
        seeds = rows.seed[rows.part == name].drop_duplicates()
        assert torch.equal(whole.weights[seeds.tolist()], whole.part(number).weights)


def test_files_are_bounded_and_read_one_by_one(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "FILE_BYTES", 3 * 4 * whole.weights.shape[2] + 1)
    export(only("digits"), tmp_path / "out")
    files = sorted(path.name for path in (tmp_path / "out" / "weights").iterdir())
    assert files == [f"epoch-{e:04}-{n:03}.safetensors" for e in (2, 3) for n in range(4)]
    weights, rows = weights_in(tmp_path / "out")
    assert torch.equal(weights, whole.weights) and rows.seed.tolist() == whole.table.model.tolist()
    opened = []
    monkeypatch.setattr(exported, "read", lambda path: opened.append(path.name) or read(path))
    stream = read_zoo(tmp_path / "out")
    assert [len(next(stream)[2]) for _ in range(4)] == [3, 3, 3, 1] and opened == files[:4]


def test_models_that_zoos_of_different_sizes_share_come_once(whole, tmp_path):
    more = members(replace(ZOO, models=11))  # of which the last shard holds models 8 and 9 once more
    export(only("digits"), tmp_path / "all")
    assert torch.equal(weights_in(tmp_path / "all")[0], more.weights)
    export(only("digits"), tmp_path / "some", models=9)
    assert torch.equal(weights_in(tmp_path / "some")[0], more.weights[:9])
    assert json.loads((tmp_path / "some" / "zoo.json").read_text())["zoo"]["models"] == 9


def test_what_diverged_is_in_no_part(whole, own_shelf, tmp_path):
    path = own_shelf / file_name(shards(ZOO)[1])
    tensors = read(path)
    tensors["weights"][1, 0, 7] = torch.nan  # model 5, after the second epoch
    save_file(tensors, path)
    table = export(only("digits"), tmp_path / "out")
    assert table[table.diverged].seed.tolist() == [5] and table[table.seed == 5].part.isna().all()
    read_back = read_table(tmp_path / "out")
    assert read_back.part.isna().sum() == 2 and "(1 did)" in (tmp_path / "out" / "README.md").read_text()


def test_the_card_tells_how_to_read_and_its_code_does(whole, folder, monkeypatch, capsys):
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlicense: mit\n") and "# 10 cnn-digits networks trained on digits" in card
    plain, ours = re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL)
    monkeypatch.chdir(folder)
    found = {}
    exec(plain, found)
    best = whole.table.test_accuracy.idxmax()
    assert torch.equal(flatten(found["state"], ZOO.architecture.shapes), whole.weights.flatten(0, 1)[best])
    exec(ours, found)
    assert capsys.readouterr().out.count("'fc2.weight': (10, 10, 20)") == 2


def test_the_card_states_what_was_measured(whole, folder):
    card = (folder / "README.md").read_text()
    for epoch, rows in whole.table.groupby("epoch"):
        cells = [
            f"{100 * rows[name].mean():.1f} ± {100 * rows[name].std(ddof=0):.1f} %"
            for name in ("val_accuracy", "test_accuracy")
        ]
        assert f"| {epoch} | {' | '.join(cells)} |" in card
    assert "train (7 models), val (1 models), test (2 models)" in card
    assert "| spread | 0.5 |" in card and "| activation | tanh |" in card
    assert "with PyTorch" in card and str(folder.parent) not in card


def test_anyone_may_read_the_files(folder):
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in folder.rglob("*") if path.is_file())


def test_half_an_export_is_never_read(whole, tmp_path, monkeypatch):
    saved = []

    def killed(tensors, path):
        saved.append(path)
        if len(saved) == 2:
            raise KeyboardInterrupt
        save_file(tensors, path)

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "save_file", killed)
        with pytest.raises(KeyboardInterrupt):
            export(only("digits"), tmp_path / "out")
    assert not (tmp_path / "out").exists() and saved[0].is_file()
    with pytest.raises(StudyError, match="holds no exported zoo"):
        next(read_zoo(saved[0].parents[1]))
    export(only("digits"), tmp_path / "out")
    assert torch.equal(weights_in(tmp_path / "out")[0], whole.weights) and not saved[0].parent.exists()


@pytest.mark.parametrize("place", ["weights", "table", "card", "disk"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(whole, tmp_path, monkeypatch, one_sentence, place):
    def full(*_, **__):
        trouble = "No space left on device"
        raise SafetensorError(f"I/O error: {trouble}") if place == "weights" else OSError(28, trouble)

    target = {
        "weights": (exporting, "save_file"),
        "table": (pd.DataFrame, "to_parquet"),
        "card": ("pathlib.Path", "write_text"),
        "disk": (os, "fsync"),
    }[place]
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(*([".".join(target)] if place == "card" else target), full)
    with pytest.raises(
        StudyError, match="could not write .*No space left on device.*free some space"
    ) as error:
        export(only("digits"), tmp_path / "out")
    one_sentence(error.value)
    assert sorted(tmp_path.iterdir()) == before


def test_what_cannot_be_exported_is_refused(whole, own_shelf, tmp_path, wsbook, one_sentence):
    def refused(*arguments):
        status, _, err = wsbook("zoo", "export", *arguments)
        assert status == 2 and not (tmp_path / "new").exists()
        return one_sentence(err.removesuffix("\n"))

    assert "has 10 models, of which one cannot export 11" in refused(
        "digits", tmp_path / "new", "--models", 11
    )
    assert "is there already; name a new folder" in refused("digits", tmp_path)
    assert "there is no zoo 'mnist'" in refused("mnist", tmp_path / "new")
    path = own_shelf / file_name(shards(ZOO)[0])
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    assert f"{path} cannot be read" in refused("digits", tmp_path / "new")
    path.write_bytes(content)
    note = path.with_suffix(".json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"source": "0123456789ab"}))
    assert "there are 2 zoos of digits; name one of them" in refused("digits", tmp_path / "new")
    stale = next(zoo for zoo in shelved()[0] if zoo.stale)
    assert "made by other code than today's" in refused(stale.id, tmp_path / "new")


def test_the_command_exports(whole, wsbook, tmp_path):
    status, out, _ = wsbook("zoo", "export", "digits", tmp_path / "out", "--models", 4)
    assert (status, out) == (0, f"4 networks after 2 epochs are in {tmp_path / 'out'} now.\n")
    assert torch.equal(weights_in(tmp_path / "out")[0], whole.weights[:4])


def test_a_damaged_export_is_named(folder):
    file = next(iter((folder / "weights").iterdir()))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(StudyError, match=f"{file.name} is damaged"):
        list(read_zoo(folder))
    (folder / "table.parquet").write_bytes(b"PAR1")
    with pytest.raises(StudyError, match="table.parquet cannot be read"):
        read_table(folder)
    (folder / "zoo.json").write_text('{"format": 2}')
    with pytest.raises(StudyError, match="is of format 2, not 1"):
        read_table(folder)


def test_without_pyarrow_one_sentence_says_what_to_install(whole, tmp_path, monkeypatch, one_sentence):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StudyError, match="need pyarrow; run pip install pyarrow") as error:
        export(only("digits"), tmp_path / "out")
    one_sentence(error.value)


@pytest.mark.parametrize(
    "network, said",
    [
        ("cnn-s", "grey, of 28 x 28 pixels"),
        ("cnn-l", "coloured, of 32 x 32 pixels"),
        ("text-small", "texts, cut or filled to 32 characters"),
    ],
)
def test_the_card_says_what_networks_take(network, said):
    assert said in inputs(Zoo("text-a" if network == "text-small" else "cifar10", network))

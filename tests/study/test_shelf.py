"""Tensors on the shelf come back whole or not at all, and checkpoints outlive what is not yet recorded."""

from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from wsbook.errors import StudyError
from wsbook.study import shelf
from wsbook.study.experiment import Cell
from wsbook.study.places import RESULTS
from wsbook.study.run import run

KINDS = {
    "weights": torch.arange(12.0).reshape(3, 4).mT,  # not contiguous
    "half": torch.tensor([1.5, torch.nan], dtype=torch.float16),
    "brain": torch.ones(3, dtype=torch.bfloat16),
    "mask": torch.tensor([True, False]),
    "step": torch.tensor(7),
    "nothing": torch.empty(0, 5),
}


def test_tensors_of_every_kind_come_back(tmp_path):
    shelf.write(tmp_path / "a.safetensors", KINDS)
    found = shelf.read(tmp_path / "a.safetensors")
    assert found.keys() == KINDS.keys()
    for name, tensor in KINDS.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0, equal_nan=True)


def test_no_change_of_a_single_byte_goes_unnoticed(tmp_path, one_sentence):
    path = tmp_path / "a.safetensors"
    shelf.write(path, {"a": torch.arange(3.0), "b": torch.zeros(2, 2)})
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            found = shelf.read(path)
        except StudyError as error:
            assert f"{path} is damaged" in one_sentence(error)
        else:  # only where the file says that it has a digest, or spaces are between its fields
            assert torch.equal(found["a"], torch.arange(3.0)) and torch.equal(found["b"], torch.zeros(2, 2))


@pytest.mark.parametrize(("device", "expected"), [("meta", "meta"), ("cuda:0", "cpu")])
def test_a_state_goes_back_to_its_devices_where_these_are_here(own_shelf, monkeypatch, device, expected):
    """The device "meta" stands for a GPU; of one that is not here the state comes to the CPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(shelf, "devices", lambda tensors: {"moments": device})
    checkpoint = shelf.Checkpoint("a.safetensors")
    checkpoint.save({"moments": torch.ones(3), "step": torch.tensor(2)})
    found = checkpoint.load()
    assert (found["moments"].device.type, found["step"].device.type) == (expected, "cpu")
    assert shelf.read(checkpoint.path)["moments"].tolist() == [1, 1, 1]


def test_a_file_of_other_hands_needs_no_digest(tmp_path):
    save_file({"a": torch.ones(2)}, tmp_path / "a.safetensors")
    assert torch.equal(shelf.read(tmp_path / "a.safetensors")["a"], torch.ones(2))


def test_committed_weights_have_digests():
    paths = list((RESULTS / "weights").glob("*.safetensors"))
    assert paths
    for path in paths:
        with safe_open(path, "pt") as file:
            assert file.metadata()["digest"] == shelf.digest(shelf.read(path))


@pytest.fixture
def long_cell(toy, own_shelf):
    """Make the toy's cells discard a checkpoint when they are done; returns that checkpoint."""
    checkpoint, plain = shelf.Checkpoint("toy.safetensors"), toy.measure

    def measure(stack, device):
        checkpoint.save({"step": torch.tensor(1)})
        checkpoint.discard()
        return plain(stack, device)

    toy.experiment = replace(toy.experiment, measure=measure)
    return checkpoint


def record_one(toy):
    """Measure and record one cell of the toy."""
    run(toy.experiment, "quick", [[Cell(next(iter(toy.experiment.grid["quick"])), 0)]], directory=toy.runs)


def test_a_checkpoint_of_no_cell_is_deleted_at_once(own_shelf):
    checkpoint = shelf.Checkpoint("a.safetensors")
    checkpoint.save({"step": torch.tensor(1)})
    checkpoint.discard()
    assert checkpoint.load() is None


def test_a_discarded_checkpoint_is_deleted_once_its_cell_is_recorded(toy, long_cell):
    record_one(toy)
    assert len(toy.file().read()) == 1 and not long_cell.path.exists()


def test_a_cell_that_cannot_be_recorded_keeps_its_checkpoint(toy, long_cell, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("wsbook.study.record.write_whole", full)
        with pytest.raises(StudyError, match="No space left"):
            record_one(toy)
    assert toy.file().read() == [] and long_cell.load()["step"] == 1
    record_one(toy)
    assert not long_cell.path.exists()


def test_a_checkpoint_goes_on_only_where_it_was_begun(own_shelf):
    checkpoint = shelf.Checkpoint("a.safetensors")
    with shelf.recording("cuda"):
        checkpoint.save({"step": torch.tensor(1)})
        assert checkpoint.load()["step"] == 1
    with (
        shelf.recording("cpu"),
        pytest.raises(StudyError, match="begun with --device cuda; go on with that"),
    ):
        checkpoint.load()
    assert checkpoint.load()["step"] == 1  # where no cell is measured

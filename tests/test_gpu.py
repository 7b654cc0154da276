"""Every experiment runs on a GPU, where there is one, and CUDA graphs change nothing there."""

import math
from dataclasses import replace

import pytest
import torch

from benchmarks import sane
from benchmarks.nern import gpu_row, random_original
from wsbook import catalogue
from wsbook.study.experiment import plan
from wsbook.study.record import RecordFile
from wsbook.study.run import run
from wsbook.weights.ordering import ordered_coordinates

if not torch.cuda.is_available():
    pytest.skip("this machine has no GPU", allow_module_level=True)
QUICK = [name for name, experiment in catalogue.EXPERIMENTS.items() if experiment.grid.get("quick")]


@pytest.mark.parametrize("name", QUICK)
def test_the_first_cells_of_an_experiment(name, own_shelf, tmp_path, monkeypatch):
    experiment = replace(catalogue.EXPERIMENTS[name], gpu_stack_size=2)
    monkeypatch.setitem(catalogue.EXPERIMENTS, name, experiment)
    stack = plan(experiment, experiment.grid["quick"][:1], 2, "cuda")[0]
    run(experiment, "quick", [stack], "cuda", directory=tmp_path)
    records = RecordFile(tmp_path, "quick", name).read()
    assert len(records) == len(stack)
    assert all(record.provenance["accelerator"] for record in records)
    assert any(math.isfinite(value) for record in records for value in record.metrics.values())


def test_a_reconstruction_by_cuda_graphs_is_the_same():
    source = random_original()
    row = gpu_row(source, ordered_coordinates(source.frame, "in-filter"), 100)  # raises if losses differ
    assert row["value"] > 0


def test_a_step_of_an_autoencoder_by_a_cuda_graph_is_the_same():
    assert sane.gpu_row(10)["value"] > 0  # raises if losses differ

"""Every experiment runs on a GPU, where there is one."""

import math
from dataclasses import replace

import pytest
import torch

from wsbook import catalogue
from wsbook.study.experiment import plan
from wsbook.study.record import RecordFile
from wsbook.study.run import run

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

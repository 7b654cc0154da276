"""The committed predictors are those of the committed records."""

import os

import pytest
import torch

from wsbook.nets.evaluate import evaluate
from wsbook.nets.folding import folded
from wsbook.nets.originals import original
from wsbook.papers.nern import experiments as c
from wsbook.papers.nern.method.fitted import file_name, predict, targets_of
from wsbook.papers.nern.method.network import rebuilt
from wsbook.papers.nern.method.reconstruction import rmse
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.collect import load
from wsbook.study.places import RESULTS
from wsbook.study.shelf import read

SAMPLE = 10  # every tenth test image, of which all classes have as many


def kept():
    """(setting, seed, record) of every committed predictor."""
    records = load(c.RECONSTRUCTION, "cpu", RESULTS)
    cells = [(Reconstruction(**r.parameters), r.seed, r) for r in records]
    return [cell for cell in cells if (RESULTS / "weights" / file_name(*cell[:2])).is_file()]


def test_every_committed_predictor_belongs_to_a_record():
    assert len(kept()) == len(list((RESULTS / "weights").glob("fitted-*"))) > 0


@pytest.mark.skipif("WSBOOK_DATA" not in os.environ, reason="WSBOOK_DATA is not set: no trained ResNet")
def test_a_committed_predictor_gives_the_recorded_network():
    setting, seed, record = kept()[0]
    source = original(setting.network)
    targets = targets_of(source, setting.order, "cpu")
    kernels = predict(
        setting.hidden, read(RESULTS / "weights" / file_name(setting, seed))["predictor"].float(), targets
    )
    assert rmse(kernels, targets).item() == pytest.approx(record.metrics["rmse"], rel=1e-3)
    inputs, labels = (x[::SAMPLE] for x in source.inputs("test"))
    with torch.inference_mode():
        found = evaluate(folded(rebuilt(source, kernels)), inputs, labels).accuracy
    assert found == pytest.approx(record.metrics["test_accuracy"], abs=0.04)

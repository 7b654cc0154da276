"""Sizes are those of real files, and rates those of the paper."""

import pandas as pd
import pytest
import safetensors.torch
import torch

from wsbook.errors import StudyError
from wsbook.nets.library import network
from wsbook.papers.nern.experiments.storage import SIZES
from wsbook.papers.nern.measures.int8 import in_int8
from wsbook.papers.nern.measures.sizes import Pair, sizes
from wsbook.papers.nern.method.predictor import Predictor
from wsbook.papers.nern.samples import sizes as rates


def test_bytes_are_those_of_files(tmp_path):
    found = sizes(Pair("resnet8-digits", 10, 20))
    safetensors.torch.save_file(network("resnet8-digits", 10, 3).state_dict(), tmp_path / "net")
    safetensors.torch.save_file(Predictor(20, torch.Generator()).state_dict(), tmp_path / "predictor")
    assert found["original_bytes"] == (tmp_path / "net").stat().st_size
    assert found["predictor_bytes"] == (tmp_path / "predictor").stat().st_size
    whole = found["predictor_bytes"] + found["order_bytes"] + found["rest_bytes"]
    assert found["saved"] == pytest.approx(whole / found["original_bytes"])
    assert found["original_int8"] < 0.5 * found["original_bytes"]


@pytest.mark.parametrize("wrong", [{"hidden": 0}, {"classes": -1}])
def test_bad_settings(wrong, one_sentence):
    with pytest.raises(StudyError) as caught:
        Pair(**wrong)
    one_sentence(caught.value)


@pytest.fixture(scope="module")
def table():
    """Sizes of all planned pairs, at today's code."""
    return pd.DataFrame([vars(pair) | sizes(pair) for pair in SIZES.grid["cpu"]])


def test_rates_are_those_that_appendix_e_prints(table):
    assert len(rates.rate_differences(table)) == 14  # all that it prints
    wrong = table.assign(cr=table.cr + 0.1 * (table.architecture == "resnet18"))
    assert rates.rate_differences(wrong).max() > 0.09


def test_what_is_said_of_all_files_is_judged_by_the_printed_settings(table):
    rows = table[(table.cr < 1) & (table.architecture != "resnet20")]
    assert sorted(rates.share_saved(table)) == pytest.approx(sorted(rows.saved))
    assert sorted(rates.size_against_int8(table)) == pytest.approx(
        sorted(rows.saved * rows.original_bytes / rows.original_int8)
    )
    ours = table.assign(saved=table.saved.where(table.architecture != "resnet20", 9.0))
    assert rates.share_saved(ours).max() < 1


def test_int8_rounds_weights_and_leaves_biases():
    hidden = 6
    predictor = Predictor(hidden, torch.Generator().manual_seed(0))
    vector = torch.cat([p.detach().flatten() for p in predictor.parameters()])
    rounded = in_int8(hidden, vector)
    sizes_ = [p.numel() for p in predictor.parameters()]
    for parameter, before, after in zip(
        predictor.parameters(), vector.split(sizes_), rounded.split(sizes_), strict=True
    ):
        if parameter.dim() == 1:
            assert torch.equal(before, after)
        else:
            step = before.view_as(parameter).abs().amax(1, keepdim=True) / 127
            error = (after - before).view_as(parameter).abs()
            assert 0 < error.max() and (error <= 0.51 * step).all()

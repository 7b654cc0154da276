"""Kernels of the layer in the middle, as far as predictors are on the shelf."""

from dataclasses import replace

import numpy as np
import torch

from wsbook.figures import show
from wsbook.papers.nern.figures import predictors as draw
from wsbook.papers.nern.measures.kernels import middle_layer
from wsbook.papers.nern.method.fitted import file_name, predict, targets_of
from wsbook.papers.nern.method.predictor import Predictor
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.shelf import keep

SETTING = Reconstruction(network="toy", hidden=6, steps=1)


def test_only_predictors_on_the_shelf_are_shown_and_kernels_are_those_of_one_layer(named_toy):
    vector = torch.cat(
        [p.detach().flatten() for p in Predictor(6, torch.Generator().manual_seed(0)).parameters()]
    )
    keep(file_name(SETTING, 0), {"predictor": vector})
    original, predicted = middle_layer([SETTING, replace(SETTING, hidden=7)], seed=0, count=5)
    frame = named_toy.frame
    rows = (frame.coordinates[:, 0] == len(frame.layers) // 2).nonzero()[:5, 0]
    assert np.array_equal(original, frame.values[rows].numpy())
    assert list(predicted) == [6]
    expected = predict(6, vector, targets_of(named_toy, SETTING.order, "cpu"))[rows]
    assert np.array_equal(predicted[6], expected.numpy())
    assert middle_layer([SETTING], seed=1, count=5)[1] == {}


def test_kernels_lie_in_rows_with_lines_between_them():
    kernels = np.arange(27.0).reshape(3, 9)
    picture = draw.mosaic(kernels, columns=2)
    assert picture.shape == (7, 7)
    assert picture[:3, 4:].tolist() == [[9, 10, 11], [12, 13, 14], [15, 16, 17]]
    assert np.isnan(picture[3]).all() and np.isnan(picture[4:, 4:]).all()
    assert "<svg" in show(draw.kernel_grid(kernels, [kernels], ["original", "h = 6"], 2), "kernels").html

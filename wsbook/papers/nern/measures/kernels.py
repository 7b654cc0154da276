"""Kernels of an original beside those that predictors on this machine's shelf give."""

from collections.abc import Sequence

import numpy as np

from wsbook.nets.originals import original
from wsbook.papers.nern.method.fitted import file_name, predict, targets_of
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.shelf import find


def middle_layer(
    settings: Sequence[Reconstruction], seed: int, count: int
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """The first `count` kernels (n, 9) of the layer in the middle of an original, and the same by hidden size as the
    predictors of a seed give them, as far as these are on the shelf.

    The original is that of the first setting; settings of others are left out.
    """
    network = settings[0].network
    source = original(network)
    layer = len(source.frame.layers) // 2
    shown = (source.frame.coordinates[:, 0] == layer).nonzero()[:count, 0]
    predicted = {}
    for setting in (s for s in settings if s.network == network):
        if kept := find(file_name(setting, seed)):
            targets = targets_of(source, setting.order, "cpu")
            kernels = predict(setting.hidden, kept["predictor"].float(), targets)
            predicted[setting.hidden] = kernels[shown].numpy()
    return source.frame.values[shown].numpy(), predicted

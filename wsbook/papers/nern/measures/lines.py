"""Measure networks on the line from the original to a network that a progressive round made: figure 13.

The distance to the original grows in proportion to the place on the line; accuracy is measured.
"""

from collections.abc import Sequence

import torch

from wsbook.nets.originals import original
from wsbook.papers.nern.measures.rounds import Round, made
from wsbook.papers.nern.method.network import accuracy
from wsbook.study.experiment import Cell, Measured

PLACES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # alpha in w_o + alpha (w - w_o)


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """One `Measured` a cell: test accuracy along the line, how far it dips below a straight descent or rise
    between the ends ("barrier"), and how far above the better end it rises ("crest")."""
    return [_measure(cell.setting, cell.seed, device) for cell in cells]


def _measure(setting: Round, trial: int, device: str) -> Measured:
    source = original(setting.network)
    start, end = source.frame.values, made(setting, trial, device)
    course = [accuracy(source, torch.lerp(start, end, place), "test") for place in PLACES]
    straight = [course[0] + place * (course[-1] - course[0]) for place in PLACES]
    metrics = {
        "gain": course[-1] - course[0],
        "barrier": max(s - c for s, c in zip(straight, course)),
        "crest": max(course) - max(course[0], course[-1]),
    }
    curves = {"place": list(PLACES), "accuracy_course": course}
    return Measured(metrics, curves, source.fingerprints("test"))

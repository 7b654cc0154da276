"""What is measured on trained dictionaries: errors of a whole stack, at the end and along the way."""

from collections.abc import Sequence

import torch
from torch import Tensor

from wsbook.papers.primitives.method.errors import global_error, sample_error
from wsbook.papers.primitives.method.projection import pseudo_inverse_codes
from wsbook.papers.primitives.method.training import Trained, train
from wsbook.study.experiment import Cell, Measured

DIGITS = 7  # significant digits kept in records; float32 carries no more


def moore_penrose(trained: Trained, weights: Tensor) -> Tensor:
    """Weights (R, n, d) from their Moore-Penrose codes, D^T alpha with alpha = (D^T)^+ w."""
    approximation = torch.empty_like(weights)
    for k in {setting.k for setting in trained.settings}:
        runs = [i for i, setting in enumerate(trained.settings) if setting.k == k]
        chosen = slice(None) if len(runs) == len(trained.settings) else runs
        atoms = trained.dictionary[chosen, :k]
        approximation[chosen] = pseudo_inverse_codes(weights[chosen], atoms) @ atoms
    return approximation


def reconstructions(trained: Trained) -> tuple[Tensor, Tensor]:
    """Train rows from their learned codes, test rows from Moore-Penrose codes."""
    return trained.codes @ trained.dictionary, moore_penrose(trained, trained.test)


def final_errors(trained: Trained) -> dict[str, Tensor]:
    """Train and test errors of every run, each shape (R,), whole-set and per sample.

    `train_error` uses the learned codes, `train_error_projected` the Moore-Penrose codes of the
    training rows, which is how the test rows are treated.
    """
    learned, held_out = reconstructions(trained)
    projected = moore_penrose(trained, trained.train)
    return {
        "train_error": global_error(trained.train, learned),
        "test_error": global_error(trained.test, held_out),
        "train_error_projected": global_error(trained.train, projected),
        "train_error_per_sample": sample_error(trained.train, learned),
        "test_error_per_sample": sample_error(trained.test, held_out),
    }


def epoch_errors(trained: Trained) -> Tensor:
    """Global train and test errors, shape (2, R)."""
    learned, held_out = reconstructions(trained)
    return torch.stack([global_error(trained.train, learned), global_error(trained.test, held_out)])


def rounded(value: float) -> float:
    """`value` to the digits that records keep."""
    return float(f"{float(value):.{DIGITS}g}")


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """Train one dictionary a cell and follow its errors.

    Metrics: the `final_errors`; `train_mean`, the mean of the train error over the epochs
    (lower is faster); `gap`, test minus train error;
    `best_test_error`, the lowest of the test curve, which is selection on the test set; `train_power`
    and `test_power`, the mean squared weight, which turn errors into the paper's MSE.
    """
    settings = [cell.setting for cell in cells]
    seeds = [cell.seed for cell in cells]
    trained = train(settings, seeds, device, observe=epoch_errors)
    final = {name: values.tolist() for name, values in final_errors(trained).items()}
    curves = torch.stack(trained.snapshots).cpu()  # (epochs, 2, R)
    power = [x.square().mean((1, 2)).tolist() for x in (trained.train, trained.test)]
    results = []
    for run in range(len(cells)):
        train_curve, test_curve = ([rounded(x) for x in curve] for curve in curves[:, :, run].T)
        metrics = {name: values[run] for name, values in final.items()}
        metrics["train_mean"] = sum(train_curve) / len(train_curve)
        metrics["gap"] = metrics["test_error"] - metrics["train_error"]
        metrics["best_test_error"] = min(test_curve)
        metrics["train_power"], metrics["test_power"] = power[0][run], power[1][run]
        results.append(
            Measured(
                {name: rounded(value) for name, value in metrics.items()},
                {"train_curve": train_curve, "test_curve": test_curve},
            )
        )
    return results

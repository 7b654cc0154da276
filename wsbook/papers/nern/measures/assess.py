"""What is measured of the predictors along one training run.

Accuracy is that of the original with predicted kernels. Of its course three values are reported: at the
last step; at the point best on validation images; and at the point best on the test images
themselves, which is how the reference selects.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from torch import Tensor

from wsbook.nets.originals import Original
from wsbook.papers.nern.measures.layers import layer_distances, s_ratio_differences
from wsbook.papers.nern.method.fitted import predict
from wsbook.papers.nern.method.network import accuracy, original_accuracy
from wsbook.papers.nern.method.predictor import compression_rate
from wsbook.papers.nern.method.reconstruction import Targets, Trajectory, rmse


@dataclass(frozen=True)
class Assessment:
    """Scalars and curves of one training run, and the fingerprints of what they were taken on."""

    metrics: dict[str, float]
    curves: dict[str, list[float]]
    data: dict[str, str]


def assess(source: Original, targets: Targets, hidden: int, trajectory: Trajectory) -> Assessment:
    """L_recon, accuracies, distances and S_ratio by layer, at the end and along the way."""
    device = targets.values.device
    kernels = [predict(hidden, vector.to(device), targets) for vector in trajectory.vectors]
    course = {
        "at_step": [float(step) for step in trajectory.steps],
        "rmse_course": [rmse(values, targets).item() for values in kernels],
        "val_course": [accuracy(source, values, "val") for values in kernels],
        "test_course": [accuracy(source, values, "test") for values in kernels],
    }
    metrics, curves = by_layer(source, kernels[-1])
    metrics |= {
        "rmse": course["rmse_course"][-1],
        "cr": compression_rate(hidden, targets.weights),
        "original_val": original_accuracy(source.name, "val"),
        "original_test": original_accuracy(source.name, "test"),
        **selected(course["val_course"], course["test_course"]),
    }
    return Assessment(metrics, course | curves, source.fingerprints("val", "test"))


def by_layer(source: Original, kernels: Tensor) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Error and difference of S_ratio of each layer, and their means over each half of the layers."""
    distances = layer_distances(source, source.frame.values, kernels)
    curves = {"layer_rmse": distances, "s_ratio": s_ratio_differences(source, kernels)}
    return halves("layer_rmse", distances) | halves("s_ratio", curves["s_ratio"]), curves


def halves(name: str, layers: Sequence[float]) -> dict[str, float]:
    """Means over the earlier and over the later half of the layers."""
    middle = len(layers) // 2
    return {f"{name}_earlier": fmean(layers[:middle]), f"{name}_later": fmean(layers[middle:])}


def selected(val: Sequence[float], test: Sequence[float]) -> dict[str, float]:
    """Test accuracy at the last evaluation, at the one best on validation images, and at the one best
    on the test images; ties go to the latest. `gain_by_selection` is the third minus the first."""
    best = max(range(len(val)), key=lambda i: (val[i], i))
    return {
        "test_accuracy": test[-1],
        "val_accuracy": val[-1],
        "test_by_val": test[best],
        "test_by_test": max(test),
        "gain_by_selection": max(test) - test[-1],
    }

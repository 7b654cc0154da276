"""What the metrics and samples of part X are."""

from wsbook.study.quantity import ACCURACY, GAIN, gain

QUANTITIES = {
    "drop": gain("loss of test accuracy"),
    "lead-of-*": gain("lead in test accuracy over the rivals' front"),
    "gain-of-*": GAIN,
    "best-of-few-bits": ACCURACY,
    "test_accuracy": ACCURACY,
}

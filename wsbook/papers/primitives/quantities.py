"""What the metrics and samples of paper A are."""

from wsbook.study.quantity import ACCURACY, Quantity, share

QUANTITIES = {
    "train_mean": Quantity("mean relative train error"),
    "train_error": Quantity("relative train error"),
    "*_singular": Quantity("relative distance of singular values"),
    "*_overlap": share("shared part of the leading subspace"),
    "*_slope": Quantity("slope of reconstruction on weight"),
    "*band_*": Quantity("relative error in a band of frequencies"),
    "test_error*": Quantity("relative test error"),
    "lowest-test-error": Quantity("relative test error"),
    "*_error": Quantity("relative error of held-out networks"),
    "correlation": Quantity("correlation of reconstruction and weight"),
    "recovery": Quantity("mean cosine of true atoms with the nearest learned ones"),
    "relative-fall-*": share("fall of the train error, against that of the others"),
    "survival-*": Quantity("whether a reading confirms the finding"),
    "*accuracy*": ACCURACY,
}

"""What the metrics and samples of paper C are."""

from dataclasses import replace

from wsbook.study.quantity import ACCURACY, GAIN, Quantity, gain, share

ERROR = Quantity("root mean square error of the weights", "× 10⁻³", 1000.0)
BARRIER = Quantity("barrier of the test loss", "nats")

QUANTITIES = {
    "*s_ratio*": gain("rise of S_ratio"),
    "*s-ratio*": gain("rise of S_ratio"),
    "*rmse*": ERROR,
    "distance": replace(ERROR, name="root mean square distance to the original"),
    "error-growth-*": Quantity("error of joint training against that of reconstruction"),
    "*layer-ratio*": Quantity("error of decoupled against that of joint training"),
    "rate-differences": Quantity("distance from the printed CR"),
    "share-saved": Quantity("size on disk against the network's"),
    "size-against-int8": Quantity("size on disk against the network's in int8"),
    "barrier": gain("barrier of the test accuracy"),
    "barrier_*": BARRIER,
    "*tempered_loss": Quantity("test loss at a temperature of its own", "nats"),
    "*loss": Quantity("test loss", "nats"),
    "*certainty": share("mean probability of the class that is chosen"),
    "gain*": GAIN,
    "*-gain-*": GAIN,
    "smallest-visible-gain-*": GAIN,
    "low-pass-*": GAIN,
    "singular-values-*": GAIN,
    "any-alteration*": GAIN,
    "best-noise-*": GAIN,
    "*ifgsm*": share("accuracy under I-FGSM"),
    "*fgsm*": share("accuracy under FGSM"),
    "*ood*": share("accuracy on corrupted images"),
    "*predicted_int8*": share("test accuracy in int8"),
    "*_accuracy*": ACCURACY,
    "predicted": ACCURACY,
    "original_*": ACCURACY,
    "test_by_*": ACCURACY,
    "*-and-*": ACCURACY,
    "length-leads": ACCURACY,
}

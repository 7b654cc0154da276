"""What the metrics and samples of paper B are."""

from wsbook.study.quantity import ACCURACY, Quantity, gain, share

QUANTITIES = {
    "spread_ratio": Quantity("spread of reconstructed weights against the original's"),
    "rates-tolerated": Quantity("number of learning rates that are tolerated"),
    "law-*": gain("distance from the law, in accuracy"),
    "distance-*": Quantity("relative distance to the nearest training network"),
    "errors-*": share("index of shared errors"),
    "*_area": share("mean test accuracy over training"),
    "by-number-of-sets": ACCURACY,
    "contrast-*": ACCURACY,
    "doubling-*": ACCURACY,
    "growth-*": ACCURACY,
    "loss-by-zoos": ACCURACY,
    "losses-at-own-rates": ACCURACY,
    "normalised-at-own-rate": ACCURACY,
    "sets-*": ACCURACY,
    "together-and-alone-*": ACCURACY,
    "zoos-*": ACCURACY,
    "beyond-noise-*": ACCURACY,
    "generated*": ACCURACY,
    "reconstructed*": ACCURACY,
    "hypernetwork_last": ACCURACY,
    "rebuilt": ACCURACY,
}

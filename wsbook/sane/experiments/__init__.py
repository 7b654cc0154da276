"""The experiments of paper B."""

from wsbook.sane.experiments.losses import NORMALISATION, RATES
from wsbook.sane.experiments.sampling import SAMPLING
from wsbook.sane.experiments.transfer import CAUSE, DIVERSITY, SIZE, TRANSFER
from wsbook.sane.experiments.zoos import ZOOS

EXPERIMENTS = (ZOOS, NORMALISATION, RATES, TRANSFER, DIVERSITY, SIZE, CAUSE, SAMPLING)

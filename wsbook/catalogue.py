"""All experiments of the book and all derived samples of its claims, by name."""

from wsbook.errors import StudyError
from wsbook.nern.by_image import DERIVED as BY_IMAGE
from wsbook.nern.experiments import EXPERIMENTS as NERN
from wsbook.nern.held_out import DERIVED as HELD_OUT
from wsbook.nern.objectives import DERIVED as OBJECTIVES
from wsbook.nern.rates import DERIVED as RATES
from wsbook.nern.rivals import DERIVED as RIVALS
from wsbook.nern.selection import DERIVED as SELECTION
from wsbook.nern.teaching import DERIVED as TEACHING
from wsbook.primitives.experiments import EXPERIMENTS as PRIMITIVES
from wsbook.primitives.survival import DERIVED as SURVIVAL
from wsbook.sane.compositions import DERIVED as COMPOSITIONS
from wsbook.sane.effects import DERIVED as EFFECTS
from wsbook.sane.experiments import EXPERIMENTS as SANE
from wsbook.sane.loss_effects import DERIVED as LOSS_EFFECTS
from wsbook.study.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {e.name: e for e in (*PRIMITIVES, *SANE, *NERN)}
DERIVED = {
    **SURVIVAL, **COMPOSITIONS, **EFFECTS, **LOSS_EFFECTS,
    **BY_IMAGE, **HELD_OUT, **OBJECTIVES, **RATES, **RIVALS, **SELECTION, **TEACHING,
}  # fmt: skip


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises
        StudyError: if there is none.
    """
    if name not in EXPERIMENTS:
        raise StudyError(f"there is no experiment {name!r}; there are {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]

"""Ranges of parameters by their names, which mean the same in the settings of all experiments.

Settings refuse by themselves what their arithmetic cannot take. What they let through would fail late, or give
nonsense: so what a user replaces is held to these ranges before anything is computed. They stand here, apart from the
settings, since a refusal changes no number that was ever recorded, and so makes no record stale.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from wsbook.errors import StudyError

POSITIVE = frozenset(
    "lr first_lr joint_lr hidden steps first_batch models images epochs kept token window width heads blocks latent "
    "bandwidth dictionary_scale code_scale".split()
)
NOT_NEGATIVE = frozenset("batch first_steps warmup noise weight_decay penalty".split())
SHARES = frozenset({"uniform"})


def check_ranges(setting: Any) -> None:
    """Raise a StudyError for a parameter outside its range."""
    for name in (field.name for field in fields(setting)):
        value = getattr(setting, name)
        if name in POSITIVE and not value > 0:
            raise StudyError(f"parameter {name} must be positive, not {value}.")
        if name in NOT_NEGATIVE and not value >= 0:
            raise StudyError(f"parameter {name} must not be negative, not {value}.")
        if name in SHARES and not 0 <= value <= 1:
            raise StudyError(f"parameter {name} must lie from 0 to 1, not {value}.")


def check_name(name: str, value: str, known: Iterable[str]) -> None:
    """Raise a StudyError for a value that is none of those known."""
    if value not in (known := list(known)):
        raise StudyError(f"there is no {name} {value!r}; choose one of {', '.join(known)}.")

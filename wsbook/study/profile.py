"""The three sizes at which every experiment can run: one code path, three budgets."""

from wsbook.errors import StudyError

PROFILES = {
    "quick": "anyone's laptop: about 30 seconds a notebook, no data to fetch",
    "cpu": "two cores and up to a few hours, resumable; real data sets at reduced budgets",
    "paper": "one GPU; the paper's own settings",
}


def check_profile(name: str) -> str:
    """Return `name` if it is a profile.

    Raises
        StudyError: for any other name, with the list of profiles.
    """
    if name not in PROFILES:
        raise StudyError(f"there is no profile {name!r}; choose one of {', '.join(PROFILES)}.")
    return name

"""The one exception that users of wsbook are meant to read."""


class StudyError(Exception):
    """A mistake that its message alone explains: what is wrong, where, and how to mend it.

    The command line prints it as one sentence and exits with status 2; notebooks show that sentence alone.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of the calls that led here."""
        return [f"{type(self).__name__}: {self}"]

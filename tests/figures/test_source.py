"""Code that pages print."""

from functools import cache

from wsbook.figures.source import source


@cache
def halved(x: float) -> float:
    """Half of x.

    Said on the page in other words.
    """
    return x / 2  # exact in binary


class Pair:
    """Two of them."""

    def swap(self):
        """In place."""
        self.a, self.b = self.b, self.a


def test_code_is_printed_without_decorators_and_docstrings_but_with_comments():
    shown = source(halved.__wrapped__, Pair)
    assert shown.code == (
        "def halved(x: float) -> float:\n    return x / 2  # exact in binary\n\n\n"
        "class Pair:\n\n    def swap(self):\n        self.a, self.b = self.b, self.a"
    )
    assert shown._repr_mimebundle_()["text/markdown"] == f"```python\n{shown.code}\n```"

"""What the tests of computed pages share."""

import pytest

from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.verdicts.decision import Decision
from wsbook.verdicts.scorecard import decide_all


@pytest.fixture(scope="session")
def decisions() -> list[Decision]:
    """All claims, decided by the committed records."""
    return decide_all(EXPERIMENTS, DERIVED)

"""All tests of the book as one family."""

from types import SimpleNamespace

import numpy as np
import pytest

from wsbook.book.pages.multiplicity import family_section
from wsbook.catalogue import DERIVED, EXPERIMENTS
from wsbook.verdicts.claims import parse_part
from wsbook.verdicts.decision import Evidence
from wsbook.verdicts.multiplicity import LEVEL, family
from wsbook.verdicts.rules import Outcome, Verdict
from wsbook.verdicts.scorecard import decide_all


def decision(*p, verdict=Verdict.REPRODUCED, **fields):
    """A decision with a part for each p value."""
    part = parse_part(
        {"says": "x > y", "experiment": "toy", "metric": "m", "rule": "threshold", "above": 0, **fields}
    )
    items = [Evidence(part, Outcome(verdict, "", p=each)) for each in p]
    return SimpleNamespace(claim=SimpleNamespace(id="T"), counted=items)


def test_p_values_are_corrected_over_all_claims():
    tests = family([decision(0.001, None, 0.04), decision(0.02), decision(0.8)])
    assert [test.p for test in tests] == [0.001, 0.04, 0.02, 0.8]
    np.testing.assert_allclose([test.holm for test in tests], [0.004, 0.08, 0.06, 0.8])  # by hand
    np.testing.assert_allclose([test.false_discovery for test in tests], [0.004, 0.04 * 4 / 3, 0.04, 0.8])
    assert [test.frail for test in tests] == [False, True, False, True]
    refuted = family([decision(0.04, 0.9, verdict=Verdict.NOT_REPRODUCED)])
    assert not any(test.frail for test in refuted)
    assert family([decision(None)]) == [] and family_section([]) == ""


def test_the_section_names_what_does_not_survive_as_text():
    text = family_section(family([decision(0.001, 0.04), decision(0.02), decision(0.8)]))
    assert "4 parts that count rest on a p value, and 3 of these are at most\n0.05" in text
    assert "method keeps 1:" in text and "Hochberg's keeps 2:" in text and "2 parts are reproduced" in text
    assert text.count('href="#claim-t"') == 2 and "x &gt; y" in text and "x > y" not in text
    assert "<table" not in family_section(family([decision(0.001)]))


@pytest.fixture(scope="module")
def tests():
    return family(decide_all(EXPERIMENTS, DERIVED))


def test_of_the_book_milder_corrections_keep_more(tests):
    small, kept, strict = (
        sum(value <= LEVEL for value in values)
        for values in ([t.p for t in tests], [t.false_discovery for t in tests], [t.holm for t in tests])
    )
    assert small > kept > strict > 0
    assert all(test.p <= test.false_discovery <= test.holm for test in tests)

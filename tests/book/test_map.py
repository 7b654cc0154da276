"""The map of verdicts: axes, bars, tiles, filters."""

import re
from dataclasses import replace

from wsbook.book.pages.axis import TICKS, WIDTH, Ruler, axis, paper_value
from wsbook.book.pages.filters import choices
from wsbook.book.pages.quantities import asked_of
from wsbook.book.pages.verdict_map import map_page
from wsbook.verdicts.claims import TOPICS
from wsbook.verdicts.rules import Outcome, Verdict

NUMBER = r"(-?[\d.]+)"


def headline(decisions, claim_id):
    return next(decision for decision in decisions if decision.claim.id == claim_id).headline


def asked_area(drawn):
    return tuple(map(float, re.search(rf'class="ax-asked" d="M{NUMBER} 1H{NUMBER}V', drawn).groups()))


def test_an_axis_shows_what_is_asked_what_is_printed_and_what_was_found(decisions):
    recon = headline(decisions, "C-recon")
    drawn = axis(recon)
    assert [drawn.count(f'class="ax-{name}"') for name in ("asked", "paper", "ours", "dot")] == [1, 1, 1, 1]
    assert "the paper 85.64" in drawn and f"Asked {asked_of(recon.part)}" in drawn
    low, high = asked_area(drawn)
    paper = float(re.search(rf'class="ax-paper" d="M{NUMBER} ', drawn)[1])
    assert paper == WIDTH / 2 == (low + high) / 2  # the band lies around the paper's number


def test_what_was_not_run_shows_what_is_asked(decisions):
    drawn = axis(replace(headline(decisions, "C-recon"), outcome=Outcome(Verdict.NOT_RUN, "")))
    assert "not run" in drawn and "ax-asked" in drawn and "ax-ours" not in drawn and "ax-dot" not in drawn


def test_a_half_width_of_the_band_is_one_unit_on_every_axis(decisions):
    for claim_id, edge in (
        ("C-recon", 0.8564 + 0.02),
        ("A-spectra", 0.05),
        ("A-fig6", 0.02),
        ("A-fig1", 1.0),
    ):
        place = Ruler(headline(decisions, claim_id).part)
        assert place(edge) == place.unit(1), claim_id
    assert [place.unit(tick) for tick in TICKS] == sorted(place.unit(tick) for tick in TICKS)


def test_an_estimate_lies_in_the_shade_of_a_claim_that_is_reproduced(decisions):
    """Of a rule with one bound or a band; intervals of parts that are reproduced lie there, too."""
    for decision in decisions:
        for item in decision.counted:
            if item.outcome.verdict is Verdict.REPRODUCED and item.part.rule.kind != "best":
                low, high = item.part.rule.asked
                ends = item.outcome.interval or (item.outcome.estimate,)
                either = getattr(item.part.rule, "expect", "") == "different"
                assert either or all(low <= end <= high for end in ends), (
                    decision.claim.id,
                    item.part.says,
                )


def test_an_estimate_beyond_the_axis_is_an_arrow(decisions):
    item = headline(decisions, "C-recon")
    far = replace(item, outcome=replace(item.outcome, estimate=1e6, interval=(-1e6, 2e6)))
    assert "<circle" not in axis(far) and f'd="M{WIDTH} ' in axis(far)


def test_the_number_of_the_paper_is_a_bound_that_is_not_ours_a_value_or_an_effect(decisions):
    assert paper_value(headline(decisions, "A-headline").part) == 0.15
    assert paper_value(headline(decisions, "A-fig3").part) == 0.2
    assert paper_value(headline(decisions, "X-rate").part) is None


def test_the_map_has_a_tile_a_claim_and_a_bar_a_part(decisions):
    page = map_page(decisions)
    tiles = page.split('<a class="ws-tile')[1:]
    assert len(tiles) == len(decisions)
    for decision, drawn in zip(decisions, tiles):
        assert f'scorecard.html#claim-{decision.claim.id.lower()}"' in drawn
        assert drawn.count('class="ws-bar ') == len(decision.counted)
        assert drawn.count("ws-head") == 1 and drawn.count("<svg") == 1
    assert len(page) < 250_000


def test_every_value_of_a_filter_hides_the_claims_that_differ(decisions):
    page = map_page(decisions)
    for name, words in choices(decisions).items():
        assert sum(int(said.split()[-1]) for said in words.values()) == len(decisions)
        for value in words:
            rule = f'#ws-map-{name}-{value}:checked) [data-{name}]:not([data-{name}~="{value}"])'
            assert page.count(rule) == 1
            assert len(re.findall(rf'<a [^>]*data-{name}="{value}"', page)) == int(words[value].split()[-1])


def test_every_topic_has_a_claim(decisions):
    assert {decision.claim.topic for decision in decisions} == set(TOPICS)

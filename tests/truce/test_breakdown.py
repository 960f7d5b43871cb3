"""Rules of breakdown: read from their files, applied to what was known, void where they cannot decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truce.breakdown import Evidence, resolve, rule_named, rules, under
from truce.clock import end_of
from truce.errors import BadInput
from truce.fights import Fights, Span
from truce.repudiation import Statements
from truce.vocabulary import Event, EventType, Modality, Outcome, Truce, TruceRole

START = date(2010, 3, 1)
LATE = end_of(date(2020, 1, 1))


def a_truce(**terms: object) -> Truce:
    basis = Truce(
        truce_id="t", name="t", iso3=("AAA",), side_a=("Government of A",), side_b=("R Front",), effective_date=START,
        ucdp_dyad=("7",), observed_to=date(2012, 12, 31),
    )  # fmt: skip
    return replace(basis, **terms)  # type: ignore[arg-type]


def a_fight(day: int, deaths: int, *, span: int = 0, dyad: str = "7", known: date | None = None, n: int = 0) -> Event:
    on = START + timedelta(days=day)
    return Event(
        event_id=f"ged:{dyad}:{day}:{n}", type=EventType.ASSAULT, modality=Modality.ACTUAL, occurred_on=on,
        known_at=end_of(known or date(on.year + 1, 6, 30)), source="ucdp-ged", iso3=("AAA",), deaths=deaths,
        began_on=on - timedelta(days=span) if span else None, ids=(f"ucdp_dyad:{dyad}",),
    )  # fmt: skip


EDGES = [a_fight(-400, 1, dyad="8"), a_fight(900, 1, dyad="8")]
"""Another dyad's fights: they say over which days the country is followed."""


def fought(*fights: Event) -> Evidence:
    return Evidence(fights=Fights.of([*EDGES, *fights, a_fight(-300, 9)]))


def first(rule: str, evidence: Evidence, truce: Truce | None = None, moment: datetime = LATE) -> tuple[str, int | None]:
    (found,) = resolve(rule, [truce or a_truce()], moment, evidence)
    return found.outcome.value, None if found.end_date is None else (found.end_date - START).days


def test_every_rule_says_in_a_sentence_what_counts() -> None:
    assert set(rules()) == {
        "chronicle-1", "chronicle-nominal-1", "ccd-1", "ged-5d-1", "ged-25d-1", "repudiation-1"
    }  # fmt: skip
    assert all(len(rule.sentence) > 40 for rule in rules().values())
    with pytest.raises(BadInput, match="chronicle-1"):
        rule_named("by-eye")


def test_five_deaths_in_a_day_break_it_and_four_do_not() -> None:
    assert first("ged-5d-1", fought(a_fight(10, 5))) == ("broke", 10)
    assert first("ged-5d-1", fought(a_fight(10, 4))) == ("ongoing", None)
    assert first("ged-5d-1", fought(a_fight(10, 3), a_fight(10, 2, n=1))) == ("broke", 10)
    assert first("ged-25d-1", fought(a_fight(10, 5), a_fight(40, 25))) == ("broke", 40)


def test_the_first_day_of_the_truce_counts_and_the_day_before_does_not() -> None:
    assert first("ged-5d-1", fought(a_fight(0, 5))) == ("broke", 0)
    assert first("ged-5d-1", fought(a_fight(-1, 5))) == ("ongoing", None)


def test_three_days_of_fighting_within_seven_break_it_on_the_third() -> None:
    assert first("ged-25d-1", fought(a_fight(10, 1), a_fight(13, 1), a_fight(16, 1))) == ("broke", 16)
    assert first("ged-25d-1", fought(a_fight(10, 1), a_fight(13, 1), a_fight(17, 1))) == ("ongoing", None)
    assert first("ged-25d-1", fought(a_fight(10, 1), a_fight(10, 1, n=1), a_fight(11, 0), a_fight(12, 1))) == (
        "ongoing", None
    )  # fmt: skip


def test_an_event_known_to_a_span_counts_on_its_last_day_if_it_began_in_the_truce() -> None:
    assert first("ged-5d-1", fought(a_fight(10, 9, span=8))) == ("broke", 10)
    assert first("ged-5d-1", fought(a_fight(10, 9, span=11))) == ("ongoing", None)


def test_a_fighting_rule_is_silent_where_it_cannot_see() -> None:
    evidence = fought(a_fight(10, 9))
    for truce, why in (
        (a_truce(ucdp_dyad=("99",)), "no dyad"),
        (a_truce(ucdp_dyad=()), "no dyad"),
        (a_truce(effective_date=date(2008, 1, 1)), "before the"),
        (a_truce(start_precision="month"), "first day is not known"),
    ):
        (found,) = resolve("ged-5d-1", [truce], LATE, evidence)
        assert (found.outcome, found.end_date) == (Outcome.VOID, None)
        assert why in found.why


def test_a_truce_that_the_data_have_not_reached_yet_goes_on_unseen() -> None:
    (found,) = resolve("ged-5d-1", [a_truce(effective_date=date(2013, 1, 1))], LATE, fought())
    assert (found.outcome, found.end_date) == (Outcome.ONGOING, None)
    assert found.watched_to is not None
    assert found.watched_to < date(2013, 1, 1)
    assert "nothing of it is seen yet" in found.why


def test_a_release_that_holds_days_whole_reaches_further_than_its_last_event() -> None:
    span = Span(frozenset({"AAA"}), date(2009, 1, 1), date(2013, 12, 31), end_of(date(2014, 6, 30)))
    evidence = Evidence(fights=Fights.of([*EDGES, a_fight(-300, 9)], [span]))
    (found,) = resolve("ged-5d-1", [a_truce(effective_date=date(2013, 1, 1))], LATE, evidence)
    assert (found.outcome, found.watched_to) == (Outcome.ONGOING, date(2013, 12, 31))


def test_a_correction_or_a_late_row_does_not_move_when_the_break_was_known() -> None:
    told = a_fight(10, 20, known=date(2011, 6, 30))
    gone = replace(told, retracted_at=end_of(date(2018, 6, 30)))
    corrected = replace(told, event_id="ged:7:10:0~2", deaths=21, known_at=end_of(date(2018, 6, 30)))
    late = a_fight(10, 1, known=date(2019, 6, 30), n=1)
    for fights in ([gone, corrected], [told, late], [gone, corrected, late]):
        (ruled,) = under("ged-5d-1", [a_truce()], fought(*fights).known_at(LATE)).truces
        assert (ruled.end_date, ruled.end_known_at) == (START + timedelta(days=10), end_of(date(2011, 6, 30)))
        assert first("ged-5d-1", fought(*fights), moment=end_of(date(2012, 1, 1))) == ("broke", 10)


def test_an_end_that_nobody_knew_yet_hides_no_break_that_was_known() -> None:
    over = a_truce(outcome=Outcome.EXPIRED, end_date=START + timedelta(days=9), end_known_at=end_of(date(2016, 1, 1)))
    assert first("ged-5d-1", fought(a_fight(10, 5)), over, end_of(date(2013, 1, 1))) == ("broke", 10)
    assert first("ged-5d-1", fought(a_fight(10, 5)), over, end_of(date(2017, 1, 1))) == ("expired", 9)


def test_an_event_of_two_dyads_of_one_truce_counts_once() -> None:
    both = replace(a_fight(10, 3), ids=("ucdp_dyad:7", "ucdp_dyad:17"))
    assert first("ged-5d-1", fought(both), a_truce(ucdp_dyad=("7", "17"))) == ("ongoing", None)


def test_an_expired_or_superseded_end_competes_and_a_coded_break_does_not() -> None:
    over = a_truce(outcome=Outcome.EXPIRED, end_date=START + timedelta(days=9), end_known_at=end_of(START))
    assert first("ged-5d-1", fought(a_fight(10, 5)), over) == ("expired", 9)
    assert first("ged-5d-1", fought(a_fight(9, 5)), over) == ("broke", 9)
    broke = replace(over, outcome=Outcome.BROKE)
    assert first("ged-5d-1", fought(a_fight(30, 5)), broke) == ("broke", 30)


def test_an_end_by_fighting_is_known_when_its_events_are() -> None:
    evidence = fought(a_fight(10, 2, known=date(2011, 6, 30)), a_fight(10, 3, known=date(2012, 6, 30), n=1))
    seen = [first("ged-5d-1", evidence, moment=end_of(day)) for day in (date(2012, 6, 29), date(2012, 6, 30))]
    assert seen == [("ongoing", None), ("broke", 10)]
    (ruled,) = under("ged-5d-1", [a_truce()], evidence).truces
    assert ruled.end_known_at == end_of(date(2012, 6, 30))


def test_that_nothing_broke_it_before_it_expired_is_known_with_the_data_only() -> None:
    over = a_truce(outcome=Outcome.EXPIRED, end_date=START + timedelta(days=9), end_known_at=end_of(START))
    (ruled,) = under("ged-5d-1", [over], fought()).truces
    assert ruled.end_known_at == end_of(date(2013, 6, 30)), "the next event of the country came with that release"


def test_a_retracted_fight_no_longer_counts() -> None:
    gone = replace(a_fight(10, 9), retracted_at=end_of(date(2015, 1, 1)))
    assert first("ged-5d-1", fought(gone), moment=end_of(date(2014, 1, 1))) == ("broke", 10)
    assert first("ged-5d-1", fought(gone), moment=end_of(date(2016, 1, 1))) == ("ongoing", None)


@given(st.lists(st.tuples(st.integers(-20, 300), st.integers(0, 9), st.integers(2011, 2019)), max_size=12))
def test_what_is_learned_later_changes_no_resolution_of_an_earlier_day(rows: list[tuple[int, int, int]]) -> None:
    fights = [a_fight(day, n, known=date(year, 6, 30), n=k) for k, (day, n, year) in enumerate(rows)]
    moment = end_of(date(2015, 1, 1))
    early = [fight for fight in fights if fight.known_at <= moment]
    assert resolve("ged-5d-1", [a_truce()], moment, fought(*fights)) == resolve(
        "ged-5d-1", [a_truce()], moment, fought(*early)
    )


def a_word(day: int, actor: str, role: TruceRole = TruceRole.BREAK, modality: Modality = Modality.ACTUAL) -> Event:
    on = START + timedelta(days=day)
    return Event(
        event_id=f"w{day}{role}", type=EventType.REJECT, modality=modality, occurred_on=on, known_at=end_of(on),
        source="current-events/x", actor=actor, iso3=("AAA",), truce_role=role,
    )  # fmt: skip


def said(*words: Event) -> Evidence:
    return Evidence(
        statements=Statements.of([a_word(-90, "X", TruceRole.TALKS), *words, a_word(800, "X", TruceRole.TALKS)])
    )


def test_a_party_or_the_mediator_that_declares_it_over_breaks_it() -> None:
    mediated = a_truce(mediator=("Norway",))
    assert first("repudiation-1", said(a_word(20, "R Front")), mediated) == ("broke", 20)
    assert first("repudiation-1", said(a_word(20, "Norway")), mediated) == ("broke", 20)
    assert first("repudiation-1", said(a_word(20, "Sweden")), mediated) == ("ongoing", None)
    violation = a_word(20, "R Front", TruceRole.VIOLATION)
    threat = a_word(21, "R Front", modality=Modality.THREATENED)
    assert first("repudiation-1", said(violation, threat), mediated) == ("ongoing", None)


def test_fighting_without_a_word_competes_with_a_declared_end() -> None:
    broke = a_truce(outcome=Outcome.BROKE, end_date=START + timedelta(days=30), end_known_at=end_of(START))
    assert first("repudiation-1", said(a_word(60, "R Front")), broke) == ("superseded", 30)
    assert first("repudiation-1", said(a_word(36, "R Front")), broke) == ("broke", 36)


def test_words_long_after_a_truce_of_unknown_fate_decide_nothing() -> None:
    unknown = a_truce(outcome=Outcome.UNKNOWN)
    assert first("repudiation-1", said(a_word(300, "R Front")), unknown)[0] == "void"


def test_words_outside_the_days_of_the_feed_decide_nothing() -> None:
    assert first("repudiation-1", said(), a_truce(effective_date=date(2015, 1, 1)))[0] == "void"
    assert first("repudiation-1", Evidence())[0] == "void"


def test_a_register_s_own_rule_takes_its_code_from_it_alone() -> None:
    twin = a_truce(truce_id="ccd-1-1", coding="ccd", outcome=Outcome.EXPIRED, end_date=START + timedelta(days=5))
    evidence = Evidence(twins={"t": (twin,)})
    broke = a_truce(outcome=Outcome.BROKE, end_date=START + timedelta(days=3))
    assert first("ccd-1", evidence, broke) == ("expired", 5)
    assert first("chronicle-1", evidence, broke) == ("broke", 3)
    assert first("ccd-1", Evidence(), broke)[0] == "void"
    assert first("chronicle-1", Evidence(), twin)[0] == "void"


def test_an_end_known_to_the_month_is_an_interval() -> None:
    broke = a_truce(outcome=Outcome.BROKE, end_date=date(2010, 3, 15), end_precision="month")
    (found,) = resolve("chronicle-1", [broke], LATE)
    assert (found.earliest, found.latest) == (START, date(2010, 3, 31))


def test_unknown_fates_and_truces_that_never_took_effect_are_void() -> None:
    for outcome in (Outcome.UNKNOWN, Outcome.VOID):
        assert first("chronicle-1", Evidence(), a_truce(outcome=outcome)) == ("void", None)

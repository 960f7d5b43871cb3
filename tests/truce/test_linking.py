from __future__ import annotations

import time
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given

from tests.examples import EVENTS, TRUCES, a_truce, an_event
from truce import actors
from truce.chronicle import reader
from truce.columns import EventColumns
from truce.linking import SCOPES, link
from truce.reasons import in_force, touched, why
from truce.vocabulary import Event, Truce


def scopes(event: Event, truce: Truce) -> set[str]:
    links = link([truce], EventColumns.of([event]))
    return {scope for scope in SCOPES if len(links.of(0, scope).rows)}


def weight(event: Event, truce: Truce, scope: str) -> float:
    weights: list[float] = link([truce], EventColumns.of([event])).of(0, scope).weights.tolist()
    return weights[0] if weights else 0.0


IRAQ = a_truce(
    reader.CASE_TRUCE,
    iso3=("IRQ",),
    side_a=("Government of United States",),
    side_b=("Kataib Sayyid al-Shuhada", "Kataib Hezbollah"),
    effective_date=date(2022, 10, 27),
)
BOTH = {"by_side", "on_side"}


@pytest.mark.parametrize(
    ("actor", "target", "iso3", "expected"),
    [
        ("R Front", "Government of A", ("AAA",), {"sides", "country", *BOTH}),
        ("Government of A", "R Front", ("BBB",), {"sides", *BOTH}),
        ("Government of A", "Government of A", (), BOTH),
        ("R Front", None, ("AAA",), {"by_side", "country"}),
        (None, "R Front", (), {"on_side"}),
        ("S Army", "T Army", ("AAA", "BBB"), {"country"}),
        ("S Army", "T Army", ("BBB",), set()),
        (None, None, (), set()),
    ],
)
def test_an_event_bears_on_a_truce_by_its_parties_and_its_country(
    actor: str | None, target: str | None, iso3: tuple[str, ...], expected: set[str]
) -> None:
    event = an_event(actor=actor, target=target, iso3=iso3)
    assert scopes(event, a_truce()) == expected
    assert {reason.scope for reason in why(event, a_truce())} == expected


def test_an_event_coded_for_a_truce_stands_between_its_sides() -> None:
    event = an_event(actor=None, target=None, iso3=(), truce_id=reader.CASE_TRUCE)
    assert scopes(event, IRAQ) == {"sides", *BOTH}
    assert {reason.why for reason in why(event, IRAQ)} == {"the event was coded for this truce"}


def test_what_a_state_does_far_away_is_no_matter_of_its_truce() -> None:
    truce = a_truce(side_a=("Government of United States",), side_b=("Kataib Hezbollah",), iso3=("IRQ",))
    near, home, far = (
        an_event(actor="Government of United States", target=None, iso3=(country,), occurred_on=date(2020, 1, 1))
        for country in ("IRQ", "USA", "VEN")
    )
    assert [scopes(event, truce) & {"by_side"} for event in (near, home, far)] == [{"by_side"}, {"by_side"}, set()]


def test_what_a_splinter_does_counts_for_its_side_with_the_declared_weight() -> None:
    truce = a_truce(
        side_a=("Government of Colombia",), side_b=("FARC",), iso3=("COL",), effective_date=date(2016, 8, 29)
    )
    attack = an_event(
        actor="Segunda Marquetalia", target="Government of Colombia", iso3=("COL",), occurred_on=date(2020, 5, 1)
    )
    assert weight(attack, truce, "sides") == actors.RELATIONS["splinter"]
    assert "splinter of FARC" in why(attack, truce)[0].why


def test_a_relation_holds_in_its_own_years_only() -> None:
    truce = a_truce(side_a=("Government of United States",), side_b=("Islamic Resistance in Iraq",), iso3=("IRQ",))
    early, late = (
        an_event(actor="Harakat al-Nujaba", target="United States", iso3=("IRQ",), occurred_on=date(year, 11, 1))
        for year in (2015, 2023)
    )
    assert weight(early, truce, "sides") == 0.0
    assert weight(late, truce, "sides") == actors.RELATIONS["member"]


def test_a_militia_of_a_state_s_auxiliaries_is_not_the_state() -> None:
    truce = a_truce(side_a=("Government of Iraq",), side_b=("Mahdi Army",), iso3=("IRQ",))
    attack = an_event(actor="Kataib Hezbollah", target="United States", iso3=("IRQ",), occurred_on=date(2022, 1, 1))
    assert "by_side" not in scopes(attack, truce)


def test_a_patron_is_linked_as_one_and_never_as_the_side() -> None:
    event = an_event(actor="Government of Iran", target=None, iso3=("IRQ",), occurred_on=date(2023, 3, 1))
    found = {reason.scope: reason for reason in why(event, IRAQ)}
    assert set(found) == {"patron", "country"}
    assert found["patron"].why.startswith("Government of Iran backs Kataib")


def test_a_neighbour_is_linked_only_where_the_country_is_not_named() -> None:
    truce = a_truce(iso3=("IRQ",))
    assert scopes(an_event(actor=None, target=None, iso3=("SYR",)), truce) == {"neighbour"}
    assert scopes(an_event(actor=None, target=None, iso3=("SYR", "IRQ")), truce) == {"country"}


@pytest.mark.parametrize(
    "spellings",
    [
        ("Iraq", "Government of Iraq", "Prime Minister of Iraq", "government of the Iraq", "Army of Iraq"),
        ("Syria", "President of Syria", "Government of Syria (NDF)"),
        ("Kata'ib Sayyid al-Shuhada", "Kata\u2019ib Sayyid al-Shuhada", "Kataib Sayyid Al-Shuhada"),
        ("Houthis", "Ansarallah", "Houthis (Ansar Allah)"),
        ("Hezbollah", "Hezbollah and allies"),
        ("Government of Atlantis", "Atlantis", "atlantis"),
        ("Kurdistan Workers' Party", "PKK"),
        ("IDF", "Israel"),
    ],
)
def test_spellings_of_one_party_meet(spellings: tuple[str, ...]) -> None:
    assert len({actors.key(name) for name in spellings}) == 1


def test_parties_that_share_a_word_do_not_meet() -> None:
    names = [
        "Sudan",
        "South Sudan",
        "SLM/A",
        "SLM/A (Minnawi)",
        "Kataib Hezbollah",
        "Hezbollah",
        "Parliament of Iraq",
        "Iraq",
    ]
    assert len({actors.key(name) for name in names}) == len(names)


def test_the_spokesman_s_threat_stands_between_the_sides_of_the_case() -> None:
    threats = [e for e in reader.case_events() if e.type == "threaten" and e.actor == "Kata'ib Sayyid al-Shuhada"]
    assert threats
    for threat in threats:
        assert "sides" in scopes(an_event(actor=threat.actor, target=threat.target, iso3=()), IRAQ)


def test_every_reason_is_a_sentence_about_this_event() -> None:
    reasons = {reason.scope: reason.why for reason in why(an_event(), a_truce())}
    assert reasons["sides"] == "R Front and Government of A stand on opposite sides of the truce"
    assert reasons["by_side"] == "R Front, a party to the truce, acted"
    assert reasons["country"] == "it concerns AAA, where the truce holds"


def test_a_text_touches_the_truces_in_force_on_its_day_each_once_the_closest_first() -> None:
    over = a_truce("over", end_date=date(2015, 1, 5))
    other = a_truce("other", side_b=("T Army",))
    found = touched([an_event(occurred_on=date(2015, 1, 10))], [over, other, a_truce("ours")])[0]
    assert [(touch.truce_id, touch.reason.scope) for touch in found] == [("ours", "sides"), ("other", "on_side")]


def test_the_first_and_the_last_day_of_a_truce_count() -> None:
    truce = a_truce(end_date=date(2015, 1, 5))
    assert [in_force(truce, truce.effective_date + timedelta(days=k)) for k in (-1, 0, 4, 5)] == [
        False,
        True,
        True,
        False,
    ]


def test_an_unknown_scope_is_an_error() -> None:
    with pytest.raises(KeyError):
        link([a_truce()], EventColumns.of([])).of(0, "neighbours")


@given(TRUCES, EVENTS)
def test_the_columns_and_the_single_pair_agree(truces: list[Truce], events: list[Event]) -> None:
    links = link(truces, EventColumns.of(events))
    for place, truce in enumerate(truces):
        reasons = [{reason.scope: reason.weight for reason in why(event, truce)} for event in events]
        for scope in SCOPES:
            expected = {row: found[scope] for row, found in enumerate(reasons) if scope in found}
            linked = links.of(place, scope)
            assert dict(zip(linked.rows.tolist(), linked.weights.tolist(), strict=True)) == expected


@given(TRUCES, EVENTS)
def test_what_stands_between_the_sides_also_concerns_each_of_them(truces: list[Truce], events: list[Event]) -> None:
    links = link(truces, EventColumns.of(events))
    for place in range(len(truces)):
        for scope in BOTH:
            assert np.isin(links.of(place, "sides").rows, links.of(place, scope).rows).all()


@given(TRUCES, EVENTS)
def test_rows_ascend_and_weights_lie_between_nothing_and_all(truces: list[Truce], events: list[Event]) -> None:
    links = link(truces, EventColumns.of(events))
    for scope in SCOPES:
        for place in range(len(truces)):
            linked = links.of(place, scope)
            assert (np.diff(linked.rows) > 0).all()
            assert ((linked.weights > 0) & (linked.weights <= 1)).all()


def test_many_truces_are_linked_by_one_index_not_by_reading_all_events_for_each() -> None:
    parties = [f"Party {k}" for k in range(400)]
    events = EventColumns.of(
        an_event(
            f"e{k}",
            actor=parties[k % 400],
            target=parties[(k * 7) % 397],
            iso3=("AAA", "BBB") if k % 3 else ("CCC",),
            occurred_on=date(2010, 1, 1) + timedelta(days=k % 4000),
        )
        for k in range(100_000)
    )
    truces = [a_truce(f"t{k}", side_a=(parties[k % 400],), side_b=(parties[(k * 3) % 400],)) for k in range(622)]
    # A ratio of the same run, since machines differ: one truce needs the index too.
    one = min(_seconds(truces[:1], events) for _ in range(3))
    assert _seconds(truces, events) < one * len(truces) / 10


def _seconds(truces: list[Truce], events: EventColumns) -> float:
    started = time.process_time()
    link(truces, events)
    return time.process_time() - started

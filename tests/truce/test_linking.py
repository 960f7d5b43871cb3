from __future__ import annotations

import time
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given

from tests.examples import EVENTS, TRUCES, a_truce, an_event
from truce.chronicle import reader
from truce.columns import EventColumns
from truce.linking import SCOPES, link, party_key, why
from truce.vocabulary import Event, Truce


def scopes(event: Event, truce: Truce) -> set[str]:
    links = link([truce], EventColumns.of([event]))
    return {scope for scope in SCOPES if len(links.of(0, scope))}


IRAQ = a_truce(
    reader.CASE_TRUCE,
    iso3=("IRQ",),
    side_a=("Government of United States",),
    side_b=("Kataib Sayyid al-Shuhada", "Kataib Hezbollah"),
)


@pytest.mark.parametrize(
    ("actor", "target", "iso3", "expected"),
    [
        ("R Front", "Government of A", ("AAA",), {"sides", "one_side", "country"}),
        ("Government of A", "R Front", ("BBB",), {"sides", "one_side"}),
        ("Government of A", "Government of A", (), {"one_side"}),
        ("R Front", None, ("AAA",), {"one_side", "country"}),
        (None, "R Front", (), {"one_side"}),
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
    assert {scope for scope, _ in why(event, a_truce())} == expected


def test_an_event_coded_for_a_truce_stands_between_its_sides() -> None:
    event = an_event(actor=None, target=None, iso3=(), truce_id=reader.CASE_TRUCE)
    assert scopes(event, IRAQ) == {"sides", "one_side"}
    assert why(event, IRAQ)[0] == ("sides", "the event was coded for this truce")


@pytest.mark.parametrize(
    "spellings",
    [
        ("Iraq", "Government of Iraq", "Prime Minister of Iraq", "government of the Iraq", "Army of Iraq"),
        ("Syria", "President of Syria", "Government of Syria (NDF)"),
        ("Kata'ib Sayyid al-Shuhada", "Kata\u2019ib Sayyid al-Shuhada", "Kataib Sayyid Al-Shuhada"),
        ("Houthis", "Ansarallah", "Houthis (Ansar Allah)"),
        ("Hezbollah", "Hezbollah and allies"),
        ("Government of Atlantis", "Atlantis", "atlantis"),
    ],
)
def test_spellings_of_one_party_meet(spellings: tuple[str, ...]) -> None:
    assert len({party_key(name) for name in spellings}) == 1


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
    assert len({party_key(name) for name in names}) == len(names)


def test_the_spokesman_s_threat_stands_between_the_sides_of_the_case() -> None:
    threats = [e for e in reader.case_events() if e.type == "threaten" and e.actor == "Kata'ib Sayyid al-Shuhada"]
    assert threats
    for threat in threats:
        assert "sides" in scopes(an_event(actor=threat.actor, target=threat.target, iso3=()), IRAQ)


def test_every_reason_is_a_sentence_about_this_event() -> None:
    reasons = dict(why(an_event(), a_truce()))
    assert reasons["sides"] == "R Front and Government of A stand on opposite sides of the truce"
    assert reasons["country"] == "it concerns AAA, where the truce holds"


def test_an_unknown_scope_is_an_error() -> None:
    with pytest.raises(KeyError):
        link([a_truce()], EventColumns.of([])).of(0, "neighbours")


@given(TRUCES, EVENTS)
def test_the_columns_and_the_single_pair_agree(truces: list[Truce], events: list[Event]) -> None:
    links = link(truces, EventColumns.of(events))
    for place, truce in enumerate(truces):
        for scope in SCOPES:
            expected = [row for row, event in enumerate(events) if scope in dict(why(event, truce))]
            assert links.of(place, scope).tolist() == expected


@given(TRUCES, EVENTS)
def test_what_stands_between_the_sides_also_concerns_one_of_them(truces: list[Truce], events: list[Event]) -> None:
    links = link(truces, EventColumns.of(events))
    for place in range(len(truces)):
        assert np.isin(links.of(place, "sides"), links.of(place, "one_side")).all()


def test_the_whole_chronicle_is_linked_within_two_seconds() -> None:
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
    started = time.process_time()
    link(truces, events)
    assert time.process_time() - started < 2.0

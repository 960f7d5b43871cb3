from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from tests import examples
from tests.examples import an_event
from truce.clock import end_of
from truce.identity import content_of, digest, digest_of
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.event_rows import WRITTEN, row_of, write_rows
from truce.store.events import Wanted
from truce.store.releases import Beside, Cover, Release
from truce.store.tables import events as table
from truce.vocabulary import Event

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)
R21, R22, R23 = (end_of(date(year, 6, 30)) for year in (2021, 2022, 2023))
ALL = Cover(frozenset({"AAA"}), date(2010, 1, 1), date(2020, 12, 31))
A, B = an_event("a", deaths=3), an_event("b", deaths=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(home: Settings, clock: Clock) -> Iterator[Store]:
    with open_store(home, clock) as opened:
        yield opened


def imported(store: Store, out: datetime, *events: Event, others: tuple[datetime, ...] = ()) -> tuple[int, ...]:
    beside = Beside.of(out, [Release(other, (ALL,)) for other in others])
    counts = store.events.put(events, written_by="cli", correcting=True, released=out, beside=beside)
    present = {event.event_id for event in events}
    gone = store.events.withdraw("test", present, ALL, known_at=out, written_by="cli", later=beside.later)
    return counts.new, counts.changed, counts.unchanged, gone


def known(store: Store, moment: datetime) -> dict[str, int | None]:
    events = (event for _, event in store.events.load(Wanted(known_by=moment)))
    return {event.event_id.partition("~")[0]: event.deaths for event in events}


def test_what_an_earlier_release_lacked_was_known_from_the_one_that_has_it(store: Store) -> None:
    imported(store, R21, A)
    assert imported(store, R22, A, B, others=(R21,)) == (1, 0, 1, 0)
    assert known(store, R22 - timedelta(seconds=1)) == {"a": 3}, "nobody knew b, though it happened in 2015"
    assert known(store, R22) == {"a": 3, "b": 1}
    assert imported(store, R22, A, B, others=(R21, R22)) == (0, 0, 2, 0)


def test_without_an_earlier_release_a_row_is_known_as_it_says(store: Store) -> None:
    imported(store, R22, A, B)
    assert known(store, A.known_at) == {"a": 3, "b": 1}


def test_a_release_that_came_out_earlier_changes_nothing_where_a_later_one_is_there(store: Store) -> None:
    imported(store, R22, A, B)
    older = (replace(A, deaths=99), an_event("c", deaths=7))
    assert imported(store, R21, *older, others=(R22,)) == (0, 0, 2, 0)
    assert known(store, NOW) == {"a": 3, "b": 1}


def test_an_earlier_release_adds_what_no_later_one_holds(store: Store) -> None:
    imported(store, R22, A)
    elsewhere = an_event("c", iso3=("BBB",), deaths=7)
    assert imported(store, R21, elsewhere, others=(R22,)) == (1, 0, 0, 0)


def test_a_row_that_was_withdrawn_stands_again_when_a_third_release_has_it(store: Store) -> None:
    imported(store, R21, A, B)
    assert imported(store, R22, A, others=(R21,)) == (0, 0, 1, 1)
    assert imported(store, R23, A, B, others=(R21, R22)) == (0, 1, 1, 0)
    assert [known(store, moment).get("b") for moment in (R21, R22, R23)] == [1, None, 1]
    assert imported(store, R23, A, B, others=(R21, R22, R23)) == (0, 0, 2, 0)


def test_a_release_that_repeats_what_an_earlier_one_corrected_or_added_says_nothing_new(store: Store) -> None:
    imported(store, R21, A)
    corrected = replace(A, deaths=8)
    assert imported(store, R22, corrected, B, others=(R21,)) == (1, 1, 0, 0)
    assert imported(store, R23, corrected, B, others=(R21, R22)) == (0, 0, 2, 0)
    assert imported(store, R23 + timedelta(days=300), A, B, others=(R21, R22, R23)) == (0, 1, 1, 0), "back to the first"


def test_an_event_that_began_before_the_cover_is_not_withdrawn(store: Store) -> None:
    long = an_event("long", began_on=date(2009, 12, 30), occurred_on=date(2010, 1, 2))
    imported(store, R21, A, long)
    assert imported(store, R22, A) == (0, 0, 1, 0)


def test_what_is_in_hand_is_known_now_whatever_the_calendar_says_and_stays_so(store: Store, clock: Clock) -> None:
    ahead = replace(A, known_at=NOW + timedelta(days=10))
    for days in (0, 1, 30):
        clock.now = NOW + timedelta(days=days)
        store.events.put([ahead], written_by="cli", correcting=True)
    ((_, event),) = store.events.load(Wanted())
    assert event.known_at == NOW


def test_a_release_in_hand_before_its_day_counts_as_known_now(store: Store) -> None:
    imported(store, R21, A)
    early = NOW + timedelta(days=10)
    assert imported(store, early, replace(A, deaths=8), B, others=(R21,)) == (1, 1, 0, 0)
    assert known(store, NOW) == {"a": 8, "b": 1}
    assert known(store, NOW - timedelta(seconds=1)) == {"a": 3}


def test_what_was_retracted_by_hand_stays_so_when_its_feed_comes_again(store: Store) -> None:
    imported(store, R21, A, B)
    store.events.retract("a", why="a rumour", known_at=R21, written_by="desk")
    assert imported(store, R22, A, B, others=(R21,)) == (0, 0, 2, 0)
    assert known(store, NOW) == {"b": 1}


def test_what_fails_half_way_leaves_nothing_behind(store: Store) -> None:
    def broken() -> None:
        with store.at_once():
            imported(store, R21, A, B)
            assert known(store, NOW) == {"a": 3, "b": 1}, "what is written can be read within"
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        broken()
    assert store.events.load(Wanted()) == []
    imported(store, R21, A)
    assert known(store, NOW) == {"a": 3}


def test_the_book_of_imports_knows_which_releases_came(store: Store) -> None:
    release = Release(R21, (ALL, Cover(frozenset({"CCC", "BBB"}), date(2011, 1, 1), date(2011, 2, 1))))
    for one in (None, release, release, Release(R22, ())):
        store.imports.log(source="test", files=[], digest="", counts={"new": 1}, observed_to=None, release=one)
    assert store.imports.releases("test") == [release, Release(R22, ())]
    assert store.imports.releases("other") == []


@given(examples.events())
def test_the_quick_digest_is_the_digest(event: Event) -> None:
    assert digest_of(event) == digest(content_of(event))


@pytest.mark.parametrize(
    "fields",
    [
        {"actor": 'A "quoted"\n\u2028 name\\', "target": "\x01ż", "deaths": 0, "ids": ("ucdp_dyad:1", 'x:"y')},
        {"latitude": 1e-7, "longitude": -0.0, "began_on": date(2015, 1, 9)},
        {"latitude": 12, "longitude": 1e22, "known_at": NOW + timedelta(microseconds=5)},
    ],
)
def test_the_quick_digest_is_the_digest_of_odd_events_too(fields: dict[str, Any]) -> None:
    event = an_event(**fields)
    assert digest_of(event) == digest(content_of(event))


def test_the_quick_digest_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest_of(an_event(latitude=float("nan")))


@given(examples.events())
def test_the_row_of_the_driver_is_the_row_of_the_table(event: Event) -> None:
    row = row_of(event, event.event_id, "m" * 64, NOW, "cli")
    taken: list[list[tuple[object, ...]]] = []

    class Driver:
        class dialect:  # noqa: N801 - as SQLAlchemy spells it
            name = "sqlite"

        def exec_driver_sql(self, _: str, rows: list[tuple[object, ...]]) -> None:
            taken.append(rows)

    write_rows(Driver(), [row])  # type: ignore[arg-type]
    from sqlalchemy.dialects.sqlite import dialect

    for name, raw, stored in zip(WRITTEN, row, taken[0][0], strict=True):
        bind = table.c[name].type.dialect_impl(dialect()).bind_processor(dialect())
        assert (bind(raw) if bind else raw) == stored, name
    assert set(WRITTEN) == set(table.c.keys()) - {"seq"}

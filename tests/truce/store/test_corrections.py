from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.examples import an_event
from truce.clock import end_of
from truce.errors import Clash
from truce.history import History
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.events import Wanted
from truce.vocabulary import Event

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = (
    an_event("a", deaths=deaths, known_at=end_of(date(2015, 1, day))) for deaths, day in ((3, 10), (7, 12), (9, 13))
)
OTHER = an_event("b", deaths=1)


@pytest.fixture
def store(home: Settings) -> Iterator[Store]:
    with open_store(home, lambda: NOW) as opened:
        yield opened


def imported(store: Store, *events: Event) -> tuple[int, int, int]:
    counts = store.events.put(events, written_by="cli", correcting=True)
    return counts.new, counts.changed, counts.unchanged


def known(store: Store, moment: datetime) -> list[int | None]:
    """The tolls that are known of event a, by both doors to the past."""
    loaded = [
        event.deaths
        for _, event in store.events.load(Wanted(known_by=moment))
        if event.event_id.partition("~")[0] == "a"
    ]
    columns = History.known_at(moment, [], store.events.arrays()).events
    rows = zip(columns.event_id.tolist(), columns.deaths.tolist(), strict=True)
    assert [deaths for name, deaths in rows if name.partition("~")[0] == "a"] == loaded
    return loaded


def tolls(store: Store) -> list[list[int | None]]:
    """What is known before anything was, at each of the three moments, and now."""
    before = FIRST.known_at - timedelta(seconds=1)
    return [known(store, moment) for moment in (before, FIRST.known_at, SECOND.known_at, THIRD.known_at, NOW)]


@pytest.mark.parametrize(
    ("feed", "at_first", "events"),
    [
        ([FIRST, SECOND], (1, 1, 0), [[], [3], [7], [7], [7]]),
        ([FIRST, SECOND, THIRD], (1, 2, 0), [[], [3], [7], [9], [9]]),
        ([OTHER, FIRST, SECOND], (2, 1, 0), [[], [3], [7], [7], [7]]),
    ],
    ids=["one correction", "two corrections", "beside another event"],
)
def test_a_feed_with_corrections_that_is_imported_again_changes_nothing(
    store: Store, feed: Sequence[Event], at_first: tuple[int, int, int], events: list[list[int | None]]
) -> None:
    assert imported(store, *feed) == at_first
    assert tolls(store) == events
    for _ in range(2):
        assert imported(store, *feed) == (0, 0, len(feed))
    assert tolls(store) == events


def test_between_an_event_and_its_correction_the_first_version_is_what_is_known(store: Store) -> None:
    imported(store, FIRST, SECOND)
    just_before = SECOND.known_at - timedelta(seconds=1)
    assert known(store, just_before) == [3]
    ((_, event),) = store.events.load(Wanted(known_by=just_before))
    assert replace(event, retracted_at=None) == FIRST
    assert event.retracted_at == SECOND.known_at


def test_a_feed_that_has_grown_by_a_correction_adds_only_that(store: Store) -> None:
    imported(store, FIRST, SECOND)
    assert imported(store, FIRST, SECOND, THIRD) == (0, 1, 2)
    assert tolls(store) == [[], [3], [7], [9], [9]]


def test_corrections_that_come_one_import_after_another_are_as_if_they_came_at_once(store: Store) -> None:
    assert [imported(store, event) for event in (FIRST, SECOND, THIRD)] == [(1, 0, 0), (0, 1, 0), (0, 1, 0)]
    assert tolls(store) == [[], [3], [7], [9], [9]]
    assert imported(store, FIRST, SECOND, THIRD) == (0, 0, 3)
    assert tolls(store) == [[], [3], [7], [9], [9]]


@pytest.mark.parametrize("older", [[FIRST], [FIRST, SECOND]], ids=["before any", "before the second"])
def test_an_older_copy_of_a_feed_takes_no_correction_back(store: Store, older: Sequence[Event]) -> None:
    imported(store, FIRST, SECOND, THIRD)
    assert imported(store, *older) == (0, 0, len(older))
    assert tolls(store) == [[], [3], [7], [9], [9]]


def test_only_the_last_days_of_a_feed_that_come_again_change_nothing(store: Store) -> None:
    imported(store, FIRST, SECOND, THIRD)
    assert imported(store, SECOND, THIRD) == (0, 0, 2)
    assert tolls(store) == [[], [3], [7], [9], [9]]


def test_who_may_not_correct_clashes_and_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(Clash):
        store.events.put([OTHER, FIRST, SECOND], written_by="cli")
    assert store.events.load(Wanted()) == []


def test_a_copy_older_than_anything_stored_changes_nothing_either(store: Store) -> None:
    imported(store, SECOND, THIRD)
    assert imported(store, FIRST) == (0, 0, 1)
    assert tolls(store) == [[], [], [7], [9], [9]]


def test_what_its_feed_takes_back_is_gone_from_that_moment_and_an_old_copy_does_not_bring_it_back(store: Store) -> None:
    imported(store, FIRST)
    assert store.events.take_back({"a": SECOND.known_at, "nobody": NOW}, written_by="cli") == 1
    assert tolls(store) == [[], [3], [], [], []]
    assert imported(store, FIRST) == (0, 0, 1)
    assert store.events.take_back({"a": SECOND.known_at}, written_by="cli") == 0
    assert tolls(store) == [[], [3], [], [], []]


def test_what_its_feed_puts_back_stands_again_whatever_an_old_list_of_the_withdrawn_says(store: Store) -> None:
    imported(store, FIRST)
    store.events.take_back({"a": SECOND.known_at}, written_by="cli")
    assert imported(store, THIRD) == (0, 1, 0)
    assert tolls(store) == [[], [3], [], [9], [9]]
    assert store.events.take_back({"a": SECOND.known_at}, written_by="cli") == 0
    assert tolls(store) == [[], [3], [], [9], [9]]

"""Violence in the dyad, as columns: what happened and was known, each event once, and nothing of what came later."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import EPOCH, a_truce, an_event
from truce.breakdown import Evidence, under
from truce.clock import end_of
from truce.columns import EventColumns
from truce.counting import NEVER_DAYS
from truce.features import compute, names_of
from truce.fights import Fights, Span
from truce.history import History
from truce.violence import COLUMNS, Violence
from truce.vocabulary import Event, Truce

NOTHING = EventColumns.of([])
TRUCE = a_truce(ucdp_dyad=("7", "8"))


def a_fight(name: str, day: int, deaths: int, *, dyads: str = "7", late: int = 0, **fields: object) -> Event:
    on = EPOCH + timedelta(days=day)
    ids = tuple(f"ucdp_dyad:{dyad}" for dyad in dyads.split())
    return an_event(
        name, occurred_on=on, known_at=end_of(on + timedelta(days=late)), source="ucdp-ged", deaths=deaths, ids=ids, **fields
    )  # fmt: skip


def seen(fights: list[Event], day: int, truce: Truce = TRUCE) -> dict[str, float]:
    """The columns at the end of a day, as counts."""
    ruled = under("ged-5d-1", [truce], Evidence(fights=Fights.of(fights)))
    moment = np.array([end_of(EPOCH + timedelta(days=day)).replace(tzinfo=None)], dtype="datetime64[s]")
    table = compute(History.whole(ruled.truces, NOTHING, ruled.violence), np.array([0]), moment)
    return dict(zip(COLUMNS, np.expm1(table.columns(COLUMNS)[0]).round(9).tolist(), strict=True))


def test_windows_end_where_the_window_ends_and_an_event_of_two_dyads_counts_once() -> None:
    fights = [a_fight("both", 10, 4, dyads="7 8"), a_fight("one", 12, 1), a_fight("else", 12, 90, dyads="9")]
    found = seen(fights, 12)
    assert (found["violence_events_7"], found["violence_deaths_7"]) == (2, 5)
    assert found["violence_since"] == 1, "days are counted from the start of the last event's day"
    assert seen(fights, 17)["violence_events_7"] == 1
    assert seen(fights, 40)["violence_deaths_30"] == 1
    assert (seen(fights, 400)["violence_events_365"], seen(fights, 400)["violence_events_in_truce"]) == (0, 2)


def test_what_began_before_the_truce_is_no_violence_in_it() -> None:
    fights = [a_fight("spell", 2, 3, began_on=EPOCH - timedelta(days=3)), a_fight("first", 0, 1)]
    found = seen(fights, 5)
    assert (found["violence_events_7"], found["violence_deaths_7"]) == (2, 4)
    assert (found["violence_events_in_truce"], found["violence_deaths_in_truce"]) == (1, 1)


def test_an_event_counts_from_when_it_was_told_until_it_was_taken_back() -> None:
    fights = [a_fight("told", 3, 6, late=100), a_fight("wrong", 4, 2, retracted_at=end_of(EPOCH + timedelta(days=9)))]
    assert seen(fights, 8)["violence_deaths_in_truce"] == 2
    assert seen(fights, 9)["violence_deaths_in_truce"] == 0
    assert seen(fights, 9)["violence_since"] == NEVER_DAYS
    assert seen(fights, 103)["violence_deaths_in_truce"] == 6


def test_told_at_once_every_event_is_known_a_day_after_its_last_and_what_was_taken_back_never_was() -> None:
    span = Span(frozenset({"AAA"}), EPOCH, EPOCH + timedelta(days=30), end_of(date(2016, 6, 30)))
    fights = [a_fight("a", 3, 6, late=500), a_fight("b", 4, 1, retracted_at=end_of(date(2016, 1, 1)))]
    told = Fights.of(fights, [span]).told_after(timedelta(days=1))
    assert told.event_id.tolist() == ["a"]
    assert told.known.astype(str).tolist() == ["2015-01-06T00:00:00"], "4 January is over, and a day more"
    assert told.spans[0].known_at == end_of(date(2015, 2, 1))


def test_under_a_rule_that_goes_by_a_register_the_columns_say_what_silence_says() -> None:
    fights = Fights.of([a_fight("a", 3, 6)])
    ruled = under("chronicle-1", [TRUCE], Evidence(fights=fights))
    assert len(ruled.violence.fights) == 0
    silent = seen([a_fight("a", 300, 6)], 1)
    moment = np.array([end_of(EPOCH + timedelta(days=5)).replace(tzinfo=None)], dtype="datetime64[s]")
    table = compute(History.whole(ruled.truces, NOTHING, ruled.violence), np.array([0]), moment)
    assert np.expm1(table.columns(COLUMNS)[0]).round(9).tolist() == list(silent.values())
    assert names_of("violence") == COLUMNS


@st.composite
def fights(draw: st.DrawFn, prefix: str) -> list[Event]:
    """Some deadly events, told late, some taken back."""
    out = []
    for k in range(draw(st.integers(0, 6))):
        day, late = draw(st.integers(-50, 100)), draw(st.integers(0, 200))
        told = end_of(EPOCH + timedelta(days=day + late))
        gone = draw(st.none() | st.integers(1, 100))
        out.append(
            a_fight(
                f"{prefix}{k}", day, draw(st.integers(0, 9)), dyads=draw(st.sampled_from(["7", "7 8", "9"])), late=late,
                retracted_at=None if gone is None else told + timedelta(days=gone),
            )
        )  # fmt: skip
    return out


@settings(max_examples=30)
@given(fights("a"), st.integers(0, 150))
def test_what_we_learn_later_never_changes_what_is_seen_now(told: list[Event], day: int) -> None:
    moment = end_of(EPOCH + timedelta(days=day))
    stamp = np.array([moment.replace(tzinfo=None)], dtype="datetime64[s]")
    violence = Violence(Fights.of(told), {TRUCE.truce_id: ("7", "8")})
    whole = compute(History.whole([TRUCE], NOTHING, violence), np.array([0]), stamp)
    then = compute(History.known_at(moment, [TRUCE], NOTHING, violence), np.array([0]), stamp)
    np.testing.assert_allclose(whole.columns(COLUMNS), then.columns(COLUMNS))

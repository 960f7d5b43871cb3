"""A rule whose evidence comes late: at an origin nothing is learned of days that nobody had seen by then."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from tests.examples import a_truce, an_event
from training.panel import build, cut
from truce.breakdown import Evidence, under
from truce.clock import end_of
from truce.columns import EventColumns
from truce.fights import Fights
from truce.history import History
from truce.vocabulary import Event

START = date(2015, 3, 1)


def a_fight(on: date, deaths: int) -> Event:
    return an_event(
        f"ged:{on}", occurred_on=on, known_at=end_of(date(on.year + 1, 6, 30)), source="ucdp-ged", deaths=deaths,
        ids=("ucdp_dyad:7",),
    )  # fmt: skip


def test_days_that_no_release_had_reached_are_neither_breaks_nor_survival() -> None:
    fights = [a_fight(date(2014, 12, 1), 1), a_fight(START + timedelta(days=20), 6), a_fight(date(2015, 12, 1), 1)]
    truce = a_truce(effective_date=START, ucdp_dyad=("7",))
    ruled = under("ged-5d-1", [truce], Evidence(fights=Fights.of(fights)))
    panel = build(History.whole(ruled.truces, EventColumns.of([])), date(2016, 12, 31), ruled.sight)
    before, after = cut(panel, date(2016, 6, 29)), cut(panel, date(2016, 6, 30))
    assert len(before.start) == 0, "the release of 2015 was not out: nobody had seen a day of the truce"
    assert len(before.spell_time) == 0
    assert after.spell_time.tolist() == [21.0]
    assert after.cause[np.argmax(after.stop)] == 1

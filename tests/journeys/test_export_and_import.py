"""What is taken out of one home goes into another and says the same there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from service import export
from tests.examples import a_truce, an_event
from training.intake import import_source
from truce.clock import end_of, system_clock
from truce.settings import Settings
from truce.store import open_store
from truce.store.events import Wanted
from truce.vocabulary import Event, EventType, Outcome, Truce, TruceRole

TRUCES = [
    a_truce("own", outcome=Outcome.UNKNOWN),
    a_truce("pad-1", coding="ucdp-pad", ids=("ucdp_pa:1", "gw:645"), end_date=date(2016, 2, 1), end_precision="month"),
    a_truce("pax-1", coding="pax", ids=("pax:1", "ucdp_actor:a(b", "pax_process:7"), outcome=Outcome.UNKNOWN),
    a_truce("ccd-1", coding="ccd", outcome=Outcome.VOID),
]
EVENTS = [
    an_event("plain"),
    an_event("dead", deaths=3, latitude=12.5, longitude=-7.0),
    an_event("spanning", began_on=date(2015, 1, 1), ids=("ucdp_dyad:411", "ucdp_actor:a(b", "gw:645")),
    *(an_event(role.value, type=EventType.AGREE, truce_role=role, truce_id="own") for role in TruceRole),
]


def home_with(folder: Path) -> Settings:
    home = Settings.from_environment(folder, {})
    with open_store(home) as store:
        store.truces.put(TRUCES, known_at=end_of(date(2017, 1, 1)), source="truces", written_by="cli")
        store.events.put(EVENTS, written_by="cli")
    return home


def moved(tmp_path: Path, what: str, how: str) -> tuple[list[Truce], list[Event]]:
    """What another home holds after it imported what one exported."""
    out = tmp_path / f"{what}.{how}"
    export.write(home_with(tmp_path / "one"), what, how, out)
    other = Settings.from_environment(tmp_path / "other", {})
    report = import_source(other, what, [str(out)], None, clock=system_clock)
    assert (report["rows"]["rejected"], report["rows"]["duplicate"]) == (0, 0)
    with open_store(other) as store:
        return store.truces.current(), [event for _, event in store.events.load(Wanted())]


@pytest.mark.parametrize("how", ["csv", "parquet"])
def test_truces_keep_their_coding_and_their_ids(tmp_path: Path, how: str) -> None:
    assert moved(tmp_path, "truces", how)[0] == TRUCES


@pytest.mark.parametrize("how", ["csv", "parquet"])
def test_events_keep_their_span_their_truce_role_and_their_ids(tmp_path: Path, how: str) -> None:
    assert moved(tmp_path, "events", how)[1] == EVENTS

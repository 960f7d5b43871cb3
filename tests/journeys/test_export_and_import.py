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
    a_truce(
        "pad-1",
        coding="ucdp-pad",
        effective_date=date(2015, 7, 1),
        side_b=("S Army",),
        ids=("ucdp_pa:1", "gw:645"),
        end_date=date(2016, 2, 1),
        end_precision="month",
    ),
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
    assert moved(tmp_path, "truces", how)[0] == [t for t in TRUCES if t.coding not in ("pax", "ccd")]


@pytest.mark.parametrize("how", ["csv", "parquet"])
def test_events_keep_their_span_their_truce_role_and_their_ids(tmp_path: Path, how: str) -> None:
    assert moved(tmp_path, "events", how)[1] == EVENTS


def test_corrections_and_retractions_come_along(tmp_path: Path) -> None:
    first, second = an_event("told", deaths=3), an_event("told", deaths=5, known_at=end_of(date(2015, 2, 1)))
    gone = an_event("gone")
    home = home_with(tmp_path / "one")
    with open_store(home) as store:
        store.events.put([first, gone], written_by="cli")
        store.events.put([second], written_by="cli", correcting=True)
        store.events.retract("gone", why="wrong", known_at=end_of(date(2015, 3, 1)), written_by="cli")
    out = tmp_path / "events.csv"
    export.write(home, "events", "csv", out)
    other = Settings.from_environment(tmp_path / "other", {})
    for _ in range(2):
        import_source(other, "events", [str(out)], None, clock=system_clock)
    with open_store(home) as one, open_store(other) as two:
        assert [e for _, e in one.events.load(Wanted())] == [e for _, e in two.events.load(Wanted())]


def test_rows_that_are_not_ours_to_pass_on_stay_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Settings.from_environment(tmp_path, {})
    with open_store(home) as store:
        store.events.put([an_event("a", source="acled"), an_event("b", source="ucdp-ged")], written_by="cli")
    export.write(home, "events", "csv", tmp_path / "events.csv")
    assert (tmp_path / "events.csv").read_text().count("ucdp-ged") == 1
    assert "acled" not in (tmp_path / "events.csv").read_text()
    assert "1 events of acled are left out" in capsys.readouterr().err

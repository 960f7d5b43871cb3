"""Big feeds through the door: whatever the order of the files, the store tells the same history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.examples import a_truce
from tests.training.rollup.gdelt_rows import line, write
from training.intake import import_source
from truce.clock import end_of
from truce.counting import Sightings
from truce.settings import Settings
from truce.store import open_store
from truce.store.events import Wanted
from truce.vocabulary import Event, EventType, Modality

MOMENTS = [datetime(2020, 3, day, hour, tzinfo=UTC) for day in range(1, 8) for hour in (0, 12)]


@pytest.fixture
def days(tmp_path: Path) -> list[Path]:
    """Three files: the second tells again what the first told, the third tells it once more and another event."""
    told = [
        [line(), line(GLOBALEVENTID="2")],
        [line(GLOBALEVENTID="3", DATEADDED="20200302101500")],
        [
            line(GLOBALEVENTID="4", DATEADDED="20200304101500"),
            line(GLOBALEVENTID="5", EventCode="0871", DATEADDED="20200304101500"),
        ],
    ]
    return [write(tmp_path / f"{n}.export.CSV", lines) for n, lines in enumerate(told)]


def history(home: Settings) -> list[list[tuple[str, datetime]]]:
    """What was known at each moment, with when it had become known."""
    with open_store(home) as store:
        return [
            sorted((event.type.value, event.known_at) for _, event in store.events.load(Wanted(known_by=moment)))
            for moment in MOMENTS
        ]


def counted(home: Settings) -> list[float]:
    with open_store(home) as store:
        columns = store.events.arrays()
    import numpy as np

    moments = np.array([moment.replace(tzinfo=None) for moment in MOMENTS], dtype="datetime64[s]")
    return [float(n) for n in Sightings.of(columns).within(moments, 30)[0]]


def test_files_at_once_or_one_by_one_the_last_first_tell_one_history(days: list[Path], tmp_path: Path) -> None:
    at_once = Settings.from_environment(tmp_path / "at-once", {})
    import_source(at_once, "gdelt", [str(day) for day in days], None)
    expected = history(at_once)
    assert [len(known) for known in expected] == [0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2]
    assert expected[-1] == [
        ("agree", datetime(2020, 3, 4, 10, 15, tzinfo=UTC)),
        ("assault", datetime(2020, 3, 1, 14, 15, tzinfo=UTC)),
    ]
    backwards = Settings.from_environment(tmp_path / "backwards", {})
    for day in reversed(days):
        import_source(backwards, "gdelt", [str(day)], None)
    assert history(backwards) == expected
    assert counted(backwards) == counted(at_once) == [len(known) for known in expected]


def test_a_second_import_adds_nothing_and_a_later_telling_is_no_correction(days: list[Path], tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path / "home", {})
    reports: list[dict[str, Any]] = [
        import_source(home, "gdelt", [str(day)], None) for day in (days[0], days[1], days[0])
    ]
    assert [report["records"] for report in reports] == [
        {"new": 1, "changed": 0, "unchanged": 0},
        *[{"new": 0, "changed": 0, "unchanged": 1}] * 2,
    ]
    assert reports[0]["rows"] == {"read": 2, "duplicate": 0, "rejected": 0, "merged": 1, "accepted": 1}


def facts() -> list[Event]:
    said = datetime(2020, 3, 1, 12, tzinfo=UTC)
    return [
        Event(
            event_id="e", type=EventType.ASSAULT, modality=Modality.ACTUAL, occurred_on=date(2020, 3, 1),
            known_at=said + timedelta(days=n), source="gdelt", iso3=("IRQ",),
        )
        for n in range(4)
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_store_knows_a_fact_that_is_told_again_from_its_first_moment(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    told = facts()
    with open_store(Settings.from_environment(tmp_path, {})) as store:
        for n in order:
            store.events.put([told[n]], written_by="cli", retold=True)
        for day in range(4):
            known = store.events.load(Wanted(known_by=end_of(date(2020, 3, 1 + day))))
            assert [event.known_at for _, event in known] == [told[0].known_at]
        assert store.events.load(Wanted(known_by=told[0].known_at - timedelta(seconds=1))) == []


def test_what_was_taken_back_by_hand_stays_so_however_often_it_is_told(tmp_path: Path) -> None:
    told = facts()
    with open_store(Settings.from_environment(tmp_path, {})) as store:
        store.events.put([told[1]], written_by="cli", retold=True)
        store.events.retract("e", why="wrong", known_at=told[2].known_at, written_by="cli")
        for n in (0, 1, 2, 3):
            counts = store.events.put([told[n]], written_by="cli", retold=True)
            assert (counts.new, counts.changed, counts.unchanged) == (0, 0, 1)
        assert store.events.load(Wanted(known_by=end_of(date(2020, 3, 9)))) == []


def test_of_the_world_only_the_countries_of_the_truces_in_the_store_are_kept(tmp_path: Path) -> None:
    nobody = {"Actor1Code": "", "Actor1Name": "", "Actor1CountryCode": ""}
    nobody |= {"Actor2Code": "", "Actor2Name": "", "Actor2CountryCode": ""}
    rows = [line(**nobody), line(GLOBALEVENTID="2", ActionGeo_CountryCode="RP", **nobody)]
    file = write(tmp_path / "20200301.export.CSV", rows)
    home = Settings.from_environment(tmp_path / "home", {})
    with open_store(home) as store:
        store.truces.put([a_truce(iso3=("PHL",))], known_at=MOMENTS[0], source="test", written_by="test")
    import_source(home, "gdelt", [str(file)], None)
    with open_store(home) as store:
        assert [event.iso3 for _, event in store.events.load(Wanted())] == [("PHL",)]


def test_a_file_imported_again_when_the_store_knows_more_countries_only_adds(tmp_path: Path) -> None:
    """A Greek row with an Afghan target is kept for its target first, for its place later: it is one act."""
    nobody = {"Actor1Code": "", "Actor1Name": "", "Actor1CountryCode": "", "Actor2Name": "FARMER"}
    nowhere = {**nobody, "Actor2Code": "", "Actor2CountryCode": ""}
    rows = [
        line(ActionGeo_CountryCode="GR", **nobody),
        line(GLOBALEVENTID="2", ActionGeo_CountryCode="GR", EventCode="042", **nowhere),
        line(GLOBALEVENTID="3", ActionGeo_CountryCode="UP", EventCode="173", **nobody),
    ]
    file = write(tmp_path / "20200301.export.CSV", rows)
    home = Settings.from_environment(tmp_path / "home", {})
    told = []
    for number, iso3 in enumerate(("AFG", "GRC")):
        with open_store(home) as store:
            one = a_truce(truce_id=f"truce-{number}", iso3=(iso3,))
            store.truces.put([one], known_at=MOMENTS[0], source="test", written_by="test")
        told.append(import_source(home, "gdelt", [str(file)], None)["records"])
    assert told == [{"new": 2, "changed": 0, "unchanged": 0}, {"new": 1, "changed": 0, "unchanged": 2}]
    with open_store(home) as store:
        kept = [(event.type.value, event.iso3) for _, event in store.events.load(Wanted())]
    assert kept == [("assault", ("GRC",)), ("coerce", ("UKR",)), ("consult", ("GRC",))]


def test_a_record_that_a_newly_kept_row_told_of_sooner_stays_one_and_is_known_sooner(tmp_path: Path) -> None:
    nobody = {"Actor1Code": "", "Actor1Name": "", "Actor1CountryCode": "", "Actor2Name": "FARMER"}
    sooner = {"DATEADDED": "20200301100000", "Actor2Code": "", "Actor2CountryCode": ""}
    rows = [
        line(ActionGeo_CountryCode="GR", **nobody),
        line(GLOBALEVENTID="2", ActionGeo_CountryCode="GR", **{**nobody, **sooner}),
    ]
    file = write(tmp_path / "20200301.export.CSV", rows)
    home = Settings.from_environment(tmp_path / "home", {})
    for number, (iso3, known) in enumerate((("AFG", [0, 0, 1]), ("GRC", [0, 1, 1]))):
        with open_store(home) as store:
            one = a_truce(truce_id=f"truce-{number}", iso3=(iso3,))
            store.truces.put([one], known_at=MOMENTS[0], source="test", written_by="test")
        import_source(home, "gdelt", [str(file)], None)
        assert [len(events) for events in history(home)[:3]] == known
        assert max(counted(home)) == 1

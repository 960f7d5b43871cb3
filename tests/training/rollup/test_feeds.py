from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.training.rollup.gdelt_rows import ROW, line, write
from training.reading.records import Reject, SourceResult
from training.rollup.feeds import read_feed
from training.sources import gdelt, icews, polecat
from truce.clock import end_of
from truce.errors import BadInput
from truce.vocabulary import Event, EventType, Modality, TruceRole

TODAY = date(2024, 6, 15)
UNKNOWN = {"Actor1Code": "BOLCVL", "Actor1Name": "FARMER", "Actor1CountryCode": "BOL"}
NOBODY = {"Actor2Code": "", "Actor2Name": "", "Actor2CountryCode": ""}


def short(result: SourceResult[Event]) -> list[tuple[Any, ...]]:
    return sorted(
        (e.occurred_on, e.type.value, e.actor or "", e.target or "", e.iso3, e.known_at, e.truce_role)
        for e in result.records
    )


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = [
        line(),
        line(GLOBALEVENTID="2", DATEADDED="20200301120000", GoldsteinScale="-8.0"),
        line(GLOBALEVENTID="3", Actor1Code="IRQREB", EventCode="0871"),
        line(GLOBALEVENTID="4", EventCode="010"),
        line(GLOBALEVENTID="5", ActionGeo_CountryCode="XX", **UNKNOWN, **NOBODY),
        line(GLOBALEVENTID="6", SQLDATE="20990301"),
        line(GLOBALEVENTID="7", SQLDATE="20200230"),
        line(GLOBALEVENTID="8", SQLDATE="20200302"),
        line(GLOBALEVENTID="9", DATEADDED="20250301000000"),
        line(GLOBALEVENTID="10", EventCode="9999"),
        line(GLOBALEVENTID=""),
        "cut\toff",
        line(GLOBALEVENTID="11", SQLDATE="18500301"),
        line(GLOBALEVENTID="12", DATEADDED="20200301256100"),
        line(GLOBALEVENTID="13", Actor1Name="BAD \ufffd NAME"),
        line(GLOBALEVENTID="14", **UNKNOWN, **NOBODY),
        line(GLOBALEVENTID="1"),
    ]
    return write(tmp_path_factory.mktemp("gdelt") / "20200301.export.CSV", told)


@pytest.fixture(scope="module")
def result(first_day: Path) -> SourceResult[Event]:
    return gdelt.read([first_day], today=TODAY, countries={"IRQ", "AFG"})


def test_each_row_is_counted_once_and_each_rejected_one_has_its_line_and_reason(result: SourceResult[Event]) -> None:
    assert result.rows.as_dict() == {"read": 17, "duplicate": 1, "rejected": 10, "merged": 1, "accepted": 5}
    assert [(reject.line, reject.reason) for reject in result.rejects] == [
        (6, "it happened in the future"),
        (7, "its day cannot be read"),
        (8, "it was known before it happened"),
        (9, "it is known in the future"),
        (10, "its kind of event is not in the codebook"),
        (11, "it has no id"),
        (12, "2 columns where the file has 61"),
        (13, "it happened before 1900"),
        (14, "the moment from which it was known cannot be read"),
        (15, "bytes that are not UTF-8 text"),
    ]
    assert {reject.file for reject in result.rejects} == {"20200301.export.CSV"}


def test_a_record_is_known_from_the_first_row_that_told_of_it(result: SourceResult[Event]) -> None:
    (fight,) = [event for event in result.records if event.actor == "Government of Iraq"]
    assert (fight.type, fight.modality, fight.target, fight.iso3) == (
        EventType.ASSAULT, Modality.ACTUAL, "Taliban", ("IRQ",),
    )  # fmt: skip
    assert (fight.occurred_on, fight.known_at) == (date(2020, 3, 1), datetime(2020, 3, 1, 12, tzinfo=UTC))
    assert fight.source == "gdelt"


def test_rebels_of_a_country_are_not_its_state_and_a_declared_truce_is_the_start_of_one(
    result: SourceResult[Event],
) -> None:
    (truce,) = [event for event in result.records if event.truce_role is TruceRole.START]
    assert (truce.type, truce.actor, truce.target) == (EventType.AGREE, None, "Taliban")


def test_who_is_unknown_counts_by_country_and_who_is_elsewhere_not_at_all(result: SourceResult[Event]) -> None:
    unnamed = [event for event in result.records if event.actor is None and event.target is None]
    assert [(event.type, event.iso3) for event in unnamed] == [(EventType.ASSAULT, ("IRQ",))]
    assert len(result.records) == 3


def test_the_place_goes_before_the_target_and_the_target_before_the_actor(tmp_path: Path) -> None:
    told = [
        line(GLOBALEVENTID="1", EventCode="190", ActionGeo_CountryCode="SY"),
        line(GLOBALEVENTID="2", EventCode="173", ActionGeo_CountryCode=""),
        line(GLOBALEVENTID="3", EventCode="042", ActionGeo_CountryCode="", **NOBODY),
        line(GLOBALEVENTID="4", EventCode="111", ActionGeo_CountryCode="UP", **NOBODY),
        line(GLOBALEVENTID="5", EventCode="112", ActionGeo_CountryCode="??", **{**NOBODY, "Actor1CountryCode": ""}),
    ]
    result = gdelt.read([write(tmp_path / "a.csv", told)], today=TODAY, countries={"IRQ", "AFG", "SYR"})
    assert {e.type.value: e.iso3 for e in result.records} == {
        "assault": ("SYR",), "coerce": ("AFG",), "consult": ("IRQ",), "accuse": ("UKR",),
    }  # fmt: skip
    assert result.rows.accepted == 5, "the last tells of nobody and nowhere known"


def test_a_known_actor_abroad_keeps_the_place_where_it_acted(tmp_path: Path) -> None:
    told = [line(ActionGeo_CountryCode="UP", Actor1CountryCode="", Actor1Code="TAL", Actor1Name="TALIBAN", **NOBODY)]
    (event,) = gdelt.read([write(tmp_path / "a.csv", told)], today=TODAY, countries={"IRQ"}).records
    assert (event.actor, event.iso3) == ("Taliban", ("UKR",))


def daily(**cells: str) -> str:
    whole = dict(zip(gdelt.COLUMNS, line(**cells).split("\t"), strict=True))
    return "\t".join(value for column, value in whole.items() if not column.endswith("ADM2Code"))


def test_daily_files_of_the_first_gdelt_are_known_at_the_end_of_the_day_on_which_they_were_posted(
    tmp_path: Path,
) -> None:
    result = gdelt.read([write(tmp_path / "20200302.export.CSV", [daily(DATEADDED="20200302")])], today=TODAY)
    assert [event.known_at for event in result.records] == [end_of(date(2020, 3, 3))]


def test_a_daily_row_is_held_to_its_own_day_not_to_that_of_its_posting(tmp_path: Path) -> None:
    told = [
        daily(GLOBALEVENTID="1", DATEADDED="20200302"),
        daily(GLOBALEVENTID="2", DATEADDED="20200303"),
        daily(GLOBALEVENTID="3", DATEADDED="20200229", SQLDATE="20200302"),
    ]
    result = gdelt.read([write(tmp_path / "20200302.export.CSV", told)], today=date(2020, 3, 2))
    assert [(reject.line, reject.reason) for reject in result.rejects] == [
        (2, "it is known in the future"),
        (3, "it was known before it happened"),
    ]


def test_parquet_and_text_tell_the_same_and_the_second_telling_is_a_duplicate(first_day: Path, tmp_path: Path) -> None:
    rows = [dict(zip(gdelt.COLUMNS, one.split("\t"), strict=False)) for one in first_day.read_text().splitlines()]
    table = pa.table({column: [row.get(column) or None for row in rows] for column in gdelt.WANTED})
    whole = table.set_column(
        0, "GLOBALEVENTID", pa.array([int(r["GLOBALEVENTID"]) if r["GLOBALEVENTID"].isdigit() else None for r in rows])
    )
    pq.write_table(whole, tmp_path / "day.parquet")
    both = gdelt.read([first_day, tmp_path / "day.parquet"], today=TODAY, countries={"IRQ", "AFG"})
    one = gdelt.read([first_day], today=TODAY, countries={"IRQ", "AFG"})
    assert short(both) == short(one)
    assert both.rows.as_dict() == {"read": 34, "duplicate": 8, "rejected": 20, "merged": 1, "accepted": 5}
    assert Reject(6, "it happened in the future", "day.parquet") in both.rejects


def test_one_corrupt_row_in_a_hundred_costs_that_row_alone(tmp_path: Path) -> None:
    lines = [line(GLOBALEVENTID=str(n), EventCode="190") if n % 100 else "\x07garbage" for n in range(1, 3001)]
    result = gdelt.read([write(tmp_path / "a.csv", lines)], today=TODAY)
    assert result.rows.as_dict() == {"read": 3000, "duplicate": 0, "rejected": 30, "merged": 2969, "accepted": 1}
    assert [reject.line for reject in result.rejects] == list(range(100, 3001, 100))


def test_too_many_facts_for_one_import_are_refused_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.rollup.feeds.MOST_RECORDS", 2)
    lines = [line(GLOBALEVENTID=str(n), EventCode=code) for n, code in enumerate(("190", "173", "042"), start=1)]
    with pytest.raises(BadInput, match=r"more than 2 facts.*import fewer files at once"):
        gdelt.read([write(tmp_path / "a.csv", lines)], today=TODAY)


def polecat_row(**cells: str) -> str:
    row = {
        "Event ID": "20230301-1", "Event Date": "2023-03-01", "Event Type": "RETREAT", "Event Mode": "ceasefire",
        "Intensity": "5.0", "Actor Name": "Rapid Support Forces", "Actor Country": "SDN", "Primary Actor Sector": "MIL",
        "Recipient Name": "Abdel Fattah al-Burhan", "Recipient Country": "SDN", "Primary Recipient Sector": "GOV",
        "Country": "Sudan", "Publication Date": "2023-03-02",
    }  # fmt: skip
    return "\t".join({**dict.fromkeys(polecat.COLUMNS, ""), **row, **cells}[column] for column in polecat.COLUMNS)


def test_polecat_speaks_of_the_named_before_the_state_and_is_known_a_week_after_publication(tmp_path: Path) -> None:
    told = [
        "\t".join(polecat.COLUMNS),
        polecat_row(),
        polecat_row(**{"Event ID": "2", "Event Type": "THREATEN", "Event Mode": "", "Recipient Name": "Sudan"}),
        polecat_row(**{"Event ID": "3", "Event Type": "DANCE"}),
        polecat_row(**{"Event ID": "4", "Event Date": "2023-3-1"}),
        polecat_row(**{"Event ID": "5", "Event Date": "2023-03-05"}),
    ]
    result = polecat.read([write(tmp_path / "ngecEvents.DV.2023.txt", told)], today=TODAY)
    start, threat = sorted(result.records, key=lambda event: event.type)
    assert (start.type, start.truce_role, start.actor, start.target) == (
        EventType.AGREE, TruceRole.START, "Rapid Support Forces", "Government of Sudan",
    )  # fmt: skip
    assert (threat.modality, threat.target, threat.iso3) == (Modality.THREATENED, "Government of Sudan", ("SDN",))
    assert start.known_at == end_of(date(2023, 3, 9))
    assert [(reject.line, reject.reason) for reject in result.rejects] == [
        (4, "its kind of event is not in the codebook"),
        (5, "its day cannot be read"),
        (6, "it was known before it happened"),
    ]


def icews_lines(*rows: dict[str, str]) -> Sequence[str]:
    columns = (*icews.WANTED, *(f"more {n}" for n in range(20 - len(icews.WANTED))))
    base = {
        "Event ID": "1", "Event Date": "2018-06-01", "Source Name": "Military (Iraq)", "Source Country": "Iraq",
        "Event Text": "Violate ceasefire", "CAMEO Code": "196", "Intensity": "-9.5", "Target Name": "Taliban (Afghanistan)",
        "Target Country": "Afghanistan", "Country": "Iraq",
    }  # fmt: skip
    return ["\t".join(columns), *("\t".join({**base, **row}.get(column, "NA") for column in columns) for row in rows)]


def test_icews_knows_the_state_by_its_offices_and_is_known_the_day_after(tmp_path: Path) -> None:
    told = icews_lines(
        {},
        {"Event ID": "2", "Source Name": "Iraq", "CAMEO Code": "042"},
        {"Event ID": "3", "Source Name": "Citizen (Iraq)", "CAMEO Code": "111", "Country": "NA"},
        {"Event ID": "4", "Event Date": "2024-06-16"},
        {"Event ID": "5", "Source Name": "Militia (Hezbollah)", "CAMEO Code": "130"},
    )
    result = icews.read([write(tmp_path / "events.2018.tab", told)], today=TODAY)
    by_type = {event.type.value: event for event in result.records}
    assert {name: event.actor for name, event in by_type.items()} == {
        "assault": "Government of Iraq", "consult": "Government of Iraq", "accuse": None, "threaten": "Hezbollah",
    }  # fmt: skip
    assert {event.target for event in result.records} == {"Taliban"}
    assert by_type["assault"].truce_role is TruceRole.VIOLATION
    assert by_type["assault"].known_at == end_of(date(2018, 6, 2))
    assert by_type["accuse"].iso3 == ("AFG",), "where nobody says the place, the target's country"
    assert [reject.reason for reject in result.rejects] == ["it happened in the future"]


def test_the_short_icews_speaks_in_names_and_a_row_is_its_own_id(tmp_path: Path) -> None:
    told = [
        "Iraq\tuse conventional military force\tTaliban (Afghanistan)\t2010-05-23",
        "Iraq\tuse conventional military force\tTaliban (Afghanistan)\t2010-05-23",
        "Iraq\tdance in the streets\tTaliban (Afghanistan)\t2010-05-23",
    ]
    result = icews.read([write(tmp_path / "sample.txt", told)], today=TODAY)
    assert result.rows.as_dict() == {"read": 3, "duplicate": 1, "rejected": 1, "merged": 0, "accepted": 1}
    (event,) = result.records
    assert (event.type, event.actor, event.target, event.iso3) == (
        EventType.ASSAULT, "Government of Iraq", "Taliban", ("AFG",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rows", "most_rejected"),
    [("events.2018.sample.tab", 3705, 0), ("icews_2005_2015_sample20.txt.gz", 92367, 0)],
)
def test_every_line_of_real_icews_files_is_counted(shared_data: Path, name: str, rows: int, most_rejected: int) -> None:
    result = icews.read([shared_data / "icews" / name], today=TODAY)
    counts = result.rows
    assert counts.read == rows == counts.duplicate + counts.rejected + counts.merged + counts.accepted
    assert counts.rejected == len(result.rejects) <= most_rejected
    assert rows / 4 < len(result.records) <= counts.accepted
    assert {"Government of China", "Government of Iran", "Hamas"} <= {event.actor for event in result.records}


def test_a_file_of_another_feed_is_refused(first_day: Path) -> None:
    for feed in (icews.FEED, polecat.FEED):
        with pytest.raises(BadInput, match="it is no file of"):
            read_feed(feed, [first_day], today=TODAY)


def test_feeds_say_how_long_after_their_own_word_they_are_known() -> None:
    assert (gdelt.DAILY_LAG.days, icews.LAG.days, polecat.LAG.days) == (1, 1, 7)
    assert set(ROW) == set(gdelt.WANTED)

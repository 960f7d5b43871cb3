from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from training.reading.records import SourceResult
from training.sources import acled
from truce.errors import WrongFile
from truce.vocabulary import Event, EventType, Modality

TODAY = date(2024, 6, 15)
UPLOADED = datetime(2023, 10, 17, 16, 30, tzinfo=UTC)
ROW: dict[str, Any] = {
    "event_id_cnty": "IRQ1",
    "event_date": "2023-10-07",
    "year": "2023",
    "time_precision": "1",
    "disorder_type": "Political violence",
    "event_type": "Battles",
    "sub_event_type": "Armed clash",
    "actor1": "River Front",
    "assoc_actor_1": "",
    "inter1": "2",
    "actor2": "Military Forces of Iraq (2022-)",
    "iso": "368",
    "country": "Iraq",
    "latitude": "33.3406",
    "longitude": "44.4009",
    "notes": "Made up.",
    "fatalities": "3",
    "timestamp": str(int(UPLOADED.timestamp())),
}
EVENT = Event(
    event_id="acled:IRQ1",
    type=EventType.ASSAULT,
    modality=Modality.ACTUAL,
    occurred_on=date(2023, 10, 7),
    known_at=UPLOADED,
    source="acled",
    actor="River Front",
    target="Military Forces of Iraq (2022-)",
    iso3=("IRQ",),
    deaths=3,
    latitude=33.3406,
    longitude=44.4009,
    source_ref="IRQ1",
)


def read(folder: Path, *rows: dict[str, Any]) -> SourceResult[Event]:
    path = folder / "acled.json"
    path.write_text(json.dumps({"status": 200, "success": True, "count": len(rows), "data": rows}))
    return acled.read([path], today=TODAY)


def one(folder: Path, **changes: Any) -> Event:
    (event,) = read(folder, ROW | changes).records
    return event


def test_csv_an_answer_of_the_api_and_the_same_written_over_many_lines_say_the_same(tmp_path: Path) -> None:
    with (tmp_path / "e.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, list(ROW))
        writer.writeheader()
        writer.writerow(ROW)
    answer = {"status": 200, "success": True, "count": 1, "messages": [], "data": [ROW]}
    (tmp_path / "e.json").write_text(json.dumps(answer))
    (tmp_path / "pretty.json").write_text(json.dumps(answer, indent=2))
    numbers = ROW | {"fatalities": 3, "timestamp": int(ROW["timestamp"]), "time_precision": 1, "latitude": 33.3406}
    (tmp_path / "numbers.json").write_text(json.dumps({"data": [numbers]}))
    for name in ("e.csv", "e.json", "pretty.json", "numbers.json"):
        assert acled.read([tmp_path / name], today=TODAY).records == [EVENT]


@pytest.mark.parametrize(
    ("event_type", "sub_event_type", "kind"),
    [
        ("Battles", "Government regains territory", EventType.ASSAULT),
        ("Explosions/Remote violence", "Air/drone strike", EventType.ASSAULT),
        ("Violence against civilians", "Abduction/forced disappearance", EventType.ASSAULT),
        ("Protests", "Excessive force against protesters", EventType.PROTEST),
        ("Riots", "Mob violence", EventType.PROTEST),
        ("Strategic developments", "Agreement", EventType.AGREE),
        ("Strategic developments", "Arrests", EventType.COERCE),
        ("Strategic developments", "Disrupted weapons use", EventType.COERCE),
        ("Strategic developments", "Looting/property destruction", EventType.COERCE),
        ("Strategic Developments", "Headquarters or base established", EventType.MOBILIZE),
        ("Strategic developments", "Non-violent transfer of territory", EventType.RETREAT),
    ],
)
def test_each_type_of_the_codebook_has_its_own(
    tmp_path: Path, event_type: str, sub_event_type: str, kind: EventType
) -> None:
    assert one(tmp_path, event_type=event_type, sub_event_type=sub_event_type).type is kind


@pytest.mark.parametrize("sub_event_type", ["Change to group/activity", "Other"])
def test_what_tells_of_no_interaction_is_accepted_without_a_record(tmp_path: Path, sub_event_type: str) -> None:
    result = read(tmp_path, ROW | {"event_type": "Strategic developments", "sub_event_type": sub_event_type})
    assert (result.rows.accepted, result.records) == (1, [])


def test_who_left_a_place_that_changed_hands_without_a_fight_is_not_made_up(tmp_path: Path) -> None:
    transfer = {"event_type": "Strategic developments", "sub_event_type": "Non-violent transfer of territory"}
    alone, both = one(tmp_path, **transfer, actor2=""), one(tmp_path, **transfer)
    assert (alone.actor, alone.target) == (None, "River Front")
    assert (both.actor, both.target) == (None, None)


@pytest.mark.parametrize(
    ("precision", "day", "uploaded", "first", "last"),
    [
        ("1", "2023-10-07", UPLOADED, None, date(2023, 10, 7)),
        ("", "2023-10-07", UPLOADED, None, date(2023, 10, 7)),
        ("2", "2023-10-04", UPLOADED, date(2023, 10, 1), date(2023, 10, 7)),
        ("2", "2023-10-16", UPLOADED, date(2023, 10, 13), date(2023, 10, 17)),
        ("3", "2023-09-15", UPLOADED, date(2023, 9, 1), date(2023, 9, 30)),
        ("3", "2023-10-01", UPLOADED, date(2023, 10, 1), date(2023, 10, 17)),
        ("3", "2024-02-29", datetime(2024, 3, 5, tzinfo=UTC), date(2024, 2, 1), date(2024, 2, 29)),
    ],
    ids=[
        "exact",
        "unsaid",
        "some week",
        "the week of its upload",
        "some month",
        "the month of its upload",
        "leap year",
    ],
)
def test_an_uncertain_day_is_the_span_that_the_codebook_means_by_it_and_never_after_the_upload(
    tmp_path: Path, precision: str, day: str, uploaded: datetime, first: date | None, last: date
) -> None:
    event = one(tmp_path, time_precision=precision, event_date=day, timestamp=str(int(uploaded.timestamp())))
    assert (event.began_on, event.occurred_on) == (first, last)


@pytest.mark.parametrize("written", ["07 October 2023", "7-october-2023"])
def test_a_day_written_out_is_read_in_any_locale(tmp_path: Path, written: str) -> None:
    assert one(tmp_path, event_date=written).occurred_on == date(2023, 10, 7)


def test_an_event_at_sea_has_no_country_and_one_in_a_country_that_nobody_knows_is_rejected(tmp_path: Path) -> None:
    assert one(tmp_path, country="Red Sea").iso3 == ()
    (reject,) = read(tmp_path, ROW | {"country": "Searland"}).rejects
    assert reject.reason.startswith("country 'Searland' is in no register")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"event_id_cnty": ""}, "event_id_cnty is missing"),
        ({"event_date": "2023-02-31"}, "event_date: '2023-02-31' is not a day"),
        ({"event_date": "31 February 2023"}, "event_date: '2023-02-31' is not a day"),
        ({"event_date": "7 Oktober 2023"}, "event_date: '7 Oktober 2023' is not a day"),
        ({"event_date": "2024-06-16", "timestamp": "1718409600"}, "event_date 2024-06-16 is in the future"),
        ({"timestamp": ""}, "timestamp is missing"),
        ({"timestamp": "yesterday"}, "timestamp: 'yesterday' is neither"),
        ({"timestamp": "4102444800"}, "timestamp 4102444800 is in the future"),
        ({"timestamp": "9" * 30}, "is no moment"),
        ({"timestamp": "1696550399"}, "timestamp 2023-10-05 is before event_date 2023-10-07"),
        ({"time_precision": "4"}, "time_precision is '4'"),
        ({"event_type": "Parade"}, "event_type is 'Parade', which ACLED's codebook does not have"),
        ({"event_type": "Strategic developments", "sub_event_type": "Dance"}, "sub_event_type is 'Dance'"),
        ({"country": ""}, "country is missing"),
        ({"fatalities": "-1"}, "fatalities is -1, out of range"),
        ({"latitude": "95"}, "latitude is 95, out of range"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_its_reason(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    result = read(tmp_path, ROW | changes)
    assert result.records == []
    assert says in result.rejects[0].reason


def test_of_two_versions_of_an_event_the_earlier_upload_comes_first_whatever_the_order_of_the_rows(
    tmp_path: Path,
) -> None:
    later = ROW | {"fatalities": "5", "timestamp": str(int(UPLOADED.timestamp()) + 60)}
    result = read(tmp_path, later, ROW, ROW, later | {"fatalities": "6"})
    assert [event.deaths for event in result.records] == [3, 5]
    assert result.rows.as_dict() == {"read": 4, "duplicate": 1, "rejected": 1, "merged": 0, "accepted": 2}
    assert result.rejects[0].reason.endswith("came before with other content")


def test_a_list_of_what_was_taken_back_gives_ids_and_moments_and_no_records(tmp_path: Path) -> None:
    rows = [("IRQ1", 1_700_000_000), ("IRQ2", 1_700_000_001), ("IRQ1", 1_700_000_100), ("IRQ1", 1_700_000_000)]
    path = tmp_path / "deleted.csv"
    path.write_text("event_id_cnty,deleted_timestamp\n" + "\n".join(f"{name},{at}" for name, at in rows))
    result = acled.read([path], today=TODAY)
    assert result.records == []
    assert result.rows.as_dict() == {"read": 4, "duplicate": 1, "rejected": 0, "merged": 0, "accepted": 3}
    assert dict(result.withdrawn) == {
        "acled:IRQ1": datetime.fromtimestamp(1_700_000_100, UTC), "acled:IRQ2": datetime.fromtimestamp(1_700_000_001, UTC)
    }  # fmt: skip


def test_a_file_of_something_else_is_refused_by_the_columns_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("event_id_cnty,event_date,event_type\nIRQ1,2023-10-07,Battles\n")
    with pytest.raises(WrongFile, match=r"some\.csv has no column sub_event_type, actor1, country, timestamp"):
        acled.read([path], today=TODAY)
    path.write_text("id,day\n1,2023-10-07\n")
    with pytest.raises(WrongFile, match="has no column event_id_cnty"):
        acled.read([path], today=TODAY)


def test_an_answer_without_rows_is_no_file_to_import(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="holds no rows"):
        read(tmp_path)

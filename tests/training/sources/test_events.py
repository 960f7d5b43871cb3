from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.reading.records import SourceResult
from training.sources import events
from truce.clock import end_of
from truce.errors import WrongFile
from truce.vocabulary import Event, EventType, Modality, Topic, TruceRole

TODAY = date(2024, 6, 15)
ROW: dict[str, Any] = {
    "event_id": "e1",
    "type": "assault",
    "secondary": "threaten",
    "modality": "actual",
    "occurred_on": "2020-03-05",
    "known_at": "2020-03-06T08:30:00Z",
    "actor": "River Front",
    "target": "Government of X",
    "iso3": ["XXX", "YYY"],
    "deaths": 3,
    "latitude": 12.5,
    "longitude": -7,
    "source": "desk",
    "source_ref": "page 4",
}
EVENT = Event(
    event_id="e1",
    type=EventType.ASSAULT,
    secondary=EventType.THREATEN,
    modality=Modality.ACTUAL,
    occurred_on=date(2020, 3, 5),
    known_at=datetime(2020, 3, 6, 8, 30, tzinfo=UTC),
    actor="River Front",
    target="Government of X",
    iso3=("XXX", "YYY"),
    deaths=3,
    latitude=12.5,
    longitude=-7.0,
    source="desk",
    source_ref="page 4",
)


def read(folder: Path, *rows: dict[str, Any]) -> SourceResult[Event]:
    path = folder / "events.ndjson"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return events.read([path], today=TODAY)


def reasons(folder: Path, **changes: Any) -> list[str]:
    return [reject.reason for reject in read(folder, ROW | changes).rejects]


def test_json_lines_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    flat = ROW | {"iso3": "XXX;YYY"}
    (tmp_path / "e.csv").write_text(",".join(flat) + "\n" + ",".join(str(value) for value in flat.values()) + "\n")
    pq.write_table(pa.Table.from_pylist([ROW]), tmp_path / "e.parquet")
    (tmp_path / "e.json.gz").write_bytes(gzip.compress(json.dumps(ROW).encode()))
    for name in ("e.csv", "e.parquet", "e.json.gz"):
        assert events.read([tmp_path / name], today=TODAY).records == [EVENT]


def test_a_day_known_means_the_end_of_that_day(tmp_path: Path) -> None:
    (event,) = read(tmp_path, ROW | {"known_at": "2020-03-05"}).records
    assert event.known_at == end_of(date(2020, 3, 5))


def test_an_event_without_an_id_gets_the_same_one_every_time(tmp_path: Path) -> None:
    nameless = {column: value for column, value in ROW.items() if column != "event_id"}
    first, again = read(tmp_path, nameless).records, read(tmp_path, nameless).records
    assert first == again
    assert first[0].event_id


def test_the_same_event_twice_is_a_duplicate_and_a_changed_one_is_rejected(tmp_path: Path) -> None:
    result = read(tmp_path, ROW, ROW, ROW | {"deaths": 4})
    assert result.rows.as_dict() == {"read": 3, "duplicate": 1, "rejected": 1, "merged": 0, "accepted": 1}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"known_at": None}, "known_at is missing"),
        ({"known_at": "2099-01-01"}, "known_at 2099-01-01 is in the future"),
        ({"known_at": "yesterday"}, "known_at: 'yesterday' is neither"),
        ({"occurred_on": "2099-01-01"}, "occurred_on 2099-01-01 is in the future"),
        ({"occurred_on": "1994-02-31"}, "occurred_on: '1994-02-31' is not a day"),
        ({"type": "parade"}, "type is 'parade'"),
        ({"type": "none"}, "type is 'none'"),
        ({"type": ""}, "type is missing"),
        ({"secondary": "parade"}, "secondary is 'parade'"),
        ({"topic": "weather"}, "topic is 'weather'"),
        ({"modality": "dreamt"}, "modality is 'dreamt'"),
        ({"iso3": ["Xx"]}, "'Xx' is not a three-letter country code"),
        ({"iso3": "XXX;1"}, "'1' is not a three-letter country code"),
        ({"deaths": -1}, "deaths is -1, out of range"),
        ({"deaths": 1.5}, "deaths is not a whole number"),
        ({"latitude": 91}, "latitude is 91, out of range"),
        ({"source": " "}, "source is missing"),
        ({"actor": ["a"]}, "actor is not text"),
        ({"began_on": "2020-03-06"}, "began_on 2020-03-06 is after occurred_on 2020-03-05"),
        ({"truce_role": "pause"}, "truce_role is 'pause', not one of"),
        ({"ids": "411"}, "ids: '411' is not an id of the form scheme:value"),
        ({"ids": ["ucdp_dyad:4 1"]}, "ids: 'ucdp_dyad:4 1' is not an id of the form scheme:value"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_its_reason(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    (reason,) = reasons(tmp_path, **changes)
    assert says in reason


def test_an_event_of_today_may_be_known_today(tmp_path: Path) -> None:
    assert not reasons(tmp_path, occurred_on="2024-06-15", known_at="2024-06-15")
    assert reasons(tmp_path, occurred_on="2024-06-16", known_at="2024-06-16")


def test_a_topic_and_a_truce_are_kept(tmp_path: Path) -> None:
    told = ROW | {"type": "legislature_vote", "topic": "troop_withdrawal", "truce_id": "xxx-2020-03-river"}
    (event,) = read(tmp_path, told).records
    assert (event.topic, event.truce_id) == (Topic.TROOP_WITHDRAWAL, "xxx-2020-03-river")


def test_a_span_of_days_a_truce_role_and_ids_are_kept(tmp_path: Path) -> None:
    told = {"began_on": "2020-03-01", "truce_role": "violation", "ids": "ucdp_dyad:411;ucdp_actor:a(b;gw:645"}
    (event,) = read(tmp_path, ROW | told).records
    assert (event.began_on, event.truce_role) == (date(2020, 3, 1), TruceRole.VIOLATION)
    assert event.ids == ("ucdp_dyad:411", "ucdp_actor:a(b", "gw:645")


def test_a_truces_file_is_no_events_file(tmp_path: Path) -> None:
    (tmp_path / "truces.csv").write_text("truce_id,side_a,side_b,effective_date,outcome\na,b,c,2020-01-01,broke\n")
    with pytest.raises(WrongFile, match="has no column type, modality"):
        events.read([tmp_path / "truces.csv"])

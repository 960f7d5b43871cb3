from __future__ import annotations

import gzip
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from training import embed
from training.sources import current_events, events, truces
from truce.chronicle import reader
from truce.vocabulary import TruceRole

BULLETS = [
    {
        "date": "2020-03-06",
        "category": "",
        "text": "The presidents of Chad and Niger meet in Niamey to discuss the border. (Desk)",
    },
    {"date": "2020-03-05", "category": "", "text": "A roadside bomb kills four soldiers in northern Mali. (Desk)"},
    {"date": "2020-03-05", "category": "", "text": "A quiet day at the museum. (Desk)"},
]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, BULLETS)).encode()))
    return path


def test_the_same_feed_gives_the_same_bytes(feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one.parquet", "two.parquet"):
        embed.main(["--feed", str(feed), "--out", str(tmp_path / name)])
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert "events: 2" in capsys.readouterr().out


def test_what_was_embedded_reads_back_as_it_was_coded(feed: Path, tmp_path: Path) -> None:
    coded = current_events.read([feed]).records
    embed.write(coded, tmp_path / "e.parquet")
    back = events.read([tmp_path / "e.parquet"]).records
    assert sorted(back, key=lambda e: e.event_id) == sorted(coded, key=lambda e: e.event_id)


def test_the_truce_role_is_embedded_and_a_file_without_that_column_still_reads(tmp_path: Path) -> None:
    told = "The government of Yemen and the Houthis agree on a two-month ceasefire. (Desk)"
    (tmp_path / "feed.jsonl").write_text(json.dumps({"date": "2022-04-01", "text": told}))
    (coded,) = current_events.read([tmp_path / "feed.jsonl"]).records
    assert coded.truce_role is TruceRole.START
    embed.write([coded], tmp_path / "with.parquet")
    table = pq.ParquetFile(tmp_path / "with.parquet").read()
    pq.write_table(table.drop_columns(["truce_role"]), tmp_path / "without.parquet")
    assert events.read([tmp_path / "with.parquet"]).records == [coded]
    assert events.read([tmp_path / "without.parquet"]).records == [replace(coded, truce_role=None)]


def test_a_correction_reads_back_after_what_it_corrects(tmp_path: Path) -> None:
    told = "A suicide bombing at the Sadriya market in Sadr City, Baghdad, Iraq, kills {} people and injures 40."
    bullets = [{"date": f"2020-03-0{day}", "text": told.format(killed)} for day, killed in ((5, "two"), (6, "five"))]
    (tmp_path / "feed.jsonl").write_text("\n".join(map(json.dumps, bullets)))
    coded = current_events.read([tmp_path / "feed.jsonl"]).records
    embed.write([*reversed(coded)], tmp_path / "e.parquet")
    back = events.read([tmp_path / "e.parquet"])
    assert back.records == coded
    assert [event.deaths for event in back.records] == [2, 5]
    assert (back.rows.accepted, back.rows.duplicate, back.rows.rejected) == (2, 0, 0)


def test_only_coded_facts_are_embedded() -> None:
    assert pq.read_schema(reader.events_path()).names == embed.SCHEMA.names
    assert reader.events_path().stat().st_size < 4_000_000


def test_the_embedded_events_all_read(shared_data: Path) -> None:
    result = events.read([reader.events_path()])
    assert result.rows.rejected == result.rows.duplicate == 0
    assert len(result.records) > 40_000


@pytest.mark.slow
def test_coding_the_feed_again_gives_the_embedded_events(shared_data: Path, tmp_path: Path) -> None:
    (source,) = (shared_data / "current_events").glob("*.jsonl.gz")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        (tmp_path / "first.jsonl").write_text("".join(islice(lines, 2000)), encoding="utf-8")
    again = {event.source_ref: event for event in current_events.read([tmp_path / "first.jsonl"]).records}
    embedded = {event.source_ref: event for event in events.read([reader.events_path()]).records}
    assert len(again) > 500
    assert {reference: embedded[reference] for reference in again} == again


def test_the_embedded_truces_are_the_source_s(shared_data: Path) -> None:
    assert reader.truces_path().read_bytes() == (shared_data / "chronicle" / "truces_2002_2023.csv").read_bytes()


def test_known_at_is_written_as_the_day_it_closes(feed: Path, tmp_path: Path) -> None:
    event = current_events.read([feed]).records[0]
    embed.write([replace(event, iso3=())], tmp_path / "e.parquet")
    (row,) = pq.read_table(tmp_path / "e.parquet").to_pylist()
    assert row["known_at"] == row["occurred_on"] == event.occurred_on
    assert row["iso3"] is None


@pytest.mark.slow
def test_every_bullet_of_the_feed_is_accounted_for(shared_data: Path) -> None:
    """Duplicates are the same heading, day and words; merged ones tell again of an event of the last three days."""
    (source,) = (shared_data / "current_events").glob("*.jsonl.gz")
    result = current_events.read([source])
    assert result.rows.as_dict() == {
        "read": 140_210, "duplicate": 111, "rejected": 0, "merged": 580, "accepted": 139_519,
    }  # fmt: skip
    assert len(result.records) == 57_689, "the rest tells of no political event; some are corrections of a first report"


def test_every_truce_of_the_chronicle_is_accounted_for() -> None:
    result = truces.read([reader.truces_path()], observed_to=reader.OBSERVED_TO)
    assert result.rows.as_dict() == {"read": 622, "duplicate": 0, "rejected": 0, "merged": 0, "accepted": 622}

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from training.sources import current_events
from training.sources.records import SourceResult
from truce.clock import end_of
from truce.errors import WrongFile
from truce.vocabulary import Event, EventType

TODAY = date(2024, 6, 15)
ATTACK = {
    "date": "2020-03-05",
    "category": "",
    "text": "Taliban gunmen attack an army post in Kunduz, killing nine soldiers. (Desk)",
}
GAME = {
    "date": "2020-03-05",
    "category": "Sports",
    "text": "The home side wins the cup final by four goals to nil. (Desk)",
}


def read(folder: Path, *lines: object) -> SourceResult[Event]:
    path = folder / "bullets.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return current_events.read([path], today=TODAY)


def test_a_bullet_becomes_an_event_known_at_the_end_of_its_day(tmp_path: Path) -> None:
    (event,) = read(tmp_path, ATTACK).records
    assert (event.type, event.occurred_on, event.known_at) == (
        EventType.ASSAULT,
        date(2020, 3, 5),
        end_of(date(2020, 3, 5)),
    )
    assert (event.actor, event.iso3, event.deaths) == ("Taliban", ("AFG",), 9)
    assert event.source == "current-events/keyword-1"
    assert event.source_ref == current_events.reference_of(date(2020, 3, 5), ATTACK["text"])


def test_no_field_of_the_event_holds_the_text(tmp_path: Path) -> None:
    (event,) = read(tmp_path, ATTACK).records
    assert not any("army post" in str(getattr(event, name)) for name in Event.__slots__)


def test_every_bullet_is_counted_and_one_without_an_event_is_accepted(tmp_path: Path) -> None:
    late = ATTACK | {"date": "2099-01-01"}
    impossible = ATTACK | {"date": "1994-02-31"}
    textless = {"date": "2020-03-05", "category": ""}
    result = read(tmp_path, ATTACK, ATTACK, GAME, GAME, late, impossible, textless, "{broken")
    assert result.rows.as_dict() == {"read": 8, "duplicate": 2, "rejected": 4, "merged": 0, "accepted": 2}
    assert len(result.records) == 1
    assert [reject.line for reject in result.rejects] == [5, 6, 7, 8]


def test_the_same_words_on_another_day_are_another_event(tmp_path: Path) -> None:
    records = read(tmp_path, ATTACK, ATTACK | {"date": "2020-03-06"}).records
    assert len({event.event_id for event in records}) == 2


def test_a_truces_file_holds_no_bullets(tmp_path: Path) -> None:
    (tmp_path / "truces.csv").write_text("truce_id,side_a\na,b\n")
    with pytest.raises(WrongFile, match="has no column date, text"):
        current_events.read([tmp_path / "truces.csv"])

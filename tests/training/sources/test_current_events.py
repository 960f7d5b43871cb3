from __future__ import annotations

import json
import os
from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from models.event_coder import EventCoder, Text
from models.text.sameness import WINDOW_DAYS
from training.reading.records import SourceResult
from training.sources import current_events
from truce.clock import end_of
from truce.errors import WrongFile
from truce.identity import reference_of
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


def bombing(killed: str, day: str = "2020-03-05") -> dict[str, str]:
    text = f"A suicide bombing at the Sadriya market in Sadr City, Baghdad, Iraq, kills {killed} people and injures 40."
    return {"date": day, "category": "", "text": text}


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
    assert event.source == f"current-events/{EventCoder.load().version}"
    assert event.source_ref == reference_of(date(2020, 3, 5), ATTACK["text"])


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


def test_what_is_read_is_duplicate_rejected_merged_or_accepted(tmp_path: Path) -> None:
    late = ATTACK | {"date": "2099-01-01"}
    bullets = [bombing("two"), bombing("two"), bombing("two", "2020-03-06"), bombing("five", "2020-03-06"), GAME, late]
    rows = read(tmp_path, *bullets, ATTACK).rows
    assert rows.as_dict() == {"read": 7, "duplicate": 1, "rejected": 1, "merged": 2, "accepted": 3}
    assert rows.read == rows.duplicate + rows.rejected + rows.merged + rows.accepted


@pytest.mark.parametrize("bullet", [ATTACK, bombing("two")], ids=["attack", "bombing"])
def test_the_same_words_after_the_window_of_retelling_are_another_event(tmp_path: Path, bullet: dict[str, str]) -> None:
    later = bullet | {"date": date(2020, 3, 5 + WINDOW_DAYS + 1).isoformat()}
    result = read(tmp_path, bullet, later)
    assert len({event.event_id for event in result.records}) == 2
    assert result.rows.merged == 0


def test_a_report_of_the_same_event_on_the_next_day_is_merged_and_gives_no_second_event(tmp_path: Path) -> None:
    alone = read(tmp_path, bombing("two")).records
    result = read(tmp_path, bombing("two"), bombing("two", "2020-03-06"))
    assert result.records == alone
    assert (result.rows.merged, result.rows.accepted) == (1, 1)


def test_a_higher_toll_on_the_next_day_corrects_the_event_from_the_day_on_which_it_was_known(tmp_path: Path) -> None:
    result = read(tmp_path, bombing("two"), bombing("five", "2020-03-06"))
    first, second = result.records
    assert (first.event_id, first.occurred_on, first.source_ref) == (
        second.event_id,
        second.occurred_on,
        second.source_ref,
    )
    assert (first.known_at, second.known_at) == (end_of(date(2020, 3, 5)), end_of(date(2020, 3, 6)))
    assert (first.deaths, second.deaths) == (2, 5)
    assert (result.rows.merged, result.rows.accepted) == (1, 1)


def test_a_lower_toll_on_the_next_day_corrects_nothing(tmp_path: Path) -> None:
    result = read(tmp_path, bombing("five"), bombing("five", "2020-03-06"), bombing("two", "2020-03-06"))
    (event,) = result.records
    assert (event.deaths, result.rows.merged) == (5, 2)


def test_the_order_of_the_rows_is_no_matter(tmp_path: Path) -> None:
    bullets = [bombing("two"), GAME, bombing("five", "2020-03-06")]
    assert read(tmp_path, *reversed(bullets)).records == read(tmp_path, *bullets).records


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bombing("two"), bombing("five")),
        (ATTACK, ATTACK | {"category": "Iraqi insurgency"}),
    ],
    ids=["a higher toll on the same day", "the same words under another heading"],
)
def test_no_two_records_speak_of_one_event_as_known_at_one_moment(
    tmp_path: Path, one: dict[str, str], other: dict[str, str]
) -> None:
    records = read(tmp_path, one, other).records
    assert set(Counter((event.event_id, event.known_at) for event in records).values()) == {1}


@pytest.mark.parametrize("text", [ATTACK["text"], bombing("two")["text"], "Clashes break out in the capital."])
def test_uncategorized_is_no_heading(tmp_path: Path, text: str) -> None:
    bullet = {"date": "2020-03-05", "text": text}
    bare, without, under = (
        read(tmp_path, bullet | heading).records for heading in ({"category": ""}, {}, {"category": "Uncategorized"})
    )
    assert len(under) == 1
    assert bare == without == under


def test_another_heading_is_one(tmp_path: Path) -> None:
    bullet = {"date": "2020-03-05", "text": "Clashes break out in the capital."}
    (event,) = read(tmp_path, bullet | {"category": "Syrian civil war"}).records
    assert event.iso3 == ("SYR",)


def many() -> list[Text]:
    """Attacks, talks and games, more of them than one process is given."""
    actors = ("Taliban gunmen", "Boko Haram fighters", "Houthi rebels", "Police", "PKK fighters")
    deeds = ("attack an army post", "shell a village", "meet envoys", "win the cup final", "ambush a convoy")
    places = ("Kunduz", "Maiduguri", "Hodeidah", "Mosul", "Diyarbakir", "Nairobi")
    days = [date(2020, 3, day) for day in range(1, 29)]
    told = product(days, actors, deeds, places)
    return [
        Text(f"{who} {do} in {where}, killing {2 + at % 17} people.", day, "Sports" if do.startswith("win") else "")
        for at, (day, who, do, where) in enumerate(told)
    ]


@pytest.mark.slow
def test_many_bullets_are_coded_alike_whether_shared_among_processes_or_not() -> None:
    texts = many()
    first, second = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    assert len(texts) > 4000
    assert current_events.processes(len(texts)) > 1 or os.cpu_count() == 1
    assert current_events.processes(len(first)) == current_events.processes(len(second)) == 1
    shared = current_events.coded(texts)
    assert shared == current_events.coded(first) + current_events.coded(second)
    assert len({coded.type for coded, _ in shared}) > 1


def test_a_truces_file_holds_no_bullets(tmp_path: Path) -> None:
    (tmp_path / "truces.csv").write_text("truce_id,side_a\na,b\n")
    with pytest.raises(WrongFile, match="has no column date, text"):
        current_events.read([tmp_path / "truces.csv"])


def test_a_bullet_of_a_hundred_thousand_characters_is_rejected_with_its_line_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    result = read(tmp_path, {**ATTACK, "text": "Rebels attack " + ", " * 50_000 + "the town."}, ATTACK)
    assert [(reject.line, "100023 characters" in reject.reason) for reject in result.rejects] == [(1, True)]
    assert len(result.records) == 1

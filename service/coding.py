"""Texts -> coded events and the truces they touch, for the command line and for POST /v1/texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from models.event_coder import CodedText, EventCoder, Text, event_of
from models.same_event import Reports, report_of
from truce import reasons
from truce.clock import Clock, day_closed_by, end_of, parse_day
from truce.errors import BadInput, OutOfRange
from truce.identity import reference_of
from truce.vocabulary import Event, EventType, Truce

BATCH = 256
_MOST_LINKS = 50
"""An event names so many truces at most, the closest first: the neighbours of a large country alone may have more."""


@dataclass(frozen=True, slots=True)
class Item:
    """A text to be coded, as it was sent; ``refused`` when it could not even be read."""

    n: int
    id: str | None
    text: Text | None
    refused: BadInput | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A coded text, the event it tells of (None for none), and the truces that this touches."""

    item: Item
    coded: CodedText
    event: Event | None
    touched: tuple[reasons.Touched, ...]


@cache
def coder() -> EventCoder:
    """The coder that this project carries, read once a process."""
    return EventCoder.load()


def item_of(n: int, line: str, clock: Clock) -> Item:
    """An input line: a JSON object with ``text`` (and id, date, category), or the bare text. Never raises."""
    if not line.lstrip().startswith("{"):
        return _item(n, {"text": line}, clock)
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Item(n, None, None, BadInput("this line begins like JSON and is none", code="bad_json"))
    return _item(n, value, clock)


def _item(n: int, value: dict[str, Any], clock: Clock) -> Item:
    named = value.get("id")
    name = None if named is None else _whole(str(named))
    try:
        return Item(n, name, text_of(value.get("text"), value.get("date"), value.get("category"), clock))
    except BadInput as refusal:
        return Item(n, name, None, refusal)


def _whole(text: str) -> str:
    """Text without halves of characters (lone surrogates), which no encoding can write."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def text_of(text: object, day: object, category: object, clock: Clock) -> Text:
    """A readable text with its day: today's when none is given. Raises BadInput, OutOfRange for a day to come."""
    if (
        not isinstance(text, str)
        or not isinstance(category, (str, type(None)))
        or not isinstance(day, (str, type(None)))
    ):
        raise BadInput("text, date and category are texts, and text must be there", code="bad_text")
    if text != _whole(text):
        raise BadInput("this is no text: it holds half a character", code="no_text")
    coder().check(text)
    today = day_closed_by(clock())
    written = today if day is None else parse_day(day)
    if written > clock().date():
        raise OutOfRange(f"date {day} is in the future", code="date_in_future")
    return Text(text, written, category or "")


def told(items: Sequence[Item], truces: Sequence[Truce], clock: Clock) -> list[Told]:
    """Code the readable items and link what they tell."""
    readable = [item for item in items if item.text is not None]
    coded = coder().code_all(item.text for item in readable if item.text is not None)
    events = [_event(item.text, one, clock) for item, one in zip(readable, coded, strict=True) if item.text is not None]
    links = iter(reasons.touched([event for event in events if event is not None], truces))
    return [
        Told(item, one, event, tuple(next(links)) if event is not None else ())
        for item, one, event in zip(readable, coded, events, strict=True)
    ]


def _event(text: Text, coded: CodedText, clock: Clock) -> Event | None:
    if coded.type is EventType.NONE:
        return None
    return event_of(
        coded, text.day, known_at(text.day, clock()), f"texts/{coder().version}", reference_of(text.day, text.text)
    )


def known_at(day: date, now: datetime) -> datetime:
    """When the world could know a text of a day: at its end, or now while it is not over."""
    return min(end_of(day), now)


def lines(items: Iterable[Item], truces: Sequence[Truce], clock: Clock) -> Iterator[dict[str, Any]]:
    """One answer per item, in order: what it tells, or why it was refused."""
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield from _answers(batch, truces, clock)
            batch = []
    yield from _answers(batch, truces, clock)


def _answers(batch: Sequence[Item], truces: Sequence[Truce], clock: Clock) -> list[dict[str, Any]]:
    found = {one.item.n: one for one in told(batch, truces, clock)}
    return [body(found[item.n]) if item.n in found else refusal_body(item) for item in batch]


def body(one: Told) -> dict[str, Any]:
    """What a text tells, in the fields of the interface."""
    coded = one.coded
    return {
        "n": one.item.n,
        "id": one.item.id,
        "type": coded.type.value,
        "secondary": coded.secondary and coded.secondary.value,
        "topic": coded.topic and coded.topic.value,
        "modality": None if coded.type is EventType.NONE else coded.modality.value,
        "iso3": list(coded.iso3),
        "actor": coded.actor,
        "target": coded.target,
        "actor_sector": coded.actor_sector,
        "deaths": coded.deaths,
        "truce": coded.truce,
        "links": [
            {
                "truce_id": touch.truce_id,
                "scope": touch.reason.scope,
                "why": touch.reason.why,
                "weight": touch.reason.weight,
            }
            for touch in one.touched[:_MOST_LINKS]
        ],
        "coder": coder().version,
        "refused": None,
    }


def refusal_body(item: Item) -> dict[str, Any]:
    """The same fields for a text that cannot be coded, with the reason; its type is null, which is not ``none``."""
    assert item.refused is not None
    empty = dict.fromkeys(
        ("type", "secondary", "topic", "modality", "actor", "target", "actor_sector", "deaths", "truce")
    )
    said = {"code": item.refused.code, "detail": item.refused.detail}
    return {"n": item.n, "id": item.id, **empty, "iso3": [], "links": [], "coder": coder().version, "refused": said}


def told_once(found: Sequence[Told]) -> list[Event]:
    """The events to keep: reports of one event a few days apart are one, whichever of the texts told of it first."""
    reports = Reports(coder().heads["same"])
    kept = []
    ordered = sorted(
        (one for one in found if one.event is not None),
        key=lambda one: one.event.occurred_on if one.event else date.min,
    )
    seen: set[str] = set()
    for place, one in enumerate(ordered):
        if one.event is not None and one.item.text is not None and one.event.event_id not in seen:
            seen.add(one.event.event_id)
            report = report_of(coder(), one.item.text, one.coded)
            if reports.first_of(report, place) == place:
                kept.append(one.event)
    return kept

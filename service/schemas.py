"""What comes in and goes out over HTTP, as Pydantic models with examples."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from truce.clock import Clock, parse_day, parse_moment, resolve_as_of, start_of, write_moment
from truce.errors import BadInput, OutOfRange
from truce.registers import ID_FORM
from truce.vocabulary import Event, EventType, Modality, Topic, TruceRole

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """The text. Raises ValueError for control characters and halves of characters."""
    if _CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    return text


def cleaned(text: str | None) -> str | None:
    """As ``clean``, where there may be none."""
    return None if text is None else clean(text)


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(clean)]
RegisterId = Annotated[str, Field(pattern=ID_FORM, examples=["ucdp_dyad:411"]), AfterValidator(clean)]
Iso3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

EVENT_EXAMPLE: dict[str, Any] = {
    "type": "threaten",
    "modality": "threatened",
    "occurred_on": "2023-04-28",
    "known_at": "2023-04-28",
    "actor": "Kataib Hezbollah",
    "target": "Government of United States",
    "iso3": ["IRQ"],
    "source": "desk",
    "source_ref": "note-17",
}


class EventIn(BaseModel):
    """An event as it is sent. A day as ``known_at`` means its end, or now while it is not over."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra={"examples": [EVENT_EXAMPLE]})

    event_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,80}$")] | None = None
    type: EventType
    secondary: EventType | None = None
    topic: Topic | None = None
    modality: Modality
    occurred_on: Annotated[str, Field(examples=["2023-04-28"])]
    known_at: Annotated[str, Field(examples=["2023-04-28", "2023-04-28T09:30:00Z"])]
    actor: Text | None = None
    target: Text | None = None
    iso3: Annotated[list[Iso3], Field(max_length=10)] = []
    deaths: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, strict=True)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, strict=True)] | None = None
    source: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(clean)]
    source_ref: Text | None = None
    truce_id: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(clean)] | None = None
    began_on: Annotated[str, Field(examples=["2023-04-01"])] | None = None
    truce_role: TruceRole | None = None
    ids: Annotated[list[RegisterId], Field(max_length=20)] = []

    def as_event(self, clock: Clock) -> Event:
        """The event. Raises BadInput for an impossible or future date, or one that began after it occurred or was known before it did."""
        body = self.model_dump(exclude={"occurred_on", "began_on", "known_at", "event_id", "iso3", "ids"})
        occurred_on = _past_day(self.occurred_on, clock)
        began_on = None if self.began_on is None else parse_day(self.began_on)
        if began_on is not None and began_on > occurred_on:
            raise BadInput(f"began_on {began_on} is after occurred_on {occurred_on}")
        known_at = past_moment("known_at", self.known_at, clock)
        if self.modality == Modality.ACTUAL and known_at < start_of(occurred_on) - _FURTHEST_EAST:
            raise BadInput(
                f"known_at {self.known_at} is before occurred_on {occurred_on}: what is expected is hypothetical"
            )
        return Event(
            **body,
            event_id=self.event_id or "",
            iso3=tuple(dict.fromkeys(self.iso3)),
            ids=tuple(dict.fromkeys(self.ids)),
            occurred_on=occurred_on,
            began_on=began_on,
            known_at=known_at,
        )


SCENARIO_EXAMPLE: dict[str, Any] = {
    "type": "assault",
    "modality": "actual",
    "occurred_on": "2023-04-28",
    "actor": "Kataib Hezbollah",
    "target": "Government of United States",
    "iso3": ["IRQ"],
}


_CUT = timedelta(minutes=1)
_FURTHEST_EAST = timedelta(hours=14)
"""A day begins so much earlier there than in UTC."""
"""Now is cut to the minute for an as-of moment, and not for what was known today."""


class ScenarioEvent(EventIn):
    """An event that is supposed: as an event, but known by the as-of moment unless it says otherwise, and from no source."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra={"examples": [SCENARIO_EXAMPLE]})

    known_at: Annotated[str | None, Field(examples=["2023-04-28"])] = None  # type: ignore[assignment]
    source: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(clean)] = "scenario"

    def as_event_at(self, moment: datetime, clock: Clock) -> Event:
        """The event at a supposed as-of moment. Raises BadInput as ``as_event`` does, or when it would be known later."""
        said = write_moment(moment) if self.known_at is None else self.known_at
        event = EventIn(**{**self.model_dump(exclude_none=True), "known_at": said}).as_event(clock)
        if event.known_at > moment + _CUT:
            raise BadInput(f"known_at {self.known_at} is after {write_moment(moment)}")
        return event


def _past_day(text: str, clock: Clock) -> date:
    day = parse_day(text)
    if day > clock().date():
        raise BadInput(f"occurred_on {text} is in the future: a planned act is hypothetical on the day it is announced")
    return day


def past_moment(name: str, text: str, clock: Clock) -> datetime:
    """A moment that is over, now for a day that is not over yet. Raises BadInput for a later one."""
    moment = parse_moment(text)
    now = clock()
    if moment <= now:
        return moment
    try:
        resolve_as_of(text, clock)
    except OutOfRange:
        raise BadInput(f"{name} {text} is in the future") from None
    return now


class Counts(BaseModel):
    """What a write did."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"new": 1, "changed": 0, "unchanged": 0, "event_ids": ["a1"]}]}
    )

    new: int
    changed: int
    unchanged: int
    event_ids: list[str]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str | None


_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's word for the refusals of a route."""
    return {status: {"content": _PROBLEM, "description": "a refusal, as problem details"} for status in statuses}

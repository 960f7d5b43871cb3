"""Events: sent one by one, in bulk or as lines; read with filters; taken back."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from service.schemas import EVENT_EXAMPLE, Counts, EventIn, problems
from service.wiring import Parts, Wired, event_writer, reader
from truce.clock import parse_day, parse_moment
from truce.errors import BadInput, Unknown
from truce.identity import natural_id
from truce.store.events import Wanted
from truce.vocabulary import EventType
from truce.wire import public_event

router = APIRouter(prefix="/v1/events", tags=["events"])

Writer = Annotated[str, Depends(event_writer)]
_ONE = TypeAdapter(EventIn)
MAX_EVENTS = 10_000


class Retraction(BaseModel):
    """Why an event is taken back."""

    model_config = ConfigDict(extra="forbid")
    why: Annotated[str, Field(min_length=1, max_length=500)]


@router.post(
    "",
    response_model=Counts,
    responses=problems(401, 403, 409, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "anyOf": [EventIn.model_json_schema(), {"type": "array", "items": EventIn.model_json_schema()}]
                    },
                    "example": EVENT_EXAMPLE,
                },
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    },
)
async def send_events(wired: Wired, request: Request, key: Writer) -> Counts:
    """Store events: one, an array, or one JSON object a line. All of them or none; a replay changes nothing."""
    lines = "ndjson" in request.headers.get("content-type", "")
    values = _values(await request.body(), lines=lines)
    return await run_in_threadpool(_store, wired, values, key)


def _values(body: bytes, *, lines: bool) -> list[Any]:
    try:
        text = body.decode("utf-8")
        if lines:
            return [_json(line) for line in text.splitlines() if line.strip()]
        value = _json(text)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadInput("the body is no JSON", code="bad_json") from None
    return value if isinstance(value, list) else [value]


def _json(text: str) -> Any:
    def refuse(name: str) -> float:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def _store(wired: Parts, values: list[Any], key: str) -> Counts:
    if not 1 <= len(values) <= MAX_EVENTS:
        raise BadInput(f"send 1 to {MAX_EVENTS} events", code="bad_rows")
    events = []
    for k, value in enumerate(values):
        try:
            event = _ONE.validate_python(value).as_event(wired.clock)
            if event.truce_id is not None:
                wired.store.truces.get(event.truce_id)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "body"
            raise BadInput(f"event {k}: {place}: {first['msg']}", code="bad_event") from None
        except (BadInput, Unknown) as error:
            raise BadInput(f"event {k}: {error.detail}", code="bad_event") from None
        events.append(event)
    counts = wired.store.events.put(events, written_by=key)
    ids = [event.event_id or natural_id(event) for event in events]
    return Counts(new=counts.new, changed=counts.changed, unchanged=counts.unchanged, event_ids=ids)


@router.get("", dependencies=[Depends(reader)], responses=problems(422))
def list_events(  # noqa: PLR0913
    wired: Wired,
    truce_id: Annotated[str | None, Query(max_length=120)] = None,
    type_: Annotated[EventType | None, Query(alias="type")] = None,
    from_: Annotated[str | None, Query(alias="from", examples=["2023-01-01"])] = None,
    to: Annotated[str | None, Query(examples=["2023-04-28"])] = None,
    known_by: Annotated[str | None, Query(examples=["2023-04-28"])] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> dict[str, Any]:
    """Events in the order they were stored; `truce_id` gives those that were coded for one truce."""
    wanted = Wanted(
        truce_id=truce_id,
        type=None if type_ is None else type_.value,
        start=None if from_ is None else parse_day(from_),
        stop=None if to is None else parse_day(to),
        known_by=None if known_by is None else parse_moment(known_by),
        after=cursor,
        limit=limit + 1,
    )
    found = wired.store.events.load(wanted)
    page = found[:limit]
    return {"events": [public_event(event) for _, event in page], "next": page[-1][0] if len(found) > limit else None}


@router.post("/{event_id}/retractions", responses=problems(401, 403, 404, 422, 503))
def retract(wired: Wired, event_id: str, body: Annotated[Retraction, Body()], key: Writer) -> dict[str, Any]:
    """Take an event back from now on. Forecasts made earlier keep what they saw."""
    wired.store.events.retract(event_id, why=body.why, known_at=wired.clock(), written_by=key)
    return {"event_id": event_id, "retracted": True}

"""Events: sent one by one, in bulk or as lines; read with filters; taken back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from service.answers import EventPage, Retracted
from service.openapi import EVENTS_BODY, JSON_LINES
from service.schemas import Counts, EventIn, clean, problems
from service.wiring import Parts, Wired, event_writer, reader
from truce.clock import check_period, parse_day, parse_moment, write_moment
from truce.errors import BadInput, Unknown
from truce.identity import natural_id
from truce.store.events import Wanted
from truce.vocabulary import Event, EventType
from truce.wire import public_event

router = APIRouter(prefix="/v1/events", tags=["events"])

IdempotencyKey = Annotated[
    str | None, Header(pattern=r"^[\x21-\x7e]{1,200}$", description="A name of your own for this write.")
]
Writer = Annotated[str, Depends(event_writer)]
_ONE = TypeAdapter(EventIn)
MAX_EVENTS = 10_000


class Retraction(BaseModel):
    """Why an event is taken back."""

    model_config = ConfigDict(extra="forbid")
    why: Annotated[str, Field(min_length=1, max_length=500, examples=["a drill"]), AfterValidator(clean)]


@router.post(
    "",
    response_model=Counts,
    responses=problems(401, 403, 409, 413, 422, 429, 503),
    openapi_extra=EVENTS_BODY,
)
async def send_events(wired: Wired, request: Request, key: Writer, idempotency_key: IdempotencyKey = None) -> Response:
    """Store events: one, an array, or one JSON object a line. All of them or none; a replay changes nothing.

    Under an `Idempotency-Key` the same body is answered as it was the first time, and another body is 409.
    """
    lines = JSON_LINES in request.headers.get("content-type", "")
    body = await request.body()
    sent = Sent(_values(body, lines=lines), key, idempotency_key, hashlib.sha256(body).hexdigest())
    return Response(await run_in_threadpool(_store_once, wired, sent), media_type="application/json")


@dataclass(frozen=True, slots=True)
class Sent:
    """A write: what was sent by which key, under which name, with what digest."""

    values: list[Any]
    key: str
    name: str | None
    mark: str


def _store_once(wired: Parts, sent: Sent) -> str:
    if sent.name is None:
        return _store(wired, sent.values, sent.key).model_dump_json()
    with wired.store.at_once():
        answer = wired.store.replays.find(sent.key, sent.name, sent.mark)
        if answer is None:
            answer = _store(wired, sent.values, sent.key).model_dump_json()
            wired.store.replays.keep(sent.key, sent.name, sent.mark, answer)
    return answer


def _values(body: bytes, *, lines: bool) -> list[Any]:
    try:
        text = body.decode("utf-8")
        if lines:
            return [_json(line) for line in text.split("\n") if line.strip()]
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
    _no_two_as_one(events)
    counts = wired.store.events.put(events, written_by=key)
    ids = [event.event_id or natural_id(event) for event in events]
    return Counts(new=counts.new, changed=counts.changed, unchanged=counts.unchanged, event_ids=ids)


def _no_two_as_one(events: list[Event]) -> None:
    """Raises BadInput for two events that have one id and do not say the same."""
    places: dict[str, int] = {}
    for k, event in enumerate(events):
        before = places.setdefault(event.event_id or natural_id(event), k)
        if events[before] != event:
            raise BadInput(f"event {k} has the id of event {before} and says something else", code="bad_event")


@router.get("", response_model=EventPage, dependencies=[Depends(reader)], responses=problems(401, 404, 422, 429, 503))
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
    if truce_id is not None:
        wired.store.truces.get(truce_id)
    wanted = Wanted(
        truce_id=truce_id,
        type=None if type_ is None else type_.value,
        start=None if from_ is None else parse_day(from_),
        stop=None if to is None else parse_day(to),
        known_by=None if known_by is None else parse_moment(known_by),
        after=cursor,
        limit=limit + 1,
    )
    check_period(wanted.start, wanted.stop)
    found = wired.store.events.load(wanted)
    page = found[:limit]
    return {"events": [public_event(event) for _, event in page], "next": page[-1][0] if len(found) > limit else None}


@router.post("/{event_id}/retractions", response_model=Retracted, responses=problems(401, 403, 404, 413, 422, 429, 503))
def retract_event(
    wired: Wired, event_id: Annotated[str, Path(max_length=80)], body: Annotated[Retraction, Body()], key: Writer
) -> dict[str, Any]:
    """Take an event back from now on. Forecasts made earlier keep what they saw."""
    # Its moment is that of its turn: forecasts that were given while it waited have not seen it.
    with wired.store.at_once():
        done = wired.store.events.retract(event_id, why=body.why, known_at=wired.store.now(), written_by=key)
    return {"event_id": event_id, "retracted": True, "known_at": write_moment(done.known_at), "why": done.why}

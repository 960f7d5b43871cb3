"""Texts: what they tell, which truces that touches, and on demand their events kept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from service import coding
from service.openapi import KEY_OR_NONE
from service.schemas import problems
from service.wiring import Bearer, Parts, Wired, event_writer, reader
from truce.errors import BadInput

router = APIRouter(prefix="/v1/texts", tags=["texts"], dependencies=[Depends(reader)])

MAX_TEXTS = 1000


class TextIn(BaseModel):
    """A text to be coded: one English report. Its readability is judged by the coder, which says why it refuses one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "note-17",
                    "date": "2023-04-28",
                    "text": "Kataib Hezbollah threatens to resume attacks on U.S. forces in Iraq.",
                }
            ]
        },
    )

    text: Annotated[str, Field(min_length=1)]
    id: Annotated[str, Field(max_length=120)] | None = None
    date: Annotated[str, Field(examples=["2023-04-28"])] | None = None
    category: Annotated[str, Field(max_length=200)] | None = None


class Link(BaseModel):
    """A truce that the event touches: how closely, why, and with what weight."""

    truce_id: str
    scope: str
    why: str
    weight: float


class CodedOut(BaseModel):
    """What a text tells; type ``none`` is no political event."""

    n: int
    id: str | None
    type: str | None
    secondary: str | None
    topic: str | None
    modality: str | None
    iso3: list[str]
    actor: str | None
    target: str | None
    actor_sector: str | None
    deaths: int | None
    truce: str | None
    links: list[Link]
    coder: str
    refused: None


class Kept(BaseModel):
    """What was stored."""

    new: int
    changed: int
    unchanged: int
    merged: int
    event_ids: list[str]


class TextsOut(BaseModel):
    """The answer: every text in the order sent, and what was kept of them when that was asked."""

    coder: str
    texts: list[CodedOut]
    stored: Kept | None


@router.post("", responses=problems(401, 403, 409, 413, 422, 429, 503), openapi_extra=KEY_OR_NONE)
def code_texts(
    wired: Wired,
    request: Request,
    body: Annotated[TextIn | list[TextIn], Body()],
    store: Annotated[bool, Query(description="Keep the events; needs a key with events:write.")] = False,  # noqa: FBT002
    authorization: Bearer = None,
) -> TextsOut:
    """Code one text or an array. One that cannot be coded is 422 with its index and reason, and nothing is kept."""
    key = event_writer(wired, request, authorization) if store else None
    sent = body if isinstance(body, list) else [body]
    if not 1 <= len(sent) <= MAX_TEXTS:
        raise BadInput(f"send 1 to {MAX_TEXTS} texts", code="bad_rows")
    found = coding.told(
        [_item(k, text, wired) for k, text in enumerate(sent)], wired.store.truces.current(), wired.clock
    )
    kept = None if key is None else _keep(wired, found, key)
    answers: list[Any] = [coding.body(one) for one in found]
    return TextsOut(coder=coding.coder().version, texts=answers, stored=kept)


def _item(k: int, sent: TextIn, wired: Parts) -> coding.Item:
    try:
        return coding.Item(k, sent.id, coding.text_of(sent.text, sent.date, sent.category, wired.clock))
    except BadInput as refusal:
        raise BadInput(f"text {k}: {refusal.detail}", code=refusal.code) from None


def _keep(wired: Parts, found: list[coding.Told], key: str) -> Kept:
    events = coding.told_once(found)
    ids = [event.event_id for event in events]
    # A text that is sent again was known when it came first: its event stands as it is.
    there = {event.event_id for event in wired.store.events.by_ids(ids)}
    counts = wired.store.events.put([event for event in events if event.event_id not in there], written_by=key)
    told = sum(one.event is not None for one in found)
    return Kept(
        new=counts.new, changed=counts.changed, unchanged=counts.unchanged + len(there), merged=told - len(events), event_ids=ids
    )  # fmt: skip

"""Truces: the list, one of them, and the events that bear on it; new ones, corrections and ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import Field

from service.answers import LinkedEvents, TruceCounts, TruceOut, TrucePage
from service.requests import TruceIn, TrucePatch
from service.schemas import problems
from service.wiring import Parts, Wired, reader, truce_writer
from truce.clock import parse_day, resolve_as_of, start_of
from truce.codebook import check_order, ended, with_clocks
from truce.errors import BadInput, Clash, OutOfRange, Unknown
from truce.history import as_believed
from truce.linking import SCOPES
from truce.reasons import why
from truce.vocabulary import Event, Outcome, Truce
from truce.wire import public_event, public_truce

MAX_TRUCES = 1000

router = APIRouter(prefix="/v1/truces", tags=["truces"], dependencies=[Depends(reader)])

AsOf = Annotated[
    str | None, Query(description="A day (its end) or an instant; now when left out.", examples=["2023-04-28"])
]
TruceRef = Annotated[str, Path(max_length=120, examples=["irq-2022-10-resistance-lull"])]
Writer = Annotated[str, Depends(truce_writer)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=120, description="`next` of the page before.")]


@router.get("", response_model=TrucePage, responses=problems(401, 422, 429, 503))
def list_truces(  # noqa: PLR0913
    wired: Wired,
    as_of: AsOf = None,
    in_force: bool | None = None,  # noqa: FBT001
    country: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    conflict: Annotated[str | None, Query(max_length=40)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Truces that had begun by `as_of`, with what was known of them, by id."""
    moment = resolve_as_of(as_of, wired.clock)
    known = [t for t in wired.store.truces.as_known(moment) if start_of(t.effective_date) <= moment]
    chosen = sorted((as_believed(t, moment) for t in known), key=lambda t: t.truce_id)
    chosen = [t for t in chosen if _fits(t, in_force, country, conflict) and (cursor is None or t.truce_id > cursor)]
    page = chosen[:limit]
    return {"truces": [public_truce(t) for t in page], "next": page[-1].truce_id if len(chosen) > limit else None}


def _fits(truce: Truce, in_force: bool | None, country: str | None, conflict: str | None) -> bool:  # noqa: FBT001
    return (
        (in_force is None or (truce.outcome is Outcome.ONGOING) == in_force)
        and (country is None or country in truce.iso3)
        and (conflict is None or truce.conflict == conflict)
    )


@router.post("", response_model=TruceCounts, responses=problems(401, 403, 409, 413, 422, 429, 503))
def add_truces(
    wired: Wired,
    body: Annotated[TruceIn | Annotated[list[TruceIn], Field(min_length=1, max_length=MAX_TRUCES)], Body()],
    key: Writer,
) -> dict[str, Any]:
    """Store one truce or an array: all of them or none; a replay changes nothing, other content under a known id is 409."""
    sent = body if isinstance(body, list) else [body]
    truces = [_readable(k, truce, wired) for k, truce in enumerate(sent)]
    with wired.store.at_once():
        there = {truce.truce_id: truce for truce in wired.store.truces.everything()}
        for k, truce in enumerate(truces):
            if there.setdefault(truce.truce_id, truce) != truce:
                raise Clash(f"truce {k}: {truce.truce_id} is there with other content: PATCH corrects it")
        counts = _put(wired, truces, key)
    return {**counts, "truce_ids": [truce.truce_id for truce in truces]}


def _readable(k: int, sent: TruceIn, wired: Parts) -> Truce:
    try:
        return sent.as_truce(wired.clock)
    except BadInput as error:
        raise BadInput(f"truce {k}: {error.detail}", code="bad_truce") from None


def _put(wired: Parts, truces: list[Truce], key: str) -> dict[str, int]:
    counts = wired.store.truces.put(truces, known_at=wired.store.now(), source=f"key:{key}", written_by=key)
    return {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}


@router.patch("/{truce_id}", response_model=TruceOut, responses=problems(401, 403, 404, 409, 413, 422, 429, 503))
def change_truce(wired: Wired, truce_id: TruceRef, body: Annotated[TrucePatch, Body()], key: Writer) -> dict[str, Any]:
    """Correct a truce, or record its end. Known from now on: forecasts made earlier, or as of earlier, do not move."""
    with wired.store.at_once():
        now = wired.store.now()
        truce = replace(wired.store.truces.get(truce_id), **body.columns(wired.clock))
        closing = (body.outcome, body.end_date, body.why, body.source)
        if None not in closing:
            end = parse_day(body.end_date or "")
            truce = ended(truce, body.outcome or "", end, why=body.why or "", source=body.source or "", now=now)
        elif any(closing):
            raise BadInput("an end is given by outcome, end_date, why and source together", code="bad_truce")
        check_order(with_clocks(truce), now.date())
        _put(wired, [truce], key)
    return public_truce(as_believed(truce, now))


@router.get("/{truce_id}", response_model=TruceOut, responses=problems(401, 404, 422, 429, 503))
def get_truce(wired: Wired, truce_id: TruceRef, as_of: AsOf = None) -> dict[str, Any]:
    """One truce, with what was known of it by `as_of`."""
    moment = resolve_as_of(as_of, wired.clock)
    return public_truce(as_believed(_find(wired, truce_id, as_of), moment))


@router.get("/{truce_id}/events", response_model=LinkedEvents, responses=problems(401, 404, 422, 429, 503))
def events_of_truce(
    wired: Wired,
    truce_id: TruceRef,
    as_of: AsOf = None,
    scope: Annotated[
        str, Query(pattern=f"^({'|'.join(SCOPES)})$", description="How closely they bear on it.")
    ] = "sides",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The latest events that bear on a truce as known by `as_of`, newest last, each with why and its weight; and how many in all."""
    moment = resolve_as_of(as_of, wired.clock)
    truce = _find(wired, truce_id, as_of)
    known = wired.forecaster.bearing_on(truce, scope, moment)
    by_day = known.event_id[np.argsort(known.occurred_on, kind="stable")].tolist()
    if cursor is not None and cursor not in by_day:
        raise BadInput(f"cursor {cursor!r} is not the next of a page before", code="bad_cursor")
    older = by_day if cursor is None else by_day[: by_day.index(cursor)]
    page = older[-limit:]
    found = {event.event_id: event for event in wired.store.events.by_ids(page)}
    return {
        "scope": scope,
        "scopes": list(SCOPES),
        "total": len(by_day),
        "events": [{**public_event(found[i]), "link": _link(found[i], truce, scope)} for i in page],
        "next": page[0] if len(older) > limit else None,
    }


def _link(event: Event, truce: Truce, scope: str) -> dict[str, Any]:
    reason = next(reason for reason in why(event, truce) if reason.scope == scope)
    return {"scope": scope, "why": reason.why, "weight": reason.weight}


def _find(wired: Parts, truce_id: str, as_of: str | None) -> Truce:
    moment = resolve_as_of(as_of, wired.clock)
    for truce in wired.store.truces.as_known(moment):
        if truce.truce_id == truce_id:
            if start_of(truce.effective_date) > moment:
                raise OutOfRange(f"{truce_id} took effect on {truce.effective_date}", code="before_start")
            return truce
    listed = wired.store.truces.same_as().get(truce_id)
    raise Unknown(f"no truce {truce_id!r}" + (f": it is listed as {listed}" if listed else ""), code="unknown_truce")

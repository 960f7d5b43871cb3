"""Truces: the list, one of them, and the events that bear on it."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Query

from service.schemas import problems
from service.wiring import Parts, Wired, reader
from truce.clock import resolve_as_of, start_of
from truce.errors import OutOfRange, Unknown
from truce.history import History, as_believed
from truce.linking import SCOPES, link
from truce.reasons import why
from truce.vocabulary import Event, Outcome, Truce
from truce.wire import public_event, public_truce

router = APIRouter(prefix="/v1/truces", tags=["truces"], dependencies=[Depends(reader)])

AsOf = Annotated[
    str | None, Query(description="A day (its end) or an instant; now when left out.", examples=["2023-04-28"])
]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=120, description="`next` of the page before.")]


@router.get("", responses=problems(422))
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


@router.get("/{truce_id}", responses=problems(404, 422))
def get_truce(wired: Wired, truce_id: str, as_of: AsOf = None) -> dict[str, Any]:
    """One truce, with what was known of it by `as_of`."""
    moment = resolve_as_of(as_of, wired.clock)
    return public_truce(as_believed(_find(wired, truce_id, as_of), moment))


@router.get("/{truce_id}/events", responses=problems(404, 422))
def events_of_truce(
    wired: Wired,
    truce_id: str,
    as_of: AsOf = None,
    scope: Annotated[
        str, Query(pattern=f"^({'|'.join(SCOPES)})$", description="How closely they bear on it.")
    ] = "sides",
    limit: Limit = 100,
) -> dict[str, Any]:
    """The latest events that bear on a truce as known by `as_of`, newest last, each with why and its weight; and how many in all."""
    moment = resolve_as_of(as_of, wired.clock)
    truce = _find(wired, truce_id, as_of)
    history = History.known_at(moment, [truce], wired.forecaster.events())
    rows = link([truce], history.events).of(0, scope).rows
    by_day = history.events.event_id[rows][np.argsort(history.events.occurred_on[rows], kind="stable")]
    page = by_day[-limit:].tolist()
    found = {event.event_id: event for event in wired.store.events.by_ids(page)}
    return {
        "scope": scope,
        "scopes": list(SCOPES),
        "total": len(by_day),
        "events": [{**public_event(found[i]), "link": _link(found[i], truce, scope)} for i in page],
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

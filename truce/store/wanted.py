"""Which stored events are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select

from truce.store.tables import events as table
from truce.store.tables import retractions
from truce.vocabulary import TruceRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events to load; None asks for all. ``known_by`` also leaves out what had been retracted by then."""

    truce_id: str | None = None
    type: str | None = None
    truce_role: TruceRole | None = None
    start: date | None = None
    stop: date | None = None
    known_by: datetime | None = None
    after: int = 0
    limit: int | None = None


def narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    """A query of events with their retractions, for those alone that are wanted."""
    if wanted.truce_id is not None:
        query = query.where(table.c.truce_id == wanted.truce_id)
    if wanted.type is not None:
        query = query.where(table.c.type == wanted.type)
    if wanted.truce_role is not None:
        query = query.where(table.c.truce_role == wanted.truce_role.value)
    if wanted.start is not None:
        query = query.where(table.c.occurred_on >= wanted.start)
    if wanted.stop is not None:
        query = query.where(table.c.occurred_on <= wanted.stop)
    query = query.where(table.c.seq > wanted.after)
    if wanted.known_by is not None:
        standing = (retractions.c.known_at.is_(None)) | (retractions.c.known_at > wanted.known_by)
        query = query.where(table.c.known_at <= wanted.known_by, standing)
    return query

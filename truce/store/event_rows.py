"""Between events and their rows in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row, Select, select

from truce.columns import EventColumns
from truce.store.tables import events as table
from truce.store.tables import retractions
from truce.vocabulary import Event, EventType, Modality, Topic, TruceRole

_TEXTS = ("event_id", "type", "secondary", "topic", "modality", "actor", "target", "truce_id", "iso3")
_PLAIN = (
    "occurred_on", "known_at", "actor", "target", "deaths", "latitude", "longitude", "source", "source_ref", "truce_id",
    "began_on",
)  # fmt: skip


MARK = "~"
"""Between an event's id and the number of its version, from the second on."""


def base_id(event_id: str) -> str:
    """The id under which an event came, whatever version of it this is."""
    return event_id.partition(MARK)[0]


def row_of(event: Event, event_id: str, mark: str, now: datetime, written_by: str) -> dict[str, Any]:
    """The row of an event under the given id and digest."""
    return {
        "event_id": event_id,
        "digest": mark,
        "type": event.type.value,
        "secondary": event.secondary and event.secondary.value,
        "topic": event.topic and event.topic.value,
        "modality": event.modality.value,
        "truce_role": event.truce_role and event.truce_role.value,
        "iso3": ";".join(event.iso3),
        "ids": ";".join(event.ids) or None,
        "stored_at": now,
        "written_by": written_by,
        **{name: getattr(event, name) for name in _PLAIN},
    }


def with_retractions() -> Select[Any]:
    """Every event with the moment of its retraction, to be narrowed."""
    return select(table, retractions.c.known_at.label("retracted_at")).outerjoin_from(
        table, retractions, table.c.event_id == retractions.c.event_id
    )


def decode(row: Row[Any]) -> Event:
    """An event from its row and its retraction's."""
    return Event(
        event_id=row.event_id,
        type=EventType(row.type),
        secondary=EventType(row.secondary) if row.secondary else None,
        topic=Topic(row.topic) if row.topic else None,
        modality=Modality(row.modality),
        occurred_on=row.occurred_on,
        known_at=row.known_at,
        actor=row.actor,
        target=row.target,
        iso3=tuple(row.iso3.split(";")) if row.iso3 else (),
        deaths=row.deaths,
        latitude=row.latitude,
        longitude=row.longitude,
        source=row.source,
        source_ref=row.source_ref,
        truce_id=row.truce_id,
        began_on=row.began_on,
        truce_role=TruceRole(row.truce_role) if row.truce_role else None,
        ids=tuple(row.ids.split(";")) if row.ids else (),
        retracted_at=row.retracted_at,
    )


def columns_query() -> Select[Any]:
    """What ``columns_of`` reads, in the order the events were stored."""
    chosen = [getattr(table.c, name) for name in _TEXTS]
    return (
        select(*chosen, table.c.occurred_on, table.c.known_at, retractions.c.known_at, table.c.deaths)
        .outerjoin_from(table, retractions, table.c.event_id == retractions.c.event_id)
        .order_by(table.c.seq)
    )


def columns_of(rows: Sequence[Sequence[Any]]) -> EventColumns:
    """The driver's own rows as columns: stored dates and moments are texts that NumPy reads by the column."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 13
    texts = {name: np.array([value or "" for value in columns[k]], dtype=str) for k, name in enumerate(_TEXTS)}
    return EventColumns(
        **texts,
        occurred_on=np.array([str(day) for day in columns[9]], dtype="datetime64[D]"),
        known_at=_stamps(columns[10]),
        retracted_at=_stamps(columns[11]),
        deaths=np.array([np.nan if value is None else value for value in columns[12]], dtype=float),
    )


def _stamps(texts: Sequence[str | None]) -> Any:
    return np.array(["NaT" if text is None else text[:19] for text in texts], dtype="datetime64[s]")

"""Between events and their rows in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Row, Select, select

from truce.columns import EventColumns, next_second
from truce.store.bulk import insert_rows
from truce.store.tables import events as table
from truce.store.tables import retractions, write
from truce.vocabulary import Event, EventType, Modality, Topic, TruceRole

_TEXTS = ("event_id", "type", "secondary", "topic", "modality", "actor", "target", "truce_id", "iso3")
WRITTEN = (
    "occurred_on", "began_on", "known_at", "stored_at", "event_id", "digest", "type", "secondary", "topic", "modality",
    "truce_role", "actor", "target", "iso3", "deaths", "latitude", "longitude", "source", "source_ref", "truce_id", "ids",
    "written_by",
)  # fmt: skip
"""The columns of a written row, in the order of ``row_of``; the first two are days, the next two moments."""
_day = lru_cache(maxsize=20_000)(date.isoformat)
_moment = lru_cache(maxsize=20_000)(write)
_joined = lru_cache(maxsize=20_000)(";".join)

EventRow = tuple[Any, ...]

MARK = "~"
"""Between an event's id and the number of its version, from the second on."""


class Retracted(NamedTuple):
    """From when on an event stands no more, why, and whether that is new."""

    known_at: datetime
    why: str
    new: bool


def base_id(event_id: str) -> str:
    """The id under which an event came, whatever version of it this is."""
    return event_id.partition(MARK)[0]


def version_id(base: str, version: int) -> str:
    """The id of a version of an event; the first has the event's own."""
    return base if version == 1 else f"{base}{MARK}{version}"


def row_of(event: Event, event_id: str, mark: str, now: datetime, written_by: str) -> EventRow:
    """The row of an event under the given id and digest."""
    return (
        event.occurred_on, event.began_on, event.known_at, now, event_id, mark, event.type.value,
        event.secondary and event.secondary.value, event.topic and event.topic.value, event.modality.value,
        event.truce_role and event.truce_role.value, event.actor, event.target, _joined(event.iso3), event.deaths,
        event.latitude, event.longitude, event.source, event.source_ref, event.truce_id, _joined(event.ids) or None,
        written_by,
    )  # fmt: skip


def write_rows(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Insert rows of ``row_of``."""
    insert_rows(connection, table.name, WRITTEN, [(*_encoded(*row[:4]), *row[4:]) for row in rows])


def _encoded(
    occurred_on: date, began_on: date | None, known_at: datetime, stored_at: datetime
) -> tuple[str, str | None, str, str]:
    return _day(occurred_on), None if began_on is None else _day(began_on), _moment(known_at), _moment(stored_at)


_FEW = 5000
"""Up to so many events are looked up by their ids; for more, reading all ids once is quicker."""
_MOST_ASKED = 500
"""Ids in one query: no database refuses so many."""


def versions_of(connection: Connection, bases: Sequence[str]) -> Iterator[Any]:
    """Id, digest, moment, and moment and reason of the retraction of every version of the events, the oldest first."""
    chosen = (table.c.event_id, table.c.digest, table.c.known_at, retractions.c.known_at, retractions.c.why)
    query = select(*chosen).outerjoin_from(table, retractions, table.c.event_id == retractions.c.event_id)
    if len(bases) > _FEW:
        yield from connection.execute(query.order_by(table.c.seq))
        return
    version, asked = 1, list(dict.fromkeys(bases))
    while asked:
        found = []
        for start in range(0, len(asked), _MOST_ASKED):
            ids = [version_id(base, version) for base in asked[start : start + _MOST_ASKED]]
            for row in connection.execute(query.where(table.c.event_id.in_(ids))):
                found.append(base_id(row.event_id))
                yield row
        version, asked = version + 1, found


def with_retractions() -> Select[Any]:
    """Every event with the moment of its retraction and why, to be narrowed."""
    taken_back = retractions.c.known_at.label("retracted_at"), retractions.c.why
    return select(table, *taken_back).outerjoin_from(table, retractions, table.c.event_id == retractions.c.event_id)


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


def columns_query(without: Sequence[str] = ()) -> Select[Any]:
    """What ``columns_of`` reads, in the order the events were stored; those of the sources ``without`` are left out."""
    chosen = [getattr(table.c, name) for name in _TEXTS]
    return (
        select(*chosen, table.c.occurred_on, table.c.known_at, retractions.c.known_at, table.c.deaths)
        .outerjoin_from(table, retractions, table.c.event_id == retractions.c.event_id)
        .where(table.c.source.not_in(without))
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
    return next_second(np.array(["NaT" if text is None else text[:-1] for text in texts], dtype="datetime64[us]"))

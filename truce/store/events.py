"""Events, append-only: a correction is a new row and a retraction of the old one, and both have their moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, Select, func, insert, or_, select

from truce.clock import Clock
from truce.columns import EventColumns
from truce.errors import BadInput, Clash, Unknown
from truce.identity import content_of, digest, natural_id
from truce.store.engine import reading, writing
from truce.store.tables import events as table
from truce.store.tables import retractions
from truce.store.truces import Counts
from truce.vocabulary import Event, EventType, Modality, Topic

_FEW = 50
"""Up to so many events are looked up one by one; for more, reading all ids once is quicker."""
_MARK = "~"
_TEXTS = ("event_id", "type", "secondary", "topic", "modality", "actor", "target", "truce_id", "iso3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events to load; None asks for all. ``known_by`` also leaves out what had been retracted by then."""

    truce_id: str | None = None
    type: str | None = None
    start: date | None = None
    stop: date | None = None
    known_by: datetime | None = None
    after: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a write is about to do, decided before anything is written."""

    rows: list[dict[str, Any]]
    retractions: list[dict[str, Any]]
    counts: Counts


class Events:
    """The table of events and that of retractions."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(self, events: Sequence[Event], *, written_by: str, correcting: bool = False) -> Counts:
        """Store events; one that is there with the same content is left alone. All of them or none.

        Args:
            events: an empty ``event_id`` is replaced by the natural one.
            written_by: key id, or ``cli``.
            correcting: the same id with other content is a correction by its feed: the new content becomes a row of
            its own, and
                the old one is retracted from the moment the new one was known. Otherwise it is a clash.

        Raises:
            Clash: the same id with other content, and not ``correcting``.
            BadInput: an id with the mark of corrected versions in it.
        """
        named = [event if event.event_id else replace(event, event_id=natural_id(event)) for event in events]
        for event in named:
            if _MARK in event.event_id:
                raise BadInput(
                    f"event id {event.event_id!r} holds {_MARK!r}, which marks corrected versions", code="bad_id"
                )
        with writing(self._engine) as connection:
            plan = self._plan(named, self._held(connection, named), written_by, correcting=correcting)
            if plan.rows:
                connection.execute(insert(table), plan.rows)
            if plan.retractions:
                connection.execute(insert(retractions), plan.retractions)
        return plan.counts

    def _held(self, connection: Connection, events: Sequence[Event]) -> dict[str, list[str]]:
        """Base id -> digests of its versions, oldest first."""
        held: dict[str, list[str]] = {}
        query = select(table.c.event_id, table.c.digest).order_by(table.c.seq)
        if len(events) <= _FEW:
            bases = [event.event_id for event in events]
            versions = [table.c.event_id.startswith(f"{base}{_MARK}", autoescape=True) for base in bases]
            query = query.where(or_(table.c.event_id.in_(bases), *versions))
        for event_id, mark in connection.execute(query):
            held.setdefault(event_id.partition(_MARK)[0], []).append(mark)
        return held

    def _plan(
        self, events: Sequence[Event], held: Mapping[str, list[str]], written_by: str, *, correcting: bool
    ) -> Plan:
        now, new, changed = self._clock(), 0, 0
        rows, taken_back, seen = [], [], {base: list(marks) for base, marks in held.items()}
        for event in events:
            mark, versions = digest(content_of(event)), seen.setdefault(event.event_id, [])
            # A feed comes again with the corrections it brought, or an older copy of it: what was said is not said anew.
            # The content holds its moment, so that a correction back to an older word is a word of its own.
            if mark in versions:
                continue
            if versions and not correcting:
                raise Clash(f"event {event.event_id!r} is there with other content: retract it and send a new one")
            event_id = _version_id(event.event_id, len(versions) + 1)
            rows.append(_row(event, event_id, mark, now, written_by))
            if versions:
                changed += 1
                taken_back.append({
                    "event_id": _version_id(event.event_id, len(versions)), "known_at": event.known_at, "stored_at": now,
                    "why": "corrected by its source", "replaced_by": event_id, "written_by": written_by,
                })  # fmt: skip
            else:
                new += 1
            versions.append(mark)
        return Plan(rows, taken_back, Counts(new, changed, len(events) - new - changed))

    def retract(self, event_id: str, *, why: str, known_at: datetime, written_by: str) -> None:
        """Take an event back from ``known_at`` on; taking it back twice changes nothing. Raises Unknown."""
        with writing(self._engine) as connection:
            if connection.execute(select(table.c.seq).where(table.c.event_id == event_id)).first() is None:
                raise Unknown(f"no event {event_id!r}", code="unknown_event")
            if connection.execute(select(retractions.c.seq).where(retractions.c.event_id == event_id)).first() is None:
                row = {
                    "event_id": event_id, "known_at": known_at, "stored_at": self._clock(), "why": why, "replaced_by": None,
                    "written_by": written_by,
                }  # fmt: skip
                connection.execute(insert(retractions), [row])

    def load(self, wanted: Wanted) -> list[tuple[int, Event]]:
        """The events asked for with their sequence numbers (the cursor), in the order they were stored."""
        query = _select().order_by(table.c.seq)
        if wanted.truce_id is not None:
            query = query.where(table.c.truce_id == wanted.truce_id)
        if wanted.type is not None:
            query = query.where(table.c.type == wanted.type)
        if wanted.start is not None:
            query = query.where(table.c.occurred_on >= wanted.start)
        if wanted.stop is not None:
            query = query.where(table.c.occurred_on <= wanted.stop)
        query = query.where(table.c.seq > wanted.after)
        if wanted.known_by is not None:
            standing = (retractions.c.known_at.is_(None)) | (retractions.c.known_at > wanted.known_by)
            query = query.where(table.c.known_at <= wanted.known_by, standing)
        with reading(self._engine) as connection:
            return [(row.seq, decode(row)) for row in connection.execute(query.limit(wanted.limit))]

    def by_ids(self, event_ids: Iterable[str]) -> list[Event]:
        """The events of the given ids, in the order they were stored."""
        with reading(self._engine) as connection:
            query = _select().where(table.c.event_id.in_(list(event_ids))).order_by(table.c.seq)
            return [decode(row) for row in connection.execute(query)]

    def arrays(self) -> EventColumns:
        """Every event ever stored, with its retraction, as columns."""
        names = ("event_id", "type", "secondary", "topic", "modality", "actor", "target", "truce_id", "iso3")
        chosen = [getattr(table.c, name) for name in names]
        query = (
            select(*chosen, table.c.occurred_on, table.c.known_at, retractions.c.known_at, table.c.deaths)
            .outerjoin_from(table, retractions, table.c.event_id == retractions.c.event_id)
            .order_by(table.c.seq)
        )
        compiled = str(query.compile(self._engine))
        with reading(self._engine) as connection:
            # The driver's own rows: stored dates and moments are texts that NumPy reads by the column.
            rows = connection.exec_driver_sql(compiled).fetchall()
        columns = list(zip(*rows, strict=True)) if rows else [()] * 13
        texts = {name: np.array([value or "" for value in columns[k]], dtype=str) for k, name in enumerate(names)}
        return EventColumns(
            **texts,
            occurred_on=np.array([str(day) for day in columns[9]], dtype="datetime64[D]"),
            known_at=_stamps(columns[10]),
            retracted_at=_stamps(columns[11]),
            deaths=np.array([np.nan if value is None else value for value in columns[12]], dtype=float),
        )

    def stamp(self) -> tuple[int, int]:
        """Two numbers that grow with every event and every retraction."""
        with reading(self._engine) as connection:
            counted = (connection.execute(select(func.max(t.c.seq))).scalar_one() for t in (table, retractions))
            first, second = counted
        return int(first or 0), int(second or 0)

    def sources(self, *, known_by: datetime) -> list[tuple[str, datetime]]:
        """Every source that had spoken by ``known_by``, with the moment of its latest news until then."""
        query = select(table.c.source, func.max(table.c.known_at)).where(table.c.known_at <= known_by)
        query = query.group_by(table.c.source).order_by(table.c.source)
        with reading(self._engine) as connection:
            return [(str(source), last) for source, last in connection.execute(query)]


def _version_id(base: str, version: int) -> str:
    return base if version == 1 else f"{base}{_MARK}{version}"


def _stamps(texts: Sequence[str | None]) -> Any:
    return np.array(["NaT" if text is None else text[:19] for text in texts], dtype="datetime64[s]")


def _select() -> Select[Any]:
    return select(table, retractions.c.known_at.label("retracted_at")).outerjoin_from(
        table, retractions, table.c.event_id == retractions.c.event_id
    )


def _row(event: Event, event_id: str, mark: str, now: datetime, written_by: str) -> dict[str, Any]:
    plain = (
        "occurred_on",
        "known_at",
        "actor",
        "target",
        "deaths",
        "latitude",
        "longitude",
        "source",
        "source_ref",
        "truce_id",
    )
    return {
        "event_id": event_id,
        "digest": mark,
        "type": event.type.value,
        "secondary": event.secondary and event.secondary.value,
        "topic": event.topic and event.topic.value,
        "modality": event.modality.value,
        "iso3": ";".join(event.iso3),
        "stored_at": now,
        "written_by": written_by,
        **{name: getattr(event, name) for name in plain},
    }


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
        retracted_at=row.retracted_at,
    )

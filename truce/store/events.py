"""Events, append-only: a correction is a new row and a retraction of the old one, and both have their moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from truce.clock import Clock
from truce.columns import EventColumns
from truce.errors import BadInput, Unknown
from truce.identity import natural_id
from truce.store.engine import reading, writing
from truce.store.event_rows import (
    MARK,
    EventRow,
    Retracted,
    base_id,
    columns_of,
    columns_query,
    decode,
    row_of,
    version_id,
    versions_of,
    with_retractions,
    write_rows,
)
from truce.store.releases import Beside, Cover, Import, Version
from truce.store.tables import events as table
from truce.store.tables import retractions
from truce.store.truces import Counts
from truce.store.wanted import Wanted, narrowed
from truce.vocabulary import Event

__all__ = ["WITHDRAWN", "Cover", "Events", "Wanted"]

_CHUNK = 20_000
"""Events that are planned and written at a time."""
_MOST_ASKED = 500
"""Ids in one query: no database refuses so many."""
_ALONE = Beside()
MAX_SEQ = 2**31 - 1
MOST_WITHDRAWN = 0.3
"""Of what is stored of its countries and days a release may lack so much; candidate events often do not reach the yearly release."""
_FEW_WITHDRAWN = 20
WITHDRAWN = "withdrawn by its source"
"""Why a row is taken back that a later release of its feed no longer holds; if a still later one has it again, it stands again."""


class Events:
    """The table of events and that of retractions."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(
        self,
        events: Sequence[Event],
        *,
        written_by: str,
        correcting: bool = False,
        released: datetime | None = None,
        beside: Beside = _ALONE,
        retold: bool = False,
    ) -> Counts:
        """Store events; one that is there with the same content is left alone. All of them or none.

        Args:
            events: an empty ``event_id`` is replaced by the natural one.
            written_by: key id, or ``cli``.
            correcting: the same id with other content is a correction by its feed: the new content becomes a row of its own,
                and the old one is retracted from the moment the new one was known; content known before what is stored is
                an older copy and left alone. Otherwise it is a clash.
            released: for feeds whose rows do not say when they were changed: what differs from what is stored was known
                from this moment on.
            beside: what other releases of the feed hold: of what a later one holds nothing is written, and what an earlier
                one lacked was known from ``released`` on.
            retold: for feeds that tell a fact again and again: only an earlier moment than the stored one is news.

        Raises:
            Clash: the same id with other content, or of an event that was taken back, and not ``correcting``.
            BadInput: an id with the mark of corrected versions in it.
        """
        named = [event if event.event_id else replace(event, event_id=natural_id(event)) for event in events]
        for event in named:
            if MARK in event.event_id:
                raise BadInput(
                    f"event id {event.event_id!r} holds {MARK!r}, which marks corrected versions", code="bad_id"
                )
        now = self._clock()
        told = Import(now, released and min(released, now), beside, correcting or retold, retold)
        counts = Counts()
        with writing(self._engine) as connection:
            held = self._held(connection, named)
            for start in range(0, len(named), _CHUNK):
                plan = _plan(named[start : start + _CHUNK], held, told, written_by)
                if plan.rows:
                    write_rows(connection, plan.rows)
                if plan.retractions:
                    connection.execute(insert(retractions), plan.retractions)
                counts = Counts(counts.new + plan.new, counts.changed + plan.changed)
        return replace(counts, unchanged=len(named) - counts.new - counts.changed)

    def _held(self, connection: Connection, events: Sequence[Event]) -> dict[str, list[Version]]:
        """Base id -> its versions, oldest first."""
        held: dict[str, list[Version]] = {}
        for event_id, mark, known_at, gone_at, why in versions_of(connection, [event.event_id for event in events]):
            version = Version(mark, known_at, gone_at, why == WITHDRAWN)
            held.setdefault(base_id(event_id), []).append(version)
        return held

    def withdraw(
        self,
        source: str,
        present: Collection[str],
        cover: Cover,
        *,
        known_at: datetime,
        written_by: str,
        later: Sequence[Cover] = (),
    ) -> int:
        """Retract what a new release no longer holds: events of ``source`` within ``cover`` whose id is not ``present``.

        What a release that came out ``later`` holds whole is left alone.

        Returns: how many were retracted.

        Raises:
            BadInput: it lacks more than ``MOST_WITHDRAWN`` of what is stored: a part of a release, most likely.
        """
        now = self._clock()
        standing = table.outerjoin(retractions, table.c.event_id == retractions.c.event_id)
        query = select(table.c.event_id).select_from(standing).where(
            table.c.source == source, table.c.occurred_on >= cover.first, table.c.occurred_on <= cover.last,
            table.c.known_at <= known_at, retractions.c.known_at.is_(None),
        )  # fmt: skip
        kept = set(present)
        with writing(self._engine) as connection:
            stored = connection.execute(query).scalars().all()
            lacking = [e for e in stored if base_id(e) not in kept]
            gone = [
                event_id
                for event_id, place in _places(connection, lacking)
                if cover.holds(*place) and not any(other.holds(*place) for other in later)
            ]
            if len(gone) > max(_FEW_WITHDRAWN, MOST_WITHDRAWN * len(stored)):
                raise BadInput(
                    f"this release of {source} lacks {len(gone)} of {len(stored)} stored events of its countries and days: it seems to "
                    "be a part of one; give its file a name without the release to import it as such",
                    code="part_of_release",
                )
            rows = [_retraction(event_id, min(known_at, now), now, WITHDRAWN, written_by) for event_id in gone]
            if rows:
                connection.execute(insert(retractions), rows)
        return len(rows)

    def take_back(self, gone: Mapping[str, datetime], *, written_by: str) -> int:
        """Retract what its feed names as withdrawn, each from its moment on; ids that are not here or gone already are passed over."""
        now = self._clock()
        with writing(self._engine) as connection:
            query = with_retractions().where(retractions.c.known_at.is_(None))
            standing = [(r.event_id, base_id(r.event_id), r.known_at) for r in connection.execute(query)]
            rows = [
                _retraction(event_id, gone[base], now, WITHDRAWN, written_by)
                for event_id, base, said_at in standing
                if base in gone and said_at <= gone[base]  # what is known later was put back since
            ]
            if rows:
                connection.execute(insert(retractions), rows)
        return len(rows)

    def retract(self, event_id: str, *, why: str, known_at: datetime, written_by: str) -> Retracted:
        """Take an event back from ``known_at`` on; what was taken back before stays so, from its own moment on. Raises Unknown."""
        with writing(self._engine) as connection:
            there = connection.execute(with_retractions().where(table.c.event_id == event_id)).first()
            if there is None:
                raise Unknown(f"no event {event_id!r}", code="unknown_event")
            if there.retracted_at is not None:
                return Retracted(there.retracted_at, there.why, new=False)
            connection.execute(insert(retractions), [_retraction(event_id, known_at, self._clock(), why, written_by)])
        return Retracted(known_at, why, new=True)

    def load(self, wanted: Wanted) -> list[tuple[int, Event]]:
        """The events asked for with their sequence numbers (the cursor), in the order they were stored."""
        query = narrowed(with_retractions().order_by(table.c.seq), wanted)
        with reading(self._engine) as connection:
            return [(row.seq, decode(row)) for row in connection.execute(query.limit(wanted.limit))]

    def by_ids(self, event_ids: Iterable[str]) -> list[Event]:
        """The events of the given ids, in the order they were stored."""
        with reading(self._engine) as connection:
            query = with_retractions().where(table.c.event_id.in_(list(event_ids))).order_by(table.c.seq)
            return [decode(row) for row in connection.execute(query)]

    def arrays(self, without: Sequence[str] = (), *, after: int = 0, until: int = MAX_SEQ) -> EventColumns:
        """Every event ever stored, with its retraction, as columns; those of the sources ``without`` are left out.

        Only those whose sequence number is larger than ``after`` and not larger than ``until``.
        """
        query = columns_query(without).where(table.c.seq > after, table.c.seq <= until)
        compiled = str(query.compile(self._engine, compile_kwargs={"literal_binds": True}))
        with reading(self._engine) as connection:
            return columns_of(connection.exec_driver_sql(compiled).fetchall())

    def taken_back(self, after: int, until: int) -> dict[str, datetime]:
        """Event -> from when on it is retracted, by the retractions whose sequence number is larger than ``after`` and not than ``until``."""
        query = select(retractions.c.event_id, retractions.c.known_at)
        with reading(self._engine) as connection:
            found = connection.execute(query.where(retractions.c.seq > after, retractions.c.seq <= until))
            return {str(event_id): known_at for event_id, known_at in found}

    def has(self, source: str) -> bool:
        """Whether anything of a source was ever stored."""
        with reading(self._engine) as connection:
            return connection.execute(select(table.c.seq).where(table.c.source == source).limit(1)).first() is not None

    def arrivals(self) -> dict[str, list[datetime]]:
        """Source -> the moments at which anything of it became known, ascending, each once."""
        query = select(table.c.source, table.c.known_at).distinct().order_by(table.c.source, table.c.known_at)
        found: dict[str, list[datetime]] = {}
        with reading(self._engine) as connection:
            for source, moment in connection.execute(query):
                found.setdefault(str(source), []).append(moment)
        return found


def _places(
    connection: Connection, event_ids: Sequence[str]
) -> Iterator[tuple[str, tuple[list[str], date | None, date]]]:
    """Of each event its id, and its countries, the first day when it is of several, and the last."""
    chosen = select(table.c.event_id, table.c.iso3, table.c.began_on, table.c.occurred_on)
    for start in range(0, len(event_ids), _MOST_ASKED):
        asked = chosen.where(table.c.event_id.in_(event_ids[start : start + _MOST_ASKED]))
        for event_id, iso3, began_on, occurred_on in connection.execute(asked):
            yield event_id, (iso3.split(";"), began_on, occurred_on)


def _retraction(event_id: str, known_at: datetime, now: datetime, why: str, written_by: str) -> dict[str, Any]:
    return {
        "event_id": event_id, "known_at": known_at, "stored_at": now, "why": why, "replaced_by": None,
        "written_by": written_by,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is about to be written of some events."""

    rows: list[EventRow]
    retractions: list[dict[str, Any]]
    new: int
    changed: int


def _plan(events: Sequence[Event], held: dict[str, list[Version]], told: Import, written_by: str) -> _Plan:
    """What is to be written; the versions that are ``held`` grow by it."""
    rows: list[EventRow] = []
    taken_back = []
    changed = 0
    for event in events:
        versions = held.get(event.event_id, ())
        word = told.word(event, versions)
        if word is None:
            continue
        said, mark = word
        event_id = version_id(event.event_id, len(versions) + 1)
        rows.append(row_of(said, event_id, mark, told.now, written_by))
        if versions:
            changed += 1
            if versions[-1].gone_at is None:
                before = version_id(event.event_id, len(versions))
                gone = _retraction(before, said.known_at, told.now, "corrected by its source", written_by)
                taken_back.append(gone | {"replaced_by": event_id})
        held.setdefault(event.event_id, []).append(Version(mark, said.known_at))
    return _Plan(rows, taken_back, len(rows) - changed, changed)

"""Which truces of different sources are one: said by a rule, or by a person who looked; the latest word stands.

Words join truces to groups, of which one truce is shown. Whatever was said, and in whichever direction, every group shows one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from truce.clock import Clock
from truce.errors import BadInput
from truce.store.engine import reading, writing
from truce.store.tables import matches as table
from truce.store.tables import truce_versions
from truce.vocabulary import CODEBOOK

REVIEWED = "reviewed"
"""The rule of a word that a person said."""
_ORDER = (CODEBOOK, "ccd", "ucdp-pad", "pax")

Place = tuple[int, str]
"""Where a truce's coding stands among the codings: of a group the truce of the first one is shown."""


@dataclass(frozen=True, slots=True)
class Match:
    """That ``truce_id`` is the truce ``same_as``, or no other's (None), by which rule and how surely (0 to 1)."""

    truce_id: str
    same_as: str | None
    rule: str
    score: float


class Matches:
    """The table of matches, append-only."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(self, matches: Sequence[Match], *, written_by: str) -> int:
        """Write down what is not said already. Returns how many were new.

        Raises:
            BadInput: a truce is to be the same as itself; nothing is written then.
        """
        for match in matches:
            if match.truce_id == match.same_as:
                raise BadInput(f"truce {match.truce_id!r} cannot be the same as itself: name two truces")
        now = self._clock()
        with writing(self._engine) as connection:
            said = _latest(connection)
            fresh = [m for m in matches if said.get(m.truce_id) != m]
            rows = [
                {
                    "truce_id": m.truce_id, "same_as": m.same_as, "rule": m.rule, "score": m.score, "stored_at": now,
                    "written_by": written_by,
                }
                for m in fresh
            ]  # fmt: skip
            if rows:
                connection.execute(insert(table), rows)
        return len(fresh)

    def all(self) -> list[Match]:
        """The latest word on every truce that somebody or some rule has compared, the newest last."""
        with reading(self._engine) as connection:
            return list(_latest(connection).values())


def place(coding: str) -> Place:
    """Where a coding stands: the codebook first, then the registers in their order, then all others by name."""
    return (_ORDER.index(coding) if coding in _ORDER else len(_ORDER), coding)


def standing(connection: Connection, moment: datetime | None = None) -> dict[str, str]:
    """Truce -> the one as which it is shown, for those that are not shown themselves, by the words said until a moment or by all."""
    said = _latest(connection, moment)
    return shown_as(list(said.values()), _places(connection)) if said else {}


def shown_as(words: Sequence[Match], places: Mapping[str, Place]) -> dict[str, str]:
    """Truce -> the one of its group that is shown, for those that are not; what is shown is never hidden itself.

    A person's words go before the rules', newer ones before older ones. Passed over is a word that would hide a truce of which
    a person said since that it is no other's, or that would make two truces of one coding the same by way of a third's.

    Args:
        words: in the order in which they were said; any links, to oneself and in circles too.
        places: of every truce that there is; words on others join nothing.
    """
    heads = {name: name for name in places}
    kept: set[str] = set()
    newest_first = words[::-1]
    for word in sorted(newest_first, key=lambda one: one.rule != REVIEWED):
        if word.same_as is None:
            kept |= {word.truce_id} if word.rule == REVIEWED else set()
        elif word.truce_id in places and word.same_as in places:
            _join(word.truce_id, word.same_as, heads, places, kept)
    found = {name: _head(name, heads) for name in heads}
    return {name: head for name, head in found.items() if head != name}


def _join(name: str, other: str, heads: dict[str, str], places: Mapping[str, Place], kept: set[str]) -> None:
    hidden, shown = _head(name, heads), _head(other, heads)
    if places[hidden] < places[shown]:
        hidden, shown = shown, hidden
    by_a_third = places[hidden] == places[shown] and not places[name] == places[other] == places[shown]
    if hidden != shown and hidden not in kept and not by_a_third:
        heads[hidden] = shown


def _head(name: str, heads: Mapping[str, str]) -> str:
    # Only a head is ever put under another head, so this ends.
    while heads[name] != name:
        name = heads[name]
    return name


def _places(connection: Connection) -> dict[str, Place]:
    """Of the truces of which anything is said, by their latest versions."""
    linked = select(table.c.truce_id, table.c.same_as).where(table.c.same_as.is_not(None)).subquery()
    named = select(linked.c.truce_id).union(select(linked.c.same_as))
    versions = truce_versions
    query = select(versions.c.truce_id, versions.c.body).where(versions.c.truce_id.in_(named)).order_by(versions.c.seq)
    bodies = {row.truce_id: row.body for row in connection.execute(query)}
    return {name: place(json.loads(body).get("coding", CODEBOOK)) for name, body in bodies.items()}


def _latest(connection: Connection, moment: datetime | None = None) -> dict[str, Match]:
    query = select(table.c.truce_id, table.c.same_as, table.c.rule, table.c.score).order_by(table.c.seq)
    if moment is not None:
        query = query.where(table.c.stored_at <= moment)
    found: dict[str, Match] = {}
    for row in connection.execute(query):
        found.pop(row.truce_id, None)
        found[row.truce_id] = Match(*row)
    return found

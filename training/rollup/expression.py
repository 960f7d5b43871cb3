"""The one expression by which every big feed is rolled up, on whatever engine.

A feed hands in its rows in common columns (below). Each row meets one of three fates: it is rejected with a reason, it
tells nothing of ours, or it goes into the record of its day, kind, actor, target and country. A row that says the same
under the same id twice is counted once. Which countries are ours decides which rows are kept, never what their record is:
the same row makes the same record in every store.

================ =========== ==============================================================================================
file, line       text, int   where the row is
event_id         any         the feed's id of it
occurred_on      date        null when it cannot be read
told_at          timestamp   the row's own word on when it was written, UTC; null when it cannot be read
known_at         timestamp   when the world could know: that and the lag of the feed; null with it
kind_key         text        what happened: a key of ``Lookups.kinds``
actor_name       text        who did it, in capitals
actor_state      text        where the name says nothing: the state it belongs to, ``=IRQ``, or the group; null for anybody else
actor_home       text        the country it comes from
target_...       text        the same of whom it was done to
place            text        the country where it happened
scale            float       from -10, conflict, to 10, cooperation
================ =========== ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import ibis

from training.rollup.lookups import Lookups
from truce.clock import EARLIEST

_GARBLED = "\ufffd"
REJECTED, ELSEWHERE, OURS = 0, 1, 2
"""The fate of a row."""

Tables = Mapping[str, Any]
"""The lookups as tables of the engine: kinds, actors and countries by ``key``; kind_, actor_ and country_names by ``number``."""

KEY = ("occurred_on", "kind", "actor", "target", "country")
"""What makes a record, as numbers."""

_PLACES = ("place", "target_home", "actor_home")
"""Where a row may say its country; the first that can be read is the record's."""

LOOKUP_SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "kinds": {"key": "string", "number": "int32"},
    "actors": {"key": "string", "number": "int32"},
    "countries": {"key": "string", "number": "int32", "ours": "boolean"},
    "kind_names": {"number": "int32", "type": "string", "modality": "string", "truce_role": "string"},
    "actor_names": {"number": "int32", "name": "string"},
    "country_names": {"number": "int32", "name": "string"},
}


def tables_of(known: Lookups) -> dict[str, Any]:
    """The lookups as tables that an expression can join on any engine."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "kinds": list(known.kinds.items()),
        "actors": list(known.actors.items()),
        "countries": [(key, number, number in known.ours) for key, number in known.countries.items()],
        "kind_names": [(number, *kind) for number, kind in enumerate(known.kind_names)],
        "actor_names": list(enumerate(known.actor_names)),
        "country_names": list(enumerate(known.country_names)),
    }
    return {name: ibis.memtable(rows[name], schema=ibis.schema(dict(LOOKUP_SCHEMAS[name]))) for name in rows}


def judged(rows: Any, known: Tables, until: date) -> Any:
    """The rows with their numbers and their ``trouble``.

    Args:
        rows: the common columns.
        known: the lookups.
        until: the day that counts as today.
    """
    found = _numbered(rows, known["kinds"], "kind_key", "kind")
    closed = until + timedelta(days=1)
    return found.mutate(
        trouble=ibis.cases(
            (found.event_id.isnull(), "it has no id"),
            (
                found.actor_name.contains(_GARBLED) | found.target_name.contains(_GARBLED),
                "bytes that are not UTF-8 text",
            ),
            (found.occurred_on.isnull(), "its day cannot be read"),
            (found.told_at.isnull(), "the moment from which it was known cannot be read"),
            (found.kind.isnull(), "its kind of event is not in the codebook"),
            (found.occurred_on < _day(EARLIEST), f"it happened before {EARLIEST.year}"),
            (found.occurred_on > _day(until), "it happened in the future"),
            (found.told_at > _day(closed).cast("timestamp"), "it is known in the future"),
            (found.occurred_on.cast("timestamp") > found.told_at, "it was known before it happened"),
        )
    )


def rejects(rows: Any, known: Tables, until: date) -> Any:
    """File, line and reason of every row that cannot be taken; arguments as for ``judged``."""
    found = judged(rows, known, until)
    return found.filter(found.trouble.notnull()).select("file", "line", reason="trouble")


def rolled_up(rows: Any, known: Tables, until: date) -> Any:
    """The roll-up: one row a record, and one for each of the other fates; arguments as for ``judged``.

    Returns:
        Columns fate, occurred_on, type, modality, truce_role, actor, target, iso3 (null where nobody says, or for the
        other fates), known_at (the first moment), n (rows with an id of their own), copies (all rows), goldstein (the mean
        of the scale).
    """
    return _named(_merged(_told_once(_fated(judged(rows, known, until), known))), known)


def _fated(found: Any, known: Tables) -> Any:
    for side in ("actor", "target"):
        found = _numbered(found, known["actors"], f"{side}_name", f"{side}_by_name")
        found = _numbered(found, known["actors"], f"{side}_state", f"{side}_by_state")
    for place in _PLACES:
        found = _placed(found, known["countries"], place)
    found = found.mutate(
        # who goes by a name of its own is meant, whatever state it belongs to
        actor=ibis.coalesce(found.actor_by_name, found.actor_by_state),
        target=ibis.coalesce(found.target_by_name, found.target_by_state),
        # whatever is of interest: the country makes the record, and a record must be the same in every store
        country=ibis.coalesce(*(found[f"{place}_number"] for place in _PLACES)),
        near=ibis.or_(*(found[f"{place}_ours"].fill_null(False) for place in _PLACES)),
    )
    named = found.actor.notnull() | found.target.notnull() | found.near
    fate = ibis.cases((found.trouble.notnull(), REJECTED), (named & (found.kind > 0), OURS), else_=ELSEWHERE)
    found = found.mutate(fate=fate.cast("int8"))
    ours = found.fate == OURS
    return found.select(
        "fate", "event_id", "known_at", "scale", **{name: ibis.ifelse(ours, found[name], None) for name in KEY}
    )


def _told_once(facts: Any) -> Any:
    """A row that says the same under the same id again adds nothing, in whatever file it stands."""
    return facts.group_by("fate", "event_id", *KEY).agg(
        known_at=facts.known_at.min(), scale=facts.scale.min(), copies=facts.count()
    )


def _merged(told: Any) -> Any:
    return told.group_by("fate", *KEY).agg(
        known_at=told.known_at.min(), n=told.count(), copies=told.copies.sum(), goldstein=told.scale.mean()
    )


def _named(merged: Any, known: Tables) -> Any:
    kinds = known["kind_names"].rename(kind_number="number")
    found = merged.left_join(kinds, merged.kind == kinds.kind_number)
    for column, table in (("actor", "actor_names"), ("target", "actor_names"), ("country", "country_names")):
        names = known[table].select(**{f"{column}_number": known[table].number, f"{column}_is": known[table].name})
        found = found.left_join(names, found[column] == names[f"{column}_number"])
    return found.select(
        "fate", "occurred_on", "type", "modality", "truce_role", "known_at", "n", "copies", "goldstein",
        actor="actor_is", target="target_is", iso3="country_is",
    )  # fmt: skip


def _numbered(rows: Any, table: Any, key: str, as_name: str) -> Any:
    keyed = table.select(**{f"{as_name}_key": table.key, as_name: table.number})
    return rows.left_join(keyed, rows[key] == keyed[f"{as_name}_key"]).drop(f"{as_name}_key")


def _placed(rows: Any, table: Any, key: str) -> Any:
    keyed = table.select(**{f"{key}_key": table.key, f"{key}_number": table.number, f"{key}_ours": table.ours})
    return rows.left_join(keyed, rows[key] == keyed[f"{key}_key"]).drop(f"{key}_key")


def _day(day: date) -> Any:
    return ibis.date(day.isoformat())

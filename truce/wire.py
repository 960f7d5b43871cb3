"""Facts as JSON values: what goes out over HTTP, to the terminal and into exports."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from truce.attribution import passed_on, withheld
from truce.clock import write_moment
from truce.registers import ids_of, ids_of_event
from truce.vocabulary import Event, Truce

_OPEN_OF_TRUCE = frozenset(
    {
        "truce_id",
        "name",
        "iso3",
        "side_a",
        "side_b",
        "effective_date",
        "start_precision",
        "conflict",
        "coding",
        "ids",
        "registers",
    }
)
_OPEN_OF_EVENT = frozenset({"event_id", "source"})


def public_truce(truce: Truce) -> dict[str, Any]:
    """As ``truce_body`` for everyone: of a register whose rows are not passed on, what tells the truce from others; the rest is null.

    ``registers`` are its ids in all registers, those it carries and those that follow from its countries and dates.
    """
    return _public({**truce_body(truce), "registers": list(ids_of(truce))}, truce.coding, _OPEN_OF_TRUCE)


def public_event(event: Event) -> dict[str, Any]:
    """As ``event_body`` for everyone: of a source whose rows are not passed on, its id alone; the rest is null."""
    return _public({**event_body(event), "registers": list(ids_of_event(event))}, event.source, _OPEN_OF_EVENT)


def _public(body: dict[str, Any], source: str, shown: frozenset[str]) -> dict[str, Any]:
    if passed_on(source):
        return {**body, "withheld": None}
    kept = {name: value if name in shown else None for name, value in body.items()}
    return {**kept, "withheld": withheld(source)}


def truce_body(truce: Truce) -> dict[str, Any]:
    """The codebook's columns; lists stay lists."""
    return {name: _plain(value) for name, value in asdict(truce).items()}


def event_body(event: Event) -> dict[str, Any]:
    """The event's fields, and from when on it has been retracted, if it has."""
    return {name: _plain(value) for name, value in asdict(event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return write_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value

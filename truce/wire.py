"""Facts as JSON values: what goes out over HTTP, to the terminal and into exports."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from truce.clock import write_moment
from truce.vocabulary import Event, Truce


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

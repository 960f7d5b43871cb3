"""Taking the data out: truces, events and archived forecasts as CSV or Parquet, forecasts also as hubverse model output or with outcomes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from service import archive, outcomes
from service.archive import Sought
from truce.attribution import passed_on
from truce.clock import Clock, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.event_rows import base_id
from truce.store.events import Wanted
from truce.terminal import say
from truce.vocabulary import Event, Truce
from truce.wire import event_body, truce_body


def write(settings: Settings, what: str, how: str, out: Path | None, *, clock: Clock = system_clock) -> None:
    """Write one table to ``out``, or its lines to stdout.

    Raises:
        BadInput: no such table or format, or Parquet without a file.
    """
    if how not in _FORMATS.get(what, ()):
        raise BadInput(
            "export truces, events or forecasts as csv or parquet, forecasts as hub too, outcomes as csv",
            code="bad_export",
        )
    if how == "parquet" and out is None:
        raise BadInput("Parquet needs --out FILE", code="bad_export")
    with open_store(settings, clock) as store:
        if what == "forecasts":
            _archive(store, how, out)
            return
        if what == "outcomes":
            if not store.forecasts.counts().get("issued"):
                say(
                    "nothing has been issued yet, so there are no outcomes: only what was forecast for its own day is scored"
                )
            _lines(outcomes.csv_lines(store, clock()), out)
            return
        read, kind = _TABLES[what]
        frame = pd.DataFrame([_flat(row) for row in read(store)], columns=[field.name for field in fields(kind)])
    if how == "parquet":
        frame.to_parquet(out, index=False)
    else:
        frame.to_csv(out or sys.stdout, index=False)


def _archive(store: Store, how: str, out: Path | None) -> None:
    """Every archived forecast, as over HTTP; to a hub goes what was issued."""
    if how == "hub" and not store.forecasts.counts().get("issued"):
        say("nothing has been issued yet, so the hub's table is empty: hindcasts and replays are in csv and parquet")
    if how == "parquet" and out is not None:
        out.write_bytes(archive.parquet(store, Sought()))
        return
    _lines(archive.csv_lines(store, Sought(), hub=how == "hub"), out)


def _lines(lines: Iterator[str], out: Path | None) -> None:
    if out is None:
        sys.stdout.writelines(lines)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def _truces(store: Store) -> Iterable[dict[str, Any]]:
    held = store.truces.current()
    ours = [truce for truce in held if passed_on(truce.coding)]
    _tell_left_out("truces", [truce.coding for truce in held])
    return map(truce_body, ours)


def _events(store: Store) -> Iterable[dict[str, Any]]:
    """Every version of every event under the id it came with: read again, the later ones correct the earlier."""
    held = [event for _, event in store.events.load(Wanted())]
    _tell_left_out("events", [event.source for event in held])
    return ({**event_body(e), "event_id": base_id(e.event_id)} for e in held if passed_on(e.source))


def _tell_left_out(what: str, sources: Sequence[str]) -> None:
    kept_back = [source.partition("/")[0] for source in sources if not passed_on(source)]
    if kept_back:
        named = ", ".join(sorted(set(kept_back)))
        say(f"{len(kept_back)} {what} of {named} are left out: their terms may not allow to pass them on")


_TABLES = {"truces": (_truces, Truce), "events": (_events, Event)}
_TABLE = ("csv", "parquet")
_FORMATS = {"truces": _TABLE, "events": _TABLE, "forecasts": (*_TABLE, "hub"), "outcomes": ("csv",)}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {name: ";".join(value) if isinstance(value, list) else value for name, value in row.items()}

"""Taking the data out: truces, events and archived forecasts as CSV or Parquet."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from truce.attribution import passed_on
from truce.clock import Clock, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.event_rows import base_id
from truce.store.events import Wanted
from truce.terminal import say
from truce.wire import event_body, truce_body


def write(settings: Settings, what: str, how: str, out: Path | None, *, clock: Clock = system_clock) -> None:
    """Write one table to ``out``, or CSV to stdout.

    Raises:
        BadInput: no such table or format, or Parquet without a file.
    """
    if what not in _TABLES or how not in ("csv", "parquet"):
        raise BadInput(f"export {', '.join(_TABLES)} as csv or parquet", code="bad_export")
    if how == "parquet" and out is None:
        raise BadInput("Parquet needs --out FILE", code="bad_export")
    with open_store(settings, clock) as store:
        frame = pd.DataFrame([_flat(row) for row in _TABLES[what](store)])
    if how == "parquet":
        frame.to_parquet(out, index=False)
    else:
        frame.to_csv(out or sys.stdout, index=False)


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


def _forecasts(store: Store) -> Iterable[dict[str, Any]]:
    for _, kind, body in store.forecasts.find():
        said = json.loads(body)
        shared = {
            name: said[name]
            for name in ("forecast_id", "truce_id", "as_of", "issued_at", "age_days", "rule", "hindcast")
        }
        for horizon in said["horizons"]:
            yield {**shared, "kind": kind, "model_version": said["model"]["version"], **horizon, "interval": None}


_TABLES = {"truces": _truces, "events": _events, "forecasts": _forecasts}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {name: ";".join(value) if isinstance(value, list) else value for name, value in row.items()}

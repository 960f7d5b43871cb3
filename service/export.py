"""Taking the data out: truces, events and archived forecasts as CSV or Parquet."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from truce.attribution import NOT_PASSED_ON
from truce.clock import Clock, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
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
    ours = [truce for truce in held if truce.coding not in NOT_PASSED_ON]
    if len(ours) < len(held):
        kept_back = ", ".join(sorted({truce.coding for truce in held} & NOT_PASSED_ON))
        say(
            f"{len(held) - len(ours)} truces coded by {kept_back} are left out: their terms may not allow to pass them on"
        )
    return map(truce_body, ours)


def _events(store: Store) -> Iterable[dict[str, Any]]:
    return (event_body(event) for _, event in store.events.load(Wanted()))


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

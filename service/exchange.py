"""Forecasts as rows: a plain table, and the hubverse's model output, in which the four ends of a horizon are one pmf that sums to 1."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

ENDS = (("broke", "p_breakdown"), ("expired", "p_expired"), ("superseded", "p_superseded"), ("holds", "p_holds"))
HUB_COLUMNS = ("reference_date", "horizon", "truce_id", "target", "output_type", "output_type_id", "value")
_CHANCES = ("p_breakdown", "p_expired", "p_superseded", "p_holds", "p_baseline")
COLUMNS = ("truce_id", "as_of", "horizon", *_CHANCES)
ARCHIVE_COLUMNS = (
    "forecast_id", "kind", "truce_id", "as_of", "issued_at", "age_days", "rule", "hindcast", "model_version", "model_family", "horizon",
    *_CHANCES, "interval_low", "interval_high",
)  # fmt: skip

Row = tuple[Any, ...]


def rows(forecasts: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """A row a horizon, in ``COLUMNS``."""
    for forecast in forecasts:
        for horizon in forecast["horizons"]:
            chances = (f"{horizon[name]:.6f}" for name in _CHANCES)
            yield (forecast["truce_id"], forecast["as_of"], horizon["days"], *chances)


def hub_rows(forecasts: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Four rows a horizon, in ``HUB_COLUMNS``: of a truce, a day and a horizon the first forecast, for a hub takes one."""
    seen = set()
    for forecast in forecasts:
        day, truce_id = forecast["as_of"][:10], forecast["truce_id"]
        for horizon in forecast["horizons"]:
            if (task := (day, horizon["days"], truce_id)) not in seen:
                seen.add(task)
                for end, name in ENDS:
                    yield (*task, "breakdown", "pmf", end, f"{horizon[name]:.6f}")


def archive_rows(forecasts: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """A row a horizon, in ``ARCHIVE_COLUMNS``, numbers as they were said; a forecast carries its ``kind``."""
    said = ("forecast_id", "kind", "truce_id", "as_of", "issued_at", "age_days", "rule", "hindcast")
    for forecast in forecasts:
        shared = (*(forecast[name] for name in said), forecast["model"]["version"], forecast["model"]["family"])
        for horizon in forecast["horizons"]:
            interval = horizon["interval"] or (None, None)
            yield (*shared, horizon["days"], *(horizon[name] for name in _CHANCES), *interval)


def csv_lines(columns: tuple[str, ...], found: Iterable[Row]) -> Iterator[str]:
    """CSV, a line at a time, the header first."""
    held = io.StringIO()
    out = csv.writer(held, lineterminator="\n")
    out.writerow(columns)
    yield held.getvalue()
    for row in found:
        held.seek(0)
        held.truncate()
        out.writerow(row)
        yield held.getvalue()

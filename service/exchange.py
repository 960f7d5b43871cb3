"""Forecasts as rows: a plain table, and the hubverse's model output, in which the four ends of a horizon are one pmf that sums to 1."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
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
Rows = Callable[[dict[str, Any]], Iterator[Row]]


def rows(forecast: dict[str, Any]) -> Iterator[Row]:
    """A row a horizon, in ``COLUMNS``."""
    for horizon in forecast["horizons"]:
        chances = (f"{horizon[name]:.6f}" for name in _CHANCES)
        yield (forecast["truce_id"], forecast["as_of"], horizon["days"], *chances)


def hub_rows(forecast: dict[str, Any]) -> Iterator[Row]:
    """Four rows a horizon, in ``HUB_COLUMNS``."""
    for horizon in forecast["horizons"]:
        for end, name in ENDS:
            day, days = forecast["as_of"][:10], horizon["days"]
            yield (day, days, forecast["truce_id"], "breakdown", "pmf", end, f"{horizon[name]:.6f}")


def archive_rows(forecast: dict[str, Any]) -> Iterator[Row]:
    """A row a horizon, in ``ARCHIVE_COLUMNS``, numbers as they were said; ``forecast`` carries its ``kind``."""
    said = ("forecast_id", "kind", "truce_id", "as_of", "issued_at", "age_days", "rule", "hindcast")
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

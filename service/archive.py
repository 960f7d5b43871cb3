"""The archive as a list: pages of JSON, and everything sought as CSV, Parquet or hubverse model output."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service import exchange
from truce.identity import canonical
from truce.store import Store

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
MEDIA = (CSV, PARQUET)
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Sought:
    """Which archived forecasts; None asks for all. ``start`` and ``stop`` are as-of moments, both included."""

    truce_id: str | None = None
    kind: str | None = None
    start: datetime | None = None
    stop: datetime | None = None
    version: str | None = None


def page(store: Store, sought: Sought, after: int, limit: int) -> str:
    """A page as JSON text, with the cursor of the next one."""
    found = _find(store, sought, after, limit + 1)
    shown = [{**json.loads(body), "kind": kind} for _, kind, body in found[:limit]]
    return canonical({"forecasts": shown, "next": found[limit - 1][0] if len(found) > limit else None})


def csv_lines(store: Store, sought: Sought, *, hub: bool) -> Iterator[str]:
    """Everything sought as lines of CSV; for a hub what was issued, unless another kind is sought: hindcasts are not to be scored."""
    if hub:
        sought = sought if sought.kind else replace(sought, kind="issued")
        return exchange.csv_lines(exchange.HUB_COLUMNS, exchange.hub_rows(everything(store, sought)))
    return exchange.csv_lines(exchange.ARCHIVE_COLUMNS, exchange.archive_rows(everything(store, sought)))


def parquet(store: Store, sought: Sought) -> bytes:
    """Everything sought as a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    kinds = {"age_days": pa.int64(), "horizon": pa.int64(), "hindcast": pa.bool_()}
    number = ("p_", "interval_")
    schema = pa.schema([
        (name, pa.float64() if name.startswith(number) else kinds.get(name, pa.string())) for name in exchange.ARCHIVE_COLUMNS
    ])  # fmt: skip
    rows = list(exchange.archive_rows(everything(store, sought)))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    table = pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def everything(store: Store, sought: Sought) -> Iterator[dict[str, Any]]:
    """Every forecast sought with its ``kind``, oldest first, a page at a time."""
    after = 0
    while found := _find(store, sought, after, _PAGE):
        yield from ({**json.loads(body), "kind": kind} for _, kind, body in found)
        after = found[-1][0]


def _find(store: Store, sought: Sought, after: int, limit: int) -> list[tuple[int, str, str]]:
    return store.forecasts.find(
        truce_id=sought.truce_id, kind=sought.kind, start=sought.start, stop=sought.stop, version=sought.version, after=after,
        limit=limit,
    )  # fmt: skip

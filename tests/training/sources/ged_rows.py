"""Rows in the shape of UCDP GED, made up: a front that fights the government of Iraq."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BASE: dict[str, Any] = {
    "id": 1000,
    "relid": "IRQ-2015-1-9001-1",
    "year": 2015,
    "code_status": "Clear",
    "type_of_violence": 1,
    "conflict_new_id": 9100,
    "dyad_new_id": 9001,
    "side_a_new_id": 116,
    "side_a": "Government of Iraq",
    "side_b_new_id": 9234,
    "side_b": "River Front",
    "source_article": 'Desk, 2015-03-06 "Three die"\nin the river valley',
    "latitude": 33.5,
    "longitude": 43.75,
    "country": "Iraq",
    "country_id": 645,
    "iso3": "IRQ",
    "date_prec": 1,
    "date_start": "2015-03-05",
    "date_end": "2015-03-05",
    "best": 3,
    "high": 4,
    "low": 2,
}


def row(number: int = 1000, **changes: Any) -> dict[str, Any]:
    """A row with an id of its own, like any other unless told otherwise."""
    return {**BASE, "id": number, **changes}


def dated(number: int, day: str, **changes: Any) -> dict[str, Any]:
    """A row of one day."""
    return row(number, date_start=day, date_end=day, **changes)


def written(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """The rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path

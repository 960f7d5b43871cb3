"""Rebuild the events that the Chronicle carries: ``python -m training.embed --feed FEED --out events.parquet``.

Only coded facts are written, never a word of the text; the same feed and coder give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from training.reading.records import SourceResult
from training.sources import current_events
from truce.clock import day_closed_by
from truce.vocabulary import Event

_WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("occurred_on", pa.date32()),
        ("known_at", pa.date32()),
        ("type", _WORDS),
        ("secondary", _WORDS),
        ("topic", _WORDS),
        ("modality", _WORDS),
        ("truce_role", _WORDS),
        ("actor", _WORDS),
        ("target", _WORDS),
        ("iso3", _WORDS),
        ("deaths", pa.int32()),
        ("source", _WORDS),
        ("source_ref", pa.string()),
    ]
)


def write(events: Sequence[Event], out: Path) -> None:
    """Write coded events as Parquet by day and reference, corrections after what they correct. ``known_at`` must be the end of a day."""
    ordered = sorted(events, key=lambda event: (event.occurred_on, event.source_ref or "", event.known_at))
    table = pa.table(
        {field.name: pa.array([_cell(event, field.name) for event in ordered], field.type) for field in SCHEMA}, SCHEMA
    )
    pq.write_table(table, out, compression="zstd", compression_level=19, use_dictionary=True, row_group_size=1 << 20)


def main(arguments: Sequence[str] | None = None) -> None:
    """Code the feed, write the file, say what is in it."""
    parser = argparse.ArgumentParser(prog="python -m training.embed", description=__doc__)
    parser.add_argument(
        "--feed", type=Path, nargs="+", required=True, help="news bullets, JSON lines {date, category, text}"
    )
    parser.add_argument("--out", type=Path, required=True, help="the Parquet file to write")
    asked = parser.parse_args(arguments)
    result = current_events.read(asked.feed)
    write(result.records, asked.out)
    sys.stdout.write(summary(result))


def summary(result: SourceResult[Event]) -> str:
    """The rows of the feed and the events by type, as text."""
    types = Counter(event.type.value for event in result.records)
    lines = [f"rows: {result.rows}", f"events: {len(result.records)}"]
    lines += [f"  {kind:<17}{count:>7}" for kind, count in sorted(types.items(), key=lambda item: -item[1])]
    return "\n".join(lines) + "\n"


def _cell(event: Event, column: str) -> object:
    if column == "iso3":
        return ";".join(event.iso3) or None
    value = getattr(event, column)
    return day_closed_by(value) if column == "known_at" else value


if __name__ == "__main__":
    main()

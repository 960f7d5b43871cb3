"""What every source hands back, and the one way in which rows are counted.

read = duplicate + rejected + merged + accepted, always. Headers are no rows. A row that is the same as an earlier one
is a duplicate; one that goes into the record of another row is merged; an accepted row may carry no record (a bullet
that tells of no event).
"""

from __future__ import annotations

import csv
import glob
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from training.reading.cells import Cells
from training.reading.tables import Asked, Row, stream_of
from truce.errors import BadInput, WrongFile
from truce.store.releases import Cover

Record = TypeVar("Record")

_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".gz", ".zip", ".dta"})
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken, and why. ``line`` is where it begins in its file (1 is the first)."""

    line: int
    reason: str
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """What became of the rows of one import."""

    read: int
    duplicate: int
    rejected: int
    merged: int
    accepted: int

    def as_dict(self) -> dict[str, int]:
        """The counts by name, in the order of the identity."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult(Generic[Record]):
    """The records of some files, with the count of their rows and every rejected one.

    What follows is for feeds that come again in releases. ``released``: from when on the world could know what in here
    differs from an earlier release; None where each row says so itself. ``covers``: what this release claims to hold
    whole, so that a stored row that it lacks there was withdrawn. ``unread``: ids of rows that are there and were
    rejected: nobody withdrew them. ``withdrawn``: ids that the feed itself names as gone, with the moment of it.
    ``retold``: the feed tells its facts again and again, and only the first moment of each counts.
    """

    records: list[Record]
    rows: RowCounts
    rejects: list[Reject]
    files: int
    released: datetime | None = None
    covers: tuple[Cover, ...] = ()
    unread: frozenset[str] = frozenset()
    withdrawn: Mapping[str, datetime] = field(default_factory=dict)
    retold: bool = False


def expand(paths: Sequence[Path]) -> list[Path]:
    """The files that files, folders and globs stand for, each once, sorted within a folder or glob.

    Raises:
        WrongFile: something is not there, or a folder holds no data file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            matches = sorted(
                p for p in path.iterdir() if p.is_file() and p.suffix.lower() in _SUFFIXES and p.name[0] != "."
            )
        elif path.exists():
            matches = [path]
        else:
            matches = sorted(map(Path, glob.glob(str(path)))) if _WILD & set(str(path)) else []  # noqa: PTH207
        if not matches:
            raise WrongFile(f"{path}: no such file, or nothing in it to read")
        found.update(dict.fromkeys(matches))
    return list(found)


def read_all(
    paths: Sequence[Path], required: Sequence[str], parse: Callable[[Cells], tuple[str, Record | None]]
) -> SourceResult[Record]:
    """Read every row of every file that ``paths`` stand for.

    Args:
        paths: files, folders or globs.
        required: columns without which a file is the wrong one.
        parse: cells -> identity and record, None when the row tells of nothing. It raises BadInput to reject the row.

    Raises:
        WrongFile: one of the files is not what was promised; then nothing is handed back.
    """
    files = expand(paths)
    return tally((row for path in files for row in stream_of(path, Asked(required))), parse, len(files))


def tally(rows: Iterable[Row], parse: Callable[[Cells], tuple[str, Record | None]], files: int) -> SourceResult[Record]:
    """Parse and count rows. The same identity with other content is rejected: nobody can say which one is right."""
    seen: dict[str, Record | None] = {}
    rejects: list[Reject] = []
    read = 0
    for row in rows:
        read += 1
        reason = row.trouble or _keep(row.cells, parse, seen)
        if reason:
            rejects.append(Reject(row.line, reason, row.file))
    duplicate = read - len(rejects) - len(seen)
    counts = RowCounts(read=read, duplicate=duplicate, rejected=len(rejects), merged=0, accepted=len(seen))
    return SourceResult(records=[r for r in seen.values() if r is not None], rows=counts, rejects=rejects, files=files)


def _keep(cells: Cells, parse: Callable[[Cells], tuple[str, Record | None]], seen: dict[str, Record | None]) -> str:
    """Put the row's record among those seen; the reason why not, or nothing when it is there now."""
    try:
        identity, record = parse(cells)
    except BadInput as trouble:
        return trouble.detail
    first = seen.setdefault(identity, record)
    return "" if first is record or first == record else f"{identity} came before with other content"


def write_rejects(folder: Path, source: str, rejects: Iterable[Reject]) -> Path:
    """Write the rejected rows of a source as CSV (file, line, reason); the file of its last import is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source}.csv"
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("file", "line", "reason"))
        writer.writerows((reject.file, reject.line, reject.reason) for reject in rejects)
    return fresh.replace(path)

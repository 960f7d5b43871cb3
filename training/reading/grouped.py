"""Sources of which several rows make one record: the rows of a group, and how they are counted.

A row that repeats another of its group is a duplicate. Of a group that gives a record one row is accepted and the others
are merged into it; of one that does not, every row is rejected, with the reason. A group of which a row cannot be read
gives none: nobody knows what it would have added.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from training.reading.cells import Cells
from training.reading.records import Reject, RowCounts, SourceResult
from training.reading.tables import Row
from truce.errors import BadInput

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Groups:
    """The distinct rows of each group, in the order of the file, and what was set aside on the way."""

    rows: dict[str, list[Row]]
    read: int
    duplicate: int
    rejects: list[Reject]
    broken: frozenset[str] = frozenset()


def gather(rows: Iterable[Row], key: Callable[[Cells], str], ignoring: Collection[str] = ()) -> Groups:
    """Put rows together.

    Args:
        rows: the rows of the source's files.
        key: cells -> the name of the group. It raises BadInput to reject the row.
        ignoring: columns that may differ between rows that are the same.
    """
    groups: dict[str, dict[frozenset[tuple[str, str]], Row]] = {}
    rejects: list[Reject] = []
    broken: set[str] = set()
    read = duplicate = 0
    for row in rows:
        read += 1
        try:
            name = key(row.cells)
        except BadInput as trouble:
            rejects.append(Reject(row.line, row.trouble or trouble.detail, row.file))
            continue
        if row.trouble:
            rejects.append(Reject(row.line, row.trouble, row.file))
            broken.add(name)
            continue
        group = groups.setdefault(name, {})
        content = frozenset((name, str(cell)) for name, cell in row.cells.items() if name not in ignoring)
        duplicate += content in group
        group.setdefault(content, row)
    told = {name: list(group.values()) for name, group in groups.items()}
    return Groups(told, read, duplicate, rejects, frozenset(broken))


def build_all(groups: Groups, build: Callable[[list[Cells]], Record | None], files: int) -> SourceResult[Record]:
    """Make the record of every group.

    Args:
        groups: what ``gather`` found.
        build: the rows of a group -> its record, None when they tell of nothing. It raises BadInput to reject them all.
        files: of how many files they are.
    """
    records: list[Record] = []
    rejects = [*groups.rejects]
    accepted = merged = 0
    for name, rows in groups.rows.items():
        try:
            record = build(_whole(groups, name))
        except BadInput as trouble:
            rejects += [Reject(row.line, trouble.detail, row.file) for row in rows]
            continue
        accepted, merged = accepted + 1, merged + len(rows) - 1
        if record is not None:
            records.append(record)
    counts = RowCounts(
        read=groups.read, duplicate=groups.duplicate, rejected=len(rejects), merged=merged, accepted=accepted
    )
    return SourceResult(records=records, rows=counts, rejects=rejects, files=files)


def _whole(groups: Groups, name: str) -> list[Cells]:
    if name in groups.broken:
        raise BadInput(f"another row of {name} cannot be read")
    return [row.cells for row in groups.rows[name]]

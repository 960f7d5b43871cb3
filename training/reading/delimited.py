"""Delimited text -> rows. A quote that somebody forgot to close costs its own line, not the rest of the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

GARBLED = "\ufffd"
"""What stands for bytes that are not UTF-8."""
LONGEST_RECORD = 50
"""Lines: a quoted cell longer than that is a quote that somebody forgot to close, unless the feed is known to tell long stories."""
_NOT_TEXT = "bytes that are not UTF-8 text"


class Row(NamedTuple):
    """One row of a file: its cells by column, or the trouble that kept it from being read."""

    file: str
    line: int
    cells: Mapping[str, object]
    trouble: str = ""


def rows(
    name: str, lines: Iterable[str], delimiter: str, columns: Sequence[str] | None, longest: int = LONGEST_RECORD
) -> Iterator[Row]:
    """The data rows under a header; of each the cells of ``columns``, or all when None.

    Args:
        name: of the file.
        lines: as they are written, with their ends.
        delimiter: one sign.
        columns: which cells to hand on.
        longest: how many lines a record may fill at most.
    """
    records = _records(lines, delimiter, longest)
    _, header, _ = next(records)
    names = told_apart([column.strip() for column in header])
    width = len(names)
    chosen = {column: place for place, column in enumerate(names) if columns is None or column in columns}
    wanted, pick = tuple(chosen), _picker(list(chosen.values()))
    for line, cells, trouble in records:
        # a header may be repeated, or followed by a row of HXL tags
        if (not cells[0] or cells[0][0] == "#" or cells[0] == header[0]) and (cells == header or _is_tags(cells)):
            continue
        if trouble or len(cells) != width:
            said = trouble or f"{len(cells)} cells under a header of {width}"
            yield Row(name, line, dict(zip(names, cells, strict=False)), said)
        else:
            yield Row(name, line, dict(zip(wanted, pick(cells))))  # noqa: B905 - as many as were picked, and quicker


def second(column: str) -> str:
    """Under what name a second column of this name is handed on, so that neither hides the other."""
    return f"{column} (2)"


def told_apart(names: Sequence[str]) -> list[str]:
    """The names of columns, a repeated one marked."""
    return [second(column) if column in names[:k] else column for k, column in enumerate(names)]


def _is_tags(cells: Sequence[str]) -> bool:
    return all(not cell or cell.startswith("#") for cell in cells)


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    first, last = (places[0], places[-1]) if places else (0, -1)
    if list(places) == list(range(first, last + 1)):  # one place too, of which itemgetter would give the bare cell
        return lambda cells: cells[first : last + 1]
    return itemgetter(*places)


def _records(lines: Iterable[str], delimiter: str, longest: int) -> Iterator[tuple[int, list[str], str]]:
    """Line number, cells and trouble of each record that is not blank."""
    feed = _Feed(lines, longest)
    at, width, reader = 1, 0, csv.reader(feed.record(), delimiter=delimiter)
    while True:
        feed.taken.clear()
        try:
            cells = next(reader, [])
        except csv.Error:
            cells = []
        span = len(feed.taken)
        if span == 0:
            return
        if span > 1 and (len(cells) != (width or len(cells)) or span > longest):
            yield at, [feed.taken[0].strip()], "a quote that is never closed"
            feed.give_back()
            reader = csv.reader(feed.record(), delimiter=delimiter)
            span = 1
        elif cells and (cells[0].strip() or any(cell.strip() for cell in cells)):
            width = width or len(cells)
            yield at, cells, feed.trouble()
        at += span


class _Feed:
    """The lines of a file, of which those of a record that was none can be read again."""

    def __init__(self, lines: Iterable[str], longest: int) -> None:
        self._lines = iter(lines)
        self._longest = longest
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def record(self) -> Iterator[str]:
        """Lines, as many as a record may have and one more."""
        while len(self.taken) <= self._longest:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self.taken.append(line)
            yield line

    def give_back(self) -> None:
        """All lines but the first come again."""
        self._again.extendleft(reversed(self.taken[1:]))

    def trouble(self) -> str:
        """What is wrong with the signs of the record."""
        for line in self.taken:
            if GARBLED in line or "\0" in line:
                return _NOT_TEXT
        return ""

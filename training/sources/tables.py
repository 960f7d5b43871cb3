"""Files -> rows, whatever they are wrapped in: CSV, JSON lines or array, an API's answer, Parquet or Stata; plain, in gz or in zip.

What a file is, its content decides, not its name. A row that cannot be read is handed on with the trouble it makes, so
that somebody counts it; a file that is no table at all is refused as a whole.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from truce.errors import WrongFile

LONGEST_RECORD = 50
"""Lines: a quoted cell longer than that is a quote that somebody forgot to close, unless the feed is known to tell long stories."""
_ENOUGH = 50
_GARBLED = "\ufffd"
_STATA_NEW = b"<stata_dta>"
_STATA_OLD = re.compile(rb"[\x66-\x73][\x01\x02]\x01")
"""Release 102 to 115, the order of bytes, the type of file: control characters that no text begins with."""
_ENVELOPES = ("data", "Result")
"""Under which names the APIs of ACLED and of UCDP hand over their rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its cells by column, or the trouble that kept it from being read."""

    file: str
    line: int
    cells: Mapping[str, object]
    trouble: str = ""


def rows_of(path: Path, required: Sequence[str], *, delimiter: str = ",", longest: int = LONGEST_RECORD) -> list[Row]:
    """Every data row of one file, headers left out.

    Args:
        path: the file.
        required: columns without which it is the wrong one.
        delimiter: between the cells of a text file.
        longest: how many lines a record of a CSV file may fill at most.

    Raises:
        WrongFile: unreadable, empty, cut short, no table, or without one of the ``required`` columns.
    """
    rows: list[Row] = []
    for name, content in _unwrapped(path):
        part = _rows(name, content, delimiter, longest)
        _check_columns(name, part, required)
        rows += part
    if not rows:
        raise WrongFile(f"{path.name} holds no rows")
    return rows


def _unwrapped(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        content = path.read_bytes()
        if content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = [m for m in archive.namelist() if not m.endswith("/") and not m.startswith("__MACOSX")]
                for member in members:
                    yield f"{path.name}/{member}", archive.read(member)
            return
        yield path.name, gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except OSError as trouble:
        reason = (
            "is not a whole gzip file"
            if isinstance(trouble, gzip.BadGzipFile)
            else f"cannot be read: {trouble.strerror}"
        )
        raise WrongFile(f"{path.name} {reason}") from None
    except (EOFError, zlib.error):
        raise WrongFile(f"{path.name} is cut short: its gzip stream has no end") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise WrongFile(f"{path.name} is not a whole zip file") from None


def _rows(name: str, content: bytes, delimiter: str, longest: int) -> list[Row]:
    if content.startswith(b"PAR1"):
        return _parquet(name, content)
    if content.startswith(_STATA_NEW) or _STATA_OLD.match(content):
        return _stata(name, content)
    return _text_rows(name, content, delimiter, longest)


def _text_rows(name: str, content: bytes, delimiter: str, longest: int) -> list[Row]:
    text = content.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise WrongFile(f"{name} is empty")
    if text.count(_GARBLED) + text.count("\0") > max(_ENOUGH, len(text) // 20):
        raise WrongFile(f"{name} is not text")
    start = text.lstrip()[0]
    if start == "{":
        enveloped = _enveloped(text)
        return _json_lines(name, text) if enveloped is None else _json_rows(name, enveloped)
    return _json_array(name, text) if start == "[" else _csv(name, text, delimiter, longest)


def _json_lines(name: str, text: str) -> list[Row]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows.append(_json_row(name, number, line))
    if all(row.trouble for row in rows):
        raise WrongFile(f"{name} holds no line of JSON that can be read")
    return rows


def _json_row(name: str, number: int, line: str) -> Row:
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Row(name, number, {}, "not a JSON object")
    return _checked(name, number, value)


def _json_array(name: str, text: str) -> list[Row]:
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise WrongFile(f"{name} is not a JSON array that can be read") from None
    return _json_rows(name, values)


def _enveloped(text: str) -> list[object] | None:
    """The rows within one JSON object that an API answered with; None when the text is anything else."""
    text = text.strip()
    try:
        value, end = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    lists = [value[name] for name in _ENVELOPES if isinstance(value.get(name), list)]
    return lists[0] if lists and end == len(text) else None


def _json_rows(name: str, values: Sequence[object]) -> list[Row]:
    return [_checked(name, number, value) for number, value in enumerate(values, start=1)]


def _checked(name: str, number: int, value: object) -> Row:
    if not isinstance(value, dict):
        return Row(name, number, {}, "not a JSON object")
    if any(isinstance(cell, str) and (_GARBLED in cell or "\0" in cell) for cell in value.values()):
        return Row(name, number, value, "bytes that are not UTF-8 text")
    return Row(name, number, value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _csv(name: str, text: str, delimiter: str, longest: int) -> list[Row]:
    records = _csv_records(list(io.StringIO(text, newline="")), delimiter, longest)
    _, header, _ = next(records)
    columns = _told_apart([column.strip() for column in header])
    return [
        Row(name, line, dict(zip(columns, cells, strict=False)), trouble or _cell_trouble(cells, len(columns)))
        for line, cells, trouble in records
        # a header may be repeated, or followed by a row of HXL tags
        if cells != header and not all(not cell or cell.startswith("#") for cell in cells)
    ]


def _cell_trouble(cells: list[str], width: int) -> str:
    if any(_GARBLED in cell or "\0" in cell for cell in cells):
        return "bytes that are not UTF-8 text"
    return "" if len(cells) == width else f"{len(cells)} cells under a header of {width}"


def _csv_records(lines: list[str], delimiter: str, longest: int) -> Iterator[tuple[int, list[str], str]]:
    """Line number, cells and trouble of each record. A quote left open costs its own line, not the rest of the file."""
    at, width = 0, 0
    while at < len(lines):
        cells, span = _csv_record(lines, at, delimiter, longest)
        width = width or len(cells)
        if span > 1 and (len(cells) != width or span > longest):
            yield at + 1, [lines[at].strip()], "a quote that is never closed"
            span = 1
        elif any(cell.strip() for cell in cells):
            yield at + 1, cells, ""
        at += span


def _csv_record(lines: list[str], at: int, delimiter: str, longest: int) -> tuple[list[str], int]:
    reader = csv.reader(lines[at : at + longest + 1], delimiter=delimiter)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return [], longest + 1


def _parquet(name: str, content: bytes) -> list[Row]:
    try:
        table = pq.ParquetFile(io.BytesIO(content)).read()  # read_table would load pandas, a second for nothing
    except (pa.ArrowException, OSError):
        raise WrongFile(f"{name} is not a whole Parquet file") from None
    return _columnar(name, table.column_names, [column.to_pylist() for column in table.columns])


def _stata(name: str, content: bytes) -> list[Row]:
    import pandas as pd  # a second to import, for Stata files only

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnicodeWarning)  # letters older than UTF-8 are read as Latin-1
            # Codes stay numbers, a date too (its days since 1960): what a label or a calendar makes of them is the
            # reader's.
            table = pd.read_stata(io.BytesIO(content), convert_categoricals=False, convert_dates=False)
    except (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, TypeError, ValueError, struct.error):
        raise WrongFile(f"{name} is not a whole Stata file") from None
    return _columnar(name, [str(column) for column in table], [table[column].tolist() for column in table])


def _columnar(name: str, names: Sequence[str], columns: Sequence[Sequence[object]]) -> list[Row]:
    apart = _told_apart(names)
    return [
        Row(name, n, dict(zip(apart, cells, strict=True)))
        for n, cells in enumerate(zip(*columns, strict=True), start=1)
    ]


def second(column: str) -> str:
    """Under what name a second column of this name is handed on, so that neither hides the other."""
    return f"{column} (2)"


def _told_apart(names: Sequence[str]) -> list[str]:
    return [second(column) if column in names[:k] else column for k, column in enumerate(names)]


def _check_columns(name: str, rows: Sequence[Row], required: Sequence[str]) -> None:
    sample = [row.cells for row in rows if not row.trouble][:_ENOUGH]
    missing = [column for column in required if sample and not any(column in cells for cells in sample)]
    if missing:
        raise WrongFile(f"{name} has no column {', '.join(missing)}: it is not the kind of file that was asked for")

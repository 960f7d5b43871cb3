"""Files -> rows, whatever they are wrapped in: CSV, JSON lines or array, an API's answer, Parquet or Stata; plain, in gz or in zip.

What a file is, its content decides, not its name. A row that cannot be read is handed on with the trouble it makes, so
that somebody counts it; a file that is no table at all is refused as a whole.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from training.reading import delimited
from training.reading.delimited import GARBLED, LONGEST_RECORD, Row, told_apart
from truce.errors import WrongFile

__all__ = ["Asked", "Row", "rows_of", "stream_of"]

_ENOUGH = 50
_HEAD = 1 << 20
"""Bytes by which a file's kind is told."""
_STATA_NEW = b"<stata_dta>"
_STATA_OLD = re.compile(rb"[\x66-\x73][\x01\x02]\x01")
"""Release 102 to 115, the order of bytes, the type of file: control characters that no text begins with."""
_ENVELOPES = ("data", "Result")
"""Under which names the APIs of ACLED and of UCDP hand over their rows."""


class Asked(NamedTuple):
    """What a reader wants of a table.

    ``required``: columns without which a file is the wrong one. ``columns``: only these are handed on, all when None.
    ``delimiter``: between the cells of a text file. ``longest``: how many lines a record of a CSV file may fill at most.
    """

    required: Sequence[str]
    columns: Sequence[str] | None = None
    delimiter: str = ","
    longest: int = LONGEST_RECORD


def rows_of(path: Path, required: Sequence[str], *, delimiter: str = ",", longest: int = LONGEST_RECORD) -> list[Row]:
    """Every data row of one file, headers left out. Arguments as in ``Asked``.

    Raises:
        WrongFile: unreadable, empty, cut short, no table, or without one of the ``required`` columns.
    """
    return list(stream_of(path, Asked(required, delimiter=delimiter, longest=longest)))


def stream_of(path: Path, asked: Asked) -> Iterator[Row]:
    """As ``rows_of``, one row after another: a file of CSV, of JSON lines or of Parquet is never held whole.

    Raises:
        WrongFile: as above, and as late as the file shows it.
    """
    empty = True
    with _refusing(path.name):
        for name, stream in _unwrapped(path):
            for row in _columns_checked(name, _part(name, stream, asked), asked.required):
                empty = False
                yield row
    if empty:
        named = f": a line that names {', '.join(asked.required)} comes first, then the rows" if asked.required else ""
        raise WrongFile(f"{path.name} holds no rows{named}")


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        gone = isinstance(trouble, gzip.BadGzipFile)
        reason = "is not a whole gzip file" if gone else f"cannot be read: {trouble.strerror}"
        raise WrongFile(f"{name} {reason}") from None
    except (EOFError, zlib.error):
        raise WrongFile(f"{name} is cut short: its gzip stream has no end") from None
    except zipfile.BadZipFile:
        raise WrongFile(f"{name} is not a whole zip file") from None


def _unwrapped(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with path.open("rb") as stream:
        start = stream.read(4)
        stream.seek(0)
        if start == b"PK\x03\x04":
            with zipfile.ZipFile(stream) as archive:
                for member in archive.namelist():
                    if not member.endswith("/") and not member.startswith("__MACOSX"):
                        yield f"{path.name}/{member}", _member(archive, member)
        elif start.startswith(b"\x1f\x8b"):
            with gzip.open(stream) as unpacked:
                yield path.name, unpacked  # type: ignore[misc]  # it reads bytes, whatever its type says
        else:
            yield path.name, stream


def _member(archive: zipfile.ZipFile, member: str) -> IO[bytes]:
    try:
        return archive.open(member)
    except (NotImplementedError, RuntimeError):  # a method of packing that is not known here, or a password
        raise zipfile.BadZipFile from None


def _part(name: str, stream: IO[bytes], asked: Asked) -> Iterator[Row]:
    head = stream.read(_HEAD)
    stream.seek(0)
    if head.startswith(b"PAR1"):
        return _parquet(name, stream.read(), asked.columns)
    if head.startswith(_STATA_NEW) or _STATA_OLD.match(head):
        return _stata(name, stream.read())
    text = head.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise WrongFile(f"{name} is empty")
    if text.count(GARBLED) + text.count("\0") > max(_ENOUGH, len(text) // 20):
        raise WrongFile(f"{name} is not text")
    start = text.lstrip()[0]
    if start == "[":
        return _json_array(name, _whole(stream))
    if start != "{":
        return delimited.rows(name, _lines(stream, ""), asked.delimiter, asked.columns, asked.longest)
    wrapped = None if _is_line(text) else _enveloped(name, stream)
    return wrapped or _json_lines(name, _lines(stream, "\n"))


def _lines(stream: IO[bytes], newline: str) -> Iterator[str]:
    with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline=newline) as lines:
        yield from lines


def _whole(stream: IO[bytes]) -> str:
    return stream.read().decode("utf-8-sig", errors="replace")


def _is_line(text: str) -> bool:
    """Whether the first line is a row of its own, and no API's answer."""
    try:
        value = json.loads(text.strip().partition("\n")[0], parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and _rows_within(value) is None


def _rows_within(answer: dict[str, object]) -> list[object] | None:
    lists = [answer[name] for name in _ENVELOPES if isinstance(answer.get(name), list)]
    return lists[0] if lists else None  # type: ignore[return-value]  # a list, as was just seen


def _enveloped(name: str, stream: IO[bytes]) -> Iterator[Row] | None:
    """The rows within one JSON object that an API answered with; None when the file is something else, to be read from its start."""
    try:
        value = json.loads(_whole(stream), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        value = None
    rows = _rows_within(value) if isinstance(value, dict) else None
    if rows is None:
        stream.seek(0)
        return None
    return (_checked(name, number, row) for number, row in enumerate(rows, start=1))


def _json_lines(name: str, lines: Iterator[str]) -> Iterator[Row]:
    rows = (_json_row(name, number, line) for number, line in enumerate(lines, start=1) if line.strip())
    bad: list[Row] = []
    for row in rows:
        if not row.trouble:
            yield from chain(bad, [row], rows)
            return
        bad.append(row)
    raise WrongFile(f"{name} holds no line of JSON that can be read")


def _json_row(name: str, number: int, line: str) -> Row:
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Row(name, number, {}, "not a JSON object")
    return _checked(name, number, value)


def _json_array(name: str, text: str) -> Iterator[Row]:
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise WrongFile(f"{name} is not a JSON array that can be read") from None
    return (_checked(name, number, value) for number, value in enumerate(values, start=1))


def _checked(name: str, number: int, value: object) -> Row:
    if not isinstance(value, dict):
        return Row(name, number, {}, "not a JSON object")
    if any(isinstance(cell, str) and (GARBLED in cell or "\0" in cell) for cell in value.values()):
        return Row(name, number, value, "bytes that are not UTF-8 text")
    return Row(name, number, value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _parquet(name: str, content: bytes, columns: Sequence[str] | None) -> Iterator[Row]:
    try:
        file = pq.ParquetFile(io.BytesIO(content))  # read_table would load pandas, a second for nothing
        there = file.schema_arrow.names
        names = told_apart(there) if columns is None else [column for column in there if column in columns]
        number = 0
        for batch in file.iter_batches(columns=None if columns is None else names):
            cells = [column.to_pylist() for column in batch.columns]
            for number, row in enumerate(zip(*cells, strict=True), start=number + 1):  # noqa: B020
                yield Row(name, number, dict(zip(names, row, strict=True)))
    except (pa.ArrowException, OSError):
        raise WrongFile(f"{name} is not a whole Parquet file") from None


def _stata(name: str, content: bytes) -> Iterator[Row]:
    import pandas as pd  # a second to import, for Stata files only

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnicodeWarning)  # letters older than UTF-8 are read as Latin-1
            # Codes stay numbers, a date too (its days since 1960): what a label or a calendar makes of them is the
            # reader's.
            table = pd.read_stata(io.BytesIO(content), convert_categoricals=False, convert_dates=False)
    except (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, TypeError, ValueError, struct.error):
        raise WrongFile(f"{name} is not a whole Stata file") from None
    names, columns = told_apart([str(column) for column in table]), [table[column].tolist() for column in table]
    rows = enumerate(zip(*columns, strict=True), start=1)
    return (Row(name, n, dict(zip(names, cells, strict=True))) for n, cells in rows)


def _columns_checked(name: str, rows: Iterator[Row], required: Sequence[str]) -> Iterator[Row]:
    """The rows again, once the first good ones have shown the columns that they must have."""
    first: list[Row] = []
    sample: list[Mapping[str, object]] = []
    for row in rows:
        first.append(row)
        if not row.trouble:
            sample.append(row.cells)
        if len(sample) == _ENOUGH:
            break
    missing = [column for column in required if sample and not any(column in cells for cells in sample)]
    if missing:
        raise WrongFile(f"{name} has no column {', '.join(missing)}: it is not the kind of file that was asked for")
    return chain(first, rows)

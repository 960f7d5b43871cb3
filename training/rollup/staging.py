"""Text files of a big feed -> Parquet that every engine reads, each row with the file and line it came from.

The text is read as a stream, never whole. A line of another width than the file's is a rejected row; a file that is cut
short or laid out otherwise is refused as a whole. Parquet that a user brings is left where it is.
"""

from __future__ import annotations

import gzip
import io
import shutil
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from training.reading.records import Reject
from training.rollup.decoding import EMPTY, CleanText
from truce.errors import WrongFile

_BLOCK = 1 << 24
"""Bytes read at once; no line of a feed is as long."""
_SAMPLE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the files of a feed are laid out.

    ``wanted`` are the columns that are taken, ``named`` says what the columns of a text file are called, from how many it has
    and from its first line: the names, and whether that line is a header; None when it is no file of the feed.
    """

    feed: str
    wanted: tuple[str, ...]
    named: Callable[[int, Sequence[str]], tuple[Sequence[str], bool] | None]
    widths: str


@dataclass(slots=True)
class Staged:
    """What lies ready for an engine: parts of our own making, Parquet of the user's, and the rows left behind."""

    parts: list[Path] = field(default_factory=list)
    parquet: list[Path] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def stage(files: Sequence[Path], layout: Layout, folder: Path) -> Staged:
    """Lay out ``files`` for an engine, in ``folder``.

    Raises:
        WrongFile: one of them is empty, cut short, or no file of this feed.
    """
    staged = Staged()
    for file in files:
        with _speaking_of(file.name):
            for name, stream in _members(file):
                _stage_one(file, name, stream, layout, folder, staged)
    return staged


@contextmanager
def _speaking_of(name: str) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise WrongFile(f"{name} is cut short or damaged: its compressed stream has no end") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise WrongFile(f"{name} is not a whole zip file") from None
    except pa.ArrowInvalid:
        raise WrongFile(
            f"{name} cannot be read as a table: is it whole, and the kind of file that was asked for?"
        ) from None
    except OSError as trouble:
        raise WrongFile(f"{name} cannot be read: {trouble.strerror or trouble}") from None


def _members(file: Path) -> Iterator[tuple[str, Any]]:
    with file.open("rb") as raw:
        start = raw.peek(4)[:4]
        if start == b"PK\x03\x04":
            with zipfile.ZipFile(raw) as archive:
                for member in archive.infolist():
                    if not member.is_dir() and not member.filename.startswith("__MACOSX"):
                        yield f"{file.name}/{member.filename}", archive.open(member)
        elif start.startswith(b"\x1f\x8b"):
            yield file.name, gzip.GzipFile(fileobj=raw)
        else:
            yield file.name, raw


def _stage_one(file: Path, name: str, stream: Any, layout: Layout, folder: Path, staged: Staged) -> None:
    if stream.peek(4).startswith(b"PAR1"):
        whole = file if name == file.name and not isinstance(stream, gzip.GzipFile) else _unpacked(stream, name, folder)
        check_parquet(whole, layout)
        staged.parquet.append(whole)
        return
    part = folder / f"part-{len(staged.parts):05}.parquet"
    _write_part(name, CleanText(stream), layout, part, staged.rejects)
    staged.parts.append(part)


def _unpacked(stream: IO[bytes], name: str, folder: Path) -> Path:
    target = folder / name.replace("/", "_")
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out)
    return target


def check_parquet(file: Path, layout: Layout) -> None:
    """Raise WrongFile unless a Parquet file has the feed's columns, and codes that are still text."""
    types = {one.name: one.type for one in pq.read_schema(file)}
    missing = [column for column in layout.wanted if column not in types]
    if missing:
        raise WrongFile(f"{file.name} has no column {', '.join(missing)}: it is no Parquet of {layout.feed}")
    numbers = [c for c in layout.wanted if c.endswith(("EventCode", "CAMEO Code")) and not _is_text(types[c])]
    if numbers:
        raise WrongFile(
            f"{file.name}: {numbers[0]} is a number there, and has lost its leading zeros; write it as text"
        )


def _is_text(kind: Any) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner))


def _write_part(name: str, text: CleanText, layout: Layout, part: Path, rejects: list[Reject]) -> None:
    first = text.first_lines(_SAMPLE)
    if not first:
        raise WrongFile(f"{name} is empty")
    names, has_header = _columns(name, first, layout)
    skipped: list[int] = []

    def passed_over(row: Any) -> str:
        line = row.number + has_header
        skipped.append(line)
        if row.text.strip(f"{EMPTY} "):
            rejects.append(
                Reject(line, f"{row.actual_columns} columns where the file has {row.expected_columns}", name)
            )
        return "skip"

    reader = _reader(text, names, layout.wanted, has_header, passed_over)
    schema = pa.schema([("file", pa.string()), ("line", pa.int64()), *((c, pa.string()) for c in layout.wanted)])
    done = 0
    with pq.ParquetWriter(part, schema) as out:
        for batch in reader:
            out.write_batch(_with_lines(batch, schema, name, _lines(done, batch.num_rows, skipped, has_header)))
            done += batch.num_rows


def _reader(
    text: CleanText,
    names: Sequence[str],
    wanted: Sequence[str],
    has_header: bool,  # noqa: FBT001 - a line to skip
    passed_over: Callable[[Any], str],
) -> Any:
    return pacsv.open_csv(
        io.BufferedReader(text, 1 << 20),
        read_options=pacsv.ReadOptions(
            use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=int(has_header)
        ),
        parse_options=pacsv.ParseOptions(
            delimiter="\t", quote_char=False, ignore_empty_lines=False, invalid_row_handler=passed_over
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=[c for c in wanted if c in names],
            strings_can_be_null=False, check_utf8=False,
        ),
    )  # fmt: skip


def _with_lines(batch: Any, schema: Any, name: str, lines: Any) -> Any:
    blank = pa.nulls(batch.num_rows, pa.string())
    known = dict(zip(batch.schema.names, batch.columns, strict=True))
    known |= {"file": pa.repeat(pa.scalar(name), batch.num_rows), "line": pa.array(lines)}
    return pa.record_batch([known.get(column, blank) for column in schema.names], schema=schema)


def _lines(done: int, count: int, skipped: Sequence[int], has_header: bool) -> Any:  # noqa: FBT001 - a line more
    """The lines of the next ``count`` rows, ``done`` having been read: those passed over before a row push it down."""
    rank = np.arange(done, done + count)
    gaps = np.asarray(skipped, dtype=np.int64) - has_header - 1 - np.arange(len(skipped))
    return rank + 1 + has_header + np.searchsorted(gaps, rank, side="right")


def _columns(name: str, first: Sequence[str], layout: Layout) -> tuple[list[str], bool]:
    rows = [line.split("\t") for line in first]
    body = rows[1:] or rows
    width = Counter(map(len, body)).most_common(1)[0][0]
    found = layout.named(width, rows[0])
    if found is None:
        raise WrongFile(
            f"{name} has {width} columns set apart by tabs, {layout.widths}: it is no file of {layout.feed}"
        )
    names, has_header = found
    return list(names), has_header

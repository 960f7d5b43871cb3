"""The four request formats of `mlflow models serve`, as feature rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.other_ends import SCHEDULE
from truce.errors import BadInput, WrongMedia
from truce.features import NAMES, FeatureTable, feature_set_id

COLUMNS = ("age_days", *NAMES)
MAX_ROWS = 10_000
_NAMED = 5
"""So many columns a refusal names."""
JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
_Read = tuple[Sequence[str], NDArray[np.float64]]

EXAMPLE: dict[str, Any] = {"dataframe_records": [{**dict.fromkeys(COLUMNS, 0), "age_days": 30, SCHEDULE: 60}]}
_VALUES = {"type": "array", "maxItems": MAX_ROWS}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "dataframe_split": {
            "type": "object",
            "required": ["columns", "data"],
            "properties": {"columns": {"type": "array", "items": {"type": "string"}}, "data": _VALUES},
        },
        "dataframe_records": {**_VALUES, "items": {"type": "object"}},
        "instances": _VALUES,
        "inputs": {"anyOf": [{"type": "object"}, _VALUES]},
    },
}
"""Of a JSON body; which columns there must be is the model's affair, and said by its refusal."""


def rows_of(kind: str, body: bytes) -> FeatureTable:
    """The feature rows of a request of a media type.

    Raises:
        WrongMedia: neither JSON nor CSV nor Parquet.
        BadInput: none of the four JSON formats, columns missing or unknown, too many rows, or a value that is no number.
    """
    media = kind.partition(";")[0].strip().lower()
    if media not in _MEDIA:
        raise WrongMedia(f"send {', '.join(_MEDIA)}, not {media[:40]!r}")
    names, matrix = _MEDIA[media](body)
    missing, unknown = sorted(set(COLUMNS) - set(names)), sorted(set(names) - set(COLUMNS))
    if missing or unknown or len(set(names)) != len(names):
        said = [
            f"missing: {_few(missing)}" if missing else "",
            f"unknown: {_few(unknown)}" if unknown else "",
        ]
        raise BadInput(
            f"columns do not fit the model; {'; '.join(filter(None, said)) or 'a name twice'}", code="bad_columns"
        )
    if not len(matrix) or len(matrix) > MAX_ROWS:
        raise BadInput(f"send 1 to {MAX_ROWS} rows", code="bad_rows")
    return _table(matrix[:, [list(names).index(name) for name in COLUMNS]])


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _json(body: bytes) -> _Read:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("the body is no JSON", code="bad_json") from None
    if not isinstance(value, dict) or len(given := [name for name in _READERS if name in value]) != 1:
        raise BadInput(f"send exactly one of {', '.join(_READERS)}", code="bad_format")
    return _READERS[given[0]](value[given[0]])


def _csv(body: bytes) -> _Read:
    try:
        names, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        return names, _matrix([[float(cell) if cell else None for cell in row] for row in rows if row], len(names))
    except (UnicodeDecodeError, ValueError, csv.Error) as trouble:
        raise BadInput(f"the body is no CSV of numbers: {trouble}", code="bad_csv") from None


def _parquet(body: bytes) -> _Read:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(io.BytesIO(body))
        rows = [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
        return table.column_names, _matrix(rows, table.num_columns)
    except (pa.ArrowException, OSError):
        raise BadInput("the body is no Parquet file", code="bad_parquet") from None


def _table(matrix: NDArray[np.float64]) -> FeatureTable:
    age, values = matrix[:, 0], matrix[:, 1:]
    optional = NAMES.index(SCHEDULE)
    required = np.delete(values, optional, axis=1)
    if not np.isfinite(required).all() or np.isinf(values).any():
        raise BadInput(f"every value is a finite number; only {SCHEDULE} may be null", code="bad_value")
    if not ((age >= 0) & (age <= 100_000) & (age == np.floor(age))).all():  # noqa: PLR2004
        raise BadInput("age_days is a whole number of days, not negative", code="bad_value")
    count = len(matrix)
    return FeatureTable(
        NAMES, values, age.astype(np.int64), np.full(count, ""), np.full(count, np.datetime64("NaT", "s")), feature_set_id()
    )  # fmt: skip


def _split(body: Any) -> _Read:
    if not isinstance(body, dict) or not {"columns", "data"} <= body.keys():
        raise BadInput("dataframe_split holds columns and data", code="bad_format")
    return [str(name) for name in _list(body["columns"])], _matrix(body["data"], len(body["columns"]))


def _records(body: Any) -> _Read:
    rows = _list(body)
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise BadInput("dataframe_records is a list of objects", code="bad_format")
    names = list(rows[0])
    if any(row.keys() != rows[0].keys() for row in rows):
        raise BadInput("every record has the same columns", code="bad_columns")
    return names, _matrix([list(row.values()) for row in [{n: r[n] for n in names} for r in rows]], len(names))


def _instances(body: Any) -> _Read:
    rows = _list(body)
    return _records(rows) if rows and isinstance(rows[0], dict) else (COLUMNS, _matrix(rows, len(COLUMNS)))


def _inputs(body: Any) -> _Read:
    if not isinstance(body, dict):
        return _instances(body)
    lengths = {len(_list(column)) for column in body.values()}
    if len(lengths) != 1:
        raise BadInput("inputs has columns of one length", code="bad_columns")
    return list(body), _matrix([list(row) for row in zip(*body.values(), strict=True)], len(body))


_READERS = {"dataframe_split": _split, "dataframe_records": _records, "instances": _instances, "inputs": _inputs}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadInput("a list was expected", code="bad_format")
    return value


def _matrix(rows: Any, width: int) -> NDArray[np.float64]:
    for k, row in enumerate(_list(rows)):
        if not isinstance(row, list) or len(row) != width:
            raise BadInput(f"row {k} does not have {width} values", code="bad_columns")
        if any(isinstance(value, bool) or not isinstance(value, int | float | None) for value in row):
            raise BadInput(f"row {k} holds a value that is no number", code="bad_value")
    try:
        return np.array([[np.nan if v is None else float(v) for v in row] for row in rows], dtype=float).reshape(
            len(rows), width
        )
    except OverflowError:
        raise BadInput("a number is too large", code="bad_value") from None


_MEDIA: dict[str, Callable[[bytes], _Read]] = {JSON: _json, CSV: _csv, PARQUET: _parquet}

"""The four request formats of `mlflow models serve`, as feature rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.other_ends import SCHEDULE
from truce.errors import BadInput
from truce.features import NAMES, FeatureTable, feature_set_id

COLUMNS = ("age_days", *NAMES)
MAX_ROWS = 10_000


def rows_of(body: Any) -> FeatureTable:
    """The feature rows of a request.

    Raises:
        BadInput: none of the four formats, columns missing or unknown, too many rows, or a value that is no number.
    """
    if not isinstance(body, dict) or len(given := [name for name in _READERS if name in body]) != 1:
        raise BadInput(f"send exactly one of {', '.join(_READERS)}", code="bad_format")
    names, matrix = _READERS[given[0]](body[given[0]])
    missing, unknown = sorted(set(COLUMNS) - set(names)), sorted(set(names) - set(COLUMNS))
    if missing or unknown or len(set(names)) != len(names):
        said = [
            f"missing: {', '.join(missing[:5])}" if missing else "",
            f"unknown: {', '.join(unknown[:5])}" if unknown else "",
        ]
        raise BadInput(
            f"columns do not fit the model; {'; '.join(filter(None, said)) or 'a name twice'}", code="bad_columns"
        )
    if not len(matrix) or len(matrix) > MAX_ROWS:
        raise BadInput(f"send 1 to {MAX_ROWS} rows", code="bad_rows")
    return _table(matrix[:, [list(names).index(name) for name in COLUMNS]])


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


def _split(body: Any) -> tuple[Sequence[str], NDArray[np.float64]]:
    if not isinstance(body, dict) or not {"columns", "data"} <= body.keys():
        raise BadInput("dataframe_split holds columns and data", code="bad_format")
    return [str(name) for name in _list(body["columns"])], _matrix(body["data"], len(body["columns"]))


def _records(body: Any) -> tuple[Sequence[str], NDArray[np.float64]]:
    rows = _list(body)
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise BadInput("dataframe_records is a list of objects", code="bad_format")
    names = list(rows[0])
    if any(row.keys() != rows[0].keys() for row in rows):
        raise BadInput("every record has the same columns", code="bad_columns")
    return names, _matrix([list(row.values()) for row in [{n: r[n] for n in names} for r in rows]], len(names))


def _instances(body: Any) -> tuple[Sequence[str], NDArray[np.float64]]:
    rows = _list(body)
    return _records(rows) if rows and isinstance(rows[0], dict) else (COLUMNS, _matrix(rows, len(COLUMNS)))


def _inputs(body: Any) -> tuple[Sequence[str], NDArray[np.float64]]:
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
            -1, width
        )
    except OverflowError:
        raise BadInput("a number is too large", code="bad_value") from None

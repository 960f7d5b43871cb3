from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.reading.spells import Columns, Spells, read
from training.reading.tables import rows_of
from truce.errors import BadInput, TrucecastError, WrongFile

COLUMNS = Columns(stop="stop", event="event", features=("x", "z"), start="start", group="land")
TABLE = "start,stop,event,x,z,land\n0,5,1,0.5,1,NA\n5,9.5,0,-2e3,0,FR\n2,3,1,.5,1,NA\n"


def spells(folder: Path, content: str | bytes, columns: Columns = COLUMNS, name: str = "table.csv") -> Spells:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, columns)


def assert_is_the_table(found: Spells) -> None:
    np.testing.assert_array_equal(found.start, [0, 5, 2])
    np.testing.assert_array_equal(found.stop, [5, 9.5, 3])
    np.testing.assert_array_equal(found.event, [True, False, True])
    np.testing.assert_array_equal(found.x, [[0.5, 1], [-2000, 0], [0.5, 1]])
    assert found.groups is not None
    assert found.groups.tolist() == [0, 1, 0]
    assert (found.dropped, found.missing) == (0, {})


@pytest.mark.parametrize("wrap", ["csv", "csv.gz", "parquet", "dta"])
def test_the_same_spells_are_read_from_every_kind_of_file(tmp_path: Path, wrap: str) -> None:
    path = tmp_path / f"table.{wrap}"
    rows = [row.split(",") for row in TABLE.splitlines()]
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    numbers = frame.astype(dict.fromkeys(rows[0][:-1], float)).astype({"z": bool})
    if wrap == "parquet":
        numbers.to_parquet(path)
    elif wrap == "dta":
        numbers.to_stata(path, write_index=False)
    else:
        path.write_bytes(gzip.compress(TABLE.encode()) if wrap == "csv.gz" else TABLE.encode())
    assert_is_the_table(read(path, COLUMNS))


def test_a_stata_file_is_known_by_its_content_and_its_labels_stay_codes(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"kind": pd.Categorical(["low", "high", "low"], categories=["low", "high"]), "t": [1.5, np.nan, 3]}
    )
    for version in (114, 117, 118):
        path = tmp_path / f"release{version}.bin"
        frame.to_stata(path, write_index=False, version=version)
        cells = [dict(row.cells) for row in rows_of(path, ["kind", "t"])]
        assert [cell["kind"] for cell in cells] == [0, 1, 0]
        assert cells[0]["t"] == 1.5
        assert np.isnan(cells[1]["t"])  # type: ignore[call-overload]


@pytest.mark.parametrize("version", [114, 118])
def test_a_damaged_stata_file_is_refused_in_one_line(tmp_path: Path, version: int) -> None:
    path = tmp_path / "whole.dta"
    pd.DataFrame({"a": np.arange(50.0), "b": ["x"] * 50}).to_stata(path, write_index=False, version=version)  # type: ignore[arg-type]
    content = path.read_bytes()
    for cut in range(20, len(content) - 100, 97):
        path.write_bytes(content[:cut])
        with pytest.raises(WrongFile, match=r"^whole\.dta is not a whole Stata file$"):
            rows_of(path, ["a"])


def test_rows_with_a_missing_value_in_a_column_used_are_dropped_and_counted_by_column(tmp_path: Path) -> None:
    more = "0,4,NA,1,1,FR\n0,4,1,.,1,FR\n0,4,0,1,.b,FR\n0,4,0,,NaN,FR\n0,4,0,1,1,\n0,4,0,1,1,.\n"
    found = spells(tmp_path, TABLE + more)
    assert_is_the_table(replace(found, dropped=0, missing={}))
    assert (found.dropped, found.missing) == (6, {"event": 1, "x": 2, "z": 2, "land": 2})


def test_a_missing_value_in_a_column_not_used_drops_nothing(tmp_path: Path) -> None:
    found = spells(
        tmp_path, "stop,event,x,other\n1,1,2,\n2,0,3,\n", Columns(stop="stop", event="event", features=("x",))
    )
    assert (len(found.stop), found.dropped, found.groups) == (2, 0, None)
    np.testing.assert_array_equal(found.start, [0, 0])


def test_events_and_features_may_be_words_for_true_and_false(tmp_path: Path) -> None:
    columns = Columns(stop="stop", event="event", features=("x",))
    found = spells(tmp_path, "stop,event,x\n1,True,FALSE\n2,false,TRUE\n", columns)
    assert (found.event.tolist(), found.x.ravel().tolist()) == ([True, False], [0, 1])


def test_a_group_may_be_a_feature_too(tmp_path: Path) -> None:
    columns = Columns(stop="stop", event="event", features=("x",), group="x")
    found = spells(tmp_path, "stop,event,x\n1,1,7\n2,0,8\n2,0,\n", columns)
    assert found.groups is not None
    assert (found.groups.tolist(), found.x.ravel().tolist(), found.dropped) == ([0, 1], [7, 8], 1)


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (TABLE.replace("stop", "Stopp"), "no_column", "table.csv has no column stop; near it: Stopp"),
        (TABLE.replace("stop", "STOP"), "no_column", "has no column stop; near it: STOP"),
        (TABLE.replace(",x,", ",quite_other,"), "no_column", "has no column x; it has: start, stop, event, quite_other, z, land"),
        (TABLE.replace(",z,", ",x,"), "two_columns", "table.csv has two columns x: rename one"),
        (TABLE + "0,5,1,high,1,FR\n", "not_numeric", "x is 'high' in line 5: it must be a number"),
        (TABLE + "0,5,1,inf,1,FR\n", "not_numeric", "x is 'inf' in line 5"),
        (TABLE + "0,2001-05-06,1,1,1,FR\n", "not_numeric", "stop is '2001-05-06' in line 5"),
        (TABLE + "0,5,2,1,1,FR\n0,5,-1,1,1,FR\n", "bad_event", "event is 2 in line 5: an event is 0 or 1; 2 such"),
        (TABLE + "0,5,0.5,1,1,FR\n", "bad_event", "event is 0.5"),
        (TABLE + "-3,5,0,1,1,FR\n", "bad_times", "start is -3 in line 5: time runs from 0; 1 such"),
        (TABLE + "0,-5,0,1,1,FR\n", "bad_times", "stop is -5 in line 5"),
        (TABLE + "7,7,0,1,1,FR\n8,3,0,1,1,FR\n", "bad_times", "stop 7 is not after start 7 in line 5; 2 such"),
        (TABLE + "7,8,0\n", "bad_row", "line 5 of table.csv: 3 cells under a header of 6"),
        ("start,stop,event,x,z,land\n0,5,1,,1,A\n0,6,0,,1,B\n", "no_rows", "no row of table.csv is complete: x 2 missing"),
        ("start,stop,event,x,z,land\n", "wrong_file", "table.csv holds no rows"),
        ("", "wrong_file", "table.csv is empty"),
    ],
)  # fmt: skip
def test_a_table_that_makes_no_sense_is_refused_in_one_line_with_a_code(
    tmp_path: Path, content: str, code: str, says: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        spells(tmp_path, content)
    assert says in refusal.value.detail
    assert "\n" not in refusal.value.detail
    assert refusal.value.code == code


def test_without_entry_times_a_row_that_ends_at_0_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="stop 0 is not after the start 0 in line 2"):
        spells(tmp_path, "stop,event,x\n0,1,2\n2,0,3\n", Columns(stop="stop", event="event", features=("x",)))


def test_a_date_in_parquet_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pd.DataFrame({"stop": pd.to_datetime(["2020-01-01"]), "event": [1], "x": [1.0]}).to_parquet(path)
    with pytest.raises(TrucecastError, match=r"stop is .* in line 1: it must be a number"):
        read(path, Columns(stop="stop", event="event", features=("x",)))

from __future__ import annotations

import gzip
import json
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.reading.tables import rows_of
from truce.errors import WrongFile


def written(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (row,) = rows_of(written(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n"), ["a"])
    assert row.cells == {"a": "1", "b": "2"}


def test_lines_may_end_as_they_do_on_windows(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, b"a,b\r\n1,2\r\n3,4\r\n"), ["a"])
    assert [row.cells["b"] for row in rows] == ["2", "4"]


def test_a_quoted_cell_may_hold_line_breaks_and_commas(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, b'a,b\n"one,\ntwo",2\n3,4\n'), ["a"])
    assert [(row.line, row.cells["a"], row.trouble) for row in rows] == [(2, "one,\ntwo", ""), (4, "3", "")]


def test_headers_that_are_repeated_are_no_rows(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, b"a,b\n#date,#geo\n1,2\na,b\n3,4\n\n"), ["a"])
    assert [row.line for row in rows] == [3, 5]


def test_a_quote_left_open_costs_its_own_line_only(tmp_path: Path) -> None:
    lines = ["a,b", *(f"{k},x" for k in range(200))]
    lines[50] = '"49,x'
    rows = rows_of(written(tmp_path, "\n".join(lines).encode()), ["a"])
    assert len(rows) == 200
    assert [row.line for row in rows if row.trouble] == [51]


def test_a_row_of_another_width_is_handed_on_with_its_trouble(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, b"a,b\n1,2\n1,2,3\n1\n"), ["a"])
    assert [bool(row.trouble) for row in rows] == [False, True, True]


def test_bytes_that_are_no_text_trouble_their_row_and_no_other(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, b"a,b\n1,2\n\xff\xfe,2\n3,4\n"), ["a"])
    assert [row.line for row in rows if row.trouble] == [3]


@pytest.mark.parametrize("wrap", ["plain", "gz", "zip"])
def test_the_same_table_is_found_in_every_wrapping(tmp_path: Path, wrap: str) -> None:
    content = b'{"a": 1, "b": ["x", "y"]}\n\n{"a": 2, "b": []}\n'
    path = tmp_path / "lines.bin"
    if wrap == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner.jsonl", content)
            archive.writestr("__MACOSX/inner.jsonl", b"\0")
    else:
        path.write_bytes(gzip.compress(content) if wrap == "gz" else content)
    assert [row.cells for row in rows_of(path, ["a"])] == [{"a": 1, "b": ["x", "y"]}, {"a": 2, "b": []}]


def test_a_json_array_is_a_table_too(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, json.dumps([{"a": 1}, 7]).encode()), ["a"])
    assert [row.trouble for row in rows] == ["", "not a JSON object"]


@pytest.mark.parametrize("envelope", ['{"count": 2, "data": %s}', '{"TotalPages": 1,\n "Result": %s\n}\n'])
def test_the_answer_of_an_api_is_a_table_too(tmp_path: Path, envelope: str) -> None:
    rows = rows_of(written(tmp_path, (envelope % '[{"a": 1}, 7]').encode()), ["a"])
    assert [(row.line, row.cells, row.trouble) for row in rows] == [(1, {"a": 1}, ""), (2, {}, "not a JSON object")]


def test_json_lines_stay_lines_though_a_cell_is_called_data(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, b'{"a": 1, "data": []}\n{"a": 2, "data": []}\n'), ["a"])
    assert [row.cells["a"] for row in rows] == [1, 2]


def test_a_number_that_json_does_not_know_troubles_its_line(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, b'{"a": 1}\n{"a": NaN}\n{"a": \n'), ["a"])
    assert [row.line for row in rows if row.trouble] == [2, 3]


def test_parquet_cells_keep_their_kind(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2], "b": [["x"], []]}), tmp_path / "t.parquet")
    assert [row.cells for row in rows_of(tmp_path / "t.parquet", ["a"])] == [{"a": 1, "b": ["x"]}, {"a": 2, "b": []}]


NOISE = random.Random(4).randbytes(4000)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"a,b\n", "no rows"),
        (NOISE, "is not text"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 5000, mtime=0)[:-20], "cut short"),
        (b"\x1f\x8b" + NOISE, "not a whole gzip file"),
        (b"PK\x03\x04" + NOISE, "not a whole zip file"),
        (b"PAR1" + NOISE, "not a whole Parquet file"),
        (b"{no json\n{none\n", "no line of JSON"),
        (b"[1, 2", "not a JSON array"),
        (b"b,c\n1,2\n", "has no column a"),
        (b'{"b": 1}\n', "has no column a"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(WrongFile, match=says) as refusal:
        rows_of(written(tmp_path, content), ["a"])
    assert "\n" not in refusal.value.detail
    assert refusal.value.detail.startswith("table.csv")


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="cannot be read"):
        rows_of(tmp_path, ["a"])

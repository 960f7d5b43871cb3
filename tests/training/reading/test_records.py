from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import Reject, expand, read_all, tally, write_rejects
from training.reading.tables import Row
from truce.errors import BadInput, WrongFile


def parse(row: Cells) -> tuple[str, str | None]:
    value = cells.required(row, "value")
    return cells.required(row, "id"), None if value == "nothing" else value


def rows(pairs: Sequence[tuple[str, str]]) -> list[Row]:
    return [Row("f.csv", line, {"id": name, "value": value}) for line, (name, value) in enumerate(pairs, start=2)]


def test_every_row_is_counted_once() -> None:
    told = [("a", "1"), ("a", "1"), ("a", "2"), ("b", "nothing"), ("b", "nothing"), ("", "3"), ("c", "3")]
    result = tally(rows(told), parse, files=1)
    assert result.rows.as_dict() == {"read": 7, "duplicate": 2, "rejected": 2, "merged": 0, "accepted": 3}
    assert result.records == ["1", "3"]
    assert [(reject.line, reject.reason) for reject in result.rejects] == [
        (4, "a came before with other content"),
        (7, "id is missing"),
    ]


@given(st.lists(st.tuples(st.sampled_from("abc "), st.sampled_from(["1", "2", "", "nothing"]))))
def test_the_counts_always_add_up(told: list[tuple[str, str]]) -> None:
    counts = tally(rows(told), parse, files=1).rows
    assert counts.read == len(told)
    assert counts.read == counts.duplicate + counts.rejected + counts.merged + counts.accepted


def test_a_row_with_trouble_is_rejected_for_that_reason() -> None:
    result = tally([Row("f.csv", 9, {}, "broken")], parse, files=1)
    assert result.rejects == [Reject(9, "broken", "f.csv")]


def test_files_folders_and_globs_stand_for_files_each_once(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "notes.md"):
        (tmp_path / name).write_text("id,value\n")
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    assert expand([tmp_path]) == [a, b]
    assert expand([tmp_path / "*.csv"]) == [a, b]
    assert expand([b, tmp_path]) == [b, a]


@pytest.mark.parametrize("name", ["missing.csv", "*.nothing"])
def test_a_path_that_stands_for_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongFile, match="no such file"):
        expand([tmp_path / name])


def test_one_wrong_file_among_many_stops_the_whole_reading(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,value\nx,1\n")
    (tmp_path / "b.csv").write_text("other\n1\n")
    with pytest.raises(WrongFile, match=r"b\.csv"):
        read_all([tmp_path], ["id"], parse)


def test_the_same_row_in_two_files_is_a_duplicate(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,value\nx,1\n")
    result = read_all([tmp_path], ["id"], parse)
    assert (result.files, result.rows.duplicate, result.records) == (2, 1, ["1"])


def test_rejects_are_written_with_file_line_and_reason(tmp_path: Path) -> None:
    path = write_rejects(tmp_path / "new", "truces", [Reject(3, 'says "no", twice', "f.csv")])
    with path.open(newline="") as lines:
        assert list(csv.reader(lines)) == [["file", "line", "reason"], ["f.csv", "3", 'says "no", twice']]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("A;B", ("A", "B")),
        ("A (x;y);B", ("A (x;y)", "B")),
        ("A [x;(y;z)]; B ;", ("A [x;(y;z)]", "B")),
        ("A);B", ("A)", "B")),
        ("", ()),
    ],
)
def test_a_semicolon_inside_brackets_belongs_to_the_name(written: str, parts: tuple[str, ...]) -> None:
    assert cells.several({"sides": written}, "sides") == parts


@pytest.mark.parametrize("value", [[1], {"a": 1}, True])
def test_a_list_must_hold_texts(value: object) -> None:
    with pytest.raises(BadInput, match="sides is not"):
        cells.several({"sides": value}, "sides")


@pytest.mark.parametrize(
    ("written", "says"), [("-1", "range"), ("1.5", "whole"), ("many", "not a number"), ("inf", "range")]
)
def test_a_count_is_a_whole_number_of_at_least_zero(written: str, says: str) -> None:
    with pytest.raises(BadInput, match=f"deaths is .*{says}"):
        cells.count({"deaths": written}, "deaths")

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from training.reading import cells
from training.reading.cells import Cells
from training.reading.grouped import build_all, gather
from training.reading.records import Reject
from training.reading.tables import Row
from truce.errors import BadInput

Told = tuple[str, str, str]


def rows(told: Sequence[Told]) -> list[Row]:
    """Rows of a group, a value, and a running number that says nothing."""
    cells_of = ("group", "value")
    return [
        Row("f.csv", line, {**dict(zip(cells_of, words, strict=False)), "id": str(line)}, words[2])
        for line, words in enumerate(told, start=2)
    ]


def group_of(row: Cells) -> str:
    return cells.required(row, "group")


def joined(members: list[Cells]) -> str | None:
    values = [cells.text(member, "value") or "" for member in members]
    if "bad" in values:
        raise BadInput("a bad value")
    return None if values == ["nothing"] else "+".join(values)


def test_each_row_of_a_group_is_accepted_merged_or_rejected_with_all_others() -> None:
    told = [
        ("a", "1", ""), ("a", "2", ""), ("b", "1", ""), ("a", "1", ""), ("c", "bad", ""), ("c", "1", ""),
        ("", "1", ""), ("d", "1", "cut short"), ("e", "nothing", ""),
    ]  # fmt: skip
    result = build_all(gather(rows(told), group_of, ignoring=("id",)), joined, files=1)
    assert result.records == ["1+2", "1"]
    assert result.rows.as_dict() == {"read": 9, "duplicate": 1, "rejected": 4, "merged": 1, "accepted": 3}
    assert set(result.rejects) == {
        Reject(6, "a bad value", "f.csv"), Reject(7, "a bad value", "f.csv"), Reject(8, "group is missing", "f.csv"),
        Reject(9, "cut short", "f.csv"),
    }  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", ""]), st.sampled_from(["1", "2", "bad"]), st.sampled_from(["", "torn"]))
    )
)
def test_the_counts_of_groups_always_add_up(told: list[Told]) -> None:
    result = build_all(gather(rows(told), group_of, ignoring=("id",)), joined, files=1)
    counts = result.rows
    assert counts.read == len(told) == counts.duplicate + counts.rejected + counts.merged + counts.accepted
    assert counts.rejected == len(result.rejects)
    assert counts.accepted == len(result.records)


def test_a_group_with_a_row_that_cannot_be_read_gives_no_record() -> None:
    rows = [
        Row("f", 2, {"key": "a", "x": "1"}),
        Row("f", 3, {"key": "a"}, "1 cells under a header of 2"),
        Row("f", 4, {"key": "b", "x": "2"}),
    ]
    result = build_all(gather(rows, lambda cells: str(cells["key"])), len, 1)
    assert result.records == [1]
    assert [(reject.line, reject.reason) for reject in result.rejects] == [
        (3, "1 cells under a header of 2"),
        (2, "another row of a cannot be read"),
    ]
    assert result.rows.as_dict() == {"read": 3, "duplicate": 0, "rejected": 2, "merged": 0, "accepted": 1}

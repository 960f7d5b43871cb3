from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given

from tests.examples import truces as any_truce
from training.reading.records import SourceResult
from training.sources import truces
from truce.clock import end_of
from truce.errors import BadInput, WrongFile
from truce.vocabulary import Outcome, Truce

TODAY = date(2024, 6, 15)
ROW = {
    "truce_id": "xxx-2020-03-river",
    "iso3": "XXX;YYY",
    "side_a": "Government of X",
    "side_b": "River Front;Hill Army (north;south)",
    "effective_date": "2020-03-01",
    "outcome": "broke",
    "end_date": "2020-04-10",
}


def of(**changes: str) -> Truce:
    return truces.from_row(ROW | changes, today=TODAY)


def read(folder: Path, rows: list[dict[str, str]], observed_to: date | None = None) -> SourceResult[Truce]:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=sorted({column for row in rows for column in row}))
    writer.writeheader()
    writer.writerows(rows)
    (folder / "truces.csv").write_text(out.getvalue(), newline="")
    return truces.read([folder / "truces.csv"], observed_to=observed_to, today=TODAY)


def test_what_the_file_leaves_open_is_derived() -> None:
    truce = of()
    assert truce.conflict == "xxx"
    assert truce.name == truce.truce_id
    assert truce.start_known_at == end_of(date(2020, 3, 3))
    assert truce.end_known_at == end_of(date(2020, 4, 12))


def test_what_the_file_says_goes_before_what_is_derived() -> None:
    truce = of(conflict="theatre", start_known_at="2020-03-01", end_known_at="2020-04-10T06:00:00Z", name="River truce")
    assert (truce.conflict, truce.name) == ("theatre", "River truce")
    assert truce.start_known_at == end_of(date(2020, 3, 1))
    assert truce.end_known_at == datetime(2020, 4, 10, 6, tzinfo=UTC)


def test_parties_are_split_outside_brackets_only() -> None:
    assert of().side_b == ("River Front", "Hill Army (north;south)")


def test_every_truce_is_followed_to_the_day_that_was_given_however_it_ended(tmp_path: Path) -> None:
    ongoing = ROW | {"truce_id": "b", "outcome": "ongoing", "end_date": ""}
    unknown = ongoing | {"truce_id": "c", "outcome": "unknown"}
    result = read(tmp_path, [ROW, ongoing, unknown], observed_to=date(2023, 12, 31))
    assert [truce.observed_to for truce in result.records] == [date(2023, 12, 31)] * 3
    assert [truce.end_known_at for truce in result.records][1:] == [None, None]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"truce_id": ""}, "truce_id is missing"),
        ({"truce_id": "a/b c"}, "may hold letters"),
        ({"side_a": ""}, "side_a is missing"),
        ({"iso3": ""}, "iso3 is missing"),
        ({"iso3": "xxx"}, "three-letter country code"),
        ({"effective_date": ""}, "effective_date is missing"),
        ({"effective_date": "1994-02-31", "end_date": "1994-03-02"}, "effective_date: '1994-02-31' is not a day"),
        ({"effective_date": "2099-01-01", "end_date": "2099-01-02"}, "effective_date 2099-01-01 is in the future"),
        ({"end_date": "2099-01-02"}, "end_date 2099-01-02 is in the future"),
        ({"end_date": "2020-02-28"}, "end_date 2020-02-28 is before effective_date"),
        ({"scheduled_end": "2020-02-28"}, "scheduled_end 2020-02-28 is before"),
        ({"first_violation": "2020-02-28"}, "first_violation 2020-02-28 is before"),
        ({"outcome": "vanished"}, "outcome is 'vanished'"),
        ({"outcome": ""}, "outcome is missing"),
        ({"outcome": "ongoing"}, "stands beside the outcome ongoing"),
        ({"end_date": ""}, "end_date is missing though the outcome is broke"),
        ({"outcome": "ongoing", "end_date": "", "observed_to": "2020-02-01"}, "observed_to 2020-02-01 is before"),
        ({"purpose": "fun"}, "purpose is 'fun'"),
        ({"conditions": "talks;luck"}, "conditions: 'luck'"),
        ({"start_known_at": "soon"}, "start_known_at: 'soon' is neither"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_its_reason(changes: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput) as refusal:
        of(**changes)
    assert says in refusal.value.detail


def test_rejected_rows_are_counted_and_the_others_kept(tmp_path: Path) -> None:
    rows = [ROW | {"truce_id": f"t{k}"} for k in range(100)]
    rows[7]["end_date"] = "1994-02-31"
    result = read(tmp_path, [*rows, rows[3], rows[4] | {"outcome": "expired"}])
    assert result.rows.as_dict() == {"read": 102, "duplicate": 1, "rejected": 2, "merged": 0, "accepted": 99}
    assert [(reject.file, reject.line) for reject in result.rejects] == [("truces.csv", 9), ("truces.csv", 103)]
    assert result.rejects[1].reason == "t4 came before with other content"


def test_an_events_file_is_no_truces_file(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        "type,modality,occurred_on,known_at,source\nassault,actual,2020-01-01,2020-01-01,x\n"
    )
    with pytest.raises(WrongFile, match="has no column truce_id"):
        truces.read([tmp_path / "events.csv"])


@given(any_truce())
def test_a_truce_that_is_written_reads_back_the_same(truce: Truce) -> None:
    ongoing = truce.outcome is Outcome.ONGOING
    wanted = truce if ongoing else truces.from_row(truces.to_row(truce), today=TODAY)
    assert truces.from_row(truces.to_row(wanted), today=TODAY) == wanted

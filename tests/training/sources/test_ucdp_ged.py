from __future__ import annotations

import csv
import gzip
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.training.sources.ged_rows import BASE, dated, row, written
from training.reading.records import SourceResult
from training.sources import ucdp_ged
from training.sources.ucdp_releases import Page, release_of
from truce.clock import end_of
from truce.errors import WrongFile
from truce.store.releases import Cover
from truce.vocabulary import Event, EventType, Modality

TODAY = date(2024, 11, 20)
EVENT = Event(
    event_id="ged:1000",
    type=EventType.ASSAULT,
    modality=Modality.ACTUAL,
    occurred_on=date(2015, 3, 5),
    known_at=end_of(date(2016, 6, 30)),
    source="ucdp-ged",
    source_ref="1000",
    actor="Government of Iraq",
    target="River Front",
    iso3=("IRQ",),
    deaths=3,
    latitude=33.5,
    longitude=43.75,
    ids=(
        "ucdp_dyad:9001", "ucdp_conflict:9100", "ucdp_actor:116", "ucdp_actor:9234", "ucdp_violence:1", "ucdp_prec:1",
    ),
)  # fmt: skip


def read(folder: Path, *rows: dict[str, Any], name: str = "iraq.csv") -> SourceResult[Event]:
    return ucdp_ged.read([written(folder / name, rows)], today=TODAY)


def only(folder: Path, **changes: Any) -> Event:
    (event,) = read(folder, row(**changes)).records
    return event


def why(folder: Path, **changes: Any) -> str:
    (reject,) = read(folder, row(**changes)).rejects
    return reject.reason


def test_a_row_is_an_attack_between_its_two_sides(tmp_path: Path) -> None:
    assert only(tmp_path) == EVENT


def test_csv_plain_packed_and_zipped_parquet_and_json_say_the_same(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.csv", [row()])
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(plain, "GED.csv")
    pq.write_table(pa.Table.from_pylist([row()]), tmp_path / "d.parquet")
    (tmp_path / "e.json").write_text(json.dumps([row()], indent=1))
    page = {"TotalCount": 1, "TotalPages": 1, "PreviousPageUrl": "", "NextPageUrl": "", "Result": [row(gwnob=None)]}
    (tmp_path / "f.json").write_text(json.dumps(page))
    (tmp_path / "g.json").write_text(json.dumps(page, indent=2))
    (tmp_path / "h.json.gz").write_bytes(gzip.compress(json.dumps(page).encode()))
    for path in sorted(tmp_path.iterdir()):
        assert ucdp_ged.read([path], today=TODAY).records == [EVENT], path.name
    together = ucdp_ged.read([tmp_path], today=TODAY)
    assert together.rows.as_dict() == {"read": 8, "duplicate": 7, "rejected": 0, "merged": 0, "accepted": 1}


def test_tags_of_hxl_under_the_header_are_no_row(tmp_path: Path) -> None:
    tags = dict.fromkeys(BASE, "") | {"date_start": "#date+start", "best": "#affected+killed"}
    assert read(tmp_path, tags, row()).rows.read == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"date_start": "2015-03-05 00:00:00.000", "date_end": "2015-03-05 00:00:00.000"},
        {"date_start": "2015-03-05T00:00:00", "date_end": "2015-03-05T00:00:00"},
        {"date_start": "3/5/2015", "date_end": "03/05/2015 0:00"},
        {"id": "1000.0", "best": "3.0", "type_of_violence": "1.0", "date_prec": "1.0", "dyad_new_id": "9001.0"},
        {"iso3": "", "country": ""},
        {"iso3": "", "country_id": "645.0"},
        {"iso3": "", "country_id": "", "country": "IRAQ"},
        {"side_b": " River Front "},
    ],
)
def test_the_spellings_of_other_copies_are_the_same_event(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert only(tmp_path, **changes) == EVENT


def test_a_header_of_another_version_is_read_by_its_other_names(tmp_path: Path) -> None:
    names = {"dyad_new_id": "dyad_id", "conflict_new_id": "conflict_id", "side_a_new_id": "side_a_id"}
    old = {names.get(column, column): value for column, value in row(a_new_column="x").items() if column != "relid"}
    assert read(tmp_path, old).records == [EVENT]


def test_an_event_of_several_days_is_dated_by_its_last(tmp_path: Path) -> None:
    event = only(tmp_path, date_start="2015-12-28", date_end="2016-01-02")
    assert (event.began_on, event.occurred_on) == (date(2015, 12, 28), date(2016, 1, 2))
    assert event.known_at == end_of(date(2017, 6, 30)), "the release after the year in which it ended"


def test_nobody_killed_is_kept_and_no_estimate_is_not(tmp_path: Path) -> None:
    assert only(tmp_path, best=0).deaths == 0
    assert why(tmp_path, best="") == "best is missing"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": ""}, "id is missing"),
        ({"id": "IRQ-7"}, "not a number of UCDP"),
        ({"best": -1}, "best is -1, out of range"),
        ({"best": "many"}, "best is 'many', not a number"),
        ({"best": 2.5}, "best is not a whole number"),
        ({"date_end": ""}, "date_end is missing"),
        ({"date_end": "2015-02-30"}, "date_end: '2015-02-30' is not a day"),
        ({"date_start": "13/31/2014"}, "date_start: '2014-13-31' is not a day"),
        ({"date_start": "2015-03-06"}, "date_start 2015-03-06 is after date_end 2015-03-05"),
        ({"date_end": "2099-01-01"}, "date_end 2099-01-01 is in the future"),
        ({"date_end": "9999-12-31"}, "date_end 9999-12-31 is in the future"),
        ({"type_of_violence": 4}, "type_of_violence is 4, not one of 1 to 3"),
        ({"type_of_violence": ""}, "type_of_violence is missing"),
        ({"date_prec": 9}, "date_prec is 9, not one of 1 to 5"),
        ({"side_a": " "}, "side_a is missing"),
        ({"latitude": 91}, "latitude is 91, out of range"),
        ({"longitude": "nan"}, "longitude is nan, out of range"),
        ({"dyad_new_id": "x"}, "dyad_new_id is 'x', not a number"),
        ({"iso3": "", "country_id": 99999, "country": "Nowhere"}, "no country is known by iso3 none, country_id 99999"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_with_its_reason(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    assert says in why(tmp_path, **changes)


def test_a_cell_of_json_that_is_a_list_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([row(), row(2, dyad_new_id=[1, 2]), row(3, side_a={"a": 1})]))
    result = ucdp_ged.read([tmp_path], today=TODAY)
    assert [reject.reason for reject in result.rejects] == ["dyad_new_id is not one value", "side_a is not one value"]
    assert result.unread == {"ged:2", "ged:3"}


def test_the_same_id_with_other_content_is_rejected_and_with_the_same_counted(tmp_path: Path) -> None:
    result = read(tmp_path, row(), row(source_article="another"), row(best=9))
    assert result.rows.as_dict() == {"read": 3, "duplicate": 1, "rejected": 1, "merged": 0, "accepted": 1}
    assert result.rejects[0].reason == "ged:1000 came before with other content"
    assert result.records[0].deaths == 3


def test_one_row_in_a_hundred_that_is_broken_costs_itself_only(tmp_path: Path) -> None:
    path = written(tmp_path / "iraq.csv", [row(k, source_article="plain") for k in range(1000)])
    lines = path.read_bytes().split(b"\r\n")
    for k in range(50, 1001, 100):
        lines[k] = [lines[k][:40], lines[k] + b",more", b'"' + lines[k], b"\xff\xfe" + lines[k]][k // 100 % 4]
    path.write_bytes(b"\r\n".join(lines))
    result = ucdp_ged.read([path], today=TODAY)
    assert result.rows.as_dict() == {"read": 1000, "duplicate": 0, "rejected": 10, "merged": 0, "accepted": 990}
    assert [reject.line for reject in result.rejects] == list(range(51, 1001, 100))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "truces.csv").write_text("truce_id,side_a,side_b\nx,A,B\n")
    with pytest.raises(WrongFile, match="has no column id, type_of_violence"):
        ucdp_ged.read([tmp_path], today=TODAY)
    (tmp_path / "truces.csv").write_bytes(gzip.compress(written(tmp_path / "x", [row()]).read_bytes())[:-15])
    with pytest.raises(WrongFile, match="cut short"):
        ucdp_ged.read([tmp_path / "truces.csv"], today=TODAY)


@pytest.mark.parametrize(
    ("name", "version", "out"),
    [
        ("GEDEvent_v23_1.csv", "23.1", date(2023, 6, 30)),
        ("ged231-csv.zip", "23.1", date(2023, 6, 30)),
        ("ucdp-ged-24.1-page-00000.json", "24.1", date(2024, 6, 30)),
        ("v24_1/part.csv", "24.1", date(2024, 6, 30)),
        ("GEDEvent_v24_0_5.csv", "24.0.5", date(2024, 6, 20)),
        ("gedevents-23.0.12-page-1.json", "23.0.12", date(2024, 1, 20)),
        ("GEDEvent_v24_01_24_06.csv", "24.01.24.06", date(2024, 7, 20)),
        ("iraq.csv", None, None),
        ("iraq_2023_06_30.csv", None, None),
        ("iraq-31.12.2023.csv", None, None),
        ("GEDEvent_v98_1.csv", None, None),
        ("GEDEvent_v24_0_13.csv", None, None),
        ("GEDEvent_v24_11_24_10.csv", None, None),
        ("ged2024-csv.zip", None, None),
    ],
)
def test_the_release_is_told_by_the_name(name: str, version: str | None, out: date | None) -> None:
    release = release_of(Path("downloads") / name, Page(), TODAY)
    assert (release and release.version, release and release.out) == (version, out and end_of(out))


def test_the_release_is_told_by_a_page_of_the_api_before_its_name(tmp_path: Path) -> None:
    address = "https://api.example/api/gedevents/22.1?pagesize=1&page=1"
    page = {"TotalCount": 1, "NextPageUrl": address, "Result": [row()]}
    (tmp_path / "v24_1.json").write_text(json.dumps(page))
    result = ucdp_ged.read([tmp_path], today=TODAY)
    assert result.released == end_of(date(2022, 6, 30))
    (tmp_path / "v24_1.json").write_text(json.dumps({"version": "21.1", **page}, indent=1))
    assert ucdp_ged.read([tmp_path], today=TODAY).released == end_of(date(2021, 6, 30))


def test_files_of_two_releases_are_refused(tmp_path: Path) -> None:
    for version in ("23_1", "24_1"):
        written(tmp_path / f"GEDEvent_v{version}.csv", [row()])
    with pytest.raises(WrongFile, match="one release after the other"):
        ucdp_ged.read([tmp_path], today=TODAY)


def test_a_yearly_release_holds_what_its_file_holds(tmp_path: Path) -> None:
    result = read(tmp_path, dated(1, "2015-03-05"), dated(2, "2022-12-30"), name="GEDEvent_v23_1.csv")
    assert result.released == end_of(date(2023, 6, 30))
    assert result.covers == (Cover(frozenset({"IRQ"}), date(2015, 3, 5), date(2022, 12, 30)),)
    assert [event.known_at for event in result.records] == [end_of(date(2016, 6, 30)), end_of(date(2023, 6, 30))]


def test_a_month_of_candidates_holds_that_month_and_tells_first_what_it_tells_of_others(tmp_path: Path) -> None:
    days = ("2024-03-30", "2024-05-02", "2024-06-03")
    rows = [dated(k, day, code_status="Check dyad") for k, day in enumerate(days)]
    result = read(tmp_path, *rows, name="GEDEvent_v24_0_5.csv")
    assert result.covers == (Cover(frozenset({"IRQ"}), date(2024, 5, 1), date(2024, 5, 31)),)
    assert {event.known_at for event in result.records} == {end_of(date(2024, 6, 20))}


def test_candidates_of_several_months_are_known_month_by_month(tmp_path: Path) -> None:
    rows = [dated(k, day) for k, day in enumerate(("2024-01-31", "2024-02-01", "2024-06-30"))]
    result = read(tmp_path, *rows, name="GEDEvent_v24_01_24_06.csv")
    known = [event.known_at for event in result.records]
    assert known == [end_of(date(2024, month, 20)) for month in (2, 3, 7)]


def test_without_a_release_a_row_to_be_checked_is_a_candidate(tmp_path: Path) -> None:
    result = read(tmp_path, dated(1, "2023-12-05"), dated(2, "2023-12-05", code_status="Check dyad"))
    known = [event.known_at for event in result.records]
    assert known == [end_of(date(2024, 6, 30)), end_of(date(2024, 1, 20))]
    assert (result.released, result.covers) == (None, ())


def test_a_row_later_than_its_release_is_rejected(tmp_path: Path) -> None:
    result = read(tmp_path, dated(1, "2023-06-30"), dated(2, "2023-07-01"), name="GEDEvent_v23_1.csv")
    assert [reject.reason for reject in result.rejects] == ["date_end 2023-07-01 is later than the release 23.1"]


def test_a_row_that_cannot_be_read_is_not_taken_for_withdrawn(tmp_path: Path) -> None:
    held = read(tmp_path, row(1), row(2, best=-1), name="GEDEvent_v23_1.csv")
    assert (sorted(held.unread), len(held.covers)) == (["ged:2"], 1)
    nameless = read(tmp_path, row(1), row("?", best=-1), name="GEDEvent_v23_1.csv")  # type: ignore[arg-type]
    assert nameless.covers == (), "nobody can say which row that was"


@pytest.mark.parametrize(
    ("asked", "total", "first"),
    [
        ("", 2, date(2015, 3, 5)),
        ("&Country=645&StartDate=2016-01-01", 2, date(2016, 1, 1)),
        ("&Dyad=9001", 2, None),
        ("&TypeOfViolence=1", 2, None),
        ("", 3, None),
    ],
    ids=["everything", "from a day on", "one dyad", "one kind", "a page is missing"],
)
def test_pages_claim_what_was_asked_for_and_only_when_all_are_there(
    tmp_path: Path, asked: str, total: int, first: date | None
) -> None:
    for number, one in enumerate((dated(1, "2015-03-05"), dated(2, "2018-03-05"))):
        page = {
            "TotalCount": total,
            "NextPageUrl": f"https://api.example/api/gedevents/23.1?pagesize=1&page={number}{asked}",
            "Result": [one],
        }
        (tmp_path / f"page-{number}.json").write_text(json.dumps(page))
    result = ucdp_ged.read([tmp_path], today=TODAY)
    assert result.released == end_of(date(2023, 6, 30))
    assert [cover.first for cover in result.covers] == ([] if first is None else [first])


def test_a_single_page_of_the_api_does_not_tell_what_was_asked_for_and_claims_nothing(tmp_path: Path) -> None:
    page = {"TotalCount": 1, "TotalPages": 1, "PreviousPageUrl": "", "NextPageUrl": "", "Result": [row()]}
    (tmp_path / "ucdp-ged-23.1-page-00000.json").write_text(json.dumps(page))
    result = ucdp_ged.read([tmp_path], today=TODAY)
    assert (result.released, result.covers) == (end_of(date(2023, 6, 30)), ())


SLICES = {"colombia": 4632, "iraq": 7473, "philippines": 4035, "syria": 16566, "ukraine": 2989}


def test_every_row_of_the_real_slices_is_taken(shared_data: Path) -> None:
    """Each has one header, and all but Syria's a line of HXL tags; none holds a duplicate or a row that cannot be."""
    today = datetime(2026, 1, 1, tzinfo=UTC).date()
    for name, rows in SLICES.items():
        path = shared_data / "ucdp_ged" / f"{name}.csv.gz"
        result = ucdp_ged.read([path], today=today)
        taken = {"read": rows, "duplicate": 0, "rejected": 0, "merged": 0, "accepted": rows}
        assert result.rows.as_dict() == taken, name
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            records = sum(1 for _ in csv.reader(lines))
        assert records == rows + (1 if name == "syria" else 2), name
    assert sum(SLICES.values()) == 35_695

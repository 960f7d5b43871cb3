from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from training.reading.records import SourceResult
from training.reading.tables import Row, rows_of
from training.sources import ccd
from truce.clock import end_of
from truce.errors import WrongFile
from truce.vocabulary import Outcome, Truce

MISSING = {
    "pax_id": "-1", "written": "-1", "fixed": "0", "fixed_time": "0", "partial": "0", "p_humanitarian": "0",
    "p_peaceprocess": "0", "p_holiday": "0", "p_election": "0", "mediator_nego": "0", "mediator_send": "0",
    "implement": "0", "enforcement": "0",
}  # fmt: skip


def dated(what: str, written: str) -> dict[str, str]:
    """The three columns of a date; what is not written is missing."""
    parts = [part.lstrip("0") for part in written.split("-") if part]
    return dict(zip((f"{what}_yr", f"{what}_month", f"{what}_day"), [*parts, "-1", "-1", "-1"], strict=False))


def a_row(actor: str = "Government of Iraq", actor_id: str = "116", **cells: str) -> dict[str, str]:
    """An actor's row of a ceasefire between the government of Iraq and the made-up Marsh Front, from 3 March 2005."""
    row = {
        "cc": "645", "cf_id": "901", "uniq_id": "645901", "location": "Iraq", "ucdp_actor_id": actor_id,
        "actor_name": actor, "ucdp_acd_id": "9259", "ucdp_dyad": "9001", "side": "2", "ended": "-1", **MISSING,
        "cf_dec": "2005-03-01", "cf_effect": "2005-03-03", "end": "", "id": "1", **cells,
    }  # fmt: skip
    dates = [dated(what, row.pop(what)) for what in ("cf_dec", "cf_effect", "end")]
    return {**row, **{column: part for parts in dates for column, part in parts.items()}}


def both(**cells: str) -> list[dict[str, str]]:
    return [a_row(**cells), a_row("Marsh Front", "9501", **{"id": "2", **cells})]


def read(tmp_path: Path, *rows: dict[str, str], **asked: date) -> SourceResult[Truce]:
    file = tmp_path / "ccd.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return ccd.read([file], today=date(2024, 1, 1), **asked)


def the_truce(tmp_path: Path, *rows: dict[str, str], **asked: date) -> Truce:
    (truce,) = read(tmp_path, *rows, **asked).records
    return truce


def reasons(tmp_path: Path, *rows: dict[str, str]) -> list[str]:
    return [reject.reason for reject in read(tmp_path, *rows).rejects]


def test_the_rows_of_a_ceasefire_are_one_truce(tmp_path: Path) -> None:
    rows = both(
        pax_id="77", partial="1", written="2", p_peaceprocess="1", p_holiday="1", mediator_nego="1", enforcement="2",
        mediator_send="UN, Council of Elders (north, south)", fixed="1", fixed_time="30",
    )  # fmt: skip
    truce = the_truce(tmp_path, *rows)
    assert (truce.truce_id, truce.ccd, truce.coding) == ("ccd-645-901", "645-901", "ccd")
    assert truce.name == "Iraq: Government of Iraq - Marsh Front, 2005-03"
    assert (truce.iso3, truce.conflict) == (("IRQ",), "irq")
    assert (truce.side_a, truce.side_b) == (("Government of Iraq",), ("Marsh Front",))
    assert (truce.effective_date, truce.start_precision) == (date(2005, 3, 3), "day")
    assert (truce.sidedness, truce.scope, truce.written, truce.monitored) == ("mutual", "partial", "yes", "yes")
    assert truce.purpose == "holiday", "the first of the declared order, though it is in a peace process, too"
    assert truce.mediator == ("UN", "Council of Elders (north, south)")
    assert truce.scheduled_end == date(2005, 4, 2)
    assert (truce.outcome, truce.observed_to) == (Outcome.UNKNOWN, date(2020, 12, 31))
    assert set(truce.ids) == {
        "ccd:645-901", "ccd_uniq:645901", "ucdp_dyad:9001", "ucdp_conflict:9259", "ucdp_actor:116", "ucdp_actor:9501",
        "pax:77", "gw:645",
    }  # fmt: skip
    assert truce.start_known_at == end_of(date(2005, 3, 5)), "news take two days"


@pytest.mark.parametrize(
    ("code", "end", "outcome", "end_date", "precision", "known"),
    [
        ("1", "2005-04-02", Outcome.EXPIRED, date(2005, 4, 2), "day", date(2005, 4, 4)),
        ("2", "2005-05-07", Outcome.BROKE, date(2005, 5, 7), "day", date(2005, 5, 9)),
        ("4", "2005-06", Outcome.SUPERSEDED, date(2005, 6, 15), "month", date(2005, 7, 2)),
        ("2", "2005-03", Outcome.BROKE, date(2005, 3, 15), "month", date(2005, 4, 2)),
        ("2", "2005", Outcome.UNKNOWN, None, None, None),
        ("2", "", Outcome.UNKNOWN, None, None, None),
        ("0", "", Outcome.ONGOING, None, None, None),
        ("0", "2016", Outcome.UNKNOWN, None, None, None),
        ("3", "2005-03-04", Outcome.VOID, None, None, None),
        ("-1", "2005-03-09", Outcome.UNKNOWN, None, None, None),
    ],
)
def test_an_end_is_taken_as_it_is_coded_and_never_made_up(
    tmp_path: Path, code: str, end: str, outcome: Outcome, end_date: date | None, precision: str | None,
    known: date | None,
) -> None:  # fmt: skip
    truce = the_truce(tmp_path, *both(ended=code, end=end))
    assert (truce.outcome, truce.end_date, truce.end_precision) == (outcome, end_date, precision)
    assert truce.end_known_at == (None if known is None else end_of(known))
    says_less = outcome is Outcome.UNKNOWN and (code != "-1" or bool(end))
    assert bool(truce.notes) == (says_less or outcome is Outcome.VOID), "what is left out is noted"


def test_an_end_in_the_month_of_a_late_start_does_not_come_before_it(tmp_path: Path) -> None:
    truce = the_truce(tmp_path, *both(cf_effect="2005-03-28", ended="2", end="2005-03"))
    assert truce.end_date == date(2005, 3, 28)


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        (("-1", "2"), Outcome.BROKE),
        (("2", "-1"), Outcome.BROKE),
        (("1", "4"), Outcome.UNKNOWN),
        (("0", "3"), Outcome.UNKNOWN),
    ],
)
def test_a_row_that_knows_the_end_outvotes_one_that_does_not_and_rows_that_disagree_leave_it_open(
    tmp_path: Path, codes: tuple[str, str], outcome: Outcome
) -> None:
    rows = [
        {**row, **dated("end", "" if code == "-1" else "2005-05-07"), "ended": code}
        for row, code in zip(both(), codes, strict=True)
    ]
    assert the_truce(tmp_path, *rows).outcome is outcome


def test_of_two_ends_of_one_kind_the_first_is_taken(tmp_path: Path) -> None:
    first, second = both(ended="2", end="2005-05-07")
    truce = the_truce(tmp_path, {**first, "end_day": "9"}, second)
    assert truce.end_date == date(2005, 5, 7)
    assert truce.notes == "The rows give several ends; the first."


def test_a_start_known_to_its_month_is_never_given_as_a_day(tmp_path: Path) -> None:
    truce = the_truce(tmp_path, *both(cf_dec="2005-02", cf_effect="2005-03", fixed="1", fixed_time="30"))
    assert (truce.effective_date, truce.start_precision) == (date(2005, 3, 15), "month")
    assert truce.start_known_at == end_of(date(2005, 4, 2)), "it may have begun on the last day of the month"
    assert truce.scheduled_end is None, "thirty days from a day that nobody knows"
    late = the_truce(tmp_path, *both(cf_dec="2005-03-20", cf_effect="2005-03"))
    assert (late.effective_date, late.start_precision) == (date(2005, 3, 20), "month"), "not before it was declared"


def test_without_an_effective_date_the_declared_one_counts_and_is_noted(tmp_path: Path) -> None:
    truce = the_truce(tmp_path, *both(cf_effect="", cf_dec="2005-03-01", ended="3"))
    assert (truce.effective_date, truce.outcome) == (date(2005, 3, 1), Outcome.VOID)
    assert truce.notes == "No effective date: the declared one."


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"cf_effect": "2005"}, "its month is missing"),
        ({"cf_effect": "", "cf_dec": ""}, "its month is missing"),
        ({"cf_effect": "2005-02-31"}, "cf_effect 2005-02-31 is no day"),
        ({"ended": "1", "end": "2005-06-31"}, "end 2005-06-31 is no day"),
        ({"ended": "1", "end": "2005-03-02"}, "end_date 2005-03-02 is before"),
        ({"ended": "9"}, "ended is '9'"),
        ({"cc": "9999", "location": "Nowhere"}, "no country is known"),
        ({"uniq_id": ""}, "uniq_id is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_ceasefire_that_cannot_be_placed_is_rejected_with_every_row(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    told = reasons(tmp_path, *both(**cells))
    assert len(told) == 2
    assert all(reason in one for one in told)


def test_a_number_that_stands_for_two_ceasefires_is_rejected(tmp_path: Path) -> None:
    told = reasons(tmp_path, *both(), a_row(cf_effect="2015-05-05", id="3"))
    assert len(told) == 3
    assert "2005-03-03, 2015-05-05" in told[0]


def test_a_row_that_differs_in_its_running_number_only_is_a_duplicate(tmp_path: Path) -> None:
    result = read(tmp_path, *both(), a_row(id="3"))
    assert result.rows.as_dict() == {"read": 3, "duplicate": 1, "rejected": 0, "merged": 1, "accepted": 1}


@pytest.mark.parametrize(
    ("actor", "dyad", "conflict", "sides"),
    [
        (("Marsh Front", "9501"), "9001", "9259", (("Government of Iraq",), ("Marsh Front",))),
        (("Government of Iraq", "116"), "9001", "9259", (("Government of Iraq",), ("Marsh Front",))),
        (("Reed Army", "9502"), "-1", "9259", (("Government of Iraq",), ("Reed Army",))),
        (("Reed Army", "9502"), "-1", "-1", (("opponents of Reed Army",), ("Reed Army",))),
        (("Government of Iraq", "116"), "-1", "-1", (("Government of Iraq",), ("opponents of Government of Iraq",))),
    ],
    ids=["rebels", "government", "rebels without a dyad", "rebels of no conflict", "government of no conflict"],
)
def test_who_lays_down_arms_alone_faces_the_other_side_of_its_dyad_or_conflict(
    tmp_path: Path, actor: tuple[str, str], dyad: str, conflict: str, sides: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    alone = a_row(*actor, cf_id="902", uniq_id="645902", side="1", ucdp_dyad=dyad, ucdp_acd_id=conflict)
    truce = read(tmp_path, *both(), alone).records[1]
    assert (truce.side_a, truce.side_b) == sides
    assert truce.sidedness == "unilateral"
    assert truce.notes is not None


def test_an_actor_has_one_spelling_and_signs_that_were_lost_lose_no_row(tmp_path: Path) -> None:
    other = a_row("Governmentof Iraq ", cf_id="902", uniq_id="645902")
    lost = a_row("Marsh Fr\ufffdnt", "-1", cf_id="902", uniq_id="645902", id="2")
    result = read(tmp_path, *both(), other, lost)
    assert result.rejects == []
    assert (result.records[1].side_a, result.records[1].side_b) == (("Government of Iraq",), ("Marsh Fr?nt",))


def test_another_table_is_refused_and_the_last_day_may_be_told(tmp_path: Path) -> None:
    until = date(2010, 1, 1)
    assert the_truce(tmp_path, *both(ended="0"), observed_to=until).observed_to == until
    file = tmp_path / "other.csv.gz"
    file.write_bytes(gzip.compress(b"truce_id,outcome\na,broke\n"))
    with pytest.raises(WrongFile):
        ccd.read([file])


def test_every_row_of_the_published_file_is_accounted_for(ccd_read: SourceResult[Truce]) -> None:
    numbers, shared, no_month, no_day, backwards = 2203, 16, 13, 2, 2
    accepted = numbers - shared - no_month - no_day - backwards
    rejected = {
        "one number stands for several ceasefires": 50, "its month is missing": 24, "is no day of the calendar": 3,
        "is before effective_date": 3,
    }  # fmt: skip
    assert {why: sum(why in one.reason for one in ccd_read.rejects) for why in rejected} == rejected
    distinct = 4091 - 48
    assert ccd_read.rows.as_dict() == {
        "read": 4091, "duplicate": 48, "rejected": 80, "merged": distinct - 80 - accepted, "accepted": accepted,
    }  # fmt: skip
    assert len(ccd_read.records) == accepted == 2170
    page = (Path(__file__).resolve().parents[3] / "docs" / "data" / "ccd.md").read_text("utf-8")
    for what, count in ccd_read.rows.as_dict().items():
        assert f"| {count} | {what}" in page.replace("duplicates", "duplicate")


def test_every_end_of_the_published_file_follows_from_its_codes(ccd_read: SourceResult[Truce], ccd_file: Path) -> None:
    codes: dict[str, set[str]] = {}
    for row in rows_of(ccd_file, ()):
        codes.setdefault(f"ccd-{row.cells['cc']}-{row.cells['cf_id']}", set()).add(str(row.cells["ended"]))
    assert sum(len(said) > 1 for said in codes.values()) == 45, "ceasefires whose rows disagree on the end"
    told = Counter((" ".join(sorted(codes[t.truce_id])), t.outcome.value) for t in ccd_read.records)
    assert told == {
        ("-1", "unknown"): 977,
        ("0", "ongoing"): 84, ("-1 0", "ongoing"): 3,
        ("0", "unknown"): 3,  # with an end all the same
        ("1", "expired"): 417, ("1", "unknown"): 6,  # no month of the end
        ("2", "broke"): 159, ("-1 2", "broke"): 12, ("2", "unknown"): 2, ("-1 2", "unknown"): 1,
        ("3", "void"): 54, ("-1 3", "void"): 5,
        ("4", "superseded"): 427, ("-1 4", "superseded"): 5, ("4", "unknown"): 8, ("-1 4", "unknown"): 1,
        ("0 2", "unknown"): 1, ("0 3", "unknown"): 1, ("1 4", "unknown"): 1, ("2 4", "unknown"): 2,
        ("-1 2 4", "unknown"): 1,
    }  # fmt: skip


def test_how_exactly_the_starts_of_the_published_file_are_known(ccd_read: SourceResult[Truce]) -> None:
    declared = "No effective date"
    known = Counter((t.start_precision, declared in (t.notes or "")) for t in ccd_read.records)
    assert known == {("day", False): 1984, ("month", False): 97, ("day", True): 82, ("month", True): 7}
    assert all(t.start_known_at is not None and t.start_known_at > end_of(t.effective_date) for t in ccd_read.records)


def test_what_expires_ends_about_when_it_was_to_end(ccd_read: SourceResult[Truce]) -> None:
    fixed = [
        t for t in ccd_read.records if t.outcome is Outcome.EXPIRED and t.scheduled_end and t.end_precision == "day"
    ]
    near = [t for t in fixed if t.end_date and t.scheduled_end and abs(t.end_date - t.scheduled_end) <= timedelta(1)]
    assert len(fixed) > 390
    assert len(near) / len(fixed) > 0.9


def test_of_the_day_precise_starts_of_the_published_file_those_left_out_are_named(
    ccd_read: SourceResult[Truce], ccd_file: Path
) -> None:
    parts = ("cf_effect_yr", "cf_effect_month", "cf_effect_day")
    firsts: dict[str, Row] = {}
    for row in rows_of(ccd_file, ()):
        firsts.setdefault(f"ccd-{row.cells['cc']}-{row.cells['cf_id']}", row)
    exact = {name for name, row in firsts.items() if all(float(str(row.cells[part]) or 0) > 0 for part in parts)}
    accepted = {
        t.truce_id for t in ccd_read.records if t.start_precision == "day" and "No effective" not in (t.notes or "")
    }
    assert len(exact) - 1 == 1998, "by the first row of each number, less the impossible one"
    assert (len(accepted), len(exact - accepted)) == (1984, 15)
    assert "ccd-570-2" in exact - accepted, "1994-02-31; eleven stand for two ceasefires, three have an impossible end"

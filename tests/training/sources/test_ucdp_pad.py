from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from training.intake import import_source
from training.reading.records import SourceResult
from training.sources import ucdp_pad
from truce.clock import end_of
from truce.errors import WrongFile
from truce.settings import Settings
from truce.vocabulary import Outcome, Truce

TODAY = date(2024, 6, 15)
ROW = {
    "paid": "9001",
    "gwno": "645",
    "conflict_id": "801",
    "dyad_id": "901, 902",
    "dyad_name": "Government of Iraq - River Front, Government of Iraq - Hill Army - North, South and East ",
    "actor_id": "7999, 116, 5001, 5002",
    "actor_name": "League of Lakes, Government of Iraq, River Front, Hill Army - North, South and East ",
    "pa_name": "Accord of\nthe  Ford",
    "pa_date": "2003-02-07",
    "ended": "True",
    "duration": "2004-03-16",
    "cease": "1",
    "dateintervalend_meta": "2021-12-31",
}


def read(folder: Path, *rows: Mapping[str, str], observed_to: date | None = None) -> SourceResult[Truce]:
    path = folder / "agreements.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=[*ROW, "pa_comment"])
        writer.writeheader()
        writer.writerows({"pa_comment": "a line\n" * 60, **row} for row in rows)
    return ucdp_pad.read([path], observed_to=observed_to, today=TODAY)


def one(folder: Path, **changes: str) -> Truce:
    (truce,) = read(folder, ROW | changes).records
    return truce


def test_an_agreement_with_a_ceasefire_becomes_a_truce_under_ucdp_s_coding(tmp_path: Path) -> None:
    assert one(tmp_path) == Truce(
        truce_id="pad-9001",
        name="Accord of the Ford",
        iso3=("IRQ",),
        side_a=("Government of Iraq",),
        side_b=("River Front", "Hill Army - North, South and East"),
        effective_date=date(2003, 2, 7),
        ucdp_dyad=("901", "902"),
        written="yes",
        purpose="peace_process",
        outcome=Outcome.BROKE,
        end_date=date(2004, 3, 16),
        end_precision="day",
        start_tier="register",
        end_tier="register",
        conflict="irq",
        start_known_at=end_of(date(2003, 2, 9)),
        end_known_at=end_of(date(2004, 3, 18)),
        observed_to=date(2021, 12, 31),
        coding="ucdp-pad",
        ids=(
            "ucdp_pa:9001", "ucdp_dyad:901", "ucdp_dyad:902", "ucdp_conflict:801", "ucdp_actor:116", "ucdp_actor:5001",
            "ucdp_actor:5002", "gw:645",
        ),
    )  # fmt: skip


def test_one_without_a_ceasefire_is_accepted_and_is_no_truce(tmp_path: Path) -> None:
    result = read(tmp_path, ROW, ROW | {"paid": "9002", "cease": "0"})
    assert (result.rows.read, result.rows.accepted, len(result.records)) == (2, 2, 1)


@pytest.mark.parametrize("blank", ["", "0", "False"])
def test_one_that_did_not_end_is_ongoing_to_the_end_of_the_data_or_where_asked(tmp_path: Path, blank: str) -> None:
    still = ROW | {"ended": blank, "duration": ""}
    (truce,) = read(tmp_path, still).records
    assert (truce.outcome, truce.end_date, truce.observed_to) == (Outcome.ONGOING, None, date(2021, 12, 31))
    (truce,) = read(tmp_path, still, observed_to=date(2010, 1, 1)).records
    assert truce.observed_to == date(2010, 1, 1)
    (truce,) = read(tmp_path, still | {"dateintervalend_meta": ""}).records
    assert truce.observed_to == ucdp_pad.COVERED_TO


def test_one_that_ended_nobody_says_when_has_an_unknown_fate(tmp_path: Path) -> None:
    truce = one(tmp_path, duration="")
    assert (truce.outcome, truce.end_date) == (Outcome.UNKNOWN, None)


@pytest.mark.parametrize(
    ("end", "precision", "known"),
    [
        ("2004-03-01", "month", date(2004, 4, 2)),
        ("2004-03-31", "month", date(2004, 4, 2)),
        ("2004-12-31", "month", date(2005, 1, 2)),
        ("2004-03-30", "day", date(2004, 4, 1)),
    ],
)
def test_an_end_on_the_first_or_last_of_a_month_is_sure_to_the_month_and_known_after_it(
    tmp_path: Path, end: str, precision: str, known: date
) -> None:
    truce = one(tmp_path, duration=end)
    assert (str(truce.end_date), truce.end_precision, truce.end_known_at) == (end, precision, end_of(known))


def test_two_states_are_two_countries_and_two_sides(tmp_path: Path) -> None:
    changes = {
        "gwno": "645, 652", "dyad_id": "901", "dyad_name": "Government of Iraq - Government of Syria",
        "actor_id": "116, 118", "actor_name": "Government of Iraq, Government of Syria",
    }  # fmt: skip
    truce = one(tmp_path, **changes)
    assert (truce.iso3, truce.side_a, truce.side_b) == (
        ("IRQ", "SYR"), ("Government of Iraq",), ("Government of Syria",),
    )  # fmt: skip
    assert truce.ids[-2:] == ("gw:645", "gw:652")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"pa_date": "2003-02-30"}, "pa_date: '2003-02-30' is not a day"),
        ({"pa_date": "2099-01-01"}, "pa_date 2099-01-01 is in the future"),
        ({"pa_date": "2022-02-01", "ended": "", "duration": ""}, "is after 2021-12-31, to which"),
        ({"duration": "2003-01-01"}, "duration 2003-01-01 is before pa_date 2003-02-07"),
        ({"duration": "2099-01-01"}, "duration 2099-01-01 is in the future"),
        ({"ended": ""}, "duration names the end 2004-03-16, and ended says that there was none"),
        ({"ended": "perhaps"}, "ended is 'perhaps'"),
        ({"cease": "2"}, "cease is '2'"),
        ({"gwno": "9999"}, "gwno 9999 is no country of the registers"),
        ({"paid": "12, 13"}, "paid is more than one number"),
        ({"paid": "x"}, "paid is 'x', not a list of whole numbers"),
        ({"dyad_id": "901"}, "dyad_name holds 2 pairs of parties, dyad_id 1 ids"),
        ({"dyad_name": "Government of Iraq", "dyad_id": "901"}, "dyad_name holds 1 pairs of parties, dyad_id 1 ids"),
        ({"actor_id": "116, 5001"}, "actor_name holds 4 names, actor_id 2 ids"),
        ({"actor_name": "A, B, C, D"}, "'Government of Iraq' of dyad_name is not in actor_name"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_its_reason(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    result = read(tmp_path, ROW | changes)
    assert result.records == []
    assert says in result.rejects[0].reason


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(WrongFile, match="has no column paid"):
        ucdp_pad.read([tmp_path / "other.csv"])


def test_a_second_import_adds_nothing(tmp_path: Path) -> None:
    read(tmp_path, ROW)
    home = Settings.from_environment(tmp_path / "home", {})
    first, second = (
        import_source(home, "ucdp-pad", [str(tmp_path / "agreements.csv")], date(2022, 1, 1)) for _ in range(2)
    )
    assert first["records"] == {"new": 1, "changed": 0, "unchanged": 0}
    assert second["records"] == {"new": 0, "changed": 0, "unchanged": 1}


def test_every_row_of_22_1_is_accounted_for(shared_data: Path) -> None:
    """374 agreements: 198 without a ceasefire; of the other 176, 70 ended on a given day and 106 had not by the end of 2021."""
    result = ucdp_pad.read([shared_data / "ucdp_pad"], today=TODAY)
    assert result.rows.as_dict() == {"read": 374, "duplicate": 0, "rejected": 0, "merged": 0, "accepted": 374}
    assert Counter(t.outcome for t in result.records) == {Outcome.BROKE: 70, Outcome.ONGOING: 106}
    # 25 of the 70 ends fall on the first or the last of a month; chance would give about 5.
    assert Counter(t.end_precision for t in result.records) == {None: 106, "day": 45, "month": 25}
    assert {t.observed_to for t in result.records} == {date(2021, 12, 31)}


def test_the_parties_of_22_1_are_the_first_and_second_of_its_dyads(shared_data: Path) -> None:
    truces = {t.truce_id: t for t in ucdp_pad.read([shared_data / "ucdp_pad"], today=TODAY).records}
    assert truces["pad-1334"].side_b == ("SLM/A (Minnawi)",), "fifteen signed, two were the dyad"
    assert truces["pad-1019"].side_b == ("Military Junta for the Consolidation of Democracy, Peace and Justice",)
    assert truces["pad-1421"].iso3 == ("TCD", "LBY")
    assert all(side.startswith("Government of ") for t in truces.values() for side in t.side_a)

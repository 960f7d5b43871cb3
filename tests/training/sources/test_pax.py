from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from training.intake import import_source
from training.reading.records import SourceResult
from training.sources import pax
from truce.clock import end_of
from truce.settings import Settings
from truce.store import open_store
from truce.vocabulary import Outcome, Truce

TODAY = date(2026, 6, 15)
ROW = {
    "Con": "Colombia",
    "Contp": "Government",
    "PP": "901",
    "PPName": "Colombia: river process",
    "AgtId": "9001",
    "Agt": "Accord of\n the Ford",
    "Dat": "07/02/2003",
    "Status": "Multiparty signed/agreed",
    "Agtp": "Intra",
    "Stage": "Cea",
    "StageSub": "Rel",
    "Part": "For the Government: A. Person;\nFor the ELN: B. Person.\nWitnessed by a delegate of FARC.",
    "Loc1ISO": "COL",
    "Loc2ISO": "",
    "Loc1GWNO": "100.0",
    "Loc2GWNO": "",
    "UcdpCon": "801.0",
    "UcdpAgr": "1234.0",
}


def read(folder: Path, *rows: Mapping[str, str]) -> SourceResult[Truce]:
    path = folder / "pax.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.DictWriter(out, fieldnames=list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    return pax.read([path], today=TODAY)


def one(folder: Path, **changes: str) -> Truce:
    (truce,) = read(folder, ROW | changes).records
    return truce


def sides(folder: Path, **changes: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    truce = one(folder, **changes)
    return truce.side_a, truce.side_b


def test_a_ceasefire_agreement_becomes_a_truce_whose_end_nobody_coded(tmp_path: Path) -> None:
    assert one(tmp_path) == Truce(
        truce_id="pax-9001",
        name="Accord of the Ford",
        iso3=("COL",),
        side_a=("Government of Colombia",),
        side_b=("ELN",),
        effective_date=date(2003, 2, 7),
        written="yes",
        outcome=Outcome.UNKNOWN,
        notes="PA-X: related to a ceasefire",
        start_tier="register",
        conflict="col",
        start_known_at=end_of(date(2003, 2, 9)),
        coding="pax",
        ids=("pax:9001", "pax_process:901", "ucdp_conflict:801", "ucdp_pa:1234", "gw:100"),
    )


def test_agreements_of_other_stages_are_accepted_and_are_no_truces(tmp_path: Path) -> None:
    stages = ("Pre", "SubPar", "SubComp", "Imp", "Ren", "Oth")
    result = read(tmp_path, *(ROW | {"AgtId": str(k), "Stage": stage} for k, stage in enumerate(stages)))
    assert (result.rows.read, result.rows.accepted, result.records) == (6, 6, [])


def test_parties_that_the_actor_table_does_not_know_are_parties_of_their_process(tmp_path: Path) -> None:
    unknown = {"Part": "For the Government: A. Person; for the people of the hills: B. Person"}
    assert sides(tmp_path, **unknown) == (("Government of Colombia",), ("parties of Colombia: river process",))


def test_no_government_is_a_party_where_groups_agree_among_themselves(tmp_path: Path) -> None:
    both = ("a party of Colombia: river process",), ("another party of Colombia: river process",)
    assert sides(tmp_path, Contp="Inter-group", Part="two villages") == both
    assert sides(tmp_path, Contp="Inter-group") == (("ELN",), both[1])
    assert sides(tmp_path, Contp="Inter-group", Part="FARC and ELN") == (("FARC",), ("ELN",))


def test_a_group_of_another_country_and_a_word_that_only_holds_a_name_are_no_parties(tmp_path: Path) -> None:
    unnamed = ("parties of Colombia: river process",)
    assert sides(tmp_path, Part="Hamas")[1] == unnamed
    assert sides(tmp_path, Part="the HELNS committee")[1] == unnamed


def test_two_states_stand_on_two_sides(tmp_path: Path) -> None:
    between = {
        "Con": "Iraq/Syria", "Agtp": "Inter", "Contp": "Territory", "Loc1ISO": "IRQ", "Loc2ISO": "SYR",
        "Loc1GWNO": "645.0", "Loc2GWNO": "652.0",
    }  # fmt: skip
    assert sides(tmp_path, **between) == (("Government of Iraq",), ("Government of Syria",))
    assert one(tmp_path, **between).ids[-2:] == ("gw:645", "gw:652")


def test_an_entity_in_parentheses_counts_as_a_place_where_it_has_a_code(tmp_path: Path) -> None:
    assert one(tmp_path, Con="Colombia/(Ukraine)").iso3 == ("COL", "UKR")
    assert one(tmp_path, Con="Colombia/(River Province)").iso3 == ("COL",)
    assert one(tmp_path, Con="Colombia/Ukraine (former)").iso3 == ("COL",)


def test_a_local_agreement_is_partial_and_a_document_of_one_side_unilateral(tmp_path: Path) -> None:
    truce = one(tmp_path, Agtp="IntraLocal", Status="Unilateral document")
    assert (truce.scope, truce.sidedness) == ("partial", "unilateral")


def test_a_longer_number_is_no_id_of_an_agreement_of_ucdp(tmp_path: Path) -> None:
    assert one(tmp_path, UcdpAgr="12413.0", UcdpCon="").ids == ("pax:9001", "pax_process:901", "gw:100")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"Dat": "2003-02-07"}, "Dat is '2003-02-07', not a day dd/mm/yyyy"),
        ({"Dat": "30/02/2003"}, "Dat: '2003-02-30' is not a day"),
        ({"Dat": "01/01/2099"}, "Dat 2099-01-01 is in the future"),
        ({"Stage": "Late"}, "Stage is 'Late', not one of"),
        ({"Stage": ""}, "Stage is missing"),
        ({"AgtId": ""}, "AgtId is missing"),
        ({"PP": "x"}, "PP is 'x', not a whole number"),
        ({"Loc1ISO": ""}, "Loc1ISO is missing"),
        ({"Loc1ISO": "Col"}, "Loc1ISO: 'Col' is not a three-letter country code"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_its_reason(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    result = read(tmp_path, ROW | changes)
    assert result.records == []
    assert says in result.rejects[0].reason


def test_no_word_of_the_signatures_is_stored_but_names_of_the_actor_table(tmp_path: Path) -> None:
    read(tmp_path, ROW)
    home = Settings.from_environment(tmp_path / "home", {})
    reports = [import_source(home, "pax", [str(tmp_path / "pax.csv")], None) for _ in range(2)]
    assert [report["records"]["new"] for report in reports] == [1, 0]
    with open_store(home) as store:
        assert "Person" not in repr(store.truces.get("pax-9001"))


def test_every_row_of_the_release_is_accounted_for(shared_data: Path) -> None:
    """2,257 agreements, 483 of them of the stage ceasefire: 257 ceasefires, 163 related to one, 63 with one among other things."""
    result = pax.read([shared_data / "pax"], today=TODAY)
    assert result.rows.as_dict() == {"read": 2257, "duplicate": 0, "rejected": 0, "merged": 0, "accepted": 2257}
    assert Counter(t.notes for t in result.records) == {
        "PA-X: a ceasefire": 257, "PA-X: related to a ceasefire": 163, "PA-X: a ceasefire among other things": 63,
    }  # fmt: skip
    assert {t.outcome for t in result.records} == {Outcome.UNKNOWN}


def test_who_the_parties_of_the_release_are_is_known_for_more_than_half(shared_data: Path) -> None:
    """11 between states, 382 with a government, 90 between groups (88 inter-group, 2 other)."""
    truces = pax.read([shared_data / "pax"], today=TODAY).records
    government = [t for t in truces if t.side_a[0].startswith("Government of ")]
    between_states = [t for t in government if t.side_b[0].startswith("Government of ")]
    assert (len(truces) - len(government), len(between_states)) == (90, 11)
    unnamed = [t for t in truces if "part" in t.side_b[0].partition(" of ")[0]]
    assert len(unnamed) < len(truces) / 2
    by_id = {t.truce_id: t for t in truces}
    assert by_id["pax-2801"].iso3 == ("ISR", "PSE")
    assert by_id["pax-2801"].side_b == ("Hamas",)

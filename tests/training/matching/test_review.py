from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import trucecast
from tests.training.sources.test_ccd import a_row
from training import register
from training.intake import import_source
from training.matching import review
from training.reading.records import SourceResult
from training.sources import truces
from truce.chronicle.reader import OBSERVED_TO, truces_path
from truce.errors import BadInput, TrucecastError, WrongFile
from truce.settings import Settings
from truce.store import open_store
from truce.store.matches import REVIEWED
from truce.vocabulary import Truce

HEADER = "truce_id,name,iso3,side_a,side_b,effective_date,outcome,end_date,ccd\n"
OURS = "irq-2005-03-marsh,Marsh truce,IRQ,Government of Iraq,Marsh Front,2005-03-03,broke,2005-05-07,645-901\n"
NEAR = "irq-2006-03-marsh,Second marsh truce,IRQ,Government of Iraq,Marsh Front,2006-03-05,broke,2006-05-07,\n"
DOUBT = "irq-2007-03-reeds,Truce in the reeds,IRQ,Government of Iraq,Reed Army,2007-03-03,broke,2007-05-07,\n"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings.from_environment(tmp_path / "home", {})


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    file = tmp_path / "truces.csv"
    file.write_text(HEADER + OURS + NEAR + DOUBT)
    return file


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Three ceasefires with the Marsh Front; the third is dated as one with the Reed Army is."""
    file = tmp_path / "ccd.csv"
    rows = [
        a_row(actor, actor_id, cf_id=str(n), uniq_id=f"645{n}", cf_effect=day, cf_dec=day, ucdp_dyad="-1", id=str(k))
        for n, day in ((901, "2005-03-03"), (902, "2006-03-05"), (903, "2007-03-05"))
        for k, (actor, actor_id) in enumerate([("Government of Iraq", "116"), ("Marsh Front", "9501")])
    ]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


@pytest.fixture
def imported(home: Settings, ours: Path, theirs: Path) -> dict[str, Any]:
    import_source(home, "truces", [str(ours)], date(2010, 1, 1))
    return import_source(home, "ccd", [str(theirs)], None)


def listed(home: Settings) -> list[str]:
    return [str(row["truce_id"]) for row in register.listed(home, None)]


def answered(file: Path, answer: str) -> Path:
    """The review file with this answer in every row."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, review.COLUMNS)
        writer.writeheader()
        writer.writerows({**row, "same": answer} for row in rows)
    return file


def test_the_same_truce_from_two_sources_is_listed_once(home: Settings, imported: dict[str, Any]) -> None:
    assert imported["rows"] == {"read": 6, "duplicate": 0, "rejected": 0, "merged": 3, "accepted": 3}
    assert imported["matched"] == 2
    assert listed(home) == ["irq-2005-03-marsh", "irq-2006-03-marsh", "irq-2007-03-reeds", "ccd-645-903"]


def test_what_is_hidden_can_be_shown_and_the_one_that_is_listed_carries_its_ids(
    home: Settings, imported: dict[str, Any]
) -> None:
    hidden = register.shown(home, "ccd-645-901", None)
    assert (hidden["same_as"], hidden["outcome"]) == ("irq-2005-03-marsh", "unknown")
    main = register.shown(home, "irq-2005-03-marsh", None)
    assert (main["same_as"], main["outcome"]) == (None, "broke")
    assert {"ccd:645-901", "ccd_uniq:645901", "ucdp_actor:9501", "gw:645"} <= set(main["ids"].split(";"))
    alone = register.shown(home, "irq-2007-03-reeds", None)
    assert alone["ids"].split(";") == ["gw:645", "views_month:327"]


def test_a_second_import_changes_no_match(home: Settings, imported: dict[str, Any], ours: Path, theirs: Path) -> None:
    with open_store(home) as store:
        before = store.truces.stamp()
    again = import_source(home, "ccd", [str(theirs)], None)
    import_source(home, "truces", [str(ours)], date(2010, 1, 1))
    assert again["records"] == {"new": 0, "changed": 0, "unchanged": 3}
    assert {name: again[name] for name in ("matched", "review_file")} == {
        name: imported[name] for name in ("matched", "review_file")
    }
    with open_store(home) as store:
        assert store.truces.stamp() == before


def test_doubtful_pairs_stand_in_a_file_for_a_person(imported: dict[str, Any]) -> None:
    with Path(imported["review_file"]).open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row == {
        "truce_id": "ccd-645-903", "same_as": "irq-2007-03-reeds", "score": "0.6136",
        "name": "Iraq: Government of Iraq - Marsh Front, 2007-03", "same_as_name": "Truce in the reeds",
        "effective_date": "2007-03-05", "same_as_effective_date": "2007-03-03", "same": "",
    }  # fmt: skip


def test_a_yes_makes_two_truces_one_and_is_not_asked_again(
    home: Settings, imported: dict[str, Any], theirs: Path
) -> None:
    file = Path(imported["review_file"])
    told = review.reviewed(home, answered(file, "Yes"))
    assert told == {"yes": 1, "no": 0, "open": 0, "new": 1, "matched": 3, "review_file": None}
    assert not file.exists()
    assert "ccd-645-903" not in listed(home)
    assert import_source(home, "ccd", [str(theirs)], None)["matched"] == 3


def test_a_no_stands_against_the_rule(home: Settings, imported: dict[str, Any], tmp_path: Path, theirs: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "truce_id,same_as,same\nccd-645-902,irq-2006-03-marsh,no\nccd-645-903,irq-2007-03-reeds,\n", encoding="utf-8"
    )
    told = review.reviewed(home, file)
    assert (told["yes"], told["no"], told["open"], told["matched"]) == (0, 1, 1, 1)
    assert import_source(home, "ccd", [str(theirs)], None)["matched"] == 1
    assert "ccd-645-902" in listed(home)
    assert review.standing(home)["counts"] == {"same-id-1": 1}
    assert REVIEWED not in review.standing(home)["counts"], "a no is no match"


@pytest.mark.parametrize(
    ("rows", "error", "told"),
    [
        ("ccd-645-903,irq-2007-03-reeds,perhaps", BadInput, "line 3: same is 'perhaps'"),
        ("ccd-645-903,nobody,yes", BadInput, "line 3: no truce 'nobody'"),
        ("ccd-645-903,ccd-645-903,yes", BadInput, "line 3: 'ccd-645-903' is held against itself"),
        ("irq-2006-03-marsh,ccd-645-902,yes", BadInput, "lines 2 and 3 contradict each other: 'ccd-645-902' and"),
        ("ccd-645-902,irq-2006-03-marsh,yes", BadInput, "lines 2 and 3 contradict each other"),
        (
            "ccd-645-901,ccd-645-903,yes\nccd-645-903,ccd-645-901,yes",
            BadInput,
            "lines 3 and 4 say yes in a circle through 'ccd-645-903'",
        ),
        (
            "ccd-645-901,ccd-645-903,yes\nccd-645-903,irq-2005-03-marsh,Yes\nirq-2005-03-marsh,ccd-645-901,yes",
            BadInput,
            "lines 3, 4 and 5 say yes in a circle",
        ),
        (
            "ccd-645-902,ccd-645-903,yes\nirq-2006-03-marsh,ccd-645-903,yes",
            BadInput,
            "lines 2, 3 and 4 contradict each other: 'ccd-645-902' and 'irq-2006-03-marsh' are one and are not",
        ),
        (
            "ccd-645-903,irq-2005-03-marsh,yes\nirq-2007-03-reeds,ccd-645-903,yes",
            BadInput,
            "lines 3 and 4 would make 'irq-2005-03-marsh' and 'irq-2007-03-reeds' one by way of another truce",
        ),
    ],
)
def test_a_word_that_cannot_be_is_refused_and_nothing_of_the_file_is_taken(
    home: Settings, imported: dict[str, Any], tmp_path: Path, rows: str, error: type[TrucecastError], told: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"truce_id,same_as,same\nccd-645-902,irq-2006-03-marsh,no\n{rows}\n", encoding="utf-8")
    with pytest.raises(error, match=told):
        review.reviewed(home, file)
    assert review.standing(home)["matched"] == 2


def handed_in(home: Settings, tmp_path: Path, *rows: str) -> dict[str, Any]:
    file = tmp_path / "mine.csv"
    file.write_text("\n".join(["truce_id,same_as,same", *rows]), encoding="utf-8")
    return review.reviewed(home, file)


def test_a_yes_between_the_codebook_and_a_register_hides_the_registers_whichever_column_it_stood_in(
    home: Settings, imported: dict[str, Any], tmp_path: Path, theirs: Path
) -> None:
    told = handed_in(home, tmp_path, "irq-2007-03-reeds,ccd-645-903,yes", "irq-2005-03-marsh,ccd-645-901,yes")
    assert (told["yes"], told["new"], told["matched"]) == (2, 2, 3)
    assert listed(home) == ["irq-2005-03-marsh", "irq-2006-03-marsh", "irq-2007-03-reeds"]
    assert review.standing(home)["counts"] == {"near-1": 1, "reviewed": 2}
    handed_in(home, tmp_path, "irq-2007-03-reeds,ccd-645-903,no")
    assert "ccd-645-903" in listed(home), "and so does a no show it"


def test_rows_that_say_the_same_in_several_ways_are_taken(
    home: Settings, imported: dict[str, Any], tmp_path: Path
) -> None:
    rows = ("ccd-645-903,ccd-645-902,yes", "ccd-645-903,irq-2006-03-marsh,yes", "ccd-645-902,irq-2006-03-marsh,yes")
    told = handed_in(home, tmp_path, *rows, rows[0], "ccd-645-903,irq-2007-03-reeds,no")
    assert (told["yes"], told["no"], told["matched"]) == (4, 1, 3), "a no beside a yes does not undo it"
    assert {row["same_as"] for row in review.standing(home)["matches"]} == {"irq-2005-03-marsh", "irq-2006-03-marsh"}


def test_a_later_file_adds_to_what_an_earlier_one_said_or_corrects_it(
    home: Settings, imported: dict[str, Any], tmp_path: Path
) -> None:
    def same_as() -> dict[str, str]:
        return {row["truce_id"]: row["same_as"] for row in review.standing(home)["matches"]}

    handed_in(home, tmp_path, "ccd-645-903,irq-2005-03-marsh,yes")
    handed_in(home, tmp_path, "ccd-645-903,irq-2006-03-marsh,no")
    assert same_as()["ccd-645-903"] == "irq-2005-03-marsh", "whose it is was said already"
    handed_in(home, tmp_path, "ccd-645-903,irq-2007-03-reeds,yes")
    assert same_as()["ccd-645-903"] == "irq-2007-03-reeds"
    handed_in(home, tmp_path, "irq-2005-03-marsh,irq-2007-03-reeds,yes")
    assert same_as() == {
        "irq-2005-03-marsh": "irq-2007-03-reeds", "ccd-645-902": "irq-2006-03-marsh", "ccd-645-903": "irq-2007-03-reeds",
    }, "and ccd-645-901 is shown: reeds is given away"  # fmt: skip
    handed_in(home, tmp_path, "irq-2007-03-reeds,irq-2005-03-marsh,no")
    assert "irq-2005-03-marsh" in listed(home)


def test_an_answer_that_was_not_handed_in_yet_outlives_an_import(
    home: Settings, imported: dict[str, Any], theirs: Path
) -> None:
    file = answered(Path(imported["review_file"]), "no, I think")
    before = file.read_bytes()
    import_source(home, "ccd", [str(theirs)], None)
    review.standing(home)
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["matches.csv"], "nothing else is left there"
    file.write_text("truce_id,same_as,same\nccd-645-901,irq-2007-03-reeds,yes\nccd-645-903\n", encoding="utf-8")
    review.standing(home)
    assert b"yes" not in file.read_bytes(), "an answer on a pair that is not in doubt goes"


def test_a_review_file_that_cannot_be_read_is_put_aside(home: Settings, imported: dict[str, Any]) -> None:
    file = Path(imported["review_file"])
    file.write_text("truce_id;same_as;same\nccd-645-903;irq-2007-03-reeds;yes\n", encoding="utf-8")
    review.standing(home)
    assert file.with_name("matches.unread.csv").read_text().endswith("reeds;yes\n")
    assert file.read_text().startswith("truce_id,same_as,")


def test_the_review_file_is_replaced_whole_and_only_when_the_store_holds_the_matches(
    home: Settings, imported: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = answered(Path(imported["review_file"]), "yes")
    before = file.read_bytes()

    def import_that_fails() -> None:
        with open_store(home) as store, store.at_once():
            moved = [
                replace(t, effective_date=date(2007, 3, 2)) for t in store.truces.current() if "reeds" in t.truce_id
            ]
            store.truces.put(moved, known_at=store.clock(), source="truces", written_by="cli")
            review.settle(store, home)
            raise WrongFile("no")

    with pytest.raises(WrongFile):
        import_that_fails()
    assert file.read_bytes() == before

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        review.standing(home)
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["matches.csv"]


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"", b"\xff\xfe\x00"], ids=["other columns", "empty", "binary"])
def test_a_file_that_is_no_review_is_refused(home: Settings, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(content)
    for path in (file, tmp_path / "nothing.csv"):
        with pytest.raises(WrongFile):
            review.reviewed(home, path)


@pytest.fixture
def command(home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What the command prints on stdout, and that it ends well."""

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["trucecast", "--home", str(home.home), *words])
        with pytest.raises(SystemExit) as end:
            trucecast.main()
        assert not end.value.code
        return capsys.readouterr().out

    return run


def test_the_command_lists_the_matches_and_takes_a_file(
    command: Callable[..., str], imported: dict[str, Any], ours: Path
) -> None:
    body = json.loads(command("truces", "matches", "--json"))
    assert body == {
        "matches": [
            {"truce_id": "ccd-645-901", "same_as": "irq-2005-03-marsh", "rule": "same-id-1", "score": 1.0},
            {"truce_id": "ccd-645-902", "same_as": "irq-2006-03-marsh", "rule": "near-1", "score": 1.0},
        ],
        "counts": {"near-1": 1, "same-id-1": 1}, "matched": 2, "review_file": imported["review_file"],
    }  # fmt: skip
    table = command("truces", "matches")
    assert "2 matches: 1 by near-1, 1 by same-id-1" in table
    assert f"in doubt: {imported['review_file']}" in table.replace("\n", "")
    assert "1 yes, 0 no, 0 open; 3 truces are the same as another" in command(
        "truces", "matches", str(answered(Path(imported["review_file"]), "yes"))
    )
    assert "3 truces are the same as another" in command("import", "truces", str(ours))
    assert json.loads(command("truces", "show", "ccd-645-903", "--json"))["same_as"] == "irq-2007-03-reeds"


def test_the_registers_may_come_in_any_order(ccd_read: SourceResult[Truce], tmp_path: Path) -> None:
    feeds = {"truces": truces.read([truces_path()], observed_to=OBSERVED_TO).records, "ccd": ccd_read.records}
    told = []
    for order in (("truces", "ccd"), ("ccd", "truces")):
        home = Settings.from_environment(tmp_path / order[0], {})
        with open_store(home) as store:
            for source in order:
                store.truces.put(feeds[source], known_at=store.clock(), source=source, written_by="cli")
                report = review.settle(store, home)
            words = {(m.truce_id, m.same_as, m.rule, m.score) for m in store.matches.all()}
            told.append((words, {t.truce_id for t in store.truces.current()}, report["matched"]))
    assert told[0] == told[1]
    words, listed, matched = told[0]
    assert sum(rule == "same-id-1" for _, _, rule, _ in words) == 434
    assert len(listed) == 622 + 2170 - matched

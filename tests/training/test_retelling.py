"""A file of truces read again, beside what others have recorded since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from training import register
from training.intake import import_source
from truce.clock import system_clock
from truce.errors import BadInput
from truce.history import as_believed
from truce.settings import Settings
from truce.store import open_store
from truce.vocabulary import Outcome, Truce

HEADER = "truce_id,name,iso3,side_a,side_b,effective_date,scheduled_end,outcome,end_date\n"
TRUCE = "aaa-2015-01-one"
FIRST, LATER = date(2015, 6, 1), date(2015, 12, 31)


def row(
    *, name: str = "One", outcome: str = "ongoing", end: str = "", scheduled: str = "", start: str = "2015-01-01"
) -> str:
    return f"{TRUCE},{name},AAA,Government of A,R Front,{start},{scheduled},{outcome},{end}\n"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings.from_environment(tmp_path / "home", {})


def tell(home: Settings, text: str, to: date = FIRST) -> dict[str, int]:
    file = home.home.parent / "truces.csv"
    file.write_text(HEADER + text)
    records: dict[str, int] = import_source(home, "truces", [str(file)], to)["records"]
    return records


def stands(home: Settings) -> Truce:
    with open_store(home) as store:
        return as_believed(store.truces.get(TRUCE), system_clock())


def close(home: Settings, day: str = "2015-03-01") -> None:
    register.closed(home, TRUCE, "broke", day, "shelling resumed", "desk")


def test_an_end_that_a_person_recorded_outlives_the_same_file(home: Settings) -> None:
    tell(home, row())
    close(home)
    assert tell(home, row()) == {"new": 0, "changed": 0, "unchanged": 1, "upheld": 1}
    assert (stands(home).outcome, stands(home).end_date) == (Outcome.BROKE, date(2015, 3, 1))


def test_it_outlives_files_that_say_something_else_newly_and_say_it_again(home: Settings) -> None:
    tell(home, row())
    close(home)
    for _ in range(2):
        tell(home, row(name="Other"), LATER)
        found = stands(home)
        assert (found.outcome, found.notes, found.name) == (Outcome.BROKE, "shelling resumed", "Other")
        assert found.observed_to == LATER
    assert tell(home, row(name="Other"), LATER)["upheld"] == 1


def test_a_file_that_newly_tells_of_an_end_has_the_last_word(home: Settings) -> None:
    tell(home, row())
    close(home)
    assert tell(home, row(outcome="expired", end="2015-04-01"), LATER)["changed"] == 1
    assert (stands(home).outcome, stands(home).end_date) == (Outcome.EXPIRED, date(2015, 4, 1))
    assert tell(home, row(), LATER)["changed"] == 1
    assert stands(home).outcome is Outcome.ONGOING, "its own end it may take back"


def test_a_correction_of_one_column_stays_beside_news_of_another(home: Settings) -> None:
    tell(home, row(scheduled="2015-07-01"))
    with open_store(home) as store:
        truce = store.truces.get(TRUCE)
        corrected = replace(truce, scheduled_end=date(2015, 8, 1))
        store.truces.put([corrected], known_at=store.clock(), source="key:k", written_by="k")
    tell(home, row(name="Other", scheduled="2015-07-01"))
    assert (stands(home).scheduled_end, stands(home).name) == (date(2015, 8, 1), "Other")
    tell(home, row(name="Other", scheduled="2015-09-01"))
    assert stands(home).scheduled_end == date(2015, 9, 1)


def test_a_source_that_speaks_of_a_truce_for_the_first_time_undoes_no_end(home: Settings) -> None:
    words = ["iso3=AAA", "side_a=Government of A", "side_b=R Front", "effective_date=2015-01-01", "outcome=ongoing"]
    register.added(home, [f"truce_id={TRUCE}", *words])
    close(home)
    for _ in range(2):
        tell(home, row())
        assert (stands(home).outcome, stands(home).name) == (Outcome.BROKE, "One")


def test_what_cannot_be_together_is_not_put_together(home: Settings) -> None:
    tell(home, row())
    close(home)
    tell(home, row(start="2015-04-01"))
    assert (stands(home).outcome, stands(home).effective_date) == (Outcome.ONGOING, date(2015, 4, 1))


def test_who_watches_a_truce_of_his_own_goes_on_when_a_file_speaks_of_it(home: Settings) -> None:
    words = ["iso3=AAA", "side_a=Government of A", "side_b=R Front", "effective_date=2015-01-01", "outcome=ongoing"]
    register.added(home, [f"truce_id={TRUCE}", *words])
    assert stands(home).observed_to is None
    tell(home, row())
    assert stands(home).observed_to is None


def test_truces_are_watched_further_and_never_less_far(home: Settings) -> None:
    tell(home, row())
    assert register.watched(home, [TRUCE], "2015-09-30")["changed"] == 1
    assert stands(home).observed_to == date(2015, 9, 30)
    assert register.watched(home, None, "2015-08-31")["unchanged"] == 1
    assert tell(home, row())["upheld"] == 1
    assert stands(home).observed_to == date(2015, 9, 30)
    assert tell(home, row(), date(2015, 8, 31))["upheld"] == 1, "a newer file that was followed less far"
    assert stands(home).observed_to == date(2015, 9, 30)
    tell(home, row(), LATER)
    assert stands(home).observed_to == LATER


@pytest.mark.parametrize("day", ["2999-01-01", "2014-12-31", "soon"])
def test_what_nobody_can_have_watched_is_refused(home: Settings, day: str) -> None:
    tell(home, row())
    with pytest.raises(BadInput):
        register.watched(home, [TRUCE], day)
    assert stands(home).observed_to == FIRST


def test_a_truce_that_has_ended_did_not_hold(home: Settings) -> None:
    tell(home, row())
    close(home)
    with pytest.raises(BadInput, match="is broke"):
        register.watched(home, [TRUCE], "2015-09-30")
    assert register.watched(home, None, "2015-09-30") == {"new": 0, "changed": 0, "unchanged": 0}

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.sameness import Report, features, report
from tests.models.text.small_world import read

DAY = date(2021, 5, 4)
WORDS = st.frozensets(st.sampled_from("abcdef"))
TOLLS = st.none() | st.integers(0, 50)


def told(text: str, day: date = DAY, actor: str = "", target: str = "", deaths: int | None = None) -> Report:
    return report(read(text), day, ("assault", "SYR", actor, target, deaths))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    names = st.sampled_from(["", "Hamas", "Government of Syria"])
    return Report(DAY, "assault", "SYR", draw(names), draw(names), draw(TOLLS), draw(WORDS), draw(WORDS), draw(WORDS))


def test_a_report_is_compared_by_its_names_words_and_numbers() -> None:
    seen = told("Syrian civil war: Rebels attack Homs, and 1,204 men flee.")
    assert seen.names == {"syrian", "rebels", "homs"}
    assert seen.numbers == {"1,204"}
    assert {"attack", "flee", "civil"} <= seen.words
    assert not {"and", "men", "war"} & seen.words


def test_the_forms_of_a_word_are_one_word() -> None:
    assert told("the rebels attack").words == told("the rebel attacked").words


def test_a_report_keeps_what_was_coded_of_it() -> None:
    seen = told("Rebels attack.", actor="Hamas", target="Government of Syria", deaths=7)
    assert (seen.day, seen.type, seen.country, seen.actor, seen.target, seen.deaths) == (
        DAY,
        "assault",
        "SYR",
        "Hamas",
        "Government of Syria",
        7,
    )


def test_a_report_held_against_itself_shares_all() -> None:
    one = told("Rebels attack Homs, killing 12 soldiers.")
    seen = features(one, one)
    assert [
        seen[f"{name} of {whole}"] for name in ("names", "words", "numbers") for whole in ("the shorter", "all")
    ] == [1.0] * 6
    assert seen["both"] == 1.0


def test_reports_without_a_word_in_common_share_nothing() -> None:
    seen = features(told("Rebels attack Homs 12"), told("Police arrested Adel 13"))
    assert [
        seen[f"{name} of {whole}"] for name in ("names", "words", "numbers") for whole in ("the shorter", "all")
    ] == [0.0] * 6
    assert {"names shared 0", "words shared 0", "numbers shared 0"} <= seen.keys()


def test_a_longer_telling_shares_all_of_the_shorter_one() -> None:
    seen = features(told("Rebels attack Homs"), told("Rebels attack Homs near Aleppo"))
    assert seen["names of the shorter"] == 1.0
    assert seen["names of all"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("days", [0, 1, 2, 3])
def test_how_many_days_lie_between_is_known(days: int) -> None:
    assert f"days {days}" in features(told("Rebels attack."), told("Rebels attack.", DAY + timedelta(days=days)))


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (None, None, "unsaid"),
        (7, None, "unsaid"),
        (None, 7, "unsaid"),
        (7, 7, "same"),
        (7, 9, "risen"),
        (9, 7, "fallen"),
        (0, 1, "risen"),
    ],
)
def test_how_the_toll_moved_is_known(before: int | None, after: int | None, name: str) -> None:
    seen = features(told("Rebels attack.", deaths=before), told("Rebels attack.", deaths=after))
    assert [key for key in seen if key.startswith("deaths ")] == [f"deaths {name}"]


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("", "", "unknown"),
        ("Hamas", "", "unknown"),
        ("", "Hamas", "unknown"),
        ("Hamas", "Hamas", "same"),
        ("Hamas", "UN", "other"),
    ],
)
def test_whether_actor_and_target_agree_is_known(one: str, other: str, name: str) -> None:
    assert f"actor {name}" in features(told("Rebels attack.", actor=one), told("Rebels attack.", actor=other))
    assert f"target {name}" in features(told("Rebels attack.", target=one), told("Rebels attack.", target=other))


@given(reports(), reports())
def test_every_feature_lies_between_nothing_and_all(one: Report, other: Report) -> None:
    assert all(0.0 <= value <= 1.0 for value in features(one, other).values())


@given(reports(), reports())
def test_but_for_the_toll_two_reports_of_a_day_are_alike_either_way_round(one: Report, other: Report) -> None:
    there, back = (
        {name: value for name, value in features(*pair).items() if not name.startswith("deaths")}
        for pair in ((one, other), (other, one))
    )
    assert there == back

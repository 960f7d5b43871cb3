from __future__ import annotations

import pytest

from models.text.deaths import Candidate, Sort, candidates, features, parts
from models.text.headcount import MOST
from tests.models.text.small_world import phrases_of, read
from truce.vocabulary import EventType


def rivals(text: str) -> list[Candidate]:
    return candidates(read(text), phrases_of(text))


def values(text: str, sort: Sort = Sort.NUMBER) -> list[int]:
    return [candidate.value for candidate in rivals(text) if candidate.sort is sort]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rebels kill 7 soldiers.", [7]),
        ("Rebels kill 1,204 people.", [1204]),
        ("Rebels kill twelve soldiers.", [12]),
        ("Rebels kill twenty-three soldiers.", [23]),
        ("Rebels kill two hundred people.", [200]),
        ("Rebels kill three dozen people.", [36]),
        ("Rebels kill a dozen people.", [12]),
        ("Rebels kill a hundred people.", [100]),
        ("Rebels kill three guards and two cooks.", [3, 2]),
        ("Rebels kill dozens.", []),
        ("Rebels kill soldiers.", []),
    ],
)
def test_numbers_are_read_in_figures_and_in_words(text: str, expected: list[int]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Rebels steal $300.",
        "Rebels steal \u20ac300.",
        "Oil falls by 5%.",
        "Oil falls by 5 percent.",
        "Rebels march 40 km.",
        "Rebels steal 12 million.",
        "Rebels meet a 14-year-old.",
        "Rebels hold a three-day march.",
        "Oil falls by 3.5 points.",
    ],
)
def test_money_ages_and_measures_count_nobody(text: str) -> None:
    assert values(text) == []


def test_a_number_larger_than_any_event_is_the_toll_of_a_war() -> None:
    assert values(f"Rebels kill {MOST} people.") == [MOST]
    assert values(f"Rebels kill {MOST + 1} people.") == []
    assert values("Rebels kill 250,000 people.") == []


@pytest.mark.parametrize(
    "text", ["Rebels kill a soldier.", "Rebels kill another young woman.", "Rebels kill an off-duty officer."]
)
def test_a_single_person_is_one(text: str) -> None:
    assert values(text, Sort.ONE) == [1]


@pytest.mark.parametrize(
    "text", ["Rebels attack a town.", "Rebels meet in a hall, soldier Adel says.", "Rebels kill the soldier."]
)
def test_what_is_no_person_behind_an_article_is_not_one(text: str) -> None:
    assert values(text, Sort.ONE) == []


def test_the_one_person_of_a_number_word_is_counted_once() -> None:
    assert values("Rebels kill one soldier.") == [1]
    assert values("Rebels kill one soldier.", Sort.ONE) == []


def test_of_those_who_are_named_two_at_most_may_be_victims_and_one_always() -> None:
    text = "Zorba meets Hamas commander Murad. Gunmen shoot dead Colonel Adel."
    named = [candidate for candidate in rivals(text) if candidate.sort is Sort.SOMEBODY]
    assert [read(text).tokens[candidate.last - 1].text for candidate in named] == ["Gunmen", "Adel"]
    assert values("Zorba meets Hamas commander Murad near Homs. Gunmen meet Colonel Adel.", Sort.SOMEBODY) == [1]


def test_candidates_stand_in_the_order_of_the_text() -> None:
    places = [candidate.first for candidate in rivals("Gunmen kill Adel, two guards, a driver and 7 men.")]
    assert places == sorted(places)
    assert len(places) == 5


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Rebels kill 7 soldiers.", "<killing"),
        ("Rebels attack a camp, killing at least 7 soldiers.", "<killing"),
        ("An attack leaves 7 men dead.", ">killed"),
        ("At least 7 soldiers are killed.", ">is killed"),
        ("The death toll of the attack rises to 7.", "<toll"),
        ("Rebels wound 7 soldiers.", "<hurting"),
        ("A rebel attack, and 7 soldiers are wounded.", ">hurt"),
        ("Rebels kill men, including 7 soldiers.", "<including"),
        ("Soldiers are killed by 7 gunmen.", "<by"),
        ("In the war 7 men have died since May.", ">since"),
    ],
)
def test_what_stands_beside_a_number_is_a_sign(text: str, sign: str) -> None:
    assert [sign in candidate.signs for candidate in rivals(text) if candidate.value == 7] == [True]


def test_a_number_of_the_wounded_bears_no_sign_of_killing() -> None:
    wounded = next(
        candidate for candidate in rivals("Rebels attack a camp and wound 30 soldiers.") if candidate.value == 30
    )
    assert not any("kill" in sign for sign in wounded.signs)


def test_where_a_number_stands_is_a_sign() -> None:
    found = rivals("Rebels kill 7 men near the lake after 8 men fled. Police hold 9 men.")
    assert [c.signs[-1] for c in found if c.sort is Sort.NUMBER] == ["main", "first", "rest"]


def test_a_year_counts_nobody() -> None:
    assert values("Rebels kill 7 men in 2003.") == [7]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gunmen kill two guards. The gunman is shot dead.", 1),
        ("A bomber kills two guards and himself.", 1),
        ("Gunmen kill Adel and his driver.", 1),
        ("Gunmen meet two guards. The gunman says he meets a town.", 0),
    ],
)
def test_one_who_is_known_counts_beside_a_word_of_killing_only(text: str, expected: int) -> None:
    assert values(text, Sort.KNOWN) == [1] * expected


def test_a_second_named_person_counts_only_with_a_sign_of_killing() -> None:
    assert values("Gunmen shoot dead Colonel Adel. Gunmen shoot dead Colonel Murad.", Sort.SOMEBODY) == [1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rebels kill 10 people, nine police and one civilian.", [9, 1]),
        ("Rebels kill seven men, five guards, a soldier and a driver.", [5, 1, 1]),
        ("Rebels kill two men, two guards and two drivers.", []),
        ("Rebels kill 10 people. They hold nine police and one civilian.", []),
        ("Rebels kill a soldier.", []),
    ],
)
def test_the_parts_of_a_number_stand_behind_it_in_its_sentence_and_add_up_to_it(text: str, expected: list[int]) -> None:
    found = rivals(text)
    whole = next(c for c in found if c.sort is not Sort.SOMEBODY)
    assert [part.value for part in parts(whole, found, read(text).tokens)] == expected


def test_a_candidate_knows_what_stands_beside_it() -> None:
    text = "Rebels kill 7 men, killing a soldier."
    found = rivals(text)
    seen = features(found[-1], len(found) - 1, found, read(text), EventType.ASSAULT)
    assert {"one", "one beside number", "one kind assault", "one <killing"} <= seen.keys()
    assert "one alone" not in seen


def test_the_words_around_a_candidate_are_seen_up_to_the_next_one() -> None:
    text = "Rebels kill 7 soldiers and 2 guards."
    found = rivals(text)
    seen = features(found[0], 0, found, read(text), EventType.ASSAULT)
    assert {"number l1:kill", "number r1:soldier", "number r:and"} <= seen.keys()
    assert "number r:guard" not in seen


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Rebels kill 7 soldiers.", {"<near kill", "<far kill", ">near none"}),
        ("Rebels wound 7 soldiers.", {"<near hurt", ">far none"}),
        ("Rebels kill 2 guards and 7 soldiers.", {"<near none", "<far kill"}),
        ("At 9 o'clock 7 soldiers are killed.", {">near kill", "<far none"}),
        ("Rebels kill. 7 soldiers are there. Some die.", {"<far none", ">far none"}),
    ],
)
def test_the_nearest_word_of_killing_or_harm_on_either_side_is_known(text: str, signs: set[str]) -> None:
    found = rivals(text)
    at = next(k for k, c in enumerate(found) if c.value == 7)
    seen = features(found[at], at, found, read(text), EventType.ASSAULT)
    assert {f"number {sign}" for sign in signs} <= seen.keys()


@pytest.mark.parametrize(("name", "count"), [("Abbas", 1), ("Palestinians", 0)])
def test_a_name_that_ends_like_a_plural_may_be_a_person_but_a_people_is_none(name: str, count: int) -> None:
    named = [c for c in rivals(f"Gunmen kill {name.replace('Palestinians', 'Syrians')}.") if c.sort is Sort.SOMEBODY]
    assert [c.value for c in named if c.first == 2] == [1] * count

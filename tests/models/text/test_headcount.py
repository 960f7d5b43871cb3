from __future__ import annotations

import pytest

from models.text.headcount import known, numbers, ones
from models.text.tokens import tokenize


def counted(text: str) -> list[int]:
    return [value for value, _, _ in numbers(tokenize(text))]


@pytest.mark.parametrize(
    "text",
    [
        "Between four and six soldiers die.",
        "Between four to six soldiers die.",
        "From 4 to 6 soldiers die.",
        "4-6 soldiers die.",
        "Four or six soldiers die.",
        "Four to more than six soldiers die.",
        "Four to over six soldiers die.",
    ],
)
def test_of_a_span_the_lower_end_counts(text: str) -> None:
    assert counted(text) == [4]


@pytest.mark.parametrize(
    "text", ["Four guards and six soldiers die.", "Four and six die.", "6 to 4 men.", "Four, six die."]
)
def test_two_numbers_that_are_no_span_both_count(text: str) -> None:
    assert len(counted(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "He commands the submarine B-265.",
        "A Su-34 is shot down.",
        "They meet in 2004.",
        "A 13- or 14-year-old boy walks.",
        "Brothers aged six and eight walk.",
        "On October 5 he meets them.",
        "On 7 October he meets them.",
        "In May 12 they meet.",
        "They meet on the 9th.",
        "A boy aged 16 walks.",
        "A 63 year old man walks.",
        "They walk for 20 minutes.",
    ],
)
def test_numbers_of_names_dates_ages_and_hours_count_nobody(text: str) -> None:
    assert counted(text) == []


def test_numbers_that_may_count_people_are_no_dates() -> None:
    assert counted("They may kill 12 men. Police-12 men, and others.") == [12, 12]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A soldier dies.", 1),
        ("Another young rabbi dies.", 1),
        ("A German couple dies.", 2),
        ("Both pilots die.", 2),
        ("Both young drivers die.", 2),
    ],
)
def test_a_person_is_one_and_a_couple_or_both_are_two(text: str, value: int) -> None:
    assert [count for count, _, _ in ones(tokenize(text), set())] == [value]


@pytest.mark.parametrize("text", ["Both sides talk.", "A town falls.", "Both soldier on.", "A bomb, soldier."])
def test_what_is_no_person_is_not_counted(text: str) -> None:
    assert ones(tokenize(text), set()) == []


def test_a_place_that_is_taken_is_not_counted_again() -> None:
    assert ones(tokenize("One soldier dies."), {0}) == []


@pytest.mark.parametrize(
    ("text", "spans"), [("The gunman dies.", 2), ("He shoots himself.", 1), ("Her young driver dies.", 3)]
)
def test_someone_spoken_of_before_is_one(text: str, spans: int) -> None:
    value, first, last = known(tokenize(text), set())[-1 if spans == 1 else 0]
    assert (value, last - first) == (1, spans)


def test_a_thing_is_no_one_and_a_place_that_is_taken_is_not_counted_again() -> None:
    assert known(tokenize("The town falls."), set()) == []
    assert known(tokenize("The gunman dies."), {0}) == []

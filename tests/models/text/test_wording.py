from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.wording import NUMBERS, Wording, stem
from tests.models.text.small_world import WORDS, read

WORDING = Wording(WORDS, frozenset({"attack", "meets"}), {"assault 5": r"\bshells?\b"})


def masked(text: str) -> list[str]:
    return [word.text for word in WORDING.masked(read(text))]


def features(text: str, category: str = "") -> dict[str, float]:
    return WORDING.features(read(text, category))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Turkey meets Hamas", ["@land", "meets", "@group"]),
        ("Turkish troops near Homs", ["@people", "troops", "near", "@place"]),
        ("The UN meets in Aleppo", ["the", "@body", "meets", "in", "@name"]),
        ("The envoy Adel Murad meets", ["the", "envoy", "@name", "meets"]),
        ("Rebels kill 1,204", ["rebels", "kill", "@number"]),
        ("Rebels kill seven", ["rebels", "kill", "@number"]),
        ("talks of 2015 and 1999", ["talks", "of", "@year", "and", "@year"]),
        ("a town near Turkey Creek", ["a", "town", "near", "@name"]),
        ("Syria, Turkey", ["@land", ",", "@land"]),
        ("Syria Turkey", ["@land", "@land"]),
        ("", []),
    ],
)
def test_names_and_numbers_stand_behind_masks(text: str, expected: list[str]) -> None:
    assert masked(text) == expected


def test_a_capital_makes_no_name_of_an_ordinary_word() -> None:
    assert masked("The Rebels Attack") == ["the", "rebels", "attack"]
    assert masked("The Zorbs Attack") == ["the", "@name", "attack"]


def test_a_masked_word_says_where_it_stands() -> None:
    text = "Rebels attack Adel Murad near Homs"
    assert [(word.text, word.start) for word in WORDING.masked(read(text))][2:] == [
        ("@name", text.index("Adel")),
        ("near", text.index("near")),
        ("@place", text.index("Homs")),
    ]


@pytest.mark.parametrize("word", ["attack", "attacks", "attacked", "attacking"])
def test_the_forms_of_a_word_meet_in_its_stem(word: str) -> None:
    assert stem(word) == "attack"


@pytest.mark.parametrize("word", ["@places", "@name", "his", "us", "red", "sing"])
def test_masks_and_short_words_are_their_own_stem(word: str) -> None:
    assert stem(word) == word


@given(st.text(min_size=1))
def test_a_stem_is_a_beginning_of_its_word_and_never_shorter_than_three_letters(word: str) -> None:
    assert word.startswith(stem(word))
    assert len(stem(word)) >= min(3, len(word))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Turkey attacks Hamas in Homs.", "Iraq attacks Hamas in Ankara."),
        ("Syrian rebels kill nine soldiers.", "Turkish rebels kill 41 soldiers."),
        ("Adel Murad meets an envoy after talks in Syria.", "Zorba meets an envoy after talks in Iraq."),
    ],
)
def test_two_sentences_that_differ_only_in_names_are_one_wording(one: str, other: str) -> None:
    assert features(one) == features(other)


def test_two_sentences_that_differ_in_a_verb_are_two_wordings() -> None:
    assert features("Turkey meets Hamas.") != features("Turkey shells Hamas.")


def test_the_same_words_as_news_and_as_background_are_two_wordings() -> None:
    told = features("The envoy meets rebels in the town after an attack.")
    assert "r1:attack" in told
    assert "m1:attack" not in told
    assert "m1:attack" in features("Rebels attack.")


def groups(seen: dict[str, float]) -> list[float]:
    return [value for name, value in seen.items() if name[0] in "mscrlh"]


@pytest.mark.parametrize(
    "text",
    [
        "Rebels attack.",
        "Rebels attack a town in Syria, killing nine, after talks. The envoy says: The army attacks, and two die.",
        "Homs",
    ],
)
def test_the_word_groups_of_a_text_are_a_row_of_length_one(text: str) -> None:
    assert math.isclose(sum(value**2 for value in groups(features(text, "Talks"))), 1.0)


def test_a_text_without_a_word_has_a_row() -> None:
    assert all(math.isfinite(value) for value in features("").values())


def test_the_heading_a_text_stands_under_is_part_of_its_wording() -> None:
    assert "h:sports" in features("Rebels attack.", "Sports")
    assert "h:sports" not in features("Rebels attack.")


def test_the_first_verb_is_kept_with_who_acts_and_on_whom() -> None:
    seen = features("Rebels attack Turkish troops in the town.")
    assert {
        "v1:attack",
        "v1 after:attack word",
        "v1 whom:attack @people",
        "v1 does:attack troop",
        "v1 to:troop",
    } <= seen.keys()
    assert "no verb" not in seen
    assert "v1 after:attack @land" in features("Syria attack Iraq.")


def test_a_text_without_a_reporting_verb_says_so() -> None:
    assert "no verb" in features("Talks in the town.")


def test_a_listed_wording_counts_otherwise_in_the_main_clause_than_behind_it() -> None:
    assert "k:assault 5" in features("Rebels shell a town.")
    behind = features("The envoy meets rebels in the town after they shell it.")
    assert "k:assault 5 behind" in behind
    assert "k:assault 5" not in behind
    assert not any(name.startswith("k:") for name in features("The envoy meets rebels."))


@pytest.mark.parametrize(
    ("word", "value"), [("zero", 0), ("one", 1), ("twelve", 12), ("nineteen", 19), ("twenty", 20), ("ninety", 90)]
)
def test_number_words_have_their_value(word: str, value: int) -> None:
    assert NUMBERS[word] == value

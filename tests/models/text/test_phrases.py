from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.names import Kind
from tests.models.text.small_world import phrases_of, read


def texts(text: str) -> list[str]:
    return [phrase.text for phrase in phrases_of(text)]


def parties(text: str) -> list[str]:
    return [phrase.party for phrase in phrases_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Turkish President Erdogan meets gunmen.", ["Turkish President Erdogan", "gunmen"]),
        ("The President of Syria meets Hamas.", ["President of Syria", "Hamas"]),
        ("Hamas and Turkey meet.", ["Hamas", "Turkey"]),
        ("Iraq's army attacks.", ["Iraq's army"]),
        ("He meets Omar al-Bashir.", ["Omar al-Bashir"]),
        ("A town in the hills.", []),
        ("", []),
    ],
)
def test_a_phrase_is_a_run_of_names_and_words_for_people(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_an_ordinary_word_at_the_head_of_a_sentence_begins_no_phrase() -> None:
    assert texts("Talks in the town. Talks on talks.") == []
    assert texts("He meets Talks.") == ["Talks"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Syria attacks.", ["Government of Syria"]),
        ("Syrian troops attack.", ["Government of Syria"]),
        ("Syrian President Assad meets.", ["Government of Syria"]),
        ("Aleppo police attack.", ["Government of Syria"]),
        ("Hamas attacks.", ["Hamas"]),
        ("The UN meets.", ["United Nations"]),
        ("Syrian tourists meet.", [""]),
        ("Syrian rebels attack.", [""]),
        ("Gunmen attack.", [""]),
        ("Homs attacks.", [""]),
        ("Turkey Creek attacks.", [""]),
    ],
)
def test_a_state_is_meant_by_its_name_or_by_its_adjective_beside_an_office_or_an_army(
    text: str, expected: list[str]
) -> None:
    assert parties(text) == expected


@pytest.mark.parametrize("place", ["in", "near", "across", "in the", "northern", "outside"])
def test_a_country_where_something_happens_is_no_party(place: str) -> None:
    phrase = phrases_of(f"Gunmen attack a town {place} Syria.")[-1]
    assert (phrase.text, phrase.party, phrase.iso3) == ("Syria", "", "SYR")


def test_an_army_stays_a_party_where_something_happens() -> None:
    assert phrases_of("Gunmen attack a town near Syrian troops.")[-1].party == "Government of Syria"


def test_a_group_goes_before_the_state_of_its_country() -> None:
    assert parties("Syrian Hamas commander Adel attacks.") == ["Hamas"]


def test_a_phrase_knows_its_country_its_sectors_and_the_kinds_of_its_names() -> None:
    phrase = phrases_of("Turkish police commander Adel attacks.")[0]
    assert (phrase.iso3, phrase.roles, phrase.kinds) == ("TUR", ("GOV", "MIL"), (Kind.PEOPLE,))


def test_a_country_without_a_government_in_the_table_gives_no_party() -> None:
    phrase = phrases_of("Hamas attacks.")[0]
    assert (phrase.party, phrase.iso3) == ("Hamas", "PSE")


PIECES = st.lists(
    st.sampled_from(
        [
            "Syria",
            "Syrian",
            "President",
            "of",
            "al",
            "-",
            "'s",
            "and",
            "troops",
            "Hamas",
            "the",
            "in",
            "Zorba",
            ".",
            "attack",
            "7",
        ]
    ),
    max_size=40,
)


@given(PIECES)
def test_phrases_are_in_order_stand_where_they_say_and_none_overlaps_another(pieces: list[str]) -> None:
    text = " ".join(["Rebels", *pieces, "attack."])
    reading, last = read(text), 0
    for phrase in phrases_of(text):
        assert last <= phrase.first < phrase.last <= len(reading.tokens)
        assert (phrase.start, phrase.end) == (reading.tokens[phrase.first].start, reading.tokens[phrase.last - 1].end)
        assert reading.bullet.told[phrase.start : phrase.end] == phrase.text
        last = phrase.last


@given(PIECES)
def test_every_name_of_a_text_belongs_to_a_phrase(pieces: list[str]) -> None:
    text = " ".join(["Rebels", *pieces, "attack."])
    within = {at for phrase in phrases_of(text) for at in range(phrase.first, phrase.last)}
    assert all(mention.first in within for mention in read(text).mentions)

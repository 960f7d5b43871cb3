from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.names import Gazetteer, Kind, Mention, Name, lands
from models.text.tokens import tokenize
from tests.models.text.small_world import NAMES


def found(names: list[Name], text: str) -> list[str]:
    return [mention.name.spelling for mention in Gazetteer(names).find(tokenize(text))]


def land(spelling: str, iso3: str = "AAA") -> Name:
    return Name(Kind.LAND, spelling, iso3)


def test_the_longest_name_wins() -> None:
    names = [land("Guinea"), land("Papua New Guinea"), land("New Guinea")]
    assert found(names, "Clashes in Papua New Guinea and in Guinea.") == ["Papua New Guinea", "Guinea"]


def test_a_longer_name_that_is_not_there_hides_no_shorter_one() -> None:
    assert found([land("South Sudan"), land("South")], "South of Juba") == ["South"]


def test_a_name_within_a_phrase_that_means_something_else_is_not_found() -> None:
    names = [land("Mexico"), Name(Kind.NOTHING, "New Mexico")]
    assert found(names, "A fire in New Mexico") == ["New Mexico"]


@pytest.mark.parametrize("text", ["they told us", "they told Us", "they told uS"])
def test_an_acronym_counts_as_it_is_written_only(text: str) -> None:
    assert found([land("US")], text) == []
    assert found([land("US")], "they told the US") == ["US"]


@pytest.mark.parametrize("text", ["a dish of turkey", "made in china"])
def test_a_word_in_lower_case_is_no_name(text: str) -> None:
    assert found([land("Turkey"), land("China")], text) == []


@pytest.mark.parametrize("text", ["Turkey", "TURKEY", "Sri LANKA", "sri Lanka"])
def test_a_long_name_counts_with_any_capital(text: str) -> None:
    assert len(found([land("Turkey"), land("Sri Lanka")], text)) == 1


def test_later_names_win_over_earlier_ones_of_the_same_spelling() -> None:
    names = Gazetteer([Name(Kind.PLACE, "Georgia", "USA"), land("GEORGIA", "GEO")])
    assert len(names) == 1
    assert [mention.name.iso3 for mention in names.find(tokenize("Georgia"))] == ["GEO"]


def test_curled_and_straight_apostrophes_are_one_spelling() -> None:
    assert found([land("Kata'ib Hezbollah")], "The Kata\u2019ib Hezbollah fire") == ["Kata'ib Hezbollah"]


def test_the_owner_s_ending_is_no_part_of_a_name() -> None:
    assert found([land("Iraq")], "Iraq's army") == ["Iraq"]


def test_a_name_without_a_token_is_none() -> None:
    assert len(Gazetteer([land(""), land("  ")])) == 0


def test_a_mention_says_where_its_tokens_and_characters_stand() -> None:
    name = land("Saudi Arabia")
    assert Gazetteer([name]).find(tokenize("In Saudi Arabia.")) == [Mention(name, 1, 3, 3, 15)]


def test_the_table_of_countries_gives_names_people_and_places() -> None:
    table = {"SYR": {"names": ["Syria"], "people": ["Syrian"], "places": ["Homs"]}, "IRQ": {"names": ["Iraq"]}}
    assert {(name.kind, name.spelling, name.iso3) for name in lands(table)} == {
        (Kind.LAND, "Syria", "SYR"),
        (Kind.PEOPLE, "Syrian", "SYR"),
        (Kind.PLACE, "Homs", "SYR"),
        (Kind.LAND, "Iraq", "IRQ"),
    }


def test_a_country_wins_over_a_place_of_the_same_spelling() -> None:
    names = Gazetteer(lands({"LUX": {"names": ["Luxembourg"]}, "BEL": {"places": ["Luxembourg"]}}))
    assert [mention.name.iso3 for mention in names.find(tokenize("Luxembourg"))] == ["LUX"]


PIECES = st.lists(st.sampled_from(["Syria", "syria", "Turkey", "Creek", "UN", "un", "Hamas", "'s", "-", "of"]))


@given(PIECES)
def test_mentions_are_in_order_and_none_overlaps_another(pieces: list[str]) -> None:
    last = 0
    tokens = tokenize(" ".join(pieces))
    for mention in NAMES.find(tokens):
        assert last <= mention.first < mention.last <= len(tokens)
        assert [token.lower for token in tokens[mention.first : mention.last]] == [
            token.lower for token in tokenize(mention.name.spelling)
        ]
        last = mention.last


@given(PIECES)
def test_a_text_without_a_capital_holds_no_name(pieces: list[str]) -> None:
    assert NAMES.find(tokenize(" ".join(pieces).lower())) == []

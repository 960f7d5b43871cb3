from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.tokens import tokenize


def words(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S. troops", ["U.S.", "troops"]),
        ("1,204 dead", ["1,204", "dead"]),
        ("3.5%", ["3.5", "%"]),
        ("Sana'a falls", ["Sana'a", "falls"]),
        ("Kata\u2019ib Hezbollah", ["Kata\u2019ib", "Hezbollah"]),
        ("Iran's army", ["Iran", "'s", "army"]),
        ("Iran\u2019s army", ["Iran", "\u2019s", "army"]),
        ("SDF-held", ["SDF", "-", "held"]),
        ("and/or", ["and", "/", "or"]),
        ("Nagorno-Karabakh, 2020.", ["Nagorno", "-", "Karabakh", ",", "2020", "."]),
        ("Bogot\u00e1", ["Bogot\u00e1"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_a_text_falls_into_words_numbers_and_signs(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_curled_apostrophe_is_a_straight_one_in_lower_case() -> None:
    curled, straight = tokenize("KATA\u2019IB"), tokenize("Kata'ib")
    assert [token.lower for token in curled] == [token.lower for token in straight] == ["kata'ib"]


@given(st.text())
def test_a_token_stands_where_it_says_and_none_overlaps_another(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end
        assert text[token.start : token.end] == token.text
        end = token.end


@given(st.text())
def test_nothing_but_spaces_and_underscores_is_lost(text: str) -> None:
    kept = {place for token in tokenize(text) for place in range(token.start, token.end)}
    assert all(sign.isspace() or sign == "_" for place, sign in enumerate(text) if place not in kept)


@given(st.lists(st.sampled_from(["U.S.", "Iran", "'s", "1,204", "-", "dead", "Sana'a"])))
def test_tokens_set_apart_by_spaces_are_found_again(tokens: list[str]) -> None:
    assert words(" ".join(tokens)) == tokens

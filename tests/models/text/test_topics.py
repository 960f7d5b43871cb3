from __future__ import annotations

from datetime import date

import pytest

from models.event_coder import EventCoder
from models.text import topics
from models.text.names import Gazetteer
from models.text.reading import Reader

DAY = date(2020, 1, 5)


def signs(text: str) -> set[str]:
    reading = Reader(Gazetteer([]), frozenset()).read(text)
    return {name.removeprefix("topic ") for name in topics.features({}, reading)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The parliament votes to expel foreign troops.", {"forces", "leave", "abroad"}),
        ("The chamber authorises the use of force.", {"authorises", "war"}),
        ("The senate ratifies the peace accord.", {"peace"}),
        ("The assembly passes a bill on fisheries.", set()),
    ],
)
def test_each_topic_has_its_signs(text: str, expected: set[str]) -> None:
    found = signs(text)
    assert expected <= found if expected else not found


def test_two_signs_are_a_sign_of_their_own() -> None:
    assert "forces + leave" in signs("Lawmakers want all troops to leave and withdraw the army.")


def test_only_the_first_sentence_is_asked() -> None:
    assert signs("The assembly passes a bill on fisheries. Foreign troops leave the base.") == set()


def test_a_vote_to_expel_foreign_troops_is_one_on_withdrawal() -> None:
    coded = EventCoder.load().code("Iraq's parliament votes to expel foreign troops from the country.", DAY)
    assert (coded.type, coded.topic) == ("legislature_vote", "troop_withdrawal")

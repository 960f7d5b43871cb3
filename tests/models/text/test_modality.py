from __future__ import annotations

from datetime import date

import pytest

from models.text.modality import features, speaks_of_truce, truce_features
from tests.models.text.small_world import read
from truce.vocabulary import EventType

DAY = date(2021, 5, 4)


def signs(text: str, kind: EventType = EventType.ASSAULT) -> set[str]:
    return set(features(kind, {}, read(text), DAY))


def truce_signs(text: str) -> set[str]:
    return set(truce_features(EventType.AGREE, {}, read(text)))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Mourners mark the anniversary of the attack.", "anniversary"),
        ("Mourners remember the dead.", "remembers"),
        ("The court rules on an attack three decades ago.", "ago"),
        ("The archives speak of an attack.", "disclosed"),
        ("He fought in World War II.", "old year"),
        ("Talks are expected to begin.", "expected"),
        ("Turkey will attack.", "will"),
        ("Turkey will not attack.", "will not"),
        ("Turkey may attack.", "may"),
        ("Turkey plans to attack.", "plans"),
        ("The envoy calls for talks.", "calls"),
        ("Talks begin next week.", "next"),
        ("Turkey announces talks.", "announces"),
        ("Turkey denies an attack.", "negated"),
        ("Turkey attacks unless rebels leave.", "if"),
        ("Rebels reportedly attack.", "reportedly"),
        ("A planned attack.", "planned noun"),
    ],
)
def test_a_wording_that_tells_whether_it_happened_is_a_sign(text: str, sign: str) -> None:
    assert {f"sign main {sign}", f"assault sign main {sign}", f"sign first {sign}"} <= signs(text)


def test_a_plain_report_bears_no_sign() -> None:
    assert signs("Rebels attack a town.") == {"kind assault"}


def test_what_will_not_be_is_no_promise() -> None:
    assert "sign main will" not in signs("Turkey will not attack.")


def test_a_sign_of_the_background_is_none_of_the_main_clause() -> None:
    seen = signs("Rebels attack a town near the lake after talks were expected to begin.")
    assert "sign first expected" in seen
    assert "sign main expected" not in seen


def test_a_sign_of_a_later_sentence_is_none_of_the_first() -> None:
    assert signs("Rebels attack a town. Talks are expected to begin.") == {"kind assault"}


@pytest.mark.parametrize(
    ("year", "sign"),
    [
        (2030, "year ahead"),
        (2022, "year ahead"),
        (2021, None),
        (2018, None),
        (2017, "year long ago"),
        (1999, "year long ago"),
    ],
)
def test_a_year_is_held_against_the_day_of_the_text(year: int, sign: str | None) -> None:
    seen = {name for name in signs(f"Rebels speak of the {year} attack.") if name.startswith("sign year")}
    assert seen == ({f"sign {sign}"} if sign else set())


def test_the_wording_is_kept_beside_the_signs() -> None:
    reading = read("Rebels attack.")
    assert features(EventType.ASSAULT, {"m1:attack": 0.25}, reading, DAY)["m1:attack"] == 0.25
    assert truce_features(EventType.AGREE, {"m1:attack": 0.25}, reading)["m1:attack"] == 0.25


@pytest.mark.parametrize(
    "text",
    [
        "Both sides sign a ceasefire.",
        "Both sides sign a cease-fire.",
        "The truce holds.",
        "An armistice is signed.",
        "The peace agreement holds.",
        "Delegates hold peace talks.",
        "A humanitarian pause begins.",
        "Rebels suspend all attacks.",
        "Ceasefire in Syria: Rebels attack.",
        "CEASEFIRE AGREED.",
    ],
)
def test_a_text_that_mentions_a_truce_or_talk_of_one_speaks_of_it(text: str) -> None:
    assert speaks_of_truce(read(text))


@pytest.mark.parametrize(
    "text", ["Rebels attack a bridge.", "Police seize a trucebreaker.", "Both sides sign a trade deal.", ""]
)
def test_a_text_that_mentions_none_does_not(text: str) -> None:
    assert not speaks_of_truce(read(text))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("The rebels call off the ceasefire.", "ends it"),
        ("The rebels end the truce.", "ends it"),
        ("The ceasefire collapses.", "it ends"),
        ("Shells fall in violation of the truce.", "violates"),
        ("Rebels break the ceasefire.", "violates"),
        ("The truce is violated.", "violated"),
        ("Fighting goes on hours into a truce.", "fighting after"),
        ("The parties extend the truce.", "extends"),
        ("The ceasefire is extended.", "extends"),
        ("Both sides sign a ceasefire.", "starts"),
        ("Both armies agree to a truce.", "starts"),
        ("A truce takes effect.", "takes effect"),
        ("The mediator proposes a ceasefire.", "wants"),
        ("The rebels reject a truce.", "refuses"),
        ("Rebels attack after the ceasefire.", "while"),
        ("Delegates hold peace talks.", "process"),
        ("The army halts all attacks.", "halts"),
    ],
)
def test_what_is_done_to_a_truce_is_a_sign(text: str, sign: str) -> None:
    assert {f"sign first {sign}", f"agree sign first {sign}"} <= truce_signs(text)


def test_the_first_sentence_and_the_rest_speak_of_a_truce_apart() -> None:
    seen = truce_signs("Rebels attack a town. The ceasefire collapses.")
    assert "sign rest it ends" in seen
    assert not any(name.startswith("sign first") for name in seen)

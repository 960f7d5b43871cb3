from __future__ import annotations

from datetime import date

import pytest

from models.text.countries import candidates
from tests.models.text.small_world import read
from truce.vocabulary import EventType

SOURCES = {"Enab": ("SYR", 0.9), "Sana": ("SYR", 0.4), "Daily Sabah": ("TUR", 0.8)}


DAY = date(2014, 5, 1)
VERBS = frozenset({"shell", "meets"})


def features(
    text: str, category: str = "", kind: EventType = EventType.ASSAULT, day: date = DAY
) -> dict[str, dict[str, float]]:
    return candidates(read(text, category), kind, SOURCES, day, VERBS)


def test_every_country_that_is_named_is_a_candidate() -> None:
    assert features("Turkish troops shell Homs after talks in Iraq.").keys() == {"TUR", "SYR", "IRQ"}


@pytest.mark.parametrize("text", ["Gunmen attack a town.", "The UN meets near Turkey Creek.", ""])
def test_a_text_without_a_country_has_no_candidate(text: str) -> None:
    assert features(text) == {}


@pytest.mark.parametrize("where", ["in", "near", "inside", "northern", "in the", "across"])
def test_a_place_inside_which_something_happens_is_known(where: str) -> None:
    seen = features(f"Gunmen attack a town {where} Homs.")["SYR"]
    assert {"inside", "inside:place:main", "assault:inside"} <= seen.keys()


@pytest.mark.parametrize("text", ["Homs attacks.", "Gunmen in a town attack Homs.", "Gunmen attack a town of Homs."])
def test_a_place_that_acts_or_is_acted_upon_is_not_inside(text: str) -> None:
    assert "inside" not in features(text)["SYR"]


@pytest.mark.parametrize(
    ("word", "name"), [("of", "of:land"), ("against", "against:land"), ("to", "to:land"), ("from the", "from:land")]
)
def test_the_word_before_a_name_is_known(word: str, name: str) -> None:
    assert name in features(f"Gunmen attack {word} Syria.")["SYR"]


def test_the_first_country_is_the_first_one_only() -> None:
    seen = features("Turkish troops shell Homs.")
    assert {"first", "first:people", "opens", "opens:people"} <= seen["TUR"].keys()
    assert not {"first", "opens"} & seen["SYR"].keys()
    assert seen["TUR"]["rank"] < seen["SYR"]["rank"]


def test_an_owner_and_an_office_are_known() -> None:
    assert "owns" in features("Iraq's army attacks.")["IRQ"]
    seen = features("Iraqi troops attack Syria.")
    assert {"office", "office:troops"} <= seen["IRQ"].keys()
    assert not {"office", "owns"} & seen["SYR"].keys()


def test_the_main_clause_the_rest_of_its_sentence_and_the_rest_are_told_apart() -> None:
    seen = features("Turkish troops shell a town after talks in Iraq. Syria waits.")
    assert "main:people" in seen["TUR"]
    assert "first sentence:land" in seen["IRQ"]
    assert "rest:land" in seen["SYR"]


def test_a_country_in_the_opening_clause_is_known_as_such() -> None:
    seen = features("After weeks of talks with Iraq, Turkey attacks.")
    assert "opening clause" in seen["IRQ"]
    assert "opening clause" not in seen["TUR"]


@pytest.mark.parametrize(
    ("text", "category"), [("Syrian civil war: Gunmen attack.", ""), ("Gunmen attack.", "Syrian civil war")]
)
def test_a_country_of_the_headings_only_is_what_the_text_is_about_and_unnamed(text: str, category: str) -> None:
    seen = features(text, category)["SYR"]
    assert {"about", "about:people", "assault:about", "unnamed", "alone"} <= seen.keys()
    assert "rank" not in seen


def test_a_country_that_is_named_in_text_and_heading_is_not_unnamed() -> None:
    seen = features("Gunmen attack a town in Syria.", "Syrian civil war")["SYR"]
    assert {"about", "inside"} <= seen.keys()
    assert "unnamed" not in seen


def test_a_source_speaks_for_the_country_it_reports_on() -> None:
    assert features("Gunmen attack. (Enab)")["SYR"]["source"] == 0.9
    assert features("Gunmen attack a town. (Reuters)") == {}


@pytest.mark.parametrize("sources", ["(Enab) (Sana)", "(Sana) (Enab)"])
def test_of_several_sources_the_most_telling_counts(sources: str) -> None:
    assert features(f"Gunmen attack. {sources}")["SYR"]["source"] == 0.9


def test_a_country_has_rivals_or_is_alone() -> None:
    assert "alone" in features("Syria attacks.")["SYR"]
    assert all("rivals" in seen and "alone" not in seen for seen in features("Syria attacks Iraq.").values())


def test_mentions_of_a_country_are_counted_up_to_three() -> None:
    assert [features("Syria, " * times + "waits.")["SYR"]["n:land"] for times in (1, 2, 3, 7)] == [1, 2, 3, 3]


def test_a_cue_brings_its_share() -> None:
    assert features("Gunmen attack Aleppo.")["SYR"]["share"] == 0.75


def test_what_a_country_is_to_a_text_depends_on_what_is_told() -> None:
    attack, talks = (
        features("Syria waits.", kind=kind)["SYR"].keys() for kind in (EventType.ASSAULT, EventType.CONSULT)
    )
    assert attack ^ talks == {
        f"{kind}:{name}"
        for kind in ("assault", "consult")
        for name in ("first", "opens", "main", "rank", "1st", "1st land", "before:^")
    }


def test_each_country_speaks_for_itself() -> None:
    assert all(f"is:{country}" in seen for country, seen in features("Turkish troops shell Homs.").items())


def test_who_is_named_first_and_second_speaks_with_the_words_around() -> None:
    seen = features("Turkish troops shell a town in the north of Syria, and Iraqi envoys wait.")
    assert {"1st", "1st people", "before:^", "after:troop 1st", "word:shell 1st", "between:shell 1st"} <= seen[
        "TUR"
    ].keys()
    assert {"2nd", "2nd land", "before:of 2nd", "word:shell 2nd", "between:shell 2nd"} <= seen["SYR"].keys()
    assert "later" in seen["IRQ"]
    assert not any(name.startswith("between:") for name in seen["IRQ"])


def test_a_word_before_the_article_speaks_for_the_name_behind_it() -> None:
    assert "before:with 1st" in features("Talks with the Syrian army go on.")["SYR"]


def test_countries_know_their_rivals_and_the_groups_beside_them() -> None:
    seen = features("Turkish troops meet the UN in Homs.")
    assert {"TUR>SYR", "United Nations>TUR"} <= seen["TUR"].keys()
    assert {"SYR>TUR", "United Nations>SYR"} <= seen["SYR"].keys()


def test_a_country_speaks_otherwise_in_another_time() -> None:
    then, now = (features("Syria waits.", day=day)["SYR"].keys() for day in (date(2005, 1, 1), date(2023, 1, 1)))
    assert then ^ now == {"is:SYR 501", "is:SYR 505"}


def test_words_of_later_sentences_say_nothing_of_who_comes_first() -> None:
    assert "word:shell 1st" not in features("Turkish troops wait there. They shell Syria.")["TUR"]


@pytest.mark.parametrize(
    ("country", "names"),
    [
        ("TUR", {"s2:@A shell", "s3:@A shell @B", "a2:troop shell", "b1a1:^ troop"}),
        ("SYR", {"s2:@B shell", "s3:@B shell @A", "b2:troop shell", "b1a1:shell near"}),
    ],
)
def test_the_text_is_seen_from_each_country_among_the_others(country: str, names: set[str]) -> None:
    assert names <= features("Turkish troops shell Homs near a town.")[country].keys()

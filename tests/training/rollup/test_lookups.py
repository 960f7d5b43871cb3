from __future__ import annotations

import csv
from pathlib import Path

import pytest

from training.rollup.lookups import Kind, cameo, cameo_keys, countries_of_interest, lookups, plover_keys
from truce import actors


def test_codes_that_matter_for_truces_are_what_the_design_says() -> None:
    keys = cameo_keys()
    assert keys["0871"] == Kind("agree", "actual", "start")
    assert keys["196"] == Kind("assault", "actual", "violation")
    assert {keys[code].type for code in ("0872", "0873", "0874")} == {"retreat"}
    assert keys["0861"].type == "concede"
    assert {keys[code] for code in ("130", "138", "1384", "139")} == {Kind("threaten", "threatened", "")}
    assert {keys[code].type for code in ("164", "165")} == {"reject"}
    assert {keys[code].type for code in ("1661", "1662", "160")} == {"sanction"}
    assert {keys[code].modality for code in ("020", "036", "100")} == {"hypothetical"}
    assert keys["010"].type == "none"
    assert keys["DECLARE TRUCE, CEASEFIRE"] == keys["0871"]


def test_each_code_and_each_name_is_there_once() -> None:
    assert len({one.code for one in cameo()}) == len({one.name.upper() for one in cameo()}) == len(cameo())
    assert {one.code[:2] for one in cameo()} == {f"{root:02}" for root in range(1, 21)}


def test_every_code_and_name_of_real_rows_is_known(shared_data: Path) -> None:
    keys = {one.name.upper(): one.code for one in cameo()}
    with (shared_data / "icews" / "events.2018.sample.tab").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            assert keys[row["Event Text"].upper()] == row["CAMEO Code"]


def test_plover_speaks_our_words_and_its_ceasefire_is_the_start_of_a_truce() -> None:
    keys = plover_keys()
    assert keys["ASSAULT"] == Kind("assault", "actual", "")
    assert keys["RETREAT/CEASEFIRE"] == Kind("agree", "actual", "start")
    assert keys["REQUEST/CEASEFIRE"] == Kind("request", "hypothetical", "talks")
    assert len([key for key in keys if "/" not in key]) == 16


def test_what_tells_of_no_event_has_the_number_zero() -> None:
    for keys in (cameo_keys(), plover_keys()):
        known = lookups(keys, {"IRQ"})
        assert all((number == 0) == (keys[key].type == "none") for key, number in known.kinds.items() if "010" in keys)
        assert [known.kind_names[number] for number in known.kinds.values()] == list(keys.values())


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("=IRQ", "Government of Iraq"),
        ("=IRAQ", "Government of Iraq"),
        ("TALIBAN", "Taliban"),
        ("ANSAR ALLAH", "Houthis (Ansar Allah)"),
        ("PENTAGON", "Government of United States"),
    ],
)
def test_actors_are_found_by_their_names_in_capitals_and_states_by_their_country(key: str, name: str) -> None:
    known = lookups(cameo_keys(), {"IRQ"})
    assert known.actor_names[known.actors[key]] == name


def test_the_name_of_a_country_alone_is_no_name_of_its_state() -> None:
    known = lookups(cameo_keys(), {"IRQ"})
    assert "IRAQ" not in known.actors
    assert known.country_names[known.countries["IRAQ"]] == "IRQ"
    assert known.country_names[known.countries["IZ"]] == "IRQ"
    assert known.country_names[known.countries["ZAR"]] == "COD"
    assert {known.country_names[number] for number in known.ours} == {"IRQ"}


def test_the_countries_of_interest_change_no_number_and_one_that_no_feed_can_name_keeps_nothing() -> None:
    few, more = (lookups(cameo_keys(), countries) for countries in ({"IRQ"}, {"IRQ", "GRC", "XXX"}))
    assert few.countries == more.countries
    assert few.country_names == more.country_names
    assert {more.country_names[number] for number in more.ours} == {"IRQ", "GRC"}


def test_countries_of_interest_are_those_of_truces_and_actors() -> None:
    countries = countries_of_interest()
    assert {"IRQ", "YEM", "SDN"} <= countries
    assert {actor.iso3 for actor in actors.actors() if actor.iso3} <= countries

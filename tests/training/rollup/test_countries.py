"""The countries of interest choose rows of a feed; what a row is recorded as does not depend on them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.training.rollup.gdelt_rows import line, write
from training.sources import gdelt
from truce.vocabulary import Event

TODAY = date(2024, 6, 15)
PLACES = ("IZ", "AF", "GR", "UP", "??", "")
HOMES = ("IRQ", "AFG", "GRC", "BOL", "")
READABLE = {"IZ": "IRQ", "AF": "AFG", "GR": "GRC", "UP": "UKR"}
ROWS = [(place, target, actor) for place in PLACES for target in HOMES for actor in HOMES]
"""Place, target's country and actor's country: every combination, a row and a day each."""


def told_on(n: int) -> date:
    return date(2019, 1 + n // 28, 1 + n % 28)


def of_a_known_actor(n: int) -> bool:
    return n % 7 == 0


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [
        line(
            GLOBALEVENTID=str(n), SQLDATE=f"{told_on(n):%Y%m%d}", ActionGeo_CountryCode=place,
            Actor1Code=f"{actor}CVL", Actor1Name="FARMER", Actor1CountryCode=actor, Actor2Code=f"{target}CVL",
            Actor2Name="TALIBAN" if of_a_known_actor(n) else "FARMER", Actor2CountryCode=target,
        )
        for n, (place, target, actor) in enumerate(ROWS)
    ]  # fmt: skip
    return write(tmp_path_factory.mktemp("gdelt") / "a.csv", lines)


def read(file: Path, countries: set[str]) -> dict[date, Event]:
    return {event.occurred_on: event for event in gdelt.read([file], today=TODAY, countries=countries).records}


def expected(countries: set[str]) -> dict[date, tuple[str, ...]]:
    """The day of each row to be kept, with the country of its record."""
    days = {}
    for n, (place, target, actor) in enumerate(ROWS):
        named = [code for code in (READABLE.get(place), target, actor) if code]
        if of_a_known_actor(n) or countries & set(named):
            days[told_on(n)] = tuple(named[:1])
    return days


def test_the_same_file_read_for_more_countries_tells_the_same_records_and_more(file: Path) -> None:
    told = []
    for countries in (set[str](), {"AFG"}, {"AFG", "GRC", "UKR", "XXX"}):
        records = read(file, countries)
        assert {day: event.iso3 for day, event in records.items()} == expected(countries)
        told.append(records)
    none, few, many = told
    assert len(none) == 22 < len(few) < len(many) < len(ROWS)
    assert none.items() <= few.items() <= many.items(), "a row kept by both makes one record, with one id"

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.event_coder import CodedText, EventCoder, Text
from models.same_event import Reports, report_of, updated
from models.text.sameness import WINDOW_DAYS
from truce.vocabulary import EventType

DAY = date(2021, 5, 4)
MOSQUE = (
    "A suicide bomber detonates a truck bomb at the Al-Noor mosque in Kandahar, Afghanistan, "
    "killing at least 12 people and injuring 30 others. (Reuters)"
)
MOSQUE_AGAIN = (
    "The death toll from yesterday's suicide truck bombing at the Al-Noor mosque in Kandahar, Afghanistan, "
    "rises to at least 19 people killed and 41 injured. (BBC News)"
)
VILLAGE = "Boko Haram insurgents attack the village of Kirfi in Borno State, Nigeria, killing at least 20 people."
VILLAGE_AGAIN = (
    "Boko Haram insurgents killed at least 45 people in the attack on the village of Kirfi in Borno State, Nigeria."
)
ELSEWHERE = "Gunmen attack a police checkpoint near Kunduz, Afghanistan, killing three officers. (Reuters)"
TOLLS = st.none() | st.integers(0, 100)


@pytest.fixture(scope="module")
def coder() -> EventCoder:
    return EventCoder.load()


def places(coder: EventCoder, *told: tuple[int, str]) -> list[int]:
    """Where each report, told so many days after the first, is placed."""
    reports = Reports(coder.heads["same"])
    texts = [Text(text, DAY + timedelta(days=days)) for days, text in told]
    return [reports.first_of(report_of(coder, text, coder.code(*text)), place) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "again", "tolls"), [(MOSQUE, MOSQUE_AGAIN, (12, 19)), (VILLAGE, VILLAGE_AGAIN, (20, 45))]
)
def test_a_report_told_again_next_day_with_a_higher_toll_is_placed_with_the_first(
    coder: EventCoder, text: str, again: str, tolls: tuple[int, int]
) -> None:
    assert (coder.code(text, DAY).deaths, coder.code(again, DAY).deaths) == tolls
    assert places(coder, (0, text), (1, again)) == [0, 0]


def test_another_day_s_different_attack_is_an_event_of_its_own(coder: EventCoder) -> None:
    assert coder.code(MOSQUE, DAY).iso3 == coder.code(ELSEWHERE, DAY).iso3 == ("AFG",)
    assert places(coder, (0, MOSQUE), (1, ELSEWHERE)) == [0, 1]


def test_a_different_attack_in_between_hides_nothing(coder: EventCoder) -> None:
    assert places(coder, (0, MOSQUE), (1, ELSEWHERE), (1, MOSQUE_AGAIN)) == [0, 1, 0]


@pytest.mark.parametrize("text", [MOSQUE, VILLAGE, ELSEWHERE])
@pytest.mark.parametrize("days", [WINDOW_DAYS + 1, 30])
def test_reports_four_days_apart_are_never_one_event(coder: EventCoder, text: str, days: int) -> None:
    assert days >= 4
    assert places(coder, (0, text), (days, text)) == [0, 1]


@pytest.mark.parametrize("text", [MOSQUE, VILLAGE])
def test_the_same_report_on_the_same_or_the_next_day_is_placed_with_the_first(coder: EventCoder, text: str) -> None:
    assert places(coder, (0, text), (0, text), (1, text)) == [0, 0, 0]


def test_what_happened_in_another_country_is_never_compared(coder: EventCoder) -> None:
    there = MOSQUE.replace("Kandahar, Afghanistan", "Quetta, Pakistan")
    assert places(coder, (0, MOSQUE), (0, there)) == [0, 1]


def test_a_report_is_compared_by_what_was_coded_of_it(coder: EventCoder) -> None:
    text = Text(VILLAGE, DAY)
    coded = coder.code(*text)
    report = report_of(coder, text, coded)
    assert (report.day, report.type, report.country) == (DAY, "assault", "NGA")
    assert (report.actor, report.target, report.deaths) == (coded.actor or "", coded.target or "", 20)
    assert {"kirfi", "borno", "nigeria"} <= report.names


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(12, 19, 19), (19, 12, 19), (12, 12, 12), (None, 3, 3), (3, None, 3), (None, None, None), (0, 1, 1)],
)
def test_a_later_report_raises_the_toll_and_never_lowers_it(
    before: int | None, after: int | None, expected: int | None
) -> None:
    first, later = (CodedText(EventType.ASSAULT, iso3=("AFG",), deaths=deaths) for deaths in (before, after))
    assert updated(first, later).deaths == expected


@given(TOLLS, TOLLS)
def test_a_later_report_changes_nothing_but_the_toll(before: int | None, after: int | None) -> None:
    first = CodedText(EventType.ASSAULT, iso3=("AFG",), actor="Taliban", deaths=before)
    new = updated(first, CodedText(EventType.COUP, iso3=("IRQ",), target="Government of Iraq", deaths=after))
    assert (new.type, new.iso3, new.actor, new.target) == (EventType.ASSAULT, ("AFG",), "Taliban", None)
    assert updated(new, new) is new

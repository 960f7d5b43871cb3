"""Whether two reports tell of the same event: how alike they are, for reports of one type and country a few days apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.text.reading import Reading
from models.text.wording import stem

WINDOW_DAYS = 3
"""A report is held against those of so many days before it."""

_SHORTEST = 4
_STEPS = 10
_MANY = 4


@dataclass(frozen=True, slots=True)
class Report:
    """What two reports are compared by."""

    day: date
    type: str
    country: str
    actor: str
    target: str
    deaths: int | None
    names: frozenset[str]
    """Capitalised words, in lower case."""
    words: frozenset[str]
    """The stems of the other words of some length."""
    numbers: frozenset[str]


def report(reading: Reading, day: date, coded: tuple[str, str, str, str, int | None]) -> Report:
    """The report of a reading. ``coded``: type, first country, actor, target, deaths."""
    names, words, numbers = set(), set(), set()
    for token in (*reading.tokens, *reading.about_tokens):
        if token.text[0].isdigit():
            numbers.add(token.text)
        elif token.text[0].isupper():
            names.add(token.lower)
        elif len(token.lower) >= _SHORTEST:
            words.add(stem(token.lower))
    return Report(day, *coded, frozenset(names), frozenset(words), frozenset(numbers))


def features(earlier: Report, later: Report) -> dict[str, float]:
    """What speaks for two reports telling of the same event; each share between 0 and 1."""
    seen: dict[str, float] = {f"days {(later.day - earlier.day).days}": 1.0, f"type {later.type}": 1.0}
    for name, ours, theirs in (
        ("names", earlier.names, later.names),
        ("words", earlier.words, later.words),
        ("numbers", earlier.numbers, later.numbers),
    ):
        shared, least = len(ours & theirs), min(len(ours), len(theirs))
        seen[f"{name} of the shorter"] = shared / least if least else 0.0
        seen[f"{name} of all"] = shared / len(ours | theirs) if least else 0.0
        seen[f"{name} shared {min(shared, _MANY)}"] = 1.0
    for name, one, other in (("actor", earlier.actor, later.actor), ("target", earlier.target, later.target)):
        seen[f"{name} {'unknown' if not one or not other else 'same' if one == other else 'other'}"] = 1.0
    seen[f"deaths {_toll(earlier.deaths, later.deaths)}"] = 1.0
    seen["both"] = seen["names of the shorter"] * seen["words of the shorter"]
    return seen


def _toll(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return "unsaid"
    return "same" if before == after else "risen" if after > before else "fallen"

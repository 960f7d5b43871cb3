"""Versioned rules: when does a truce count as broken, expired or superseded, and what of that was known at a date.

A rule never changes once it has a name; a better one gets the next number.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

from truce.clock import end_of, parse_day
from truce.errors import BadInput
from truce.history import as_believed
from truce.vocabulary import Outcome, Truce

DEFAULT_RULE = "chronicle-1"
LATER_KNOWN = timedelta(days=2)
"""How long after an undated end the world is taken to have known of it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named way to decide how a truce ended. ``alternatives`` names a table of ends that replace the coded ones."""

    name: str
    sentence: str
    alternatives: str | None = None


RULES = {
    rule.name: rule
    for rule in (
        Rule(
            "chronicle-1",
            "The coded end: a party or mediator declares the truce over, or force between the parties resumes (a collapse so described, "
            "5 deaths in a day, or attacks on 3 of 7 days).",
        ),
        Rule(
            "chronicle-nominal-1",
            "As chronicle-1, but 22 truces end where most accounts end them, not where the thresholds do.",
            "alternative_ends.csv",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a rule says of a truce as of a moment, with the references it rests on."""

    truce_id: str
    rule: str
    outcome: Outcome
    end_date: date | None
    evidence: tuple[str, ...]


def rule_named(name: str) -> Rule:
    """The rule of that name.

    Raises:
        BadInput: there is none.
    """
    if name not in RULES:
        raise BadInput(f"no rule {name!r}: there are {', '.join(RULES)}", code="unknown_rule")
    return RULES[name]


def under(rule: str, truces: Sequence[Truce]) -> list[Truce]:
    """The same truces, with the ends that ``rule`` gives them."""
    table = rule_named(rule).alternatives
    if table is None:
        return list(truces)
    ends = _alternatives(table)
    return [_with_end(truce, *ends[truce.truce_id]) if truce.truce_id in ends else truce for truce in truces]


def resolve(rule: str, truce: Truce, moment: datetime) -> Resolution:
    """How ``truce`` stands under ``rule``, as far as could be known at ``moment``."""
    seen = as_believed(under(rule, [truce])[0], moment)
    return Resolution(truce.truce_id, rule, seen.outcome, seen.end_date, seen.evidence_end)


@cache
def _alternatives(table: str) -> dict[str, tuple[Outcome, date | None]]:
    with (files("truce.chronicle") / table).open(encoding="utf-8-sig") as lines:
        return {
            row["truce_id"]: (Outcome(row["outcome"]), parse_day(row["end_date"]) if row["end_date"] else None)
            for row in csv.DictReader(lines)
        }


def _with_end(truce: Truce, outcome: Outcome, end: date | None) -> Truce:
    if end == truce.end_date:
        return replace(truce, outcome=outcome)
    known = None if end is None else end_of(end) + LATER_KNOWN
    return replace(
        truce, outcome=outcome, end_date=end, end_known_at=known, end_precision=None if end is None else "day"
    )

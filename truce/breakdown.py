"""When a truce counts as broken, expired or superseded: named rules, and what each makes of the evidence known at a moment.

The rules themselves stand in ``truce/rules``, one file each. Here they are read and applied: by the coded end (this file),
by deaths in the dyad (``truce.fighting``) or by what was declared (``truce.repudiation``).
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from truce.clock import end_of, parse_day
from truce.errors import BadInput
from truce.fighting import FightingClause, by_fighting, dyads_of
from truce.fights import Fights, Sight
from truce.history import as_believed
from truce.repudiation import StatementClause, Statements, by_statement
from truce.ruling import Ruling, as_coded, latest
from truce.violence import Violence
from truce.vocabulary import UNSETTLED, Outcome, Truce

DEFAULT_RULE = "chronicle-1"
LATER_KNOWN = timedelta(days=2)
"""How long after an undated end the world is taken to have known of it."""


@dataclass(frozen=True, slots=True)
class CodedClause:
    """The end is the one that the named registers coded; ``alternatives`` names a table of ends that go before it."""

    by: tuple[str, ...]
    alternatives: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A named way to decide how a truce ended: one clause, by the kind of evidence it asks for."""

    name: str
    sentence: str
    clause: CodedClause | FightingClause | StatementClause


@dataclass(frozen=True, slots=True)
class Evidence:
    """What rules may ask for beside the truces themselves: fighting, statements, and the same truces in other registers."""

    fights: Fights = field(default_factory=Fights.none)
    statements: Statements = field(default_factory=Statements.none)
    twins: Mapping[str, tuple[Truce, ...]] = field(default_factory=dict)

    def known_at(self, moment: datetime) -> Evidence:
        """What of it was known at ``moment``: an end that nobody knew by then competes with nothing."""
        twins = {name: tuple(as_believed(twin, moment) for twin in found) for name, found in self.twins.items()}
        return Evidence(self.fights.known_at(moment), self.statements.known_at(moment), twins)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a rule says of a truce as of a moment.

    ``evidence`` names the rows it rests on, ``why`` says it in words. A date known to the month only gives the interval
    ``earliest`` to ``latest`` around ``end_date``.
    """

    truce_id: str
    rule: str
    outcome: Outcome
    end_date: date | None
    earliest: date | None
    latest: date | None
    evidence: tuple[str, ...]
    why: str
    watched_to: date | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """Truces with the ends that a rule gives them.

    ``sight`` is how far its evidence reaches at any moment (None: to that moment), ``violence`` what a rule of fighting goes by, for
    the features; of other rules it is empty.
    """

    truces: list[Truce]
    sight: Sight | None = None
    violence: Violence = field(default_factory=Violence)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by name."""
    found = sorted(path.name for path in files("truce.rules").iterdir() if path.name.endswith(".toml"))
    return MappingProxyType({name.removesuffix(".toml"): _read(name.removesuffix(".toml")) for name in found})


def rule_named(name: str) -> Rule:
    """The rule of that name.

    Raises:
        BadInput: there is none.
    """
    if name not in rules():
        raise BadInput(f"no rule {name!r}: there are {', '.join(rules())}", code="unknown_rule")
    return rules()[name]


def under(rule: str, truces: Sequence[Truce], evidence: Evidence | None = None) -> Ruled:
    """The same truces, with the ends that ``rule`` gives them; one that it cannot decide is void."""
    given = evidence or Evidence()
    rulings, sight = _apply(rule_named(rule), truces, given)
    ended = [ruling.of(truce) for truce, ruling in zip(truces, rulings, strict=True)]
    if not isinstance(rule_named(rule).clause, FightingClause):
        return Ruled(ended, sight)
    dyads = {truce.truce_id: dyads_of(truce, given.twins.get(truce.truce_id, ())) for truce in truces}
    return Ruled(ended, sight, Violence(given.fights, dyads))


def resolve(rule: str, truces: Sequence[Truce], moment: datetime, evidence: Evidence | None = None) -> list[Resolution]:
    """How each truce stands under ``rule``, as far as could be known at ``moment``."""
    believed = [as_believed(truce, moment) for truce in truces]
    rulings, _ = _apply(rule_named(rule), believed, (evidence or Evidence()).known_at(moment))
    return [_resolution(rule, truce, ruling, moment) for truce, ruling in zip(believed, rulings, strict=True)]


def _apply(rule: Rule, truces: Sequence[Truce], evidence: Evidence) -> tuple[list[Ruling], Sight | None]:
    clause = rule.clause
    if isinstance(clause, FightingClause):
        return by_fighting(clause, truces, evidence.fights, evidence.twins)
    if isinstance(clause, StatementClause):
        return by_statement(clause, truces, evidence.statements, evidence.twins), None
    return [_by_code(clause, truce, evidence.twins.get(truce.truce_id, ())) for truce in truces], None


def _by_code(clause: CodedClause, truce: Truce, twins: Sequence[Truce]) -> Ruling:
    if clause.alternatives is not None and truce.truce_id in _alternatives(clause.alternatives):
        return _alternative(truce, *_alternatives(clause.alternatives)[truce.truce_id])
    for coded in (truce, *twins):
        if coded.coding in clause.by:
            return as_coded(coded, since=truce.effective_date)
    return Ruling(Outcome.VOID, why=f"not coded by {' or '.join(clause.by)}")


def _alternative(truce: Truce, outcome: Outcome, end: date | None) -> Ruling:
    if end == truce.end_date:
        return replace(as_coded(truce, since=truce.effective_date), outcome=outcome)
    known = None if end is None else end_of(end) + LATER_KNOWN
    return replace(
        as_coded(truce, since=truce.effective_date), outcome=outcome, end_date=end, known_at=known,
        precision=None if end is None else "day", why="where most accounts end it",
    )  # fmt: skip


def _resolution(rule: str, truce: Truce, ruling: Ruling, moment: datetime) -> Resolution:
    seen = as_believed(ruling.of(truce), moment)
    if seen.outcome in UNSETTLED:
        return Resolution(truce.truce_id, rule, Outcome.VOID, None, None, None, (), ruling.why or "its fate is unknown")
    if seen.end_date is None:
        why = ruling.why if ruling.end_date is None else ""
        return Resolution(truce.truce_id, rule, seen.outcome, None, None, None, (), why, seen.observed_to)
    earliest, latest = _interval(seen)
    return Resolution(
        truce.truce_id, rule, seen.outcome, seen.end_date, earliest, latest, seen.evidence_end, ruling.why
    )


def _interval(truce: Truce) -> tuple[date, date]:
    """The days on which a truce may have ended: of a month when no more is known, and never before its start."""
    end = truce.end_date
    assert end is not None
    if truce.end_precision != "month":
        return end, end
    return max(end.replace(day=1), truce.effective_date), latest(end, "month") or end


def _read(name: str) -> Rule:
    body = tomllib.loads((files("truce.rules") / f"{name}.toml").read_text(encoding="utf-8"))
    sentence = " ".join(body["sentence"].split())
    if "coded" in body:
        coded = body["coded"]
        return Rule(name, sentence, CodedClause(tuple(coded["by"]), coded.get("alternatives")))
    if "fighting" in body:
        return Rule(name, sentence, FightingClause(**_frozen(body["fighting"])))
    return Rule(name, sentence, StatementClause(**_frozen(body["statement"])))


def _frozen(section: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in section.items()}


@cache
def _alternatives(table: str) -> dict[str, tuple[Outcome, date | None]]:
    with (files("truce.chronicle") / table).open(encoding="utf-8-sig") as lines:
        return {
            row["truce_id"]: (Outcome(row["outcome"]), parse_day(row["end_date"]) if row["end_date"] else None)
            for row in csv.DictReader(lines)
        }

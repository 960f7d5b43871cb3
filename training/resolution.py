"""What a rule of breakdown makes of the truces in the store, and what share breaks within how many days of the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from truce.breakdown import Evidence, Resolution, resolve, rule_named, rules
from truce.clock import Clock, resolve_as_of, start_of, system_clock
from truce.errors import BadInput
from truce.fighting import FightingClause, dyads_of, first_deaths
from truce.fights import Ground
from truce.settings import Settings
from truce.store import Store, open_store
from truce.terminal import show, show_table
from truce.vocabulary import Outcome, Truce

SPANS = (7, 30, 90, 365)
"""Days from the start, by the end of which shares are told."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the decided truces had it within ``days`` of their start; ``followed`` were watched that long or broke.

    ``incidence`` is the Aalen-Johansen estimate beside the plain share: those that were not watched so long are censored, those
    that ended otherwise compete. None where it was not asked for.
    """

    days: int
    n: int
    share: float | None
    followed: int
    incidence: float | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Every truce under a rule, and the sums. ``first_deaths`` is for rules of fighting, None for others."""

    rule: str
    sentence: str
    found: list[Resolution]
    decided: int
    broken: list[Share]
    first_deaths: list[Share] | None
    deaths_in_a_day: int | None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        outcomes = Counter(r.outcome.value for r in self.found)
        return {
            "rule": self.rule,
            "sentence": self.sentence,
            "truces": [_row(r) for r in self.found],
            "summary": {
                "truces": len(self.found),
                "decided": self.decided,
                "outcomes": dict(sorted(outcomes.items())),
                "broken_within": [asdict(share) for share in self.broken],
                "first_day_of_deaths": None
                if self.first_deaths is None
                else {"at_least": self.deaths_in_a_day, "within": [asdict(share) for share in self.first_deaths]},
            },
        }


def resolved(
    settings: Settings, rule: str, as_of: str | None, coding: str | None = None, *, clock: Clock = system_clock
) -> Resolved:
    """How every truce that had begun by ``as_of`` stands under a rule.

    Args:
        settings: the home.
        rule: the name of a rule.
        as_of: a day or a moment; now when None.
        coding: only the truces of this register, each by its own record, whether another register has it too or not.
        clock: what now is.

    Raises:
        BadInput: no such rule, or no truce of that register.
    """
    moment = clock() if as_of is None else resolve_as_of(as_of, clock)
    with open_store(settings, clock) as store:
        begun = [t for t in _of_register(store, moment, coding) if start_of(t.effective_date) <= moment]
        evidence = store.evidence.for_rule(rule, moment)
    found = resolve(rule, begun, moment, evidence)
    clause, sentence = rule_named(rule).clause, rule_named(rule).sentence
    broken, decided = _broken(found, begun, moment), len(_decided(found, begun))
    if not isinstance(clause, FightingClause):
        return Resolved(rule, sentence, found, decided, broken, None, None)
    seen = [_followed(r, t, moment) for r, t in _decided(found, begun)]
    firsts = _shares(_first_days(clause, evidence, found, begun, moment), seen)
    return Resolved(rule, sentence, found, decided, broken, firsts, clause.deaths_in_a_day)


def base_rates(store: Store, moment: datetime) -> dict[str, Any]:
    """By each rule: how many truces it decides, how they ended, and what share broke within how many days of the start."""
    begun = [t for t in store.truces.as_known(moment) if start_of(t.effective_date) <= moment]
    rates = {}
    for rule, evidence in store.evidence.for_rules(rules(), moment).items():
        found = resolve(rule, begun, moment, evidence)
        outcomes = Counter(r.outcome.value for r in found)
        rates[rule] = {
            "decided": len(_decided(found, begun)),
            "outcomes": dict(sorted(outcomes.items())),
            "broken_within": [asdict(share) for share in _broken(found, begun, moment)],
        }
    return rates


def _broken(found: Sequence[Resolution], begun: Sequence[Truce], moment: datetime) -> list[Share]:
    decided = _decided(found, begun)
    lives = [(r.end_date - t.effective_date).days if _broke(r) and r.end_date else None for r, t in decided]
    seen = [_followed(r, t, moment) for r, t in decided]
    told = incidence(
        [
            days if r.end_date is None else (r.end_date - t.effective_date).days + 1
            for days, (r, t) in zip(seen, decided, strict=True)
        ],
        [1 if _broke(r) else 2 if r.end_date is not None else 0 for r, _ in decided],
    )
    return [replace(share, incidence=told(share.days) if decided else None) for share in _shares(lives, seen)]


def incidence(times: Sequence[int | None], causes: Sequence[int]) -> Callable[[int], float]:
    """The Aalen-Johansen cumulative incidence of cause 1.

    Args:
        times: days from the start to the end, or to the last day watched; at least 1.
        causes: 0 censored, 1 broke, 2 ended otherwise.

    Returns:
        Days -> chance of having broken by then.
    """
    time, cause = np.array([t or 1 for t in times], dtype=float), np.array(causes)
    ends = np.unique(time[cause > 0])
    at_risk = (time[None, :] >= ends[:, None]).sum(axis=1)
    broke, ended = (((time[None, :] == ends[:, None]) & mask).sum(axis=1) for mask in (cause == 1, cause > 0))
    held = np.concatenate(([1.0], np.cumprod(1 - ended / at_risk)[:-1])) if len(ends) else np.array([])
    risen = np.cumsum(held * broke / at_risk) if len(ends) else np.array([])

    def by(days: int) -> float:
        passed = int(np.searchsorted(ends, days, side="right"))
        return float(risen[passed - 1]) if passed else 0.0

    return by


def show_resolved(found: Resolved) -> None:
    """The decided truces, the sums, and the rule in words."""
    body = found.as_json()
    summary, columns = body["summary"], ("truce_id", "outcome", "end_date", "why")
    decided = [row for row in body["truces"] if row["outcome"] != Outcome.VOID]
    show_table(f"{len(decided)} truces decided under {found.rule}", columns, [[r[c] for c in columns] for r in decided])
    show(f"{found.rule}: {found.sentence}")
    show(", ".join(f"{n} {outcome}" for outcome, n in summary["outcomes"].items()))
    if not decided:
        show(f"{found.rule} decides none of them: {_most_said(found)}")
        return
    _show_shares("broken", found.broken)
    if found.first_deaths is not None:
        _show_shares(f"a first day with {found.deaths_in_a_day} deaths or more", found.first_deaths)


def _most_said(found: Resolved) -> str:
    reasons = Counter(r.why for r in found.found).most_common(1)
    return reasons[0][0] if reasons else "there are no truces"


def _show_shares(what: str, shares: Sequence[Share]) -> None:
    told = (f"{s.days} d {s.n} ({s.share:.1%})" for s in shares if s.share is not None)
    show(f"{what} within: {', '.join(told)}")


def _of_register(store: Store, moment: datetime, coding: str | None) -> list[Truce]:
    if coding is None:
        return store.truces.as_known(moment)
    chosen = [truce for truce in store.truces.everything(moment) if truce.coding == coding]
    if not chosen:
        raise BadInput(f"no truce is coded by {coding!r}: `trucecast import` brings them", code="unknown_coding")
    return chosen


def _first_days(
    clause: FightingClause, evidence: Evidence, found: Sequence[Resolution], begun: Sequence[Truce], moment: datetime
) -> list[int | None]:
    ground = Ground(evidence.known_at(moment).fights)
    days = []
    for _, truce in _decided(found, begun):
        dyads = dyads_of(truce, evidence.twins.get(truce.truce_id, ()))
        day = first_deaths(ground, dyads, truce.effective_date, clause.deaths_in_a_day)
        days.append(None if day is None else (day - truce.effective_date).days)
    return days


def _decided(found: Sequence[Resolution], truces: Sequence[Truce]) -> list[tuple[Resolution, Truce]]:
    """Those of which the rule says something, and the evidence at hand has seen something."""
    return [
        (r, t)
        for r, t in zip(found, truces, strict=True)
        if r.outcome is not Outcome.VOID and (r.watched_to is None or r.watched_to >= t.effective_date)
    ]


def _broke(resolution: Resolution) -> bool:
    return resolution.outcome is Outcome.BROKE


def _followed(resolution: Resolution, truce: Truce, moment: datetime) -> int | None:
    """For how many days the truce was watched; None when it ended, and nothing is left to watch."""
    if resolution.end_date is not None:
        return None
    last = resolution.watched_to or moment.date()
    return (last - truce.effective_date).days + 1


def _shares(lives: Sequence[int | None], seen: Sequence[int | None]) -> list[Share]:
    """``lives`` are days from the start (0 on the first day), None for never."""
    out = []
    for days in SPANS:
        n = sum(life is not None and life < days for life in lives)
        followed = sum(
            watched is None or watched >= days or (life is not None and life < days)
            for life, watched in zip(lives, seen, strict=True)
        )
        out.append(Share(days, n, n / len(lives) if lives else None, followed))
    return out


def _row(resolution: Resolution) -> dict[str, Any]:
    return {
        "truce_id": resolution.truce_id,
        "outcome": resolution.outcome.value,
        "end_date": _written(resolution.end_date),
        "earliest": _written(resolution.earliest),
        "latest": _written(resolution.latest),
        "evidence": ";".join(resolution.evidence),
        "why": resolution.why,
    }


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

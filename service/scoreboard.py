"""The live scoreboard: forecasts that were issued, what became of their truces, and how right they were.

Each is scored after its scheduled horizon, against the outcome known at the vintage declared when it was issued, and against
the latest. Hindcasts and replays never enter.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from truce import scoring
from truce.breakdown import Evidence, Resolution, resolve
from truce.clock import Clock, day_closed_by, parse_moment, write_moment
from truce.store import Store
from truce.verification import VINTAGE_DAYS, Fate, counts_from, fate, matures_at
from truce.vocabulary import HORIZONS, Truce

Floats = NDArray[np.float64]

STEPS = ("issued", "matured", "resolved", "void", "scored")
_EVEN = 0.5
MIN_CONFLICTS = 5
NOTE = (
    "Scored when the scheduled horizon has passed, never earlier. latest: the outcome as known now; declared: as known at the end of "
    f"the {VINTAGE_DAYS}th day after the horizon, which was declared at issue. Of a truce, a day and a horizon the first "
    "forecast counts. Hindcasts and replays never enter."
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What an issued forecast said for one horizon."""

    forecast_id: str
    truce_id: str
    as_of: datetime
    rule: str
    days: int
    p: float
    baseline: float
    declared_from: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim whose horizon has passed, and what became of its truce; ``declared`` is None before its vintage has come."""

    claim: Claim
    latest: Fate
    declared: Fate | None


def claims(store: Store) -> list[Claim]:
    """Every horizon of every forecast that was issued and is no hindcast; of a truce, a day and a horizon the first.

    A reader asks as often as he likes: what was said on a day counts once, or the readers' choice would be the score.
    """
    found: dict[tuple[str, date, int], Claim] = {}
    for text, vintage in store.forecasts.issued():
        body = json.loads(text)
        if body["hindcast"]:
            continue
        as_of = parse_moment(body["as_of"])
        for said in body["horizons"]:
            when = counts_from(as_of, said["days"], vintage)
            claim = Claim(
                body["forecast_id"], body["truce_id"], as_of, body["rule"], said["days"], said["p_breakdown"],
                said["p_baseline"], when,
            )  # fmt: skip
            found.setdefault((claim.truce_id, day_closed_by(as_of), claim.days), claim)
    return list(found.values())


class _Court:
    """How truces stand under a rule, as known at a moment; what it is asked twice it looks up once."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store, self._now = store, now
        self._versions = store.truces.versions()
        self._same_as: dict[datetime, dict[str, str]] = {}
        self._evidence: dict[str, Evidence] = {}
        self._held: dict[tuple[str, datetime], dict[str, Resolution]] = {}

    def fates(self, claimed: Sequence[Claim], moments: Sequence[datetime]) -> list[Fate]:
        """What became of each claim's truce, as known at each one's moment."""
        wanted: dict[tuple[str, datetime], set[str]] = {}
        for claim, moment in zip(claimed, moments, strict=True):
            wanted.setdefault((claim.rule, moment), set()).add(self._shown(claim.truce_id, moment))
        for (rule, moment), names in wanted.items():
            self._held[rule, moment] = {r.truce_id: r for r in self._resolve(rule, moment, names)}
        return [
            fate(self._held[claim.rule, moment][self._shown(claim.truce_id, moment)], claim.as_of, claim.days)
            for claim, moment in zip(claimed, moments, strict=True)
        ]

    def _shown(self, truce_id: str, moment: datetime) -> str:
        return self._hidden(moment).get(truce_id, truce_id)

    def _hidden(self, moment: datetime) -> dict[str, str]:
        """As what truces were shown then: a match that is declared later takes no outcome back."""
        if moment not in self._same_as:
            self._same_as[moment] = self._store.truces.same_as(moment)
        return self._same_as[moment]

    def _resolve(self, rule: str, moment: datetime, names: Iterable[str]) -> list[Resolution]:
        if rule not in self._evidence:
            self._evidence[rule] = self._store.evidence.for_rule(rule, self._now)
        twins: dict[str, tuple[Truce, ...]] = {}
        for hidden, shown in self._hidden(moment).items():
            twins[shown] = (*twins.get(shown, ()), self._known(hidden, moment))
        evidence = replace(self._evidence[rule], twins=twins)
        return resolve(rule, [self._known(name, moment) for name in sorted(names)], moment, evidence)

    def _known(self, truce_id: str, moment: datetime) -> Truce:
        first, *later = self._versions[truce_id]
        return ([first[1]] + [truce for known_at, truce in later if known_at <= moment])[-1]


def judged(store: Store, claimed: Sequence[Claim], now: datetime) -> list[Judged]:
    """The claims whose scheduled horizon has passed, with what became of them."""
    ripe = [claim for claim in claimed if matures_at(claim.as_of, claim.days) <= now]
    court = _Court(store, now)
    latest = court.fates(ripe, [now] * len(ripe))
    due = [claim for claim in ripe if claim.declared_from <= now]
    declared = iter(court.fates(due, [claim.declared_from for claim in due]))
    return [
        Judged(claim, last, next(declared) if claim.declared_from <= now else None)
        for claim, last in zip(ripe, latest, strict=True)
    ]


def scoreboard(store: Store, now: datetime) -> dict[str, Any]:
    """The whole board as JSON values: a row a horizon, and the misses by name."""
    claimed = claims(store)
    ripe = judged(store, claimed, now)
    conflicts = conflicts_of(store)
    rows = []
    for days in sorted({*HORIZONS, *(claim.days for claim in claimed)}):
        of_days = [one for one in ripe if one.claim.days == days]
        issued = sum(claim.days == days for claim in claimed)
        rows.append(
            {
                "days": days,
                **_funnel(issued, of_days),
                "latest": fared(of_days, "latest", conflicts),
                "declared": fared(of_days, "declared", conflicts),
            }
        )
    kinds = store.forecasts.counts()
    return {
        "as_of": write_moment(now),
        "vintage_days": VINTAGE_DAYS,
        "horizons": rows,
        "misses": _misses(ripe),
        "archive": {kind: kinds.get(kind, 0) for kind in ("issued", "replay", "hindcast")},
        "note": NOTE,
    }


def _funnel(issued: int, ripe: Sequence[Judged]) -> dict[str, int]:
    resolved = sum(one.latest is not Fate.OPEN for one in ripe)
    void = sum(one.latest is Fate.VOID for one in ripe)
    return dict(zip(STEPS, (issued, len(ripe), resolved, void, resolved - void), strict=True))


def conflicts_of(store: Store) -> dict[str, str]:
    """Truce -> the conflict that it belongs to: truces of one rise and fall together."""
    return {truce.truce_id: truce.conflict for truce in store.truces.everything()}


def fared(ripe: Sequence[Judged], vintage: str, conflicts: Mapping[str, str]) -> dict[str, Any]:
    """Scores over the claims that one vintage decides; what cannot be computed is null, with the reason.

    The interval of the skill resamples conflicts and years; of fewer than ``MIN_CONFLICTS`` it would be too narrow to be told.
    """
    decided = [one for one in ripe if getattr(one, vintage) in (Fate.BROKE, Fate.HELD)]
    y = np.array([getattr(one, vintage) is Fate.BROKE for one in decided], dtype=float)
    p, age_alone = (np.array([getattr(one.claim, name) for one in decided], dtype=float) for name in ("p", "baseline"))
    numbers = {
        "brier": scoring.brier(y, p),
        "brier_baseline": scoring.brier(y, age_alone),
        "skill": scoring.skill(scoring.brier(y, p), scoring.brier(y, age_alone)) if decided else float("nan"),
        "log_score": scoring.log_score(y, p),
        "log_score_baseline": scoring.log_score(y, age_alone),
        "observed_expected": scoring.observed_expected(y, p) if decided else float("nan"),
    }
    return {
        "n": len(decided),
        "truces": len({one.claim.truce_id for one in decided}),
        "breaks": len({one.claim.truce_id for one in decided if getattr(one, vintage) is Fate.BROKE}),
        **{name: float(value) if np.isfinite(value) else None for name, value in numbers.items()},
        "skill_ci": _reach(decided, y, p, age_alone, conflicts),
        "reason": None if decided else "no forecast of this horizon has an outcome yet",
    }


def _reach(
    decided: Sequence[Judged], y: Floats, p: Floats, age_alone: Floats, conflicts: Mapping[str, str]
) -> list[float] | None:
    blocks = [conflicts.get(one.claim.truce_id, one.claim.truce_id) for one in decided]
    if len(set(blocks)) < MIN_CONFLICTS:
        return None
    reach = scoring.block_bootstrap_skill(y, p, age_alone, blocks, [one.claim.as_of.year for one in decided])
    return list(reach) if np.isfinite(reach).all() else None


def _misses(ripe: Sequence[Judged]) -> list[dict[str, Any]]:
    """Breaks that were given less than an even chance and breaks foretold that did not come; of each truce and horizon the worst."""
    worst: dict[tuple[str, int], tuple[float, Judged]] = {}
    for one in ripe:
        broke = one.latest is Fate.BROKE
        if one.latest not in (Fate.BROKE, Fate.HELD) or (one.claim.p >= _EVEN) == broke:
            continue
        cost = scoring.log_score([float(broke)], [one.claim.p])
        place = (one.claim.truce_id, one.claim.days)
        if place not in worst or worst[place][0] < cost:
            worst[place] = (cost, one)
    ranked = sorted(worst.values(), key=lambda found: (-found[0], found[1].claim.truce_id, found[1].claim.days))
    return [_miss(cost, one) for cost, one in ranked]


def _miss(cost: float, one: Judged) -> dict[str, Any]:
    return {
        "truce_id": one.claim.truce_id,
        "days": one.claim.days,
        "as_of": write_moment(one.claim.as_of),
        "forecast_id": one.claim.forecast_id,
        "p_breakdown": one.claim.p,
        "p_baseline": one.claim.baseline,
        "outcome": one.latest.value,
        "log_score": cost,
    }


class Board:
    """The scoreboard of a running service: computed anew when the store has more or a minute has passed, not for every reader."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._held: tuple[object, dict[str, Any]] | None = None

    def now(self) -> dict[str, Any]:
        """The board as it is now, or has been for less than a minute while nothing was stored."""
        moment = self._clock()
        with self._lock:
            store = self._store
            stamp = (
                moment.replace(second=0, microsecond=0),
                store.forecasts.counts(),
                store.stamp(),
            )
            if self._held is None or self._held[0] != stamp:
                self._held = (stamp, scoreboard(store, moment))
            return self._held[1]

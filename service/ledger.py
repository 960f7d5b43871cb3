"""The change ledger: a move of the log-odds between two days, split into parts that add up to it exactly.

The way from then to now goes in three steps, and each is a difference of two things that a model can say: *model*, from what the
model of that day said to what this one says of the same row; *revision*, to what this one says of that day with all that is known
today; and time itself, to today, which is split by the parts of the log-odds into age, schedule, record and event families.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.reasons import AGE, COHERENCE
from service.grounds import Part
from truce.counted import OF_EVENTS
from truce.features import FEATURES, FeatureTable

Floats = NDArray[np.float64]

MODEL, REVISION = "model", "revision"
_GROUPS = {feature.name: feature.group for feature in FEATURES}
_WITH_AGE = ("log_age", "unilateral_x_log_age", "partial_x_log_age")
"""Terms that move because the truce grows older, and for no other reason."""

_ROUNDING = 1e-12
"""What moves less has not moved: it is left out, and no sum feels it."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a truce stands at a moment with a model and a state of knowledge: the parts of its log-odds at each horizon."""

    days: tuple[int, ...]
    table: FeatureTable
    parts: Sequence[Part]

    @property
    def log_odds(self) -> Floats:
        """What the parts add up to, shape (H,)."""
        total: Floats = np.sum([part.log_odds for part in self.parts], axis=0)
        return total


@dataclass(frozen=True, slots=True)
class _Move:
    """What moved in one group: in all (H,), and by event: id -> (parts before, parts after), each (H,)."""

    log_odds: Floats
    events: Mapping[str, tuple[Floats, Floats]]


def group_of(feature: str) -> str:
    """Under which name of the ledger a part of the log-odds goes."""
    if feature in (AGE, COHERENCE):
        return feature
    return AGE if feature in _WITH_AGE else _GROUPS[feature]


def split(now: Stand, hindsight: Stand, then: Stand, spoke: Floats) -> list[dict[str, Any]]:
    """The ledger of each horizon.

    Args:
        now: the truce today.
        hindsight: the earlier day as this model sees it with all that is known today.
        then: the earlier day as this model sees it with what was known then.
        spoke: the log-odds (H,) that the model of the earlier day gave.
    """
    passed = _moves(hindsight, now)
    revised = _moves(then, hindsight)
    return [_of_horizon(k, h, now, then, spoke, passed, revised) for k, h in enumerate(now.days)]


def _of_horizon(  # noqa: PLR0913
    k: int, days: int, now: Stand, then: Stand, spoke: Floats, passed: Mapping[str, _Move], revised: Mapping[str, _Move]
) -> dict[str, Any]:
    revision = [{"part": group, **_told(move, k)} for group, move in revised.items() if _is_some(move, k)]
    told = [{"part": group, **_told(move, k)} for group, move in passed.items() if _is_some(move, k)]
    told += [
        {"part": REVISION, "log_odds": float(sum(one["log_odds"] for one in revision)), "of": revision},
        {"part": MODEL, "log_odds": float(then.log_odds[k] - spoke[k])},
    ]
    return {
        "days": days,
        "p_then": _chance(spoke[k]),
        "p_now": _chance(now.log_odds[k]),
        "log_odds_then": float(spoke[k]),
        "log_odds_now": float(now.log_odds[k]),
        "change": float(now.log_odds[k] - spoke[k]),
        "parts": told,
    }


def _chance(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _moves(before: Stand, after: Stand) -> dict[str, _Move]:
    """What moved from one stand to another, by group in the order of the features."""
    nothing = np.zeros(len(before.days))
    found: dict[str, _Move] = {AGE: _Move(nothing, {})}
    by_name = {part.feature: part for part in before.parts}
    for part in after.parts:
        was, group = by_name[part.feature], group_of(part.feature)
        sofar = found.get(group, _Move(nothing, {}))
        events = dict(sofar.events)
        for event_id in {*was.events, *part.events} if part.feature in OF_EVENTS else ():
            pair = events.get(event_id, (nothing, nothing))
            events[event_id] = (
                pair[0] + was.events.get(event_id, nothing),
                pair[1] + part.events.get(event_id, nothing),
            )
        found[group] = _Move(sofar.log_odds + part.log_odds - was.log_odds, events)
    return found


def _is_some(move: _Move, k: int) -> bool:
    return abs(move.log_odds[k]) > _ROUNDING or any(abs(a[k] - b[k]) > _ROUNDING for b, a in move.events.values())


def _told(move: _Move, k: int) -> dict[str, Any]:
    events = [
        {"event_id": event_id, "change": _word(before, after), "log_odds": float(after[k] - before[k])}
        for event_id, (before, after) in move.events.items()
        if abs(after[k] - before[k]) > _ROUNDING
    ]
    return {
        "log_odds": float(move.log_odds[k]),
        "events": sorted(events, key=lambda e: (-abs(e["log_odds"]), e["event_id"])),
    }


def _word(before: Floats, after: Floats) -> str:
    """Whether an event came into some window, left the last, or stayed and weighs otherwise."""
    if not before.any():
        return "entered"
    return "stayed" if after.any() else "left"


def events_of(told: Mapping[str, Any]) -> Iterator[str]:
    """The ids of all events that a ledger names."""
    for horizon in told["horizons"]:
        for part in horizon["parts"]:
            for one in (part, *part.get("of", ())):
                yield from (event["event_id"] for event in one.get("events", ()))

"""The codebook of truces: which words its columns take, which dates fit together, and how an end is recorded.

Files, the register's commands and the API all come through here, so that none of them lets in what another refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from truce.clock import day_closed_by, end_of
from truce.errors import BadInput, Clash
from truce.vocabulary import CAUSES, Outcome, Truce

NEWS_LAG = timedelta(days=2)
"""How long after it happened a start or an end counts as known when no dated report says so."""

ID_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_ID = re.compile(ID_FORM)

_YES_NO = ("yes", "no", "unknown")
_PRECISION = ("day", "month")
_TIERS = ("feed", "register", "memory", "background")

WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "form": ("declared", "tacit"),
    "sidedness": ("unilateral", "mutual"),
    "written": _YES_NO,
    "scope": ("full", "partial"),
    "purpose": ("peace_process", "humanitarian", "holiday", "election", "deescalation", "prisoner_exchange", "other"),
    "monitored": _YES_NO,
    "start_precision": _PRECISION,
    "end_precision": _PRECISION,
    "breaker": ("a", "b", "both", "third", "unknown"),
    "confidence": ("high", "medium", "low"),
    "start_tier": _TIERS,
    "end_tier": _TIERS,
})  # fmt: skip
"""The columns that take one word, and which."""

CONDITIONS = ("none", "deadline", "withdrawal", "prisoner_exchange", "aid", "talks", "other")
"""What ``conditions`` may list."""


def checked_id(truce_id: str) -> str:
    """The id. Raises BadInput for one that no path or file name could hold."""
    if not _ID.fullmatch(truce_id):
        raise BadInput(f"truce_id {truce_id!r} may hold letters, digits, dots, dashes and underscores only")
    return truce_id


def with_clocks(truce: Truce, observed_to: date | None = None) -> Truce:
    """Derive what nobody said: the conflict, when start and end could be known, and where the truce is censored.

    Raises:
        BadInput: no country.
    """
    if not truce.iso3:
        raise BadInput("iso3 is missing")
    end_known_at = truce.end_known_at or (after_lag(truce.end_date) if truce.end_date else None)
    return replace(
        truce,
        conflict=truce.conflict or truce.iso3[0].lower(),
        start_known_at=truce.start_known_at or after_lag(truce.effective_date),
        end_known_at=end_known_at if truce.end_date else None,
        observed_to=truce.observed_to or observed_to,
    )


def check_order(truce: Truce, today: date) -> None:
    """Raises BadInput when dates and outcome contradict each other, or lie after ``today``."""
    start, end = truce.effective_date, truce.end_date
    if start > today:
        raise BadInput(f"effective_date {start} is in the future")
    if truce.outcome in CAUSES and end is None:
        raise BadInput(f"end_date is missing though the outcome is {truce.outcome}")
    if truce.outcome not in CAUSES and end is not None:
        raise BadInput(f"end_date {end} stands beside the outcome {truce.outcome}")
    if end is not None and end > today:
        raise BadInput(f"end_date {end} is in the future")
    for column, day in (("first_violation", truce.first_violation), ("observed_to", truce.observed_to)):
        if day is not None and day > today:
            raise BadInput(f"{column} {day} is in the future")
    if truce.scheduled_end is not None and truce.scheduled_end.year == date.max.year:
        raise BadInput(f"scheduled_end {truce.scheduled_end} is no day that was agreed: leave it out where no end was")
    dates = (
        ("end_date", end),
        ("scheduled_end", truce.scheduled_end),
        ("first_violation", truce.first_violation),
        ("observed_to", truce.observed_to),
    )
    for column, day in dates:
        if day is not None and day < start:
            raise BadInput(f"{column} {day} is before effective_date {start}")


def ended(truce: Truce, outcome: str, end_date: date, *, why: str, source: str, now: datetime) -> Truce:
    """The truce with its end recorded, known from ``now`` on and not earlier; itself when that end is recorded already.

    Raises:
        Clash: it has another end already.
        BadInput: no such outcome, or an end before the start or after today.
    """
    if outcome not in [cause.value for cause in CAUSES]:
        raise BadInput(f"a truce ends as {', '.join(CAUSES)}, not {outcome!r}", code="bad_outcome")
    if not truce.effective_date <= end_date <= day_closed_by(now):
        raise BadInput(
            f"an end on {end_date} lies before the start ({truce.effective_date}) or after today", code="bad_date"
        )
    if truce.end_date is not None:
        if (truce.outcome, truce.end_date) == (Outcome(outcome), end_date):
            return truce
        raise Clash(f"{truce.truce_id} is recorded as {truce.outcome} on {truce.end_date} already")
    return replace(
        truce, outcome=Outcome(outcome), end_date=end_date, end_precision="day", end_known_at=now, evidence_end=(source,),
        notes=why, observed_to=None,
    )  # fmt: skip


def after_lag(day: date) -> datetime:
    """When something of ``day`` counts as known if no dated report says so."""
    return end_of(day) + NEWS_LAG

"""Was a forecast right? What became of a truce within a forecast's horizon, as a rule decides it from what is known at a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from truce.breakdown import Resolution
from truce.clock import end_of
from truce.vocabulary import Outcome

VINTAGE_DAYS = 30
"""The outcome that counts for a forecast is the one known so many days after the end of its horizon: it is declared when the forecast
is issued. In the Chronicle an end that a dated report tells of is known within 30 days."""


class Fate(StrEnum):
    """What became of a truce within a horizon."""

    BROKE = "broke"
    HELD = "held"
    """It did not break: it held, or ended in another way."""
    VOID = "void"
    """The rule cannot decide it, or it had ended before the forecast: nothing was there to be forecast."""
    OPEN = "open"
    """Nobody has watched it to the end of the horizon."""


def matures_at(as_of: datetime, days: int) -> datetime:
    """The scheduled end of a horizon. Nothing is scored before it, however early the truce broke: early breaks would flood in."""
    return as_of + timedelta(days=days)


def counts_from(as_of: datetime, days: int, vintage_days: int | None) -> datetime:
    """The moment of the declared vintage: the end of the day, ``vintage_days`` after the horizon's end."""
    return end_of(
        (matures_at(as_of, days) + timedelta(days=VINTAGE_DAYS if vintage_days is None else vintage_days)).date()
    )


def fate(resolution: Resolution, as_of: datetime, days: int) -> Fate:
    """What became of a truce in (as_of, as_of + days], as ``resolution`` has it; a date known to the month counts as coded."""
    if resolution.outcome is Outcome.VOID:
        return Fate.VOID
    stop = matures_at(as_of, days)
    if resolution.end_date is not None:
        ended = end_of(resolution.end_date)
        if ended <= as_of:
            return Fate.VOID
        return Fate.BROKE if resolution.outcome is Outcome.BROKE and ended <= stop else Fate.HELD
    if resolution.watched_to is not None and end_of(resolution.watched_to) < stop:
        return Fate.OPEN
    return Fate.HELD

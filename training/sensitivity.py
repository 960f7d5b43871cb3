"""How far the figures lean on what coders could not know: dates known to the month, unknown fates, terms settled with hindsight.

Each variant is a backtest of its own, refitted at every origin on the changed record, and scored against a B1 refitted on it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np

from training import workshop
from training.backtest import refitted
from training.evaluate import Evaluation
from training.panel import Panel
from training.recipes import BASELINE
from training.views import View
from training.workshop import Period
from truce.breakdown import LATER_KNOWN
from truce.clock import end_of, start_of
from truce.ruling import latest
from truce.store import Store
from truce.terms import HINDSIGHT_PRONE
from truce.vocabulary import UNSETTLED, Outcome, Truce

TOLD = ("n", "positives", "breaks", "brier", "brier_km", "skill", "skill_ci")
"""What is kept of each horizon's scores."""
NEXT_DAY = timedelta(days=1)
NO_HINDSIGHT = "no column of the recipe is prone to hindsight"
BY_RULE = "ask for it with `trucecast backtest --rule all`"


@dataclass(frozen=True, slots=True)
class Judging:
    """What every variant shares: the store as it was at a moment, the rule, the view, the period, the family and its columns."""

    store: Store
    moment: datetime
    rule: str
    view: View
    period: Period
    family: str
    features: tuple[str, ...]

    def scores(self, panel: Panel, features: tuple[str, ...]) -> dict[str, Any]:
        """Counts and scores over all rows, by horizon."""
        folds = workshop.folds(panel, self.period)
        forecasts = refitted(panel, folds, {self.family: features}, beside=())[self.family]
        evaluation = Evaluation(panel, forecasts, self.period.observed_to)
        return told(evaluation.summary(np.ones(len(panel.rows), dtype=bool)))

    def changed(self, change: Any) -> dict[str, Any]:
        """The scores on a changed record."""
        panel = workshop.load(self.store, self.rule, self.moment, replace(self.view, change=change))
        return self.scores(panel, self.features)


def told(summary: dict[str, Any]) -> dict[str, Any]:
    """Of ``Evaluation.summary`` what a comparison shows: horizon -> the figures of ``TOLD``, and a reason where one is missing."""
    return {
        days: {key: scores[key] for key in (*TOLD, "reason") if key in scores}
        for days, scores in summary["horizons"].items()
    }


def compared(judging: Judging, panel: Panel, as_coded: dict[str, Any]) -> dict[str, Any]:
    """The part ``sensitivity`` of metrics.json.

    Args:
        judging: what the variants share.
        panel: the record as it is.
        as_coded: the family's summary over all rows of it.
    """
    decided = [t for t in panel.truces if t.outcome not in UNSETTLED]
    imprecise = [t for t in decided if "month" in (t.start_precision, t.end_precision)]
    unknown = [t for t in panel.truces if t.outcome is Outcome.UNKNOWN]
    last, coded = judging.period.observed_to, told(as_coded)
    out: dict[str, Any] = {
        "family": judging.family,
        "month_dates": {"truces": len(imprecise), "coded": coded},
        "unknown_fates": {"truces": len(unknown), "left_out": coded},
        "hindsight_terms": _without_hindsight(judging, panel, coded),
        "rules": {"reason": BY_RULE},
    }
    if imprecise:
        out["month_dates"] |= {
            "earliest": judging.changed(earliest),
            "latest": judging.changed(partial(at_latest, last)),
        }
    if unknown:
        out["unknown_fates"] |= {
            "broke_next_day": judging.changed(broken_next_day), "none_broke": judging.changed(partial(held, last))
        }  # fmt: skip
    return out


def _without_hindsight(judging: Judging, panel: Panel, coded: dict[str, Any]) -> dict[str, Any]:
    dropped = [name for name in judging.features if name in HINDSIGHT_PRONE]
    if not dropped or judging.family == BASELINE:
        return {"columns": [], "with": coded, "reason": NO_HINDSIGHT}
    kept = tuple(name for name in judging.features if name not in HINDSIGHT_PRONE)
    return {"columns": dropped, "with": coded, "without": judging.scores(panel, kept)}


def earliest(truces: Sequence[Truce]) -> list[Truce]:
    """Dates known to the month at their first possible day. When they could be known stays as it was."""
    return [_at_earliest(truce) for truce in truces]


def _at_earliest(truce: Truce) -> Truce:
    if truce.start_precision == "month":
        truce = replace(truce, effective_date=truce.effective_date.replace(day=1))
    if truce.end_date is not None and truce.end_precision == "month":
        truce = replace(truce, end_date=max(truce.end_date.replace(day=1), truce.effective_date))
    return truce


def at_latest(last: date, truces: Sequence[Truce]) -> list[Truce]:
    """Dates known to the month at their last possible day, not after ``last``; known then or when they could be known as coded."""
    return [_at_latest(truce, last) for truce in truces]


def _at_latest(truce: Truce, last: date) -> Truce:
    if truce.end_date is not None and truce.end_precision == "month":
        end = min(latest(truce.end_date, "month") or truce.end_date, last)
        truce = replace(truce, end_date=end, end_known_at=max(truce.end_known_at or end_of(end), end_of(end)))
    if truce.start_precision == "month":
        start = min(latest(truce.effective_date, "month") or last, truce.end_date or last)
        known = max(truce.start_known_at or start_of(start), start_of(start))
        truce = replace(truce, effective_date=start, start_known_at=known)
    return truce


def broken_next_day(truces: Sequence[Truce]) -> list[Truce]:
    """Truces of unknown fate as broken the day after they took effect."""
    return [_broken(truce) if truce.outcome is Outcome.UNKNOWN else truce for truce in truces]


def _broken(truce: Truce) -> Truce:
    end = truce.effective_date + NEXT_DAY
    return replace(
        truce, outcome=Outcome.BROKE, end_date=end, end_precision="day", end_known_at=end_of(end) + LATER_KNOWN
    )


def held(last: date, truces: Sequence[Truce]) -> list[Truce]:
    """Truces of unknown fate as holding to ``last``."""
    return [
        replace(truce, outcome=Outcome.ONGOING, observed_to=max(truce.effective_date, last))
        if truce.outcome is Outcome.UNKNOWN
        else truce
        for truce in truces
    ]

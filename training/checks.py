"""Slow checks of the best family of a backtest, each only when asked for: conflicts left out of training, and doubtful codings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from training import workshop
from training.backtest import conflict_groups, left_out
from training.evaluate import Evaluation
from training.panel import Panel
from training.sensitivity import Judging, compared
from training.views import View
from training.workshop import Judged, Period
from truce.store import Store
from truce.terminal import say


@dataclass(frozen=True, slots=True)
class Setting:
    """What a backtest was made on: the store as it was at a moment, the view of it, and the period."""

    store: Store
    moment: datetime
    view: View
    period: Period

    def checked(self, panel: Panel, judged: Judged, *, leave_out: bool, doubts: bool) -> dict[str, Any]:
        """Those parts of metrics.json that were asked for."""
        rule, family = judged.metrics["rule"], judged.metrics["family"]
        features = tuple(judged.metrics["recipe"]["features"])
        out = {}
        if leave_out:
            say(f"refitting {family} without each conflict")
            out["leave_one_conflict_out"] = without_each(panel, family, features, self.period)
        if doubts:
            say(f"refitting {family} where the coding is in doubt")
            judging = Judging(self.store, self.moment, rule, self.view, self.period, family, features)
            out["sensitivity"] = compared(judging, panel, judged.metrics["subsets"]["all"])
        return out


def without_each(panel: Panel, family: str, features: tuple[str, ...], period: Period) -> dict[str, Any]:
    """The scores over all rows where nothing was learned of the row's conflict, and which conflicts were left out together."""
    forecasts = left_out(panel, workshop.folds(panel, period), family, features)
    evaluation = Evaluation(panel, forecasts, period.observed_to)
    return {
        "family": family,
        "groups": _names(panel, conflict_groups(panel)),
        **evaluation.summary(np.ones(len(panel.rows), dtype=bool)),
    }


def _names(panel: Panel, groups: Sequence[Sequence[int]]) -> list[list[str]]:
    codes, first = np.unique(panel.conflict, return_index=True)
    names = {int(code): panel.truces[panel.truce[row]].conflict for code, row in zip(codes, first, strict=True)}
    return [[names[code] for code in group] for group in groups]

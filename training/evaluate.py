"""Out-of-fold forecasts -> the figures of metrics.json: every score beside the baseline's, with counts, by subset and period."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.backtest import OutOfFold
from training.baselines import NAMED
from training.folds import TEST_FROM, scorable
from training.losses import Losses
from training.panel import Panel
from training.recipes import BASELINE
from truce import scoring
from truce.families import EVENT_FAMILIES
from truce.vocabulary import HORIZONS

Bools = NDArray[np.bool_]

YOUNG_DAYS = 730
FIRST_MONTH_DAYS = 30
NOT_ASKED = "ask for it with `trucecast backtest --ablate`"
NOT_LEFT_OUT = "ask for it with `trucecast backtest --leave-out`"
NOT_VARIED = "ask for it with `trucecast backtest --sensitivity`"
NOT_READ = "no column of this event family is read"
B1_ALONE = "a fitted model carries B1 alone; without --model every baseline is refitted at every origin"


@dataclass(frozen=True, slots=True)
class Scored:
    """One horizon's rows that were observed to their end: outcome, forecast, that of truce age alone, and the panel's row."""

    y: NDArray[np.float64]
    p: NDArray[np.float64]
    p_km: NDArray[np.float64]
    row: NDArray[np.int64]

    def where(self, chosen: Bools) -> Scored:
        """The chosen rows."""
        return Scored(self.y[chosen], self.p[chosen], self.p_km[chosen], self.row[chosen])


class Evaluation:
    """The scores of one family's out-of-fold forecasts over one panel."""

    def __init__(self, panel: Panel, forecasts: OutOfFold, observed_to: date) -> None:
        self.panel = panel
        self.forecasts = forecasts
        self.seen = {h: scorable(panel, forecasts.rows, h, observed_to) for h in HORIZONS}
        self.scored = {h: self._scored(k, h) for k, h in enumerate(HORIZONS)}
        self.losses = Losses.of(panel, observed_to)

    def _scored(self, k: int, horizon: int) -> Scored:
        f, seen = self.forecasts, self.seen[horizon]
        rows = f.rows[seen]
        return Scored(self.panel.broke_within(horizon)[rows].astype(float), f.p[seen, k], f.p_km[seen, k], rows)

    def subsets(self) -> dict[str, Bools]:
        """Panel rows of each subset, shape (number of panel rows,).

        None depends on how long a truce will live, but for ``without_day_zero``, which shows how much hangs on truces that died on
        their first day.
        """
        feed = np.array([t.start_tier == "feed" for t in self.panel.truces], dtype=bool)
        age = self.panel.age
        return {
            "all": np.ones(len(age), dtype=bool),
            "feed": feed[self.panel.truce],
            "young": age < YOUNG_DAYS,
            "first_month": age < FIRST_MONTH_DAYS,
            "without_day_zero": self.panel.fates.life[self.panel.truce] > 1,
        }

    def metrics(self) -> dict[str, Any]:
        """The parts of metrics.json that come from the forecasts: subsets, baselines, periods, ablation; what is asked for apart is absent."""
        day = self.panel.as_of_day
        test = np.zeros(len(day), dtype=bool)
        test[self.forecasts.rows[self.forecasts.origin >= np.datetime64(TEST_FROM)]] = True
        return {
            "subsets": {name: self.summary(rows) for name, rows in self.subsets().items()},
            "baselines": self._baselines(),
            "periods": {"development": self.summary(~test), "test": self.summary(test)},
            "ablation": {family.name: self._ablation(family.name) for family in EVENT_FAMILIES},
            "leave_one_conflict_out": {"reason": NOT_LEFT_OUT},
            "sensitivity": {"reason": NOT_VARIED},
        }

    def summary(self, rows: Bools) -> dict[str, Any]:
        """Counts and the scores of every horizon over the given panel rows."""
        judged = self.forecasts.rows[rows[self.forecasts.rows]]
        truces = np.unique(self.panel.truce[judged])
        broken = {i for s in self.scored.values() for i in self.panel.truce[s.row[(s.y > 0) & rows[s.row]]]}
        horizons = {str(h): self._horizon(s.where(rows[s.row])) for h, s in self.scored.items()}
        for k, h in enumerate(HORIZONS):
            horizons[str(h)] |= self._lost(rows[self.forecasts.rows], k, h)
        adjusted = scoring.holm([np.nan if s["p_value"] is None else s["p_value"] for s in horizons.values()])
        for scores, p in zip(horizons.values(), adjusted.tolist(), strict=True):
            scores["p_holm"] = None if math.isnan(p) else p
        return {"rows": len(judged), "truces": len(truces), "breaks": len(broken), "horizons": horizons}

    def _horizon(self, s: Scored) -> dict[str, Any]:
        age, conflict = self.panel.age[s.row], self.panel.conflict[s.row]
        year = self.panel.as_of_day[s.row].astype("datetime64[Y]")
        own, base = scoring.brier(s.y, s.p), scoring.brier(s.y, s.p_km)
        slope, intercept = scoring.calibration_line(s.y, s.p)
        drawn = scoring.skill_draws(s.y, s.p, s.p_km, conflict, year)
        out = {
            "n": len(s.y),
            "positives": int(s.y.sum()),
            "breaks": len(np.unique(self.panel.truce[s.row[s.y > 0]])),
            "brier": own,
            "brier_km": base,
            "skill": scoring.skill(own, base),
            "skill_ci": list(scoring.interval(drawn)),
            "p_value": scoring.p_value(drawn),
            "detectable_skill": scoring.detectable(drawn),
            "log_score": scoring.log_score(s.y, s.p),
            "log_score_km": scoring.log_score(s.y, s.p_km),
            "auc": scoring.auc(s.y, s.p),
            "auc_km": scoring.auc(s.y, s.p_km),
            "auc_within_age": scoring.auc_within_age(s.y, s.p, age),
            "average_precision": scoring.average_precision(s.y, s.p),
            "calibration": {
                "slope": slope,
                "slope_ci": list(scoring.calibration_interval(s.y, s.p, conflict, year, line=(slope, intercept))),
                "intercept": intercept,
                "observed_expected": scoring.observed_expected(s.y, s.p),
            },
        }
        return _without_nan(out, "no row of this horizon was observed to its end, or none broke")

    def _lost(self, chosen: Bools, k: int, horizon: int) -> dict[str, Any]:
        """How many of the chosen rows were lost from sight before their outcome, and the skill with the others weighted for them."""
        f, losses = self.forecasts, self.losses
        rows = f.rows[chosen]
        weight = losses.weights(self.panel, rows, horizon)
        y = self.panel.broke_within(horizon)[rows]
        own, base = ((weight * (p[chosen, k] - y) ** 2).sum() for p in (f.p, f.p_km))
        lost = (weight == 0) & (self.panel.age[rows] + horizon <= losses.reach[self.panel.truce[rows]])
        skill = scoring.skill(float(own), float(base))
        return {"lost": int(lost.sum()), "skill_weighted": None if math.isnan(skill) else skill}

    def _baselines(self) -> dict[str, Any]:
        known = self.forecasts.baselines
        none = {"brier": None, "log_score": None, "reason": B1_ALONE}
        return {
            name: {
                str(h): _two(s.y, known[name][self.seen[h], k]) if name in known else dict(none)
                for k, (h, s) in enumerate(self.scored.items())
            }
            for name in NAMED
        }

    def _ablation(self, group: str) -> dict[str, Any]:
        """What an event family adds: skill with it less skill without it, over B1 on the same rows, with the interval of the difference."""
        f = self.forecasts
        if group not in f.without:
            return _absent(NOT_ASKED if not f.without and f.family != BASELINE else NOT_READ)
        return {
            str(h): self._gain(s, f.without[group][self.seen[h], k]) for k, (h, s) in enumerate(self.scored.items())
        }

    def _gain(self, s: Scored, without: NDArray[np.float64]) -> dict[str, Any]:
        year = self.panel.as_of_day[s.row].astype("datetime64[Y]")
        reference = scoring.brier(s.y, s.p_km)
        own, less = (scoring.skill(scoring.brier(s.y, p), reference) for p in (s.p, without))
        drawn = scoring.gain_draws(s.y, s.p, without, s.p_km, self.panel.conflict[s.row], year)
        return _without_nan({"gain": own - less, "ci": list(scoring.interval(drawn))}, "no row was observed to its end")


def _two(y: NDArray[np.float64], p: NDArray[np.float64]) -> dict[str, Any]:
    return _without_nan({"brier": scoring.brier(y, p), "log_score": scoring.log_score(y, p)}, "no rows")


def _absent(reason: str) -> dict[str, Any]:
    return {str(h): {"gain": None, "ci": None, "reason": reason} for h in HORIZONS}


def _without_nan(figures: dict[str, Any], reason: str) -> dict[str, Any]:
    """NaN is not JSON: what could not be computed is null, with a reason beside it."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: clean(v) for k, v in value.items()}
        if isinstance(value, list):
            return None if any(clean(v) is None for v in value) else value
        return None if isinstance(value, float) and not math.isfinite(value) else value

    cleaned: dict[str, Any] = clean(figures)
    if "null" in repr(cleaned) or "None" in repr(cleaned):
        cleaned["reason"] = reason
    return cleaned

"""A run's charts: from panels, forecasts and fitted models to what ``truce.charts`` draws, and why a chart is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.artifact import Artifact
from training.backtest import OutOfFold
from training.fitting.families import Fitted
from training.folds import scorable
from training.panel import Panel
from training.recipes import BASELINE
from truce import scoring
from truce.charts import lifetimes, scores
from truce.charts.chart import Chart
from truce.errors import Refused
from truce.vocabulary import HORIZONS

_SHOWN_DAYS = np.unique(np.concatenate((np.arange(0, 61), np.arange(60, 731, 5), [90, 365, 730])))


@dataclass(slots=True)
class Charts:
    """Charts by the name of their file, and what is not drawn, with the reason."""

    drawn: dict[str, Chart] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, make: Callable[[], Chart]) -> None:
        """Draw, or keep the reason of a refusal."""
        try:
            self.drawn[name] = make()
        except Refused as refusal:
            self.missing[name] = refusal.detail


def of_backtest(
    panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any], beside: Mapping[str, dict[str, Any]] | None = None
) -> Charts:
    """Skill by horizon, reliability and ablation of one family's backtest; ``beside`` are the metrics of families judged with it."""
    charts = Charts()
    judged = {**(beside or {}), metrics["family"]: metrics}
    families = {name: m["subsets"]["all"]["horizons"] for name, m in judged.items() if name != BASELINE} or {
        BASELINE: metrics["subsets"]["all"]["horizons"]
    }
    over = f"all rows from {metrics['from']} to {metrics['to']} under {metrics['rule']}"
    charts.add("skill", lambda: scores.skill(families, over=over))
    panels = _calibrated(panel, forecasts, metrics)
    charts.add("reliability", lambda: scores.reliability([p for p in panels if p.drawable]))
    thin = [p for p in panels if not p.drawable]
    if thin:
        charts.missing["reliability at " + ", ".join(f"{p.days} days" for p in thin)] = (
            f"fewer than {scores.MIN_POSITIVES} rows broke"
        )
    charts.add("ablation", lambda: scores.ablation(metrics["family"], metrics["ablation"]))
    return charts


def of_model(charts: Charts, artifact: Artifact, fitted: Fitted, truces: int) -> None:
    """Add how long truces last in the data that a model was fitted on, and its coefficients."""
    shares = artifact.baseline.curve(_SHOWN_DAYS)
    lives = [
        {"days": int(day), "holds": 1 - float(s.sum()), **dict(zip(lifetimes.ENDS[1:], map(float, s), strict=True))}
        for day, s in zip(_SHOWN_DAYS, shares, strict=True)
    ]
    of = f"{truces} truces under {artifact.rule}, as known on {artifact.trained_to}"
    charts.add("survival", lambda: lifetimes.survival(lives, of=of))
    charts.add("coefficients", lambda: scores.coefficients(artifact.family, fitted.coefficients))


def _calibrated(panel: Panel, forecasts: OutOfFold, metrics: dict[str, Any]) -> list[scores.Calibrated]:
    """Forecasts of each horizon in bins of equal count; those of truce age alone beside them."""
    sides = {forecasts.family: forecasts.p}
    if forecasts.family != BASELINE:
        sides["truce age alone"] = forecasts.p_km
    out = []
    for k, horizon in enumerate(HORIZONS):
        seen = scorable(panel, forecasts.rows, horizon, np.datetime64(metrics["observed_to"]).item())
        y = panel.broke_within(horizon)[forecasts.rows[seen]].astype(float)
        curves = {
            name: [(float(a), float(b), int(n)) for a, b, n in scoring.reliability(y, p[seen, k])]
            for name, p in sides.items()
        }
        breaks = metrics["subsets"]["all"]["horizons"][str(horizon)]["breaks"]
        out.append(scores.Calibrated(horizon, len(y), int(y.sum()), breaks, curves))
    return out

"""The promotion rule: when may a challenger become champion. It refuses with the reason.

The rule, in words (docs/decisions/0012-when-a-model-is-promoted.md argues it). On the rows that both forecast out of fold, under one rule
of breakdown:

1. the challenger's log score, averaged over the horizons, is better: the lower bound of the one-sided 95 % interval of the paired
   difference, by conflict and year, lies above 0;
2. so it is when no chance is read as less than 1 in 100 or more than 99: being better only where the champion was too sure is not enough;
3. its Brier score, averaged over the horizons, is better too, and at no horizon is either score worse by a whole two-sided 95 % interval;
4. at every horizon at which enough truces broke, its calibration slope and its observed over expected breakdowns lie near 1; a slope
   above its range passes where its interval reaches down into it, and the record says so;
5. it breaks no law of a curve, and reads the features and the rule that the service has.

The same recipe fitted on later data need not be better, only not worse: that is a refresh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from truce import scoring
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]

CONFIDENCE = 0.05
"""The chance of a lower bound above 0 when there is nothing: one-sided, since only better counts."""
PLAIN = 0.01
"""Chances this near to 0 and 1 are read as this near, so that a score cannot hang on a few certainties."""
SLOPE_RANGE = (0.8, 1.2)
RATIO_RANGE = (0.85, 1.15)
MIN_BREAKS = 20
"""Distinct breakdowns below which a horizon says nothing of calibration."""
SHARED = 0.8
"""The share of the challenger's rows that the champion must have forecast too."""

LOG, PLAIN_LOG, BRIER = "log score", "log score between 1 and 99 %", "Brier score"
KEY = ["truce_id", "as_of", "horizon"]


@dataclass(frozen=True, slots=True)
class Gain:
    """How much lower (better) the challenger's score is: the mean, and its interval by conflict and year."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two forecasters on the same rows.

    ``overall`` maps a score to its gain averaged over the horizons, with ``low`` the bound of a one-sided 95 % interval; ``by_horizon``
    maps a score to the gain at each horizon with its two-sided one. ``shared`` is the share of the challenger's rows compared.
    """

    rows: int
    shared: float
    overall: dict[str, Gain]
    by_horizon: dict[str, dict[int, Gain]]

    def as_json(self) -> dict[str, Any]:
        """For the record."""
        one = {
            score: {"gain": g.mean, "lower_bound": g.low, "horizons": {str(h): [x.mean, x.low, x.high] for h, x in at.items()}}
            for (score, g), at in zip(self.overall.items(), self.by_horizon.values(), strict=True)
        }  # fmt: skip
        return {"rows": self.rows, "shared": self.shared, **one}


def compare(challenger: pd.DataFrame, champion: pd.DataFrame, conflict: Mapping[str, str]) -> Comparison:
    """Pair two runs' forecasts.csv on the rows that both have, with the outcome that both saw.

    Args:
        challenger: columns truce_id, as_of, horizon, p, outcome.
        champion: the same columns.
        conflict: of each truce.
    """
    both = challenger.merge(champion, on=[*KEY, "outcome"], suffixes=("", "_champion"), validate="one_to_one")
    y, own, other = (both[name].to_numpy(dtype=float) for name in ("outcome", "p", "p_champion"))
    block = pd.factorize(both["truce_id"].map(dict(conflict)))[0]
    year = both["as_of"].str.slice(0, 4).to_numpy(dtype=np.int64)
    horizon = both["horizon"].to_numpy(dtype=np.int64)
    weight = _even(horizon)
    overall, by_horizon = {}, {}
    for name, score in _SCORES.items():
        better = score(y, other) - score(y, own)
        overall[name] = _gain(better, weight, block, year, (CONFIDENCE, 1 - CONFIDENCE))
        at = {h: horizon == h for h in HORIZONS if (horizon == h).any()}
        by_horizon[name] = {
            h: _gain(better[i], np.ones(i.sum()), block[i], year[i], (0.025, 0.975)) for h, i in at.items()
        }
    return Comparison(len(both), len(both) / max(len(challenger), 1), overall, by_horizon)


def _gain(better: Floats, weight: Floats, block: Any, year: Any, bounds: tuple[float, float]) -> Gain:
    if not len(better):
        return Gain(float("nan"), float("nan"), float("nan"))
    drawn = scoring.block_bootstrap(better * weight, weight, block, year)
    low, high = np.quantile(drawn, bounds)
    return Gain(float((better * weight).sum() / weight.sum()), float(low), float(high))


def _even(horizon: NDArray[np.int64]) -> Floats:
    """Weights of rows under which every horizon counts alike."""
    _, place, count = np.unique(horizon, return_inverse=True, return_counts=True)
    weights: Floats = 1 / count[place]
    return weights


def _log(clip: float) -> Callable[[Floats, Floats], Floats]:
    def score(y: Floats, p: Floats) -> Floats:
        given: Floats = np.where(y > 0, np.clip(p, clip, 1 - clip), 1 - np.clip(p, clip, 1 - clip))
        return -np.log(given)

    return score


def _brier(y: Floats, p: Floats) -> Floats:
    return (y - p) ** 2


_SCORES: dict[str, Callable[[Floats, Floats], Floats]] = {
    LOG: _log(scoring.CLIP),
    PLAIN_LOG: _log(PLAIN),
    BRIER: _brier,
}


def objections(found: Comparison, name: str, *, refresh: bool) -> list[str]:
    """Why these scores do not make the challenger champion in place of ``name``; empty when they do.

    A ``refresh`` (the same recipe, fitted on later data) need not be better, only not worse.
    """
    if found.shared < SHARED or set(found.by_horizon[LOG]) != set(HORIZONS):
        return [
            f"not comparable: {name} forecast {found.shared:.0%} of its rows, and {SHARED:.0%} at every horizon are asked for"
        ]
    out = []
    if not refresh:
        for score in (LOG, PLAIN_LOG):
            gain = found.overall[score]
            if gain.low <= 0:
                out.append(
                    f"no better than {name}: mean gain in {score} {gain.mean:+.4f}, at least {gain.low:+.4f} with 95 % confidence"
                )
        brier = found.overall[BRIER]
        if brier.mean <= 0:
            out.append(f"no better than {name}: mean gain in Brier score {brier.mean:+.5f}")
    for score in (PLAIN_LOG, BRIER):
        lost = [str(horizon) for horizon, gain in found.by_horizon[score].items() if gain.high < 0]
        if lost:
            out.append(f"worse than {name} in {score} at {', '.join(lost)} days, by a whole 95 % interval")
    return out


def miscalibrated(metrics: Mapping[str, Any]) -> list[str]:
    """Horizons of metrics.json at which enough broke and chances do not mean what they say.

    Too sure is refused as it stands; too timid only where the slope's whole interval lies above.
    """
    horizons = _calibrations(metrics)
    out = []
    for name, key, (low, high) in (
        ("calibration slope", "slope", SLOPE_RANGE),
        ("observed over expected breakdowns", "observed_expected", RATIO_RANGE),
    ):
        off = {
            days: s[key]
            for days, s in horizons.items()
            if s[key] is None or s[key] < low or (s[key] > high and not _reaches(s.get(f"{key}_ci"), high))
        }
        if off:
            said = ", ".join(f"{'not there' if v is None else f'{v:.2f}'} at {days} days" for days, v in off.items())
            out.append(f"{name} outside {low} to {high}: {said}")
    return out


def timid(metrics: Mapping[str, Any]) -> str:
    """Horizons whose slope lies above its range, as the record of a promotion names them; empty when none does."""
    above = {days: s["slope"] for days, s in _calibrations(metrics).items() if (s["slope"] or 0) > SLOPE_RANGE[1]}
    return ", ".join(f"{days} days (slope {slope:.2f})" for days, slope in above.items())


def _calibrations(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Horizon -> calibration, where enough truces broke to say anything of it."""
    horizons = metrics["subsets"]["all"]["horizons"].items()
    return {days: scores["calibration"] for days, scores in horizons if scores["breaks"] >= MIN_BREAKS}


def _reaches(interval: Sequence[float] | None, high: float) -> bool:
    return interval is not None and interval[0] <= high

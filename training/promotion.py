"""The promotion rule: when may a challenger become champion. It refuses with the reason.

The rule, in words: both were judged on the same rows under the same rule; the challenger's log score, averaged over
the horizons, is better than the champion's; and at no horizon does its calibration slope leave the range in which its
probabilities mean what they say.
"""

from __future__ import annotations

from dataclasses import dataclass

from truce.vocabulary import HORIZONS

SLOPE_RANGE = (0.7, 1.4)
_SAME = ("rule", "as_of", "origins", "data_digest")


@dataclass(frozen=True, slots=True)
class Record:
    """A model's name and the metrics and parameters of its run."""

    name: str
    metrics: dict[str, float]
    parameters: dict[str, str]

    def mean_log_score(self) -> float:
        """Over all horizons."""
        return sum(self.metrics[f"log_score_{h}d"] for h in HORIZONS) / len(HORIZONS)


def objections(challenger: Record, champion: Record) -> list[str]:
    """Why the challenger may not replace the champion; empty when it may."""
    missing = [
        f"log_score_{h}d" for h in HORIZONS if not all(f"log_score_{h}d" in r.metrics for r in (challenger, champion))
    ]
    if missing:
        return [f"not scored at every horizon: {', '.join(missing)}"]
    out = [
        f"not comparable: {key} is {challenger.parameters.get(key)} against {champion.parameters.get(key)}"
        for key in _SAME
        if challenger.parameters.get(key) != champion.parameters.get(key)
    ]
    if challenger.mean_log_score() >= champion.mean_log_score():
        out.append(
            f"no better than the champion: mean log score {challenger.mean_log_score():.4f} "
            f"against {champion.mean_log_score():.4f} of {champion.name}"
        )
    low, high = SLOPE_RANGE
    for h in HORIZONS:
        slope = challenger.metrics.get(f"calibration_slope_{h}d")
        if slope is None or not low <= slope <= high:
            out.append(f"calibration slope at {h} days is {slope}, outside {low} to {high}")
    return out

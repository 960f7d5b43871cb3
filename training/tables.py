"""metrics.json as tables: what the terminal and the report print of a comparison, beside the skill table itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from training.baselines import NAMED
from truce.vocabulary import HORIZONS

SURE_COLUMNS = ("family", "days", "skill", "95 %", "p", "p Holm", "detectable")
BASELINE_COLUMNS = ("score", "forecast", "what", *(f"{h} d" for h in HORIZONS))

ABLATION_COLUMNS = ("family", "without", *(f"{h} d" for h in HORIZONS))


def sure_rows(metrics: dict[str, Any], subset: str = "all") -> Iterable[Sequence[str]]:
    """How sure each horizon's skill is: its interval, its p-value alone and among the horizons, and what could have been found."""
    for days, s in metrics["subsets"][subset]["horizons"].items():
        yield [metrics["family"], days, figure(s["skill"]), spread(s["skill_ci"]), *doubts(s)]


def doubts(scores: dict[str, Any]) -> list[str]:
    """The p-value, Holm's, and the detectable skill of one horizon."""
    return [figure(scores[key]) for key in ("p_value", "p_holm", "detectable_skill")]


def baseline_rows(metrics: dict[str, Any]) -> Iterable[Sequence[str]]:
    """Brier and log scores of the baselines by horizon, on the same rows, and the family's own below."""
    horizons = metrics["subsets"]["all"]["horizons"]
    for key, name in (("brier", "Brier"), ("log_score", "log")):
        for baseline, what in NAMED.items():
            yield [name, baseline, what, *(figure(s[key]) for s in metrics["baselines"][baseline].values())]
        yield [name, metrics["family"], "judged", *(figure(s[key]) for s in horizons.values())]


def ablation_rows(metrics: dict[str, Any]) -> Iterable[Sequence[str]]:
    """What each event family adds to the skill, with its interval, by horizon; nothing when that was not computed."""
    for group, horizons in metrics["ablation"].items():
        if any(s["gain"] is not None for s in horizons.values()):
            cells = ["-" if s["gain"] is None else f"{s['gain']:+.4f} ({spread(s['ci'])})" for s in horizons.values()]
            yield [metrics["family"], group, *cells]


def figure(value: float | None) -> str:
    """Four decimals, or a dash for what could not be computed."""
    return "-" if value is None else f"{value:.4f}"


def spread(interval: Sequence[float] | None) -> str:
    """An interval, or a dash."""
    return "-" if interval is None else "{:+.3f} .. {:+.3f}".format(*interval)

"""metrics.json as tables: what the terminal and the report print of a comparison, beside the skill table itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from training.baselines import NAMED
from truce.vocabulary import HORIZONS

SURE_COLUMNS = ("family", "days", "skill", "95 %", "p", "p Holm", "detectable")
BASELINE_COLUMNS = ("score", "forecast", "what", *(f"{h} d" for h in HORIZONS))

ABLATION_COLUMNS = ("family", "without", *(f"{h} d" for h in HORIZONS))
LEFT_OUT_COLUMNS = ("family", "days", "rows", "breaks", "Brier", "Brier B1", "skill", "95 %")
SENSITIVITY_COLUMNS = ("what", "truces", "as", *(f"{h} d" for h in HORIZONS))
AVAILABILITY_COLUMNS = ("availability", "family", "days", "rows", "breaks", "Brier", "Brier B1", "skill", "95 %")

Table = tuple[str, Sequence[str], list[Sequence[str]]]
"""Title, columns, rows."""


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


def checks(metrics: dict[str, Any]) -> Iterable[Table]:
    """The tables of the checks that were asked for."""
    if "horizons" in metrics["leave_one_conflict_out"]:
        yield (
            "Of conflicts left out of training, over a B1 without them",
            LEFT_OUT_COLUMNS,
            list(left_out_rows(metrics)),
        )
    if "family" in metrics["sensitivity"]:
        yield "Skill over B1 where the coding is in doubt", SENSITIVITY_COLUMNS, list(sensitivity_rows(metrics))


def left_out_rows(metrics: dict[str, Any]) -> Iterable[Sequence[str]]:
    """Skill by horizon where the model had learned nothing of the row's conflict."""
    for days, s in metrics["leave_one_conflict_out"]["horizons"].items():
        yield [metrics["family"], days, *_skill(s)]


def sensitivity_rows(metrics: dict[str, Any]) -> Iterable[Sequence[str]]:
    """Skill by horizon under each reading of what is in doubt."""
    for what, readings in metrics["sensitivity"].items():
        if what in ("family", "rules"):
            continue
        for name, horizons in readings.items():
            if name not in ("truces", "columns", "reason"):
                cells = [f"{figure(s['skill'])} ({spread(s['skill_ci'])})" for s in horizons.values()]
                yield [what.replace("_", " "), str(readings.get("truces", "")), name.replace("_", " "), *cells]


def availability_rows(by_availability: dict[str, dict[str, Any]]) -> Iterable[Sequence[str]]:
    """Skill by horizon at each availability of the evidence, of metrics.json by its label."""
    for label, metrics in by_availability.items():
        for days, s in metrics["subsets"]["all"]["horizons"].items():
            yield [label, metrics["family"], days, *_skill(s)]


def _skill(s: dict[str, Any]) -> list[str]:
    numbers = [figure(s[key]) for key in ("brier", "brier_km", "skill")]
    return [str(s["n"]), str(s["breaks"]), *numbers, spread(s["skill_ci"])]


def figure(value: float | None) -> str:
    """Four decimals, or a dash for what could not be computed."""
    return "-" if value is None else f"{value:.4f}"


def spread(interval: Sequence[float] | None) -> str:
    """An interval, or a dash."""
    return "-" if interval is None else "{:+.3f} .. {:+.3f}".format(*interval)

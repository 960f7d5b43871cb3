"""The scoreboard and the model in use as charts of the page: reliability with counts, skill with intervals, the record by kind of case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from models.artifact import Artifact
from service.figures import drawn
from service.scoreboard import Judged, claims, conflicts_of, fared, judged
from truce import scoring
from truce.errors import Refused
from truce.store import Store
from truce.verification import Fate

ISSUED, AGE_ALONE = "issued forecasts", "truce age alone"
_BINS = 5


def board_charts(store: Store, now: datetime) -> dict[str, Any]:
    """Charts of the forecasts that have an outcome: ``reliability`` one panel a horizon, ``skill`` by horizon; or why there is none."""
    by_days: dict[int, list[Judged]] = {}
    for one in judged(store, claims(store), now):
        if one.latest in (Fate.BROKE, Fate.HELD):
            by_days.setdefault(one.claim.days, []).append(one)
    conflicts = conflicts_of(store)
    return {
        "reliability": drawn(lambda: _reliability(by_days)),
        "skill": drawn(lambda: _skill(by_days, conflicts)),
    }


def _outcomes(ripe: Sequence[Judged]) -> tuple[Any, Any, Any]:
    y = np.array([one.latest is Fate.BROKE for one in ripe], dtype=float)
    return y, np.array([one.claim.p for one in ripe]), np.array([one.claim.baseline for one in ripe])


def _breaks(ripe: Sequence[Judged]) -> int:
    return len({one.claim.truce_id for one in ripe if one.latest is Fate.BROKE})


def _curve(y: Any, p: Any) -> list[tuple[float, float, int]]:
    return [(float(f), float(broke), int(n)) for f, broke, n in scoring.reliability(y, p, _BINS)]


def _reliability(by_days: Mapping[int, Sequence[Judged]]) -> Any:
    from truce.charts.scores import MIN_POSITIVES, Calibrated, reliability

    panels = []
    for days, ripe in sorted(by_days.items()):
        y, p, age_alone = _outcomes(ripe)
        curves = {ISSUED: _curve(y, p), AGE_ALONE: _curve(y, age_alone)}
        panels.append(Calibrated(days, len(y), int(y.sum()), _breaks(ripe), curves))
    if not any(panel.drawable for panel in panels):
        most = max((panel.positives for panel in panels), default=0)
        said = f"at no horizon have {MIN_POSITIVES} forecast truces broken yet (at most {most}): a reliability curve would be noise"
        raise Refused(said, code="too_few_breaks")
    return reliability([panel for panel in panels if panel.drawable])


def _skill(by_days: Mapping[int, Sequence[Judged]], conflicts: Mapping[str, str]) -> Any:
    from truce.charts.scores import skill

    found: dict[str, dict[str, Any]] = {}
    for days, ripe in sorted(by_days.items()):
        scores = fared(ripe, "latest", conflicts)
        # While nothing broke a skill would only say who dared to give the lower chances.
        found[str(days)] = {
            "skill": scores["skill"] if scores["breaks"] else None,
            "skill_ci": scores["skill_ci"],
            "breaks": scores["breaks"],
        }
    return skill({ISSUED: found}, over="forecasts that were issued and have an outcome")


def model_charts(artifact: Artifact) -> dict[str, Any]:
    """How the model's kinds of case fared in its backtest, as a reliability diagram, and each kind with its class."""
    cells = [] if artifact.past_cases is None else artifact.past_cases.everything()
    return {"backtest": drawn(lambda: _kinds(artifact.family, cells)), "cells": cells}


def _kinds(family: str, cells: Sequence[Mapping[str, Any]]) -> Any:
    from truce.charts.scores import kinds_of_case

    return kinds_of_case(family, cells)

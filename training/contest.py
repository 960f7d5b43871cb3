"""Champion against challenger: whose forecasts are compared, what is objected, and what goes into the record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.artifact import Artifact, loads
from models.contract import broken_laws
from training import tracking
from training.promotion import BRIER, KEY, LOG, PLAIN_LOG, Comparison, compare, miscalibrated, objections, timid
from training.recipes import BASELINE
from truce.breakdown import rules
from truce.errors import BadInput, Refused
from truce.features import NAMES, FeatureTable, feature_set_id
from truce.settings import Settings
from truce.store.models import Published

_RECIPE = ("family", "features", "regularisation", "rule", "feature_set")
_TRAINING = ("data_digest", "origins", "rule")
"""Runs that agree on these were judged on the same rows."""
_GRID_AGES = (0, 1, 6, 13, 14, 30, 90, 364, 365, 731, 3650, 20_000)
_GRID_VALUES = (-3.0, 0.0, 1.0, 7.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the promotion rule says: nothing objected means yes."""

    objections: list[str]
    comparison: Comparison | None
    refresh: bool = False
    timid: str = ""
    """Horizons at which it says too little, if any."""

    def sentence(self, against: str) -> str:
        """The reason of a promotion, for the record."""
        if self.comparison is None:
            return "there was no champion"
        log, plain, brier = (self.comparison.overall[score] for score in (LOG, PLAIN_LOG, BRIER))
        kind = "the same recipe on later data, no worse than" if self.refresh else "better than"
        calibrated = f"calibrated, but timid at {self.timid}" if self.timid else "calibrated"
        return (
            f"{kind} {against} on {self.comparison.rows} rows: log score by {log.mean:.4f} (95 % bound {log.low:+.4f}), between 1 and 99 % by "
            f"{plain.mean:.4f} ({plain.low:+.4f}), Brier by {brier.mean:.5f}; {calibrated}; no law broken"
        )

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "objections": self.objections,
            "comparison": None if self.comparison is None else self.comparison.as_json(),
        }


def judge(settings: Settings, challenger: Published, champion: Published | None) -> Verdict:
    """Apply the promotion rule to a challenger's run.

    Raises:
        Refused: a run, or what it should have left, is gone.
    """
    artifact = loads(challenger.body)
    broken = lawless(artifact)
    if champion is None:
        return Verdict([*broken, *miscalibrated(metrics_of(settings, challenger))], None)
    if artifact.rule != champion.rule:
        return Verdict([*broken, f"not comparable: rule {artifact.rule} against {champion.rule}"], None)
    own = _forecasts(settings, _run(challenger))
    stand_in = None if champion.family == BASELINE else _stand_in(settings, challenger, champion)
    other = own.assign(p=own["p_km"]) if stand_in is None else _forecasts(settings, stand_in)
    found = compare(own, other, _conflicts(settings, challenger))
    refresh = champion.trained_to < challenger.trained_to and _is_same(settings, challenger, champion, stand_in)
    name = f"version {champion.version}"
    metrics = metrics_of(settings, challenger)
    why = [*objections(found, name, refresh=refresh), *miscalibrated(metrics), *broken]
    return Verdict(why, found, refresh, timid(metrics))


def _stand_in(settings: Settings, challenger: Published, champion: Published) -> str:
    """The run whose out-of-fold forecasts speak for the champion; those of B1 stand beside the challenger's own.

    Its recipe may have been judged again in the challenger's training, on the same rows: that run comes first, then its own. A champion
    that came without a run (a model shipped with the project) is spoken for by its family in the challenger's training.
    """
    asked = tracking.parameters_of(settings, _run(challenger))
    same_rows = {name: asked[name] for name in _TRAINING} | {"family": champion.family}
    again = tracking.runs_with(settings, same_rows)
    if champion.run_id is None:
        return next(iter(again), None) or _run(champion)
    recipe = tracking.parameters_of(settings, champion.run_id)
    same = (run for run in again if _same_recipe(tracking.parameters_of(settings, run), recipe))
    return next((run for run in same if run != challenger.run_id), champion.run_id)


def _is_same(settings: Settings, challenger: Published, champion: Published, stand_in: str | None) -> bool:
    """Whether both were made by one recipe."""
    spoken_for = stand_in or champion.run_id
    return spoken_for is not None and _same_recipe(
        *(tracking.parameters_of(settings, run) for run in (_run(challenger), spoken_for))
    )


def _same_recipe(one: dict[str, str], other: dict[str, str]) -> bool:
    return all(one.get(name) == other.get(name) for name in _RECIPE)


def _run(model: Published) -> str:
    if model.run_id is None:
        raise Refused(
            f"version {model.version} has no MLflow run to compare by: `trucecast train --family {model.family}` makes one",
            code="not_promoted",
        )
    return model.run_id


def metrics_of(settings: Settings, model: Published) -> dict[str, Any]:
    """The metrics.json of the run that made a model. Raises Refused when there is none."""
    found: dict[str, Any] = json.loads(
        tracking.kept(settings, _run(model), tracking.METRICS).read_text(encoding="utf-8")
    )
    return found


def _forecasts(settings: Settings, run_id: str) -> pd.DataFrame:
    columns = [*KEY, "p", "p_km", "outcome"]
    return pd.read_csv(tracking.kept(settings, run_id, tracking.FORECASTS), usecols=columns, dtype={"truce_id": str})


def _conflicts(settings: Settings, model: Published) -> dict[str, str]:
    truces = pd.read_csv(tracking.kept(settings, _run(model), tracking.TRUCES), dtype=str, keep_default_na=False)
    return dict(zip(truces["truce_id"], truces["conflict"], strict=True))


def lawless(artifact: Artifact) -> list[str]:
    """What forbids a model in the service: features or a rule that are not there, or a law of a curve broken on a grid of rows."""
    out = []
    if artifact.rule not in rules():
        out.append(f"no rule {artifact.rule} here")
    if artifact.feature_set != feature_set_id():
        return [*out, f"fitted on features {artifact.feature_set}, the service has {feature_set_id()}: train anew"]
    try:
        return out + [f"law broken: {law}" for law in broken_laws(artifact.model, grid())]
    except (BadInput, IndexError, KeyError, ValueError) as error:
        return [*out, f"it does not answer: {error!r}"]


def grid() -> FeatureTable:
    """Rows of many ages with every feature low, none, one and high, and a scheduled end past, near, far and unset."""
    ages = np.repeat(np.array(_GRID_AGES, dtype=np.int64), len(_GRID_VALUES))
    level = np.tile(np.array(_GRID_VALUES), len(_GRID_AGES))
    values = np.repeat(level[:, None], len(NAMES), axis=1)
    ends = np.tile(np.array([-30.0, 3.0, 400.0, np.nan]), len(_GRID_AGES))
    values[:, NAMES.index("days_to_scheduled_end")] = ends
    stamp = np.full(len(ages), np.datetime64("2020-01-01", "s"))
    return FeatureTable(NAMES, values, ages, np.full(len(ages), "grid"), stamp, feature_set_id())

"""The workshop's jobs from end to end: load what was known, judge every family, fit the last models, write it all down."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import training.report as reporting
from models import registry
from models.artifact import Artifact, dumps
from training import backing, tracking
from training.backtest import OutOfFold, frozen, refitted
from training.evaluate import Evaluation
from training.fitting.aalen_johansen import fit as age_alone
from training.fitting.families import Fitted, fit
from training.folds import DEVELOPMENT_FROM, Fold, rolling
from training.judgement import judgement_of
from training.panel import Panel, build, cut
from training.recipes import BASELINE, features_under
from training.uncertainty import DRAWS, bootstrap
from training.views import AS_IT_IS, View
from truce.clock import day_closed_by
from truce.errors import BadInput, Refused
from truce.families import UNCOUNTED_SOURCES
from truce.features import feature_set_id
from truce.history import History, as_believed
from truce.settings import Settings
from truce.store import Store
from truce.store.models import Published
from truce.vocabulary import HORIZONS, UNSETTLED, Truce

EVERY_DAYS = 91
MODEL_NAME = registry.MODEL


@dataclass(frozen=True, slots=True)
class Period:
    """The origins of a backtest and the last day whose outcomes count."""

    start: date
    stop: date
    every: int
    observed_to: date


@dataclass(frozen=True, slots=True)
class Judged:
    """One family's out-of-fold forecasts and its metrics.json."""

    forecasts: OutOfFold
    metrics: dict[str, Any]


def load(store: Store, rule: str, moment: datetime, view: View = AS_IT_IS) -> Panel:
    """The panel of everything the store knew at ``moment``, with ends as ``rule`` gives them, looked at through a view.

    Raises:
        Refused: there is nothing to learn from.
    """
    ruled = view.ruled(store, rule, moment)
    truces = [as_believed(truce, moment) for truce in ruled.truces]
    if not truces:
        raise Refused(
            "the store holds no truces: `trucecast import truces PATH`, or `trucecast demo`", code="no_truces"
        )
    until = observed_to(truces, day_closed_by(moment))
    events = store.events.arrays(UNCOUNTED_SOURCES).retied(store.truces.same_as())
    return build(History.whole(truces, events, ruled.violence), until, ruled.sight)


def observed_to(truces: Sequence[Truce], asked: date) -> date:
    """The last day to which the record reaches: the latest day anyone watched, or learned of an end; not after ``asked``."""
    told = [t for t in truces if t.outcome not in UNSETTLED]
    watched = [t.observed_to for t in told if t.observed_to is not None]
    learned = [day_closed_by(t.end_known_at) for t in told if t.end_known_at is not None and t.observed_to is None]
    return min(asked, max([*watched, *learned], default=asked))


def recipe_of(families: Sequence[str], rule: str) -> dict[str, tuple[str, ...]]:
    """The columns of the named families under a rule, all of them when none is named.

    Raises:
        BadInput: no such family.
    """
    features = features_under(rule)
    for family in families:
        if family not in features:
            raise BadInput(f"no family {family!r}: there are {', '.join(features)}", code="unknown_family")
    return {family: features[family] for family in families or features}


def judge(
    panel: Panel, recipe: dict[str, tuple[str, ...]], rule: str, period: Period, *, ablate: bool = False
) -> dict[str, Judged]:
    """Refit every family at every origin of ``period`` and score what it said of the days after; with ``ablate`` what events add."""
    parts = folds(panel, period)
    return {
        family: Judged(forecasts, _metrics(panel, forecasts, parts, rule, period, recipe=recipe[family], artifact=None))
        for family, forecasts in refitted(panel, parts, recipe, ablate=ablate).items()
    }


def judge_frozen(panel: Panel, artifact: Artifact, rule: str, period: Period) -> Judged:
    """Score one fitted model, as it is, on rows from the day it was trained to.

    Raises:
        Refused: it has seen every row of the period.
    """
    parts = folds(panel, period)
    forecasts = frozen(panel, parts, artifact)
    if not len(forecasts.rows):
        raise Refused(
            f"the model was trained to {artifact.trained_to}: no row of the period stands after it", code="no_rows"
        )
    return Judged(forecasts, _metrics(panel, forecasts, parts, rule, period, recipe=(), artifact=artifact))


def folds(panel: Panel, period: Period) -> list[Fold]:
    """The folds of a period.

    Raises:
        Refused: no truce was in force in it.
    """
    parts = list(rolling(panel, period.start, min(period.stop, period.observed_to), period.every))
    if not parts:
        raise Refused(f"no truce was in force between {period.start} and {period.stop}", code="no_rows")
    return parts


def _metrics(  # noqa: PLR0913
    panel: Panel,
    forecasts: OutOfFold,
    parts: Sequence[Fold],
    rule: str,
    period: Period,
    *,
    recipe: Sequence[str],
    artifact: Artifact | None,
) -> dict[str, Any]:
    model = (
        None if artifact is None else {"name": artifact.name, "version": artifact.version, "family": artifact.family}
    )
    return {
        "rule": rule,
        "recipe": {"family": forecasts.family, "features": list(recipe), "feature_set": feature_set_id()},
        "model": model,
        "family": forecasts.family,
        "from": period.start.isoformat(),
        "to": period.stop.isoformat(),
        "every": period.every,
        "origins": len(parts),
        "observed_to": period.observed_to.isoformat(),
        "trained_to": None if artifact is None else artifact.trained_to.isoformat(),
        **Evaluation(panel, forecasts, period.observed_to).metrics(),
    }


def fit_artifact(panel: Panel, family: str, rule: str, origin: date, *, draws: int = 0) -> tuple[Artifact, Fitted]:
    """Fit one family on everything known at the end of ``origin``; its own baseline comes along, and intervals by ``draws`` refits."""
    training = cut(panel, origin)
    if not (training.spell_cause == 1).any():
        raise Refused(f"no breakdown was known by {origin}: there is nothing to fit", code="no_breaks")
    features = features_under(rule)[family]
    fitted = fit(family, training, features)
    artifact = Artifact(
        name=MODEL_NAME,
        version=None,
        family=family,
        model=fitted.model,
        baseline=age_alone(training),
        feature_set=feature_set_id(),
        rule=rule,
        trained_to=origin,
        uncertainty=bootstrap(family, training, features, fitted.model, draws=draws) if draws else None,
        support=backing.support(training, fitted.model.features),
    )
    return artifact, fitted


def last_models(
    panel: Panel, judged: dict[str, Judged], rule: str, trained_to: date, draws: int = DRAWS
) -> dict[str, tuple[Artifact, Fitted]]:
    """Fit the last model of each family; only the best and truce age alone, one of which will speak, get intervals by ``draws`` refits."""
    spread = {best(judged), BASELINE}
    made = {}
    for family, result in judged.items():
        artifact, fitted = fit_artifact(panel, family, rule, trained_to, draws=draws if family in spread else 0)
        record = backing.record_of(panel, result.forecasts, result.metrics["observed_to"])
        made[family] = replace(artifact, past_cases=record), fitted
    return made


def record_all(
    settings: Settings, store: Store, panel: Panel, judged: dict[str, Judged], made: dict[str, tuple[Artifact, Fitted]]
) -> dict[str, str]:
    """Write one MLflow run for the last model of each family, put its numbers into the store; family -> version."""
    versions = {}
    beside = {family: result.metrics for family, result in judged.items()}
    dataset = _dataset(panel)
    with tracking.lab_book(settings):
        for family, result in judged.items():
            artifact, fitted = made[family]
            parameters = _parameters(panel, result.metrics, fitted, artifact.trained_to)
            with tempfile.TemporaryDirectory() as folder:
                reporting.write(Path(folder), panel, result.forecasts, result.metrics, artifact, fitted, beside)
                dataset.to_csv(Path(folder) / tracking.TRUCES, index=False)
                trial = tracking.Trial(artifact, parameters, _tags(parameters), result.metrics, Path(folder))
                run_id, version = tracking.record(trial, dataset, "truces")
            store.models.publish(_published(artifact, version, run_id, store.clock()))
            store.judgements.put(version, judgement_of(panel, result.forecasts, artifact.trained_to))
            versions[family] = version
    return versions


def _published(artifact: Artifact, version: str, run_id: str, now: datetime) -> Published:
    named = replace(artifact, version=version)
    return Published(
        version=version, name=named.name, family=named.family, rule=named.rule, feature_set=named.feature_set,
        trained_to=named.trained_to, run_id=run_id, body=dumps(named), published_at=now,
    )  # fmt: skip


def _parameters(panel: Panel, metrics: dict[str, Any], fitted: Fitted, trained_to: date) -> dict[str, str]:
    return {
        "family": metrics["family"],
        "features": " ".join(metrics["recipe"]["features"])[:5900],
        "feature_set": metrics["recipe"]["feature_set"],
        "rule": metrics["rule"],
        "as_of": trained_to.isoformat(),
        "origins": f"{metrics['origins']} from {metrics['from']} to {metrics['to']} every {metrics['every']} d",
        "regularisation": fitted.regularisation,
        "data_digest": data_digest(panel),
    }


def _tags(parameters: dict[str, str]) -> dict[str, str]:
    asked = ["git", "rev-parse", "HEAD"]
    try:
        commit = subprocess.run(  # noqa: S603
            asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        commit = "not a checkout"
    return {"git_commit": commit, "data_digest": parameters["data_digest"]}


def data_digest(panel: Panel) -> str:
    """A digest of what was learned from: every row's features, and every truce's end."""
    digest = hashlib.sha256()
    digest.update(np.ascontiguousarray(panel.rows.values).tobytes())
    digest.update(np.ascontiguousarray(panel.fates.life).tobytes())
    digest.update(json.dumps([t.truce_id for t in panel.truces]).encode())
    return digest.hexdigest()[:16]


def _dataset(panel: Panel) -> pd.DataFrame:
    return pd.DataFrame({
        "truce_id": [t.truce_id for t in panel.truces],
        "effective_date": [t.effective_date.isoformat() for t in panel.truces],
        "outcome": [t.outcome.value for t in panel.truces],
        "conflict": [t.conflict for t in panel.truces],
    })  # fmt: skip


def best(judged: dict[str, Judged]) -> str:
    """The family with the best log score, averaged over the horizons; a family with no score at some horizon is not in the race."""

    def mean(result: Judged) -> float:
        scores = [result.metrics["subsets"]["all"]["horizons"][str(h)]["log_score"] for h in HORIZONS]
        return float("inf") if None in scores else sum(scores) / len(scores)

    return min(judged, key=lambda family: mean(judged[family]))


def default_period(panel: Panel, moment: datetime, start: date | None, stop: date | None, every: int) -> Period:
    """The protocol's origins (2008 on, every 91 days) up to what was observed, unless others are asked for."""
    watched = observed_to(panel.truces, day_closed_by(moment))
    earliest = max(DEVELOPMENT_FROM, min(t.effective_date for t in panel.truces))
    return Period(start or earliest, min(stop or watched, watched), every, watched)

"""The tracking door to MLflow: one run a family, comparable as they are, under one experiment."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import mlflow.artifacts
import mlflow.data
import pandas as pd
from mlflow.exceptions import MlflowException
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from models import registry
from models.artifact import Artifact
from truce.errors import Refused, StoreTrouble
from truce.settings import Settings

EXPERIMENT = "truce-breakdown"
TRIALS = "truce-breakdown-trials"
"""Variants that were tried, on development origins alone: they are not to be sorted among runs judged on all."""
TRUCES, FORECASTS, METRICS = "truces.csv", "forecasts.csv", "metrics.json"
"""What a later promotion reads of a run: the truces judged with their conflict, the out-of-fold forecasts, the scores."""
_TWINS = {"all": "", "young": "_young", "feed": "_feed"}
_SCORES = ("brier", "skill", "log_score", "auc", "auc_within_age", "average_precision")
# Every place where MLflow writes an absolute path down: a moved checkout would orphan them all.
_PATHS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What one run records: the fitted model, how it was made, its scores, and files to look at."""

    artifact: Artifact
    parameters: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, Any]
    files: Path


@contextmanager
def lab_book(settings: Settings, name: str = EXPERIMENT) -> Iterator[None]:
    """MLflow, set up for this home: its database made under a lock, its paths brought home after a move.

    Raises:
        StoreTrouble: its database or its files cannot be used.
    """
    try:
        with _opened(settings, name):
            yield
    except (MlflowException, SQLAlchemyError) as trouble:
        cause = getattr(trouble, "orig", None) or trouble.__cause__ or trouble
        said = str(getattr(cause, "orig", None) or cause).strip().partition("\n")[0]
        raise StoreTrouble(
            f"MLflow's records of this home cannot be used: {said}; look at {settings.artifacts.parent}"
        ) from trouble


@contextmanager
def _opened(settings: Settings, name: str) -> Iterator[None]:
    os.environ.setdefault("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    settings.artifacts.mkdir(parents=True, exist_ok=True)
    before = mlflow.get_tracking_uri()
    with (settings.artifacts.parent / ".lock").open("w") as lock:
        # Two processes that create the database at once can kill one another (MLflow 3.17).
        fcntl.flock(lock, fcntl.LOCK_EX)
        mlflow.set_tracking_uri(settings.tracking_uri)
        mlflow.set_registry_uri(settings.tracking_uri)
        client = registry.client(settings)
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            client.create_experiment(name, artifact_location=settings.artifacts.as_uri())
        elif experiment.artifact_location != settings.artifacts.as_uri():
            _bring_home(settings, experiment.artifact_location)
    mlflow.set_experiment(name)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)


def _bring_home(settings: Settings, left: str) -> None:
    engine = create_engine(settings.tracking_uri)
    with engine.begin() as connection:
        for table, column in _PATHS:
            connection.execute(
                text(f"UPDATE {table} SET {column} = replace({column}, :left, :here)"),  # noqa: S608 - names are ours
                {"left": left, "here": settings.artifacts.as_uri()},
            )
    engine.dispose()


def experiment_id(settings: Settings) -> str:
    """The experiment's id, for a link straight to it."""
    return str(registry.client(settings).get_experiment_by_name(EXPERIMENT).experiment_id)


def record(trial: Trial, dataset: pd.DataFrame, dataset_name: str) -> tuple[str, str]:
    """Write a trial down as one MLflow run; returns (run id, registered model version). Call within ``lab_book``."""
    with mlflow.start_run(run_name=trial.artifact.family) as run:
        mlflow.log_params(trial.parameters)
        mlflow.set_tags(trial.tags)
        mlflow.log_metrics(flat(trial.metrics))
        mlflow.log_input(mlflow.data.from_pandas(dataset, name=dataset_name), context="training")
        mlflow.log_artifacts(str(trial.files))
        version = registry.log(trial.artifact)
    return str(run.info.run_id), version


def note(name: str, parameters: dict[str, str], metrics: dict[str, Any], files: Path) -> None:
    """Write a run without a model down: a trial. Call within ``lab_book``."""
    with mlflow.start_run(run_name=name):
        mlflow.log_params(parameters)
        mlflow.log_metrics(flat(metrics))
        mlflow.log_artifacts(str(files))


def flat(metrics: dict[str, Any]) -> dict[str, float]:
    """metrics.json as MLflow's flat names: ``skill_30d``, ``skill_30d_young``, ``skill_30d_development``; nulls are left out."""
    out: dict[str, float | None] = {}
    parts = {suffix: metrics["subsets"][subset] for subset, suffix in _TWINS.items()}
    parts |= {f"_{period}": summary for period, summary in metrics["periods"].items()}
    for suffix, summary in parts.items():
        for days, scores in summary["horizons"].items():
            for score in _SCORES:
                out[f"{score}_{days}d{suffix}"] = scores[score]
            out[f"calibration_slope_{days}d{suffix}"] = scores["calibration"]["slope"]
            out[f"observed_expected_{days}d{suffix}"] = scores["calibration"]["observed_expected"]
    return {name: float(value) for name, value in out.items() if value is not None}


def kept(settings: Settings, run_id: str, name: str) -> Path:
    """Where a file that a run left lies. Raises Refused when the run, or that file of it, is gone."""
    try:
        # By the run's own address: asked for by run and name, MLflow copies even a local file into a new temporary folder.
        uri = registry.client(settings).get_run(run_id).info.artifact_uri
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=f"{uri}/{name}"))
    except (MlflowException, OSError):
        raise Refused(f"run {run_id} left no {name}: `trucecast train` makes one that does", code="no_run") from None


def parameters_of(settings: Settings, run_id: str) -> dict[str, str]:
    """The parameters of a run. Raises Refused when MLflow has no such run."""
    try:
        return dict(registry.client(settings).get_run(run_id).data.params)
    except MlflowException:
        raise Refused(f"MLflow has no run {run_id}: `trucecast train` makes one", code="no_run") from None


def runs_with(settings: Settings, parameters: dict[str, str]) -> list[str]:
    """The runs with all of these parameters, the newest first."""
    asked = " and ".join(f"params.{name} = '{value}'" for name, value in parameters.items())
    found = registry.client(settings).search_runs(
        [experiment_id(settings)], filter_string=asked, order_by=["attributes.start_time DESC"]
    )
    return [str(run.info.run_id) for run in found]

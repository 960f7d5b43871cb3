"""The registry door to MLflow: publish, promote, roll back, and bring home what was moved by hand.

Each move is made in MLflow and in the store. The service reads the store alone; MLflow is where people compare and
overrule.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import warnings
from contextlib import redirect_stderr
from pathlib import Path

import mlflow
import mlflow.pyfunc
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.tracking import MlflowClient
from mlflow.types import ColSpec, DataType, Schema

from models.artifact import Artifact, dumps
from truce.errors import NoModel, Unknown
from truce.features import NAMES
from truce.settings import Settings
from truce.store import Store
from truce.vocabulary import HORIZONS

MODEL = "truce-breakdown"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"

_ROOMS = Path(__file__).resolve().parent.parent
_REQUIREMENTS = ["mlflow>=3.17,<4", "numpy>=2", "pandas"]


def client(settings: Settings) -> MlflowClient:
    """MLflow's client for the tracking store and registry of this home."""
    return MlflowClient(tracking_uri=settings.tracking_uri, registry_uri=settings.tracking_uri)


def log(artifact: Artifact) -> str:
    """Log the model into the running MLflow run, register it, and return its registered version."""
    with tempfile.TemporaryDirectory() as folder:
        model_json, code = Path(folder) / "model.json", Path(folder) / "code"
        model_json.write_text(dumps(artifact), encoding="utf-8")
        _pack(code)
        # MLflow greets every new version on stderr and misses an example beside the signature; neither tells a user anything.
        with redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logged = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(Path(__file__).with_name("pyfunc.py")),
                artifacts={"model": str(model_json), "code": str(code)},
                signature=_signature(),
                pip_requirements=_REQUIREMENTS,
                registered_model_name=MODEL,
            )
    return str(logged.registered_model_version)


def _pack(code: Path) -> None:
    """What a model needs of our rooms to predict: the floor without its memory and its charts, and the models without this door."""
    for room, left_out in (
        ("truce", ("store", "chronicle", "charts", "__pycache__")),
        ("models", ("registry.py", "__pycache__")),
    ):
        shutil.copytree(_ROOMS / room, code / room, ignore=shutil.ignore_patterns(*left_out))


def _signature() -> ModelSignature:
    inputs = [ColSpec(DataType.long, "age_days"), *(ColSpec(DataType.double, name) for name in NAMES)]
    outputs = [ColSpec(DataType.double, f"p_breakdown_{h}") for h in HORIZONS]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


def point(settings: Settings, store: Store, alias: str, version: str, *, by: str, why: str) -> None:
    """Move an alias to a version, in MLflow and in the store; both keep why."""
    book = client(settings)
    book.set_registered_model_alias(MODEL, alias, version)
    book.set_model_version_tag(MODEL, version, f"{alias}_because", f"{why} (by {by})")
    store.models.move(alias, version, why=why, by=by)


def promote(settings: Settings, store: Store, version: str, *, by: str, why: str) -> None:
    """Make a published version champion, and keep the one it replaces as previous.

    Raises:
        Unknown: no such version has been published.
    """
    store.models.get(version)
    champion = store.models.current(CHAMPION)
    if champion is not None and champion.version == version:
        return
    if champion is not None:
        point(settings, store, PREVIOUS, champion.version, by=by, why=f"replaced by {version}")
    point(settings, store, CHAMPION, version, by=by, why=why)


def rollback(settings: Settings, store: Store, *, by: str) -> str:
    """Let the previous champion and the present one change places; return the version now in charge.

    Raises:
        NoModel: there is no previous champion.
    """
    champion, previous = store.models.current(CHAMPION), store.models.current(PREVIOUS)
    if champion is None or previous is None:
        raise NoModel(
            "no previous champion to roll back to: `trucecast promote` keeps one from the second promotion on"
        )
    point(settings, store, PREVIOUS, champion.version, by=by, why=f"rolled back to {previous.version}")
    point(settings, store, CHAMPION, previous.version, by=by, why=f"rolled back from {champion.version}")
    return previous.version


def aliases(settings: Settings) -> dict[str, str]:
    """Alias -> registered version, as MLflow has it. Raises NoModel when nothing is registered."""
    try:
        found = client(settings).get_registered_model(MODEL).aliases
    except MlflowException:
        raise NoModel(f"no model {MODEL} is registered: run `trucecast train`") from None
    return {str(alias): str(version) for alias, version in found.items()}


def sync(settings: Settings, store: Store, *, by: str) -> list[str]:
    """Bring aliases that were moved by hand in MLflow into the store: MLflow wins. Returns a line for each one moved.

    Raises:
        NoModel: nothing is registered.
        Unknown: an alias points at a version whose JSON this store has never seen.
    """
    moved = []
    for alias, version in sorted(aliases(settings).items()):
        here = store.models.current(alias)
        if here is not None and here.version == version:
            continue
        try:
            store.models.get(version)
        except Unknown:
            raise Unknown(f"alias {alias} points at version {version}, whose numbers are not in this store") from None
        store.models.move(alias, version, why="moved by hand in MLflow", by=by)
        moved.append(f"{alias} -> {version}")
    return moved


def predictions(uri: str, rows: pd.DataFrame) -> pd.DataFrame:
    """What the logged model at ``uri`` answers, loaded through MLflow itself."""
    answer: pd.DataFrame = mlflow.pyfunc.load_model(uri).predict(rows)
    return answer

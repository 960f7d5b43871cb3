"""Models-from-code shim: how MLflow loads and serves a fitted model without this project being installed.

The logged model carries our own rooms beside its JSON. They are imported under a closed door: modules of the same
names that the process already holds, ours or a stranger's, are set aside and put back. MLflow copies this file; it
imports nothing of ours by itself.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import mlflow
import mlflow.pyfunc
import numpy as np
import pandas as pd

_ROOMS = ("truce", "models")
_HORIZONS = (7, 30, 90, 180, 365)


@contextmanager
def _rooms_of(code: Path) -> Iterator[tuple[ModuleType, ModuleType]]:
    """``models.artifact`` and ``truce.features`` as carried in ``code``, leaving the process's own modules as they were."""

    def ours() -> list[str]:
        return [name for name in sys.modules if name.partition(".")[0] in _ROOMS]

    aside = {name: sys.modules.pop(name) for name in ours()}
    sys.path.insert(0, str(code))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module("models.artifact"), importlib.import_module("truce.features")
    finally:
        sys.path.remove(str(code))
        for name in ours():
            del sys.modules[name]
        sys.modules.update(aside)


class TruceModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc] # MLflow's base class is untyped
    """Feature rows in, chances of breakdown out."""

    def load_context(self, context: Any) -> None:
        """Read the model's JSON with the code it was logged with."""
        with _rooms_of(Path(context.artifacts["code"])) as (artifact, features):
            self._artifact = artifact.loads(Path(context.artifacts["model"]).read_text(encoding="utf-8"))
            self._table = features.FeatureTable
            self._names: tuple[str, ...] = features.NAMES
            self._feature_set: str = features.feature_set_id()

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row of chances for each row of features; columns ``p_breakdown_7`` to ``p_breakdown_365``."""
        del context, params
        rows = self._table(
            names=self._names,
            values=model_input[list(self._names)].to_numpy(dtype=float),
            age_days=model_input["age_days"].to_numpy(dtype=np.int64),
            truce_ids=np.full(len(model_input), "", dtype=str),
            as_of=np.full(len(model_input), np.datetime64("NaT"), dtype="datetime64[s]"),
            feature_set=self._feature_set,
        )
        chances = self._artifact.model.cumulative_incidence(rows, _HORIZONS)[:, :, 0]
        return pd.DataFrame(chances, columns=[f"p_breakdown_{h}" for h in _HORIZONS])


mlflow.models.set_model(TruceModel())

"""The families by name: fit one, with its usual penalties, and say what was fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contract import Model
from models.hazard_regression import HazardRegression
from models.landmark_logistic import LandmarkLogistic
from models.linear_pool import LinearPool
from training import recipes
from training.fitting import aalen_johansen, cox, discrete_hazard, landmark_logistic, weibull
from training.panel import TrainingSet
from truce.errors import BadInput
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model, how it was held back, and its coefficients: dicts with part, name, estimate and, where known, se, lo, hi."""

    model: Model
    regularisation: str
    coefficients: Sequence[dict[str, Any]] = ()


def fit(
    family: str,
    training: TrainingSet,
    features: tuple[str, ...],
    *,
    ridge: Mapping[str, float] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Fitted:
    """Fit a family on a training set.

    Args:
        family: its name.
        training: what may be learned from.
        features: the columns.
        ridge: penalties of groups of columns in place of the usual ones.
        weights: of a pool's members, in place of the usual ones.

    Raises:
        BadInput: no such family.
    """
    if family == "aalen-johansen":
        return Fitted(aalen_johansen.fit(training), "none")
    if family == recipes.POOL:
        return _pool(training, features, weights or recipes.WEIGHTS)
    penalty, said = recipes.ridge(family, features, ridge), recipes.said(family, ridge)
    if family == "weibull":
        model: Any = weibull.fit(training, features, penalty)
        return Fitted(model, said, _coefficients(model, None))
    if family == "cox":
        model, errors = cox.fit(training, features, penalty)
        return Fitted(model, said, _coefficients(model, errors))
    if family == "discrete-hazard":
        model, errors = discrete_hazard.fit(training, features, penalty)
        return Fitted(model, said, _coefficients(model, errors))
    if family == "landmark-logistic":
        model = landmark_logistic.fit(training, features, penalty)
        return Fitted(model, said, _by_horizon(model))
    raise BadInput(f"no family {family!r}", code="unknown_family")


def _pool(training: TrainingSet, features: tuple[str, ...], weights: Mapping[str, float]) -> Fitted:
    """Each member by itself, on the same columns."""
    parts = {name: fit(name, training, features if recipes.FEATURES_OF[name] else ()) for name in weights}
    said = "; ".join(f"{weight:g} {name} ({parts[name].regularisation})" for name, weight in weights.items())
    rows = [row | {"part": f"{name}: {row['part']}"} for name, part in parts.items() for row in part.coefficients]
    return Fitted(LinearPool(tuple(part.model for part in parts.values()), tuple(weights.values())), said, rows)


def _coefficients(model: HazardRegression, errors: Floats | None) -> list[dict[str, Any]]:
    rows = []
    for k, (name, estimate) in enumerate(zip(model.scale.names, model.coefficients, strict=True)):
        row: dict[str, Any] = {
            "part": "log hazard ratio a standard deviation",
            "name": name,
            "estimate": float(estimate),
        }
        if errors is not None:
            reach = 1.96 * float(errors[k])
            row |= {"se": float(errors[k]), "lo": float(estimate) - reach, "hi": float(estimate) + reach}
        rows.append(row)
    return rows


def _by_horizon(model: LandmarkLogistic) -> list[dict[str, Any]]:
    return [
        {"part": f"log odds ratio a standard deviation, {horizon} days", "name": name, "estimate": float(value)}
        for k, horizon in enumerate(HORIZONS)
        for name, value in zip(
            ("baseline log-odds", *model.scales[k].names), (model.slopes[k], *model.coefficients[k]), strict=True
        )
    ]

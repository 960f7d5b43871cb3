"""The families by name: fit one, with its usual penalties, and say what was fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contract import Model
from models.hazard_regression import HazardRegression
from models.landmark_logistic import LandmarkLogistic
from training.fitting import aalen_johansen, cox, discrete_hazard, landmark_logistic, weibull
from training.panel import TrainingSet
from truce.errors import BadInput
from truce.features import EVENT_FAMILIES, names_of
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]

EVENT_RIDGE = 3.0
"""Events are shrunk so many times harder than terms, schedule and record: what prototypes found them to bear."""
HAZARD_RIDGE = 40.0
LANDMARK_RIDGE = 1000.0
"""A landmark row repeats its truce many times, so a ridge in rows' worth is larger than one in truces' worth."""

_EVENTS = frozenset(names_of(*(family.name for family in EVENT_FAMILIES)))


@dataclass(frozen=True, slots=True)
class Penalty:
    """Another ridge than the family's own, and how many times harder events are held back; None leaves what is usual."""

    ridge: float | None = None
    events: float | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model, how it was held back, and its coefficients: dicts with part, name, estimate and, where known, se, lo, hi."""

    model: Model
    regularisation: str
    coefficients: Sequence[dict[str, Any]] = ()


def fit(family: str, training: TrainingSet, features: tuple[str, ...], penalty: Penalty | None = None) -> Fitted:
    """Fit a family on a training set, with its usual penalty unless another is given.

    Raises:
        BadInput: no such family.
    """
    if family == "aalen-johansen":
        return Fitted(aalen_johansen.fit(training), "none")
    asked = penalty or Penalty()
    base = asked.ridge or (LANDMARK_RIDGE if family == "landmark-logistic" else HAZARD_RIDGE)
    harder = asked.events or EVENT_RIDGE
    ridge = np.array([base * (harder if name in _EVENTS else 1.0) for name in features])
    said = f"ridge {base:g}, events {base * harder:g}"
    if family == "weibull":
        model: Any = weibull.fit(training, features, ridge)
        return Fitted(model, said, _coefficients(model, None))
    if family == "cox":
        model, errors = cox.fit(training, features, ridge)
        return Fitted(model, said, _coefficients(model, errors))
    if family == "discrete-hazard":
        model, errors = discrete_hazard.fit(training, features, ridge)
        return Fitted(model, said, _coefficients(model, errors))
    if family == "landmark-logistic":
        model = landmark_logistic.fit(training, features, ridge)
        return Fitted(model, said, _by_horizon(model))
    raise BadInput(f"no family {family!r}", code="unknown_family")


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

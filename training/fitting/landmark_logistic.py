"""One penalised logistic regression a horizon, by scikit-learn, leaning on the log-odds that truce age alone gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.landmark_logistic import CALENDAR, LandmarkLogistic, calendar
from models.reasons import logit
from models.standardise import Scale
from training.fitting import aalen_johansen, other_ends
from training.panel import TrainingSet
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]

MIN_BREAKS = 10
"""Truces that broke, fewer than which leave a horizon saying what truce age alone says. Rows are no measure: each truce has many."""
CALENDAR_RIDGE = 5000.0
_FREE = 1e3
"""The baseline's column is blown up so much that the penalty does not feel its coefficient."""


def fit(training: TrainingSet, features: tuple[str, ...], ridge: Floats) -> LandmarkLogistic:
    """Fit; ``ridge`` (k,) as in ``weibull.fit``: scikit-learn knows one penalty, so a column is scaled by the root of its own."""
    baseline = aalen_johansen.fit_banded(training)
    age_alone = logit(baseline.cumulative_incidence(training.rows, HORIZONS)[:, :, 0])
    base = training.rows.columns(features)
    names = (*features, *CALENDAR)
    penalty = np.concatenate((ridge, np.full(len(CALENDAR), CALENDAR_RIDGE)))
    scales, intercepts, slopes, rows, fallback = [], [], [], [], []
    for k, horizon in enumerate(HORIZONS):
        usable = training.complete[horizon]
        y = training.broke_within[horizon][usable]
        columns = np.concatenate((base, calendar(training.rows, horizon)), axis=1)[usable]
        scale = Scale.of(names, columns)
        scales.append(scale)
        if len(np.unique(training.rows.truce_ids[usable][y])) < MIN_BREAKS or y.all():
            fallback.append(horizon)
            intercept, slope, beta = 0.0, 1.0, np.zeros(len(names))
        else:
            design = scale.apply_to(columns) / np.sqrt(penalty)
            intercept, slope, beta = _one(design, age_alone[usable, k], y, training.weight[usable])
            beta = beta / np.sqrt(penalty)
        intercepts.append(intercept)
        slopes.append(slope)
        rows.append(beta)
    return LandmarkLogistic(
        baseline, tuple(scales), np.array(intercepts), np.array(slopes), np.array(rows), other_ends.fit(training), tuple(fallback)
    )  # fmt: skip


def _one(design: Floats, age_alone: Floats, y: NDArray[np.bool_], weight: Floats) -> tuple[float, float, Floats]:
    # Weights are brought to a mean of one: a ridge of so much is then so many rows' worth, whatever the ages.
    matrix = np.column_stack((age_alone * _FREE, design))
    model = LogisticRegression(C=1.0, max_iter=2000, tol=1e-6, solver="newton-cholesky")
    model.fit(matrix, y, sample_weight=weight / weight.mean())
    return float(model.intercept_[0]), float(model.coef_[0, 0] * _FREE), model.coef_[0, 1:]

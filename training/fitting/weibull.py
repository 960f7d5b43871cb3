"""Weibull proportional hazards by penalised maximum likelihood on (start, stop] intervals.

statsmodels has no Weibull regression with entry times, so the likelihood is written out, with its gradient, for
SciPy's L-BFGS; lifelines is the oracle in the tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.standardise import Scale
from models.weibull import Weibull
from training.fitting import other_ends
from training.panel import TrainingSet

Floats = NDArray[np.float64]


def fit(training: TrainingSet, features: tuple[str, ...], ridge: Floats) -> Weibull:
    """Fit; ``ridge`` (k,) are the penalties on the squared standardised coefficients."""
    scale = Scale.of(features, training.rows.columns(features))
    x, broke = scale.apply(training.rows), training.cause == 1
    start, stop = training.start, training.stop
    log_start, log_stop = np.log(np.maximum(start, 1e-12)), np.log(stop)
    entered = start > 0

    def loss(theta: Floats) -> tuple[float, Floats]:
        intercept, log_shape, beta = theta[0], theta[1], theta[2:]
        shape = np.exp(log_shape)
        eta = intercept + x @ beta
        upper, lower = np.exp(shape * log_stop), np.where(entered, np.exp(shape * log_start), 0.0)
        hazard = np.exp(eta) * (upper - lower)
        likelihood = (eta + log_shape + (shape - 1) * log_stop)[broke].sum() - hazard.sum()
        residual = broke - hazard
        slope = np.exp(eta) * (upper * log_stop - np.where(entered, lower * log_start, 0.0)) * shape
        shape_gradient = (1 + shape * log_stop)[broke].sum() - slope.sum()
        gradient = np.concatenate(([residual.sum(), shape_gradient], residual @ x - ridge * beta))
        return -likelihood + 0.5 * float(ridge @ beta**2), -gradient

    rate = max(broke.sum(), 0.5) / max((stop - start).sum(), 1.0)
    first = np.concatenate(([np.log(rate) / 2, np.log(0.5)], np.zeros(len(features))))
    bounds = [(-30.0, 10.0), (np.log(0.05), np.log(5.0)), *[(-5.0, 5.0)] * len(features)]
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-11})
    theta = found.x
    return Weibull(scale, theta[2:], other_ends.fit(training), float(theta[0]), float(np.exp(theta[1])))

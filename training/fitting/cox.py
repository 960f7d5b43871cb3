"""Cox regression with entry times: statsmodels' PHReg for the partial likelihood, a ridge on top, Breslow's baseline.

PHReg counts a row that enters at an event time as at risk there; intervals here are (start, stop], as in R, so
entries are moved half a day later (ages are whole days). PHReg has no quadratic penalty, only the elastic net, whose
coordinate descent is slow on thousands of rows: its own score and Hessian are used for penalised Newton steps
instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from statsmodels.duration.hazard_regression import PHReg

from models.cox import Cox
from models.standardise import Scale
from training.fitting import other_ends
from training.fitting.aalen_johansen import LAST_YEAR
from training.panel import TrainingSet

Floats = NDArray[np.float64]

_HALF_DAY = 0.5
_STEPS = 25
_SETTLED = 1e-7


def fit(training: TrainingSet, features: tuple[str, ...], ridge: Floats) -> tuple[Cox, Floats]:
    """Fit; ``ridge`` (k,) as in ``weibull.fit``. Returns the model and standard errors (k,) of the standardised coefficients."""
    scale = Scale.of(features, training.rows.columns(features))
    x, broke = scale.apply(training.rows), training.cause == 1
    varied = scale.sd > 0
    beta, errors = np.zeros(len(features)), np.full(len(features), np.nan)
    if varied.any():
        beta[varied], errors[varied] = _newton(training, x[:, varied], broke, ridge[varied])
    ages, steps = breslow(training.start, training.stop, broke, np.exp(x @ beta))
    last = float(training.stop.max(initial=0.0))
    return Cox(
        scale, beta, other_ends.fit(training), ages, steps, last, _tail(training, broke, np.exp(x @ beta), last)
    ), errors


def _newton(training: TrainingSet, x: Floats, broke: NDArray[np.bool_], ridge: Floats) -> tuple[Floats, Floats]:
    partial = PHReg(training.stop, x, status=broke.astype(float), entry=training.start + _HALF_DAY, ties="breslow")
    beta = np.zeros(x.shape[1])
    information = np.diag(ridge)
    for _ in range(_STEPS):
        information = -partial.hessian(beta) + np.diag(ridge)
        step = np.linalg.solve(information, partial.score(beta) - ridge * beta)
        # A step is never longer than one standard deviation's worth of relative risk e: far out the quadratic is no
        # guide.
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _SETTLED:
            break
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


def breslow(start: Floats, stop: Floats, broke: NDArray[np.bool_], risk: Floats) -> tuple[Floats, Floats]:
    """Breslow's steps of the baseline's cumulative hazard, over rows at risk in (start, stop]: ages (k,) and steps (k,)."""
    ages, deaths = np.unique(stop[broke], return_counts=True)

    def total(edges: Floats, side: str) -> Floats:
        order = np.argsort(edges, kind="stable")
        sums = np.concatenate(([0.0], np.cumsum(risk[order])))
        return sums[np.searchsorted(edges[order], ages, side=side)]  # type: ignore[call-overload]

    at_risk = total(start, "left") - total(stop, "left")
    return ages, deaths / at_risk


def _tail(training: TrainingSet, broke: NDArray[np.bool_], risk: Floats, last: float) -> float:
    begins = max(last - LAST_YEAR, 0.0)
    lived = np.maximum(training.stop - np.maximum(training.start, begins), 0.0)
    exposure = float((lived * risk).sum())
    return float((broke & (training.stop > begins)).sum()) / exposure if exposure > 0 else 0.0

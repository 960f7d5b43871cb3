"""Discrete-time hazard by statsmodels' binomial GLM with a complementary log-log link, errors clustered by conflict."""

from __future__ import annotations

import warnings

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

from models.discrete_hazard import DiscreteHazard
from models.standardise import Scale
from training.fitting import other_ends
from training.panel import TrainingSet

Floats = NDArray[np.float64]

EDGES = (1.0, 2.0, 4.0, 7.0, 14.0, 30.0, 60.0, 120.0, 240.0, 480.0)
"""Edges of the age bands, days."""

_STEPS = 60
_SETTLED = 1e-8
_WEAK = 0.05
"""A whisper of a ridge on the band levels: a band in which nobody broke gets a low level instead of minus infinity."""


def fit(training: TrainingSet, features: tuple[str, ...], ridge: Floats) -> tuple[DiscreteHazard, Floats]:
    """Fit; ``ridge`` (k,) as in ``weibull.fit``. Returns the model and cluster-robust standard errors (k,)."""
    scale = Scale.of(features, training.rows.columns(features))
    band = np.searchsorted(EDGES, training.start + 0.5, side="right")
    design = np.concatenate((np.eye(len(EDGES) + 1)[band], scale.apply(training.rows)), axis=1)
    broke = (training.cause == 1).astype(float)
    length = np.log(training.stop - training.start)
    rate = np.log(max(broke.sum(), 0.5) / max((training.stop - training.start).sum(), 1.0))
    penalty = np.concatenate((np.full(len(EDGES) + 1, _WEAK), ridge))
    centre = np.concatenate((np.full(len(EDGES) + 1, rate), np.zeros(len(features))))
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    model = sm.GLM(broke, design, family=family, offset=length)
    theta = _penalised(model, centre, penalty)
    errors = _clustered(model, theta, penalty, training.conflict)
    bands = len(EDGES) + 1
    fitted = DiscreteHazard(scale, theta[bands:], other_ends.fit(training), np.array(EDGES), theta[:bands])
    return fitted, errors[bands:]


def _penalised(model: sm.GLM, centre: Floats, penalty: Floats) -> Floats:
    """Newton steps on the GLM's own score and expected information with a ridge towards ``centre``.

    statsmodels' own ``fit_regularized`` penalises every column alike and without offset towards a centre.
    """
    theta = centre.copy()
    for _ in range(_STEPS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a row whose chance is 0 or 1 to the last digit
            information = -model.hessian(theta, observed=False) + np.diag(penalty)
            step = np.linalg.solve(information, model.score(theta) - penalty * (theta - centre))
        theta = theta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _SETTLED:
            break
    return theta


def _clustered(model: sm.GLM, theta: Floats, penalty: Floats, cluster: NDArray[np.int64]) -> Floats:
    """Standard errors by the sandwich, scores added up within a conflict: its truces are not independent."""
    bread = np.linalg.inv(-model.hessian(theta, observed=True) + np.diag(penalty))
    scores = model.score_obs(theta)
    sums = np.zeros((int(cluster.max(initial=0)) + 1, len(theta)))
    np.add.at(sums, cluster, scores)
    return np.sqrt(np.diag(bread @ (sums.T @ sums) @ bread))

"""Three log likelihoods of spells, each with the score of every row and the information: all that a fit needs.

Features come standardised; a row is at risk in (start, stop]. Parameters: the k coefficients, then the intercept where
there is one, then the logarithm of the Weibull's shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curvature:
    """A log likelihood at one point: its value, the score of each row (n, p) and the observed information (p, p)."""

    value: float
    scores: Floats
    information: Floats


class Likelihood(Protocol):
    """A log likelihood of p parameters."""

    def __call__(self, theta: Floats) -> Curvature:
        """Value, scores and information at ``theta`` (p,)."""


class Partial:
    """Cox's partial likelihood with Efron's or Breslow's ties.

    Scores are those of Lin and Wei (1989), with Efron's weights among tied events as in Therneau and Grambsch (2000,
    section 3.3). Every sum over a risk set is a running sum over event times, so that the cost is that of a sort.
    """

    def __init__(self, start: Floats, stop: Floats, event: Bools, x: Floats, *, efron: bool) -> None:
        times = np.unique(stop[event])
        self.x, self.event, self.times = x, event, len(times)
        # At risk at times[first:last]: those after the start, up to and with the stop.
        self.first, self.last = (np.searchsorted(times, edge, side="right") for edge in (start, stop))
        self.at = self.last[event] - 1
        self.tied = np.bincount(self.at, minlength=len(times))
        order = np.argsort(self.at, kind="stable")
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order)) - (np.cumsum(self.tied) - self.tied)[self.at[order]]
        self.share = rank / self.tied[self.at] if efron else np.zeros(len(order))

    def __call__(self, theta: Floats) -> Curvature:
        """Value, scores and information at ``theta`` (k,)."""
        x, event, at, share = self.x, self.event, self.at, self.share
        eta = x @ theta
        eta -= eta.max()
        risk = np.exp(eta)
        ones = np.column_stack((np.ones(len(x)), x)) * risk[:, None]
        sums = self._at_risk(ones)[at] - share[:, None] * self._per_time(ones[event])[at]
        total, mean = sums[:, 0], sums[:, 1:] / sums[:, :1]
        steps = np.column_stack((np.ones(len(at)), mean)) / total[:, None]
        run = np.concatenate((np.zeros((1, steps.shape[1])), np.cumsum(self._per_time(steps), axis=0)))
        felt = run[self.last] - run[self.first]
        felt[event] -= self._per_time(share[:, None] * steps)[at]
        expected = risk * felt[:, 0]
        scores = x * (event - expected)[:, None] + risk[:, None] * felt[:, 1:]
        scores[event] -= (self._per_time(mean) / self.tied[:, None])[at]
        information = x.T @ (expected[:, None] * x) - mean.T @ mean
        return Curvature(float(eta[event].sum() - np.log(total).sum()), scores, information)

    def _per_time(self, values: Floats) -> Floats:
        """Sums over the events of each event time: (events, c) -> (times, c)."""
        return np.column_stack([np.bincount(self.at, column, self.times) for column in values.T])

    def _at_risk(self, values: Floats) -> Floats:
        """Sums over those at risk at each event time: (n, c) -> (times, c)."""
        size = self.times + 1
        net = [np.bincount(self.last, column, size) - np.bincount(self.first, column, size) for column in values.T]
        return np.column_stack(net)[:0:-1].cumsum(axis=0)[::-1]


class WeibullHazard:
    """Weibull proportional hazards with late entry: cumulative hazard exp(intercept + x b) t^shape."""

    def __init__(self, start: Floats, stop: Floats, event: Bools, x: Floats) -> None:
        self.event = event.astype(float)
        self.design = np.column_stack((x, np.ones(len(x))))
        self.log_stop, self.entered = np.log(stop), start > 0
        self.log_start = np.log(np.where(self.entered, start, 1.0))

    def __call__(self, theta: Floats) -> Curvature:
        """Value, scores and information at ``theta`` (k + 2,)."""
        z, event, shape = self.design, self.event, np.exp(theta[-1])
        eta = z @ theta[:-1]
        upper = np.exp(eta + shape * self.log_stop)
        lower = np.where(self.entered, np.exp(eta + shape * self.log_start), 0.0)
        hazard = upper - lower
        slope = shape * (upper * self.log_stop - lower * self.log_start)
        bend = slope + shape**2 * (upper * self.log_stop**2 - lower * self.log_start**2)
        value = (event * (eta + theta[-1] + (shape - 1) * self.log_stop)).sum() - hazard.sum()
        scores = np.column_stack((z * (event - hazard)[:, None], event * (1 + shape * self.log_stop) - slope))
        across = (z.T @ slope)[:, None]
        corner = np.array([[float((bend - event * shape * self.log_stop).sum())]])
        information = np.block([[z.T @ (hazard[:, None] * z), across], [across.T, corner]])
        return Curvature(float(value), scores, information)


class Logistic:
    """Logistic regression: every row one trial, however long."""

    def __init__(self, event: Bools, x: Floats) -> None:
        self.event = event.astype(float)
        self.design = np.column_stack((x, np.ones(len(x))))

    def __call__(self, theta: Floats) -> Curvature:
        """Value, scores and information at ``theta`` (k + 1,)."""
        eta = self.design @ theta
        chance = 0.5 * (1 + np.tanh(0.5 * eta))
        value = (self.event * eta - np.logaddexp(0.0, eta)).sum()
        weight = (chance * (1 - chance))[:, None]
        scores = self.design * (self.event - chance)[:, None]
        return Curvature(float(value), scores, self.design.T @ (weight * self.design))

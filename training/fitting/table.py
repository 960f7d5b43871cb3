"""Cox, Weibull or logistic regression of a table of the user's own, unpenalised, with errors by information or by group.

statsmodels' PHReg counts an entry tied with an event as at risk, has no Efron weights in its scores and walks through
the event times one by one; neither it nor SciPy has a Weibull regression. So all three are maximised by the same Newton
steps on likelihoods written out; lifelines and statsmodels are the oracles in the tests.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fitting.likelihoods import Curvature, Likelihood, Logistic, Partial, WeibullHazard
from training.reading.spells import Spells
from truce.errors import Refused

Floats = NDArray[np.float64]

INTERCEPT, LOG_SHAPE = "(intercept)", "log(shape)"
_LEVEL = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
_STEPS = 50
_LONGEST_STEP = 3.0
_SETTLED, _STILL = 1e-13, 1e-4
_FLAT = 1e-13
_GONE = 1e-9
"""Of the information at the start so little is left when every row is foretold."""
_COLLINEAR = 1e-5
_ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One estimate with its standard error, z, two-sided p and 95 % interval, on the scale of the log hazard or log odds."""

    name: str
    estimate: float
    se: float
    z: float
    p: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class TableFit:
    """What was fitted: ``groups`` is their number, None where errors come from the information alone; ``ties`` is Cox's."""

    family: str
    n: int
    events: int
    dropped: int
    groups: int | None
    ties: str | None
    log_likelihood: float
    coefficients: tuple[Coefficient, ...]

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**asdict(self), "coefficients": [asdict(one) for one in self.coefficients]}


@dataclass(frozen=True, slots=True)
class _Setting:
    """A likelihood of standardised features, where to begin, and what turns its parameters back into the table's units."""

    likelihood: Likelihood
    first: Floats
    names: tuple[str, ...]
    mean: Floats
    sd: Floats
    log_unit: float = 0.0


def fit(spells: Spells, family: str, ties: str = "efron") -> TableFit:
    """Fit one family: ``cox``, ``weibull`` or ``logistic``.

    The log likelihood is Cox's partial one, the Weibull's full one of the times, or the logistic one of the trials. With
    groups the errors are the sandwich over sums of scores by group: for the logistic with the small-sample factor
    G/(G-1) (n-1)/(n-p) of statsmodels and Stata's regress, for the others without, as in R's survival and lifelines.

    Raises:
        Refused: what was asked cannot be told from these rows; the code says why.
    """
    _check(spells, family)
    setting = _setting(spells, family, ties)
    theta, best = _maximised(setting)
    covariance = np.linalg.inv(best.information).astype(float)
    if spells.groups is not None:
        covariance = _sandwich(covariance, best.scores, spells.groups, corrected=family == "logistic")
    estimates, jacobian = _in_units(setting, theta)
    errors = np.sqrt(np.diag(jacobian @ covariance @ jacobian.T))
    if not (np.isfinite(errors).all() and (errors > 0).all()):
        raise Refused("the groups are too few or too alike to tell errors from; leave --group out", code="no_error")
    events = int(spells.event.sum())
    return TableFit(
        family=family,
        n=len(spells.stop),
        events=events,
        dropped=spells.dropped,
        groups=None if spells.groups is None else int(spells.groups.max()) + 1,
        ties=ties if family == "cox" else None,
        log_likelihood=best.value - setting.log_unit * events,
        coefficients=tuple(map(_coefficient, setting.names, estimates.tolist(), errors.tolist())),
    )


def _check(spells: Spells, family: str) -> None:
    n, events, k = len(spells.event), int(spells.event.sum()), len(spells.features)
    if not events:
        raise Refused(f"none of {n} rows ends in the event: nothing can be fitted", code="no_events")
    if family == "logistic" and events == n:
        raise Refused(f"all {n} rows end in the event: a logistic regression needs both", code="no_contrast")
    if events < k:
        raise Refused(f"{events} events are fewer than {k} features: name fewer features", code="too_few_events")
    if spells.groups is not None and spells.groups.max() < 1:
        raise Refused(
            "all rows are of one group: errors by group need two at least, better forty", code="too_few_groups"
        )
    span, size = np.ptp(spells.x, axis=0), np.abs(spells.x).max(axis=0)
    flat = [name for name, varies in zip(spells.features, span > _ROUNDING * size, strict=True) if not varies]
    if flat:
        raise Refused(f"{', '.join(flat)} never varies in the rows used: leave it out", code="constant_feature")


def _setting(spells: Spells, family: str, ties: str) -> _Setting:
    mean, sd = spells.x.mean(axis=0), spells.x.std(axis=0)
    x, k, names = (spells.x - mean) / sd, spells.x.shape[1], spells.features
    _check_collinear(x, names)
    if family == "cox":
        partial = Partial(spells.start, spells.stop, spells.event, x, efron=ties == "efron")
        return _Setting(partial, np.zeros(k), names, mean, sd)
    share = float(spells.event.mean())
    if family == "logistic":
        first = np.append(np.zeros(k), math.log(share / (1 - share)))
        return _Setting(Logistic(spells.event, x), first, (*names, INTERCEPT), mean, sd)
    unit = float(np.exp(np.log(spells.stop).mean()))
    start, stop = spells.start / unit, spells.stop / unit
    first = np.concatenate((np.zeros(k), [math.log(spells.event.sum() / (stop - start).sum()), 0.0]))
    hazard = WeibullHazard(start, stop, spells.event, x)
    return _Setting(hazard, first, (*names, INTERCEPT, LOG_SHAPE), mean, sd, math.log(unit))


def _check_collinear(x: Floats, names: tuple[str, ...]) -> None:
    _, singular, directions = np.linalg.svd(np.linalg.qr(x, mode="r"))  # (k, k) at most, however many rows
    if len(singular) < len(names) or singular[-1] < _COLLINEAR * singular[0]:
        raise Refused(
            f"{_named(directions[-1], names)} are collinear: each follows from the others, leave one out",
            code="collinear",
        )


def _named(direction: Floats, names: tuple[str, ...]) -> str:
    size = np.abs(direction[: len(names)])
    return ", ".join(name for name, part in zip(names, size, strict=True) if part > 0.1 * size.max())


def _maximised(setting: _Setting) -> tuple[Floats, Curvature]:
    theta, here = setting.first, setting.likelihood(setting.first)
    least = _GONE * float(np.abs(here.information).max())
    for _ in range(_STEPS):
        step = _uphill(here)
        length = float(np.abs(step).max())
        settled = float(step @ here.scores.sum(axis=0)) < _SETTLED and length < _STILL
        step, there = _climbed(setting.likelihood, theta, step * min(1.0, _LONGEST_STEP / max(length, 1e-300)), here)
        theta, here = theta + step, there
        if float(np.abs(here.information).max()) <= least:  # every row is foretold: the likelihood has become flat
            raise _unsettled(theta - setting.first, setting)
        if settled:
            return theta, _checked(here, setting)
    raise _unsettled(step, setting)


def _uphill(here: Curvature) -> Floats:
    """Newton's step, made to climb where the likelihood is not concave, and bounded where it is flat."""
    size, directions = np.linalg.eigh(here.information)
    size = np.maximum(np.abs(size), _FLAT * np.abs(size).max())
    step: Floats = directions @ ((directions.T @ here.scores.sum(axis=0)) / size)
    return step


def _climbed(likelihood: Likelihood, theta: Floats, step: Floats, here: Curvature) -> tuple[Floats, Curvature]:
    """The step, halved until it does not lead down, and the likelihood where it leads."""
    slack = 1e-11 * (1.0 + abs(here.value))
    for _ in range(_STEPS):
        with np.errstate(all="ignore"):  # a step too far overflows, is not finite and is halved
            there = likelihood(theta + step)
        if np.isfinite(there.information).all() and there.value >= here.value - slack:
            return step, there
        step = step / 2
    return np.zeros_like(step), here


def _checked(best: Curvature, setting: _Setting) -> Curvature:
    size, directions = np.linalg.eigh(best.information)
    if size[0] <= _FLAT * size[-1]:
        raise Refused(
            f"the rows at risk together do not tell {_named(directions[:, 0], setting.names)} apart: leave one out",
            code="no_information",
        )
    return best


def _unsettled(step: Floats, setting: _Setting) -> Refused:
    features = len(setting.mean)
    if np.abs(step[:features]).max() > 0.1 * np.abs(step).max() > 0:
        return Refused(
            f"separation: {_named(step, setting.names[:features])} parts the rows with the event from those without, so "
            "that no finite coefficient fits; leave it out or join its values",
            code="separation",
        )
    return Refused(
        f"the {', '.join(setting.names[features:]) or 'coefficients'} did not settle in {_STEPS} steps: do all events "
        "share one time? try the family cox",
        code="no_convergence",
    )


def _sandwich(inverse: Floats, scores: Floats, groups: NDArray[np.int64], *, corrected: bool) -> Floats:
    sums = np.column_stack([np.bincount(groups, column) for column in scores.T])
    (g, p), n = sums.shape, len(scores)
    factor = g / (g - 1) * (n - 1) / (n - p) if corrected else 1.0
    covariance: Floats = factor * inverse @ (sums.T @ sums) @ inverse
    return covariance


def _in_units(setting: _Setting, theta: Floats) -> tuple[Floats, Floats]:
    """Parameters in the table's own units (p,), and the Jacobian (p, p) of the way there."""
    k = len(setting.mean)
    estimates, jacobian = theta.copy(), np.eye(len(theta))
    estimates[:k] /= setting.sd
    jacobian[:k, :k] = np.diag(1 / setting.sd)
    if len(theta) > k:
        estimates[k] -= float(estimates[:k] @ setting.mean)
        jacobian[k, :k] = -setting.mean / setting.sd
    if len(theta) > k + 1:
        jacobian[k, k + 1] = -math.exp(theta[k + 1]) * setting.log_unit
        estimates[k] += jacobian[k, k + 1]
    return estimates, jacobian


def _coefficient(name: str, estimate: float, se: float) -> Coefficient:
    z = estimate / se
    p = math.erfc(abs(z) / math.sqrt(2))
    return Coefficient(name, estimate, se, z, p, estimate - _LEVEL * se, estimate + _LEVEL * se)

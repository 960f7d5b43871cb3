"""(observed, predicted) -> number. Plain functions of arrays; a score that cannot be computed is NaN, never a guess.

``y`` is a 0/1 array of shape (n,), ``p`` a probability array of shape (n,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CLIP = 1e-6
"""Probabilities are kept this far from 0 and 1 before a logarithm."""

POWER_80 = 2.8
"""Standard errors between nothing and what is found in four tests of five: the normal quantiles at 0.975 and at 0.8, added."""

AGE_BANDS = ((0, 7), (8, 30), (31, 90), (91, 365), (366, 730), (731, 10**6))
"""Bands of age in days, both ends included, within which forecasts are compared for the AUC within age."""


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """Mean squared error of a probability (Brier 1950)."""
    y, p = _pair(y, p)
    return float(np.mean((p - y) ** 2)) if len(y) else float("nan")


def log_score(y: ArrayLike, p: ArrayLike) -> float:
    """Mean negative natural logarithm of the chance given to what happened (Good 1952)."""
    y, p = _pair(y, p)
    p = np.clip(p, CLIP, 1 - CLIP)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))) if len(y) else float("nan")


def skill(score: float, reference: float) -> float:
    """1 - score / reference: the share of the reference's error that is gone."""
    return 1 - score / reference if reference > 0 else float("nan")


def auc(y: ArrayLike, p: ArrayLike) -> float:
    """The chance that a row that broke was given more than one that did not, ties counting half (Mann-Whitney)."""
    wins, pairs = _concordance(*_pair(y, p))
    return wins / pairs if pairs else float("nan")


def auc_within_age(y: ArrayLike, p: ArrayLike, age: ArrayLike) -> float:
    """The AUC over pairs of rows of one age band only: what is known beyond age."""
    y, p = _pair(y, p)
    age = np.asarray(age)
    wins = pairs = 0.0
    for low, high in AGE_BANDS:
        band = (age >= low) & (age <= high)
        won, of = _concordance(y[band], p[band])
        wins, pairs = wins + won, pairs + of
    return wins / pairs if pairs else float("nan")


def average_precision(y: ArrayLike, p: ArrayLike) -> float:
    """Precision averaged over recall, tied rows taken together."""
    y, p = _pair(y, p)
    if not y.any():
        return float("nan")
    order = np.argsort(-p, kind="stable")
    y, p = y[order], p[order]
    last = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)
    hits = np.cumsum(y)[last]
    return float(np.sum(np.diff(np.concatenate(([0.0], hits))) * hits / (last + 1)) / y.sum())


def observed_expected(y: ArrayLike, p: ArrayLike) -> float:
    """Breaks observed over breaks forecast: 1 is calibrated in the large."""
    y, p = _pair(y, p)
    return float(y.sum() / p.sum()) if p.sum() > 0 else float("nan")


def calibration_line(y: ArrayLike, p: ArrayLike) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of ``y`` on logit(p) (Cox 1958): 1 and 0 are calibrated.

    NaN when there are fewer than two of either outcome, or when the fit does not settle (outcomes perfectly separated).
    """
    y, p = _pair(y, p)
    if min(y.sum(), len(y) - y.sum()) < 2:  # noqa: PLR2004
        return float("nan"), float("nan")
    p = np.clip(p, CLIP, 1 - CLIP)
    design = np.column_stack((np.log(p / (1 - p)), np.ones(len(p))))
    beta = np.array([1.0, 0.0])
    for _ in range(100):
        mean = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        information = design.T @ (design * (mean * (1 - mean))[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (y - mean))
        except np.linalg.LinAlgError:
            break
        beta = beta + step / max(1.0, float(np.abs(step).max()))  # far out, the quadratic is no guide
        if np.abs(step).max() < 1e-9:  # noqa: PLR2004
            return float(beta[0]), float(beta[1])
    return float("nan"), float("nan")


def calibration_interval(
    y: ArrayLike, p: ArrayLike, block: ArrayLike, year: ArrayLike, *, line: tuple[float, float] | None = None
) -> tuple[float, float]:
    """The 95 % interval of the calibration slope, rows of one block or one calendar year not being independent.

    The sandwich estimator, clustered two ways (Cameron, Gelbach and Miller 2011); ``line`` is what ``calibration_line`` gave, where it is
    known. NaN where there is no line.
    """
    y, p = _pair(y, p)
    slope, intercept = calibration_line(y, p) if line is None else line
    if not np.isfinite(slope):
        return float("nan"), float("nan")
    p = np.clip(p, CLIP, 1 - CLIP)
    design = np.column_stack((np.log(p / (1 - p)), np.ones(len(p))))
    mean = 1 / (1 + np.exp(-np.clip(design @ (slope, intercept), -30, 30)))
    bread = np.linalg.inv(design.T @ (design * (mean * (1 - mean))[:, None]))
    scores = design * (y - mean)[:, None]
    blocks, years = (np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64) for labels in (block, year))
    meat = _summed(scores, blocks) + _summed(scores, years) - _summed(scores, blocks * (years.max() + 1) + years)
    reach = 1.96 * float(np.sqrt(max((bread @ meat @ bread)[0, 0], 0.0)))
    return slope - reach, slope + reach


def _summed(scores: Floats, cluster: NDArray[np.int64]) -> Floats:
    """The outer products of the scores' sums by cluster, added up."""
    sums = np.zeros((int(cluster.max(initial=0)) + 1, scores.shape[1]))
    np.add.at(sums, cluster, scores)
    product: Floats = sums.T @ sums
    return product


def reliability(y: ArrayLike, p: ArrayLike, bins: int = 10) -> Floats:
    """The reliability curve in bins of equal count: columns mean forecast, share that broke, rows; shape (bins or fewer, 3)."""
    y, p = _pair(y, p)
    parts = [part for part in np.array_split(np.argsort(p, kind="stable"), bins) if len(part)]
    return np.array([[p[part].mean(), y[part].mean(), len(part)] for part in parts]).reshape(-1, 3)


def block_bootstrap_skill(
    y: ArrayLike, p: ArrayLike, reference: ArrayLike, block: ArrayLike, year: ArrayLike, *, draws: int = 1000
) -> tuple[float, float]:
    """The 95 % interval of Brier skill over ``reference``, resampling conflicts and calendar years, both whole."""
    return interval(skill_draws(y, p, reference, block, year, draws=draws))


def skill_draws(
    y: ArrayLike, p: ArrayLike, reference: ArrayLike, block: ArrayLike, year: ArrayLike, *, draws: int = 1000
) -> Floats:
    """Brier skill over ``reference`` in each draw of ``block_bootstrap``, shape (draws or fewer,)."""
    y, p = _pair(y, p)
    y, reference = _pair(y, reference)
    return 1 - block_bootstrap((p - y) ** 2, (reference - y) ** 2, block, year, draws=draws)


def gain_draws(  # noqa: PLR0913 - two forecasts, what both are held against, and how rows hang together
    y: ArrayLike,
    p: ArrayLike,
    without: ArrayLike,
    reference: ArrayLike,
    block: ArrayLike,
    year: ArrayLike,
    *,
    draws: int = 1000,
) -> Floats:
    """Skill of ``p`` less skill of ``without``, over one reference and on the same rows, in each draw; shape (draws or fewer,)."""
    y, p = _pair(y, p)
    y, without = _pair(y, without)
    y, reference = _pair(y, reference)
    return block_bootstrap((without - y) ** 2 - (p - y) ** 2, (reference - y) ** 2, block, year, draws=draws)


def block_bootstrap(
    numerator: Floats, denominator: Floats, block: ArrayLike, year: ArrayLike, *, draws: int = 1000
) -> Floats:
    """The ratio of two sums over n rows, resampled; shape (draws or fewer,), those whose denominator is 0 left out.

    Rows of one conflict and of one year rise and fall together, so each draw weights a row by how often its conflict
    and its year came up: the product of the two (a two-way cluster bootstrap; Owen 2007). The draws are the same for
    the same data.
    """
    if not len(numerator):
        return np.empty(0)
    rng = np.random.default_rng(20230428)
    blocks, b = np.unique(np.asarray(block), return_inverse=True)
    years, t = np.unique(np.asarray(year), return_inverse=True)
    cell = b * len(years) + t
    shape = (len(blocks), len(years))
    above = np.bincount(cell, numerator, blocks.size * years.size).reshape(shape)
    below = np.bincount(cell, denominator, blocks.size * years.size).reshape(shape)
    w_block = rng.multinomial(len(blocks), np.full(len(blocks), 1 / len(blocks)), size=draws).astype(float)
    w_year = rng.multinomial(len(years), np.full(len(years), 1 / len(years)), size=draws).astype(float)
    total = ((w_block @ above) * w_year).sum(axis=1)
    of = ((w_block @ below) * w_year).sum(axis=1)
    ratio: Floats = total[of > 0] / of[of > 0]
    return ratio


def interval(drawn: Floats) -> tuple[float, float]:
    """The 95 % interval of bootstrap draws, by percentiles."""
    if not len(drawn):
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def p_value(drawn: Floats) -> float:
    """One-sided: the share of draws at or below 0, counting one draw more that was, so that it is never 0 (Davison and Hinkley 1997)."""
    return float((1 + (drawn <= 0).sum()) / (1 + len(drawn))) if len(drawn) else float("nan")


def detectable(drawn: Floats) -> float:
    """The smallest true difference that a two-sided test at 5 % finds four times in five, given how much the draws scatter."""
    return POWER_80 * float(drawn.std(ddof=1)) if len(drawn) > 1 else float("nan")


def holm(p_values: ArrayLike) -> Floats:
    """P-values adjusted for being several (Holm 1979), in the order given; NaN stays NaN and counts for none."""
    p = np.asarray(p_values, dtype=float)
    out = np.full(p.shape, np.nan)
    asked = np.flatnonzero(~np.isnan(p))
    order = asked[np.argsort(p[asked], kind="stable")]
    out[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0)
    return out


def _pair(y: ArrayLike, p: ArrayLike) -> tuple[Floats, Floats]:
    y, p = np.asarray(y, dtype=float), np.asarray(p, dtype=float)
    if y.shape != p.shape or y.ndim != 1:
        raise ValueError(f"outcomes {y.shape} and forecasts {p.shape} must be two lists of one length")
    if not np.isfinite(p).all() or ((p < 0) | (p > 1)).any():
        raise ValueError("a forecast is not a probability")
    return y, p


def _concordance(y: Floats, p: Floats) -> tuple[float, float]:
    """Pairs won (ties half) and pairs, of one row that broke and one that did not."""
    broke, held = np.sort(p[y > 0]), np.sort(p[y == 0])
    below = np.searchsorted(held, broke, side="left")
    upto = np.searchsorted(held, broke, side="right")
    return float((below + upto).sum() / 2), float(len(broke) * len(held))

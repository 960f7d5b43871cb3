"""Simulated truces with known effects, as training sets: what the fitters must find again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training.panel import DAILY_UNTIL, WEEK, TrainingSet, next_landmark
from truce.features import FeatureTable
from truce.vocabulary import HORIZONS

SCHEDULE = "days_to_scheduled_end"
NAMES = ("x", "z", SCHEDULE)


def table(x: NDArray[np.float64], age: NDArray[np.int64], left: NDArray[np.float64] | None = None) -> FeatureTable:
    """Feature rows with columns x (n, 2) and a scheduled end (none unless given)."""
    n = len(age)
    schedule = np.full(n, np.nan) if left is None else left
    return FeatureTable(
        NAMES,
        np.column_stack((x, schedule)),
        age.astype(np.int64),
        np.full(n, "t"),
        np.full(n, np.datetime64("2020-01-01", "s")),
        "fs-test",
    )


def world(
    n: int = 600,
    *,
    seed: int = 1,
    effect: tuple[float, float] = (0.8, 0.0),
    shape: float = 0.7,
    scale: float = 120.0,
    other_rate: float = 0.002,
    watched: float = 400.0,
) -> TrainingSet:
    """n truces with Weibull hazards of breakdown, a constant hazard of supersession, censored at ``watched`` days."""
    rng = np.random.default_rng(seed)
    x = np.column_stack((rng.integers(0, 2, n).astype(float), rng.normal(size=n)))
    risk = np.exp(x @ np.array(effect))
    breaks = np.ceil(scale * (-np.log(rng.random(n)) / risk) ** (1 / shape))
    other = np.ceil(rng.exponential(1 / other_rate, n)) if other_rate else np.full(n, np.inf)
    life = np.minimum(np.minimum(breaks, other), watched)
    cause = np.where(life == watched, 0, np.where(breaks <= other, 1, 3)).astype(np.int64)
    return training_set(x, life, cause)


def training_set(x: NDArray[np.float64], life: NDArray[np.float64], cause: NDArray[np.int64]) -> TrainingSet:
    """Person-time rows of truces that lived ``life`` days and ended by ``cause`` (0 = censored)."""
    ages = [_ages(days) for days in life]
    truce = np.repeat(np.arange(len(life)), [len(a) for a in ages])
    age = np.concatenate(ages)
    follows = next_landmark(age).astype(float)
    stop = np.minimum(follows, life[truce])
    known = np.where(cause[truce] > 0, np.inf, life[truce])
    ended = stop == life[truce]
    return TrainingSet(
        origin=np.datetime64("2020-01-01", "D"),
        rows=replace(table(x[truce], age), truce_ids=truce.astype(str)),
        start=age.astype(float),
        stop=stop,
        cause=np.where(ended, cause[truce], 0),
        conflict=truce % 20,
        weight=np.log1p(follows) - np.log1p(age),
        complete={h: age + h <= known for h in HORIZONS},
        broke_within={h: (cause[truce] == 1) & (life[truce] <= age + h) for h in HORIZONS},
        spell_time=life.astype(float),
        spell_cause=cause,
    )


def _ages(days: float) -> NDArray[np.int64]:
    every = np.concatenate((np.arange(DAILY_UNTIL + 1), np.arange(DAILY_UNTIL + WEEK, int(days) + WEEK, WEEK)))
    return every[every < days].astype(np.int64)

"""A world of truces whose law is known: what is fitted on it can be compared with what made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.panel import TrainingSet, landmark_ages, next_landmark
from truce.features import FeatureTable
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]

FEATURE_SET = "fs-simulated"
SCHEDULE = "days_to_scheduled_end"
FEATURES = ("unilateral", "record_dyad")
CONFLICTS = 12


def a_table(columns: dict[str, Sequence[float] | Floats], age: Sequence[int] | NDArray[np.int64]) -> FeatureTable:
    """Landmark rows with the given columns and ages; without a schedule unless one is given."""
    ages = np.asarray(age, dtype=np.int64)
    full = {SCHEDULE: np.full(len(ages), np.nan), **columns}
    return FeatureTable(
        names=tuple(full),
        values=np.column_stack([np.asarray(column, dtype=float) for column in full.values()]).reshape(len(ages), -1),
        age_days=ages,
        truce_ids=np.array([f"t{i}" for i in range(len(ages))], dtype=np.str_),
        as_of=np.datetime64("2015-01-01T00:00:00", "s") + ages * np.timedelta64(86_400, "s"),
        feature_set=FEATURE_SET,
    )


@dataclass(frozen=True, slots=True)
class World:
    """Breakdown has cumulative hazard exp(intercept) * age ** shape * exp(x effects); x are ``FEATURES``: a coin and a bell.

    A share ``timed`` of truces has a schedule and, reaching it, expires with chance ``spike``; all are superseded at a rate a day.
    """

    truces: int = 400
    seed: int = 1
    intercept: float = -3.0
    shape: float = 0.6
    effects: tuple[float, float] = (0.7, 0.5)
    superseded: float = 0.0005
    timed: float = 0.4
    spike: float = 0.5
    watched: int = 900
    noise: int = 0

    def lives(self) -> Lives:
        """Draw the truces and their fates."""
        random = np.random.default_rng(self.seed)
        x = np.column_stack((random.random(self.truces) < 0.5, random.normal(size=self.truces))).astype(float)
        risk = np.exp(self.intercept + x @ np.array(self.effects))
        breaks = np.ceil((random.exponential(size=self.truces) / risk) ** (1 / self.shape))
        other = np.full(self.truces, np.inf)
        if self.superseded > 0:
            other = np.ceil(random.exponential(1 / self.superseded, self.truces))
        due = np.where(
            random.random(self.truces) < self.timed, random.integers(3, 120, self.truces).astype(float), np.nan
        )
        expires = np.where(random.random(self.truces) < self.spike, np.nan_to_num(due, nan=np.inf), np.inf)
        ends = np.column_stack((np.maximum(breaks, 1), expires, np.maximum(other, 1)))
        limit = np.full(self.truces, self.watched) - random.integers(0, self.watched // 3, self.truces)
        time = np.minimum(ends.min(axis=1), limit)
        cause = np.where(ends.min(axis=1) <= limit, ends.argmin(axis=1) + 1, 0)
        return Lives(x, due, limit.astype(float), time, cause.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Lives:
    """m truces: ``x`` (m, 2), scheduled age ``due`` (NaN = none), ``limit`` watched to, ``time`` and ``cause`` of the end."""

    x: Floats
    due: Floats
    limit: Floats
    time: Floats
    cause: NDArray[np.int64]


def training_set(lives: Lives, *, noise: int = 0) -> TrainingSet:
    """Landmark rows and spells of the drawn truces; ``noise`` more columns, called noise_0 and so on, that mean nothing."""
    ages = [landmark_ages(int(t) - 1) for t in lives.time]
    who = np.repeat(np.arange(len(ages)), [len(a) for a in ages])
    age = np.concatenate(ages)
    follows = next_landmark(age).astype(float)
    stop = np.minimum(follows, lives.time[who])
    columns: dict[str, Sequence[float] | Floats] = {
        "unilateral": lives.x[who, 0],
        "record_dyad": lives.x[who, 1],
        SCHEDULE: lives.due[who] - age,
    }
    random = np.random.default_rng(0)
    columns |= {f"noise_{k}": random.normal(size=len(age)) for k in range(noise)}
    return TrainingSet(
        origin=np.datetime64("2020-12-31", "D"),
        rows=a_table(columns, age),
        start=age.astype(float),
        stop=stop,
        cause=np.where(stop == lives.time[who], lives.cause[who], 0),
        conflict=(who % CONFLICTS).astype(np.int64),
        weight=np.log1p(follows) - np.log1p(age),
        complete={h: age + h <= lives.limit[who] for h in HORIZONS},
        broke_within={h: (lives.cause[who] == 1) & (lives.time[who] <= age + h) for h in HORIZONS},
        spell_time=lives.time,
        spell_cause=lives.cause,
    )


def a_training_set(world: World | None = None) -> TrainingSet:
    """What is learned from a world; the default one has 400 truces."""
    world = world or World()
    return training_set(world.lives(), noise=world.noise)

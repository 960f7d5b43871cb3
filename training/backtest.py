"""Out-of-fold forecasts: every family refitted at every origin, or one frozen model, on the same rows as the baseline."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact
from models.contract import Model
from training.fitting.families import fit
from training.folds import Fold
from training.panel import Panel, TrainingSet, cut
from training.recipes import BASELINE
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Forecasts of breakdown for panel rows that no fitted model had seen.

    ``rows`` (n,) are row numbers of the panel; ``p``, ``p_km`` (the baseline B1) and ``p_base`` (the base rate B0)
    have shape (n, len(HORIZONS)); ``origin`` (n,) is the day each was made.
    """

    family: str
    rows: NDArray[np.int64]
    origin: NDArray[np.datetime64]
    p: Floats
    p_km: Floats
    p_base: Floats


Recipe = dict[str, tuple[str, ...]]
"""Family -> the columns it is fitted on."""


def refitted(panel: Panel, folds: Sequence[Fold], recipe: Recipe, *, workers: int = 2) -> dict[str, OutOfFold]:
    """Fit every family of the recipe at each fold's origin and forecast its rows.

    Folds are independent, so they are spread over processes; results come back in the folds' order whatever the
    number of workers.
    """
    work = _Work(panel, recipe)
    if workers > 1 and len(folds) > 1:
        # Forked, so that the panel is shared and not sent; late folds are the long ones and go first.
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"))
        with pool:
            jobs = [pool.submit(work, fold) for fold in reversed(folds)]
            parts = [job.result() for job in reversed(jobs)]
    else:
        parts = [work(fold) for fold in folds]
    return {family: _gathered(family, folds, parts) for family in recipe}


def frozen(panel: Panel, folds: Sequence[Fold], artifact: Artifact) -> OutOfFold:
    """One fitted model, as it is, on every row that stands at or after the day it was trained to; its own B1 beside it."""
    day = panel.as_of_day
    kept = [fold.rows[day[fold.rows] >= np.datetime64(artifact.trained_to)] for fold in folds]
    rows = np.concatenate(kept) if kept else np.empty(0, dtype=np.int64)
    table = panel.rows.take(rows)
    p_km = artifact.baseline.cumulative_incidence(table, HORIZONS)[:, :, 0]
    origins = [np.full(len(part), np.datetime64(fold.origin)) for fold, part in zip(folds, kept, strict=True)]
    p = artifact.model.cumulative_incidence(table, HORIZONS)[:, :, 0]
    return OutOfFold(artifact.family, rows, np.concatenate(origins), p, p_km, np.full_like(p, np.nan))


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker process does with one fold. Returns per family (n, H), beside the baseline's and the base rate's."""

    panel: Panel
    recipe: Recipe

    def __call__(self, fold: Fold) -> dict[str, Floats]:
        training = cut(self.panel, fold.origin)
        table = self.panel.rows.take(fold.rows)
        baseline: Model = fit(BASELINE, training, ()).model
        out = {BASELINE: baseline.cumulative_incidence(table, HORIZONS)[:, :, 0]}
        out["base-rate"] = np.tile(base_rate(training), (len(table), 1))
        for family, features in self.recipe.items():
            if family != BASELINE:
                model = fit(family, training, features).model
                out[family] = model.cumulative_incidence(table, HORIZONS)[:, :, 0]
        return out


def base_rate(training: TrainingSet) -> Floats:
    """B0: the share of training rows that broke within each horizon, shape (len(HORIZONS),)."""
    shares = [training.broke_within[h][training.complete[h]] for h in HORIZONS]
    return np.array([share.mean() if len(share) else 0.0 for share in shares])


def _gathered(family: str, folds: Sequence[Fold], parts: Sequence[dict[str, Floats]]) -> OutOfFold:
    def joined(pick: Callable[[Fold, dict[str, Floats]], NDArray[np.generic]]) -> NDArray[np.generic]:
        return np.concatenate([pick(fold, part) for fold, part in zip(folds, parts, strict=True)])

    return OutOfFold(
        family,
        rows=joined(lambda fold, _: fold.rows).astype(np.int64),
        origin=joined(lambda fold, _: np.full(len(fold.rows), np.datetime64(fold.origin))),  # type: ignore[arg-type]
        p=joined(lambda _, part: part[family]).astype(float),
        p_km=joined(lambda _, part: part[BASELINE]).astype(float),
        p_base=joined(lambda _, part: part["base-rate"]).astype(float),
    )


def until(stop: date, observed_to: date) -> date:
    """The last day a row may stand at: what was asked for, or what was observed, whichever is earlier."""
    return min(stop, observed_to)

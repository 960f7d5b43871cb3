"""Out-of-fold forecasts: every family refitted at every origin, or one frozen model, on the same rows as the baseline."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact
from models.standardise import Scale
from training import baselines
from training.fitting.families import fit
from training.folds import Fold
from training.panel import Panel, TrainingSet, cut
from training.recipes import BASELINE, without_family
from truce.features import EVENT_FAMILIES, FeatureTable
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Forecasts of breakdown for panel rows that no fitted model had seen.

    ``rows`` (n,) are row numbers of the panel; ``p`` and ``p_km`` (the baseline B1) have shape (n, len(HORIZONS)), as has each of
    ``baselines``, by the names of ``baselines.NAMED`` (B1 alone where a frozen model is judged), and of ``without``: the same family
    fitted without the columns of one event family, by its name, where that was asked for. ``origin`` (n,) is the day each was made.
    """

    family: str
    rows: NDArray[np.int64]
    origin: NDArray[np.datetime64]
    p: Floats
    p_km: Floats
    baselines: dict[str, Floats]
    without: dict[str, Floats] = field(default_factory=dict)


Recipe = dict[str, tuple[str, ...]]
"""Family -> the columns it is fitted on."""


def refitted(
    panel: Panel, folds: Sequence[Fold], recipe: Recipe, *, ablate: bool = False, workers: int = 2
) -> dict[str, OutOfFold]:
    """Fit every family of the recipe at each fold's origin and forecast its rows; with ``ablate`` without each event family too.

    Folds are independent, so they are spread over processes; results come back in the folds' order whatever the
    number of workers.
    """
    work = _Work(panel, recipe, ablate)
    if workers > 1 and len(folds) > 1:
        # Forked, so that the panel is shared and not sent; late folds are the long ones and go first.
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"))
        with pool:
            jobs = [pool.submit(work, fold) for fold in reversed(folds)]
            parts = [job.result() for job in reversed(jobs)]
    else:
        parts = [work(fold) for fold in folds]
    return _gathered(folds, parts, recipe)


def frozen(panel: Panel, folds: Sequence[Fold], artifact: Artifact) -> OutOfFold:
    """One fitted model, as it is, on every row that stands at or after the day it was trained to; its own B1 beside it."""
    day = panel.as_of_day
    kept = [fold.rows[day[fold.rows] >= np.datetime64(artifact.trained_to)] for fold in folds]
    rows = np.concatenate(kept) if kept else np.empty(0, dtype=np.int64)
    table = panel.rows.take(rows)
    p_km = artifact.baseline.cumulative_incidence(table, HORIZONS)[:, :, 0]
    origins = [np.full(len(part), np.datetime64(fold.origin)) for fold, part in zip(folds, kept, strict=True)]
    p = artifact.model.cumulative_incidence(table, HORIZONS)[:, :, 0]
    return OutOfFold(artifact.family, rows, np.concatenate(origins), p, p_km, {"B1": p_km})


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker process does with one fold. Returns the forecasts of every family and of every baseline by name, each (n, H)."""

    panel: Panel
    recipe: Recipe
    ablate: bool

    def __call__(self, fold: Fold) -> dict[str, Floats]:
        training = cut(self.panel, fold.origin)
        table = self.panel.rows.take(fold.rows)
        out = baselines.chances(training, table)
        for family, features in self.recipe.items():
            if family != BASELINE:
                out[family] = _forecast(family, training, features, table)
                if self.ablate:
                    out |= ablated(family, training, features, table, out[family])
        return out


def ablated(
    family: str, training: TrainingSet, features: tuple[str, ...], table: FeatureTable, whole: Floats
) -> dict[str, Floats]:
    """The forecasts of a family fitted without each event family whose columns it reads, by ``FAMILY without NAME``, each (n, H).

    Columns that never varied in training weigh nothing: the forecasts are then ``whole`` itself, to the last digit.
    """
    out = {}
    for group in EVENT_FAMILIES:
        kept = without_family(features, group.name)
        dropped = tuple(name for name in features if name not in kept)
        if dropped:
            idle = not Scale.of(dropped, training.rows.columns(dropped)).sd.any()
            out[_without(family, group.name)] = whole if idle else _forecast(family, training, kept, table)
    return out


def _forecast(family: str, training: TrainingSet, features: tuple[str, ...], table: FeatureTable) -> Floats:
    return fit(family, training, features).model.cumulative_incidence(table, HORIZONS)[:, :, 0]


def _without(family: str, group: str) -> str:
    return f"{family} without {group}"


def _gathered(folds: Sequence[Fold], parts: Sequence[dict[str, Floats]], recipe: Recipe) -> dict[str, OutOfFold]:
    """One table a family; rows, origins and baselines are the same for all and shared."""
    rows = np.concatenate([fold.rows for fold in folds])
    origin = np.concatenate([np.full(len(fold.rows), np.datetime64(fold.origin)) for fold in folds])
    said = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    beside = {name: said[name] for name in baselines.NAMED}
    groups = [group.name for group in EVENT_FAMILIES]
    return {
        family: OutOfFold(
            family,
            rows,
            origin,
            said.get(family, beside["B1"]),
            beside["B1"],
            beside,
            {g: said[_without(family, g)] for g in groups if _without(family, g) in said},
        )
        for family in recipe
    }


def until(stop: date, observed_to: date) -> date:
    """The last day a row may stand at: what was asked for, or what was observed, whichever is earlier."""
    return min(stop, observed_to)

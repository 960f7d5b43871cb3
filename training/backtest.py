"""Out-of-fold forecasts: every family refitted at every origin, or one frozen model, on the same rows as the baseline."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Collection, Sequence
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
from training.recipes import BASELINE, POOL, WEIGHTS, without_family
from truce.families import EVENT_FAMILIES
from truce.features import FeatureTable
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


ALONE = 20
POOLED = 8

Recipe = dict[str, tuple[str, ...]]
"""Family -> the columns it is fitted on."""


def refitted(
    panel: Panel,
    folds: Sequence[Fold],
    recipe: Recipe,
    *,
    ablate: bool = False,
    beside: Collection[str] = tuple(baselines.NAMED),
    workers: int = 2,
) -> dict[str, OutOfFold]:
    """Fit every family of the recipe at each fold's origin and forecast its rows; with ``ablate`` without each event family too.

    ``beside`` names the baselines to refit; B1 is always among them.
    """
    work = _Work(panel, recipe, ablate, ("B1", *(name for name in beside if name != "B1")))
    return _gathered(folds, spread(work, folds, workers), recipe)


def left_out(
    panel: Panel, folds: Sequence[Fold], family: str, features: tuple[str, ...], *, workers: int = 2
) -> OutOfFold:
    """Forecast each fold's rows by a model, and by a B1, that learned nothing of the conflict the row is of (``conflict_groups``)."""
    work = _LeaveOut(panel, family, features, conflict_groups(panel))
    return _gathered(folds, spread(work, folds, workers), {family: features})[family]


def spread(work: Callable[[Fold], dict[str, Floats]], folds: Sequence[Fold], workers: int) -> list[dict[str, Floats]]:
    """What ``work`` makes of each fold, in the folds' order. Folds are independent, so several processes share them."""
    if workers < 2 or len(folds) < 2:  # noqa: PLR2004
        return [work(fold) for fold in folds]
    # Forked, so that the panel is shared and not sent; late folds are the long ones and go first.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        jobs = [pool.submit(work, fold) for fold in reversed(folds)]
        return [job.result() for job in reversed(jobs)]


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
    beside: tuple[str, ...]

    def __call__(self, fold: Fold) -> dict[str, Floats]:
        training = cut(self.panel, fold.origin)
        table = self.panel.rows.take(fold.rows)
        out = baselines.chances(training, table, self.beside)
        for family, features in self.recipe.items():
            if family != BASELINE:
                pooled = _pooled(self.recipe, features, out) if family == POOL else None
                out[family] = _forecast(family, training, features, table) if pooled is None else pooled
                if self.ablate:
                    out |= ablated(family, training, features, table, out[family])
        return out


@dataclass(frozen=True, slots=True)
class _LeaveOut:
    """As ``_Work``, for one family: each group of conflicts by a fit without it. Groups without a row in the fold cost nothing."""

    panel: Panel
    family: str
    features: tuple[str, ...]
    groups: list[tuple[int, ...]]

    def __call__(self, fold: Fold) -> dict[str, Floats]:
        out = {name: np.zeros((len(fold.rows), len(HORIZONS))) for name in ("B1", self.family)}
        for group in self.groups:
            here = np.isin(self.panel.conflict[fold.rows], group)
            if here.any():
                training = cut(self.panel, fold.origin, without_conflicts=group)
                table = self.panel.rows.take(fold.rows[here])
                out["B1"][here] = baselines.chances(training, table, ("B1",))["B1"]
                if self.family != BASELINE:
                    out[self.family][here] = _forecast(self.family, training, self.features, table)
        return out if self.family != BASELINE else {"B1": out["B1"]}


def conflict_groups(panel: Panel) -> list[tuple[int, ...]]:
    """The conflict codes that are left out together: each with at least 1/``ALONE`` of the truces by itself, the others pooled.

    Pools are filled with the smaller conflicts, the largest first, up to 1/``POOLED`` of the truces: a row of a pool is
    forecast without the pool's other conflicts too, on fewer truces than it might have been, never on more.
    """
    _, first = np.unique(panel.truce, return_index=True)
    codes, truces = np.unique(panel.conflict[first], return_counts=True)
    order = np.argsort(-truces, kind="stable")
    groups: list[tuple[int, ...]] = []
    filled = np.inf
    for code, count in zip(codes[order].tolist(), truces[order].tolist(), strict=True):
        if count * ALONE >= len(first):
            groups.append((code,))
        elif (filled + count) * POOLED <= len(first):
            groups[-1], filled = (*groups[-1], code), filled + count
        else:
            groups.append((code,))
            filled = count
    return groups


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


def _pooled(recipe: Recipe, features: tuple[str, ...], said: dict[str, Floats]) -> Floats | None:
    """The pool's forecasts from its members', where they were fitted on the same columns just before: a pool is their average."""
    members = {name: "B1" if name == BASELINE else name for name in WEIGHTS}
    if any(recipe[name] != features for name in WEIGHTS if name != BASELINE and name in recipe) or not all(
        name in said for name in members.values()
    ):
        return None
    total: Floats = sum((weight * said[members[name]] for name, weight in WEIGHTS.items()), np.zeros(1))
    return total


def _forecast(family: str, training: TrainingSet, features: tuple[str, ...], table: FeatureTable) -> Floats:
    return fit(family, training, features).model.cumulative_incidence(table, HORIZONS)[:, :, 0]


def _without(family: str, group: str) -> str:
    return f"{family} without {group}"


def _gathered(folds: Sequence[Fold], parts: Sequence[dict[str, Floats]], recipe: Recipe) -> dict[str, OutOfFold]:
    """One table a family; rows, origins and baselines are the same for all and shared."""
    rows = np.concatenate([fold.rows for fold in folds])
    origin = np.concatenate([np.full(len(fold.rows), np.datetime64(fold.origin)) for fold in folds])
    said = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    beside = {name: said[name] for name in baselines.NAMED if name in said}
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

"""The spread of a family's forecasts: refits on resampled conflicts, and the straight lines that stand for them.

Truces of one conflict are not independent, so whole conflicts are drawn with replacement (cluster bootstrap), and everything is
fitted anew in each draw, the curve of age included.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from models.contract import Model
from models.other_ends import SCHEDULE
from models.standardise import Scale
from models.uncertainty import LINKS, Uncertainty, basis, hats_of, linked
from training.baselines import last_rows
from training.fitting.families import fit
from training.panel import TrainingSet
from truce.features import FeatureTable
from truce.vocabulary import HORIZONS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 30
_SAMPLE = 1500
"""Rows on which refits are compared: a few for every parameter of the straight lines."""
_KEPT = 0.99
"""The share of the spread that a root keeps; the rest goes to what the straight line misses."""
_RIDGE = 1e-3
_FEWEST = 2.0
"""Conflicts that carry the evidence, fewer than which no interval is made: one conflict has no spread."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """What a worker process does with one draw: refit, and say the chances of the sample, shape (n, H)."""

    family: str
    training: TrainingSet
    features: tuple[str, ...]
    sample: FeatureTable

    def __call__(self, drawn: Sequence[int]) -> Floats:
        part = resampled(self.training, drawn)
        return fit(self.family, part, self.features).model.cumulative_incidence(self.sample, HORIZONS)[:, :, 0]


def bootstrap(  # noqa: PLR0913
    family: str,
    training: TrainingSet,
    features: tuple[str, ...],
    model: Model,
    *,
    draws: int = DRAWS,
    workers: int = 2,
    seed: int = 1,
    compared: int = _SAMPLE,
) -> Uncertainty | None:
    """The spread of ``model``, fitted on ``training``, over refits; None where fewer than two conflicts carry the evidence.

    Args:
        family: the family to refit.
        training: what the model was fitted on.
        features: its columns.
        model: the fitted model.
        draws: refits. A draw in which nothing broke is drawn again.
        workers: processes.
        seed: of the draws.
        compared: rows on which they are compared.
    """
    effective = effective_clusters(training)
    if effective < _FEWEST:
        return None
    rng = np.random.default_rng(seed)
    sample = training.rows.take(_sample(training, compared, rng))
    work = _Draw(family, training, features, sample)
    asked = [_conflicts(training, rng) for _ in range(draws)]
    if workers > 1:
        # Forked, so that the training set is shared and not sent.
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            said = np.array(list(pool.map(work, asked, chunksize=5)))
    else:
        said = np.array([work(drawn) for drawn in asked])
    columns = tuple(name for name in model.features if name != SCHEDULE)
    scale = Scale.of(columns, training.rows.columns(columns))
    quantile = float(student.ppf(0.975, effective - 1))
    clusters = len(np.unique(training.conflict))
    made = [_straightened(link, scale, sample, said) for link in LINKS]
    link, roots, missed = min(made, key=lambda one: _share(one[2], said, one[0]))
    return Uncertainty(link, scale, roots, missed, quantile, draws, clusters)


def effective_clusters(training: TrainingSet) -> float:
    """How many equal conflicts would carry the breakdowns as unevenly spread as these: (sum n)^2 / sum n^2."""
    broke = np.bincount(training.conflict[training.cause == 1], minlength=1).astype(float)
    return float(broke.sum() ** 2 / max((broke**2).sum(), 1.0))


def resampled(training: TrainingSet, drawn: Sequence[int]) -> TrainingSet:
    """The training set with the drawn conflicts, each as often as it was drawn; a truce drawn again is another truce."""
    where = [np.flatnonzero(training.conflict == conflict) for conflict in drawn]
    rows = np.concatenate(where)
    copy = np.repeat(np.arange(len(where)), [len(part) for part in where])
    table = training.rows.take(rows)
    ids = np.char.add(np.char.add(copy.astype(str), ":"), table.truce_ids)
    part = replace(
        training,
        rows=replace(table, truce_ids=ids),
        start=training.start[rows],
        stop=training.stop[rows],
        cause=training.cause[rows],
        conflict=copy,
        weight=training.weight[rows],
        complete={h: training.complete[h][rows] for h in HORIZONS},
        broke_within={h: training.broke_within[h][rows] for h in HORIZONS},
    )
    last = last_rows(part)
    return replace(part, spell_time=part.stop[last], spell_cause=part.cause[last])


def _conflicts(training: TrainingSet, rng: np.random.Generator) -> list[int]:
    there = np.unique(training.conflict)
    broken = set(training.conflict[training.cause == 1].tolist())
    while True:
        drawn: list[int] = rng.choice(there, len(there)).tolist()
        if broken & set(drawn):
            return drawn


def _sample(training: TrainingSet, most: int, rng: np.random.Generator) -> Ints:
    """Rows to compare refits on, every stretch of log age alike."""
    n = len(training.rows)
    return np.sort(rng.choice(n, min(n, most), replace=False, p=training.weight / training.weight.sum()))


def _straightened(
    link: str, scale: Scale, sample: FeatureTable, said: Floats
) -> tuple[str, tuple[Floats, ...], Floats]:
    """For each horizon the root of the spread (q, r), and the variance that it misses by age; ``said`` is (draws, n, H)."""
    roots, missed = [], []
    for k, horizon in enumerate(HORIZONS):
        spread = linked(said[:, :, k], link)
        spread -= spread.mean(axis=0)
        z = basis(scale, sample, horizon)
        gram = z.T @ z / len(z) + _RIDGE * np.eye(z.shape[1])
        root = _root(np.linalg.solve(gram, z.T @ spread.T / len(z)).T, gram)
        roots.append(root)
        left = (spread**2).sum(axis=0) / (len(said) - 1) - ((z @ root) ** 2).sum(axis=1)
        hats = hats_of(sample)
        missed.append(np.maximum(hats.T @ left / np.maximum(hats.sum(axis=0), 1e-9), 0.0))
    return link, tuple(roots), np.array(missed)


def _root(lines: NDArray[Any], gram: Floats) -> Floats:
    """The fewest columns whose outer product is nearly the covariance of the lines (draws, q), as seen by rows of this ``gram``."""
    upper = np.linalg.cholesky(gram).T
    values, vectors = np.linalg.eigh(upper @ (lines.T @ lines / (len(lines) - 1)) @ upper.T)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    kept = int(np.searchsorted(np.cumsum(values), _KEPT * values.sum())) + 1
    root: Floats = np.linalg.solve(upper, vectors[:, :kept] * np.sqrt(values[:kept]))
    return root


def _share(missed: Floats, said: Floats, link: str) -> float:
    """The share of the spread that the straight lines miss."""
    return float(missed.mean(axis=1).sum() / max(linked(said, link).var(axis=0, ddof=1).mean(axis=0).sum(), 1e-300))

"""What a fitted model brings along beside its numbers: what it has seen, how it fared in the backtest, how far its refits spread."""

from __future__ import annotations

import warnings

import numpy as np

from models import past_cases
from models.past_cases import PastCases
from models.support import Seen, Support
from training.backtest import OutOfFold
from training.folds import scorable
from training.panel import Panel, TrainingSet
from truce.clock import parse_day
from truce.families import EVENT_FAMILIES
from truce.features import FEATURES, names_of
from truce.vocabulary import HORIZONS

_SOON = 30
_EVENTS = frozenset(names_of(*(family.name for family in EVENT_FAMILIES)))
_COUNTED = frozenset(f.name for f in FEATURES if f.name in _EVENTS and f.measure == "count")


def support(training: TrainingSet, features: tuple[str, ...]) -> Support:
    """What was seen of the columns that a model reads."""
    values = training.rows.columns(features)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without a single value has no bounds
        low, high, sd = np.nanmin(values, axis=0), np.nanmax(values, axis=0), np.nanstd(values, axis=0)
    seen = {name: _seen(training, name) for name in features if name in _COUNTED}
    last = int(training.spell_time.max(initial=0.0))
    return Support(last, features, low, high, np.nan_to_num(sd), seen)


def _seen(training: TrainingSet, name: str) -> Seen:
    there = training.rows.columns((name,))[:, 0] > 0
    ids = training.rows.truce_ids
    return Seen(int(there.sum()), len(np.unique(ids[there])), len(np.unique(ids[there & training.broke_within[_SOON]])))


def record_of(panel: Panel, forecasts: OutOfFold, observed_to: str) -> PastCases:
    """How out-of-fold forecasts fared, by cell; ``observed_to`` is the last day whose outcomes count."""
    seen = scorable(panel, forecasts.rows, past_cases.HORIZON, parse_day(observed_to))
    rows = forecasts.rows[seen]
    p = forecasts.p[seen, HORIZONS.index(past_cases.HORIZON)]
    broke, cell = panel.broke_within(past_cases.HORIZON)[rows], past_cases.cell_of(panel.rows.take(rows))
    count = past_cases.CELLS
    n = np.bincount(cell, minlength=count)
    return PastCases(
        truces=_distinct(cell, panel.truce[rows], count),
        breaks=_distinct(cell[broke], panel.truce[rows[broke]], count),
        conflicts=_distinct(cell, panel.conflict[rows], count),
        rows=n,
        expected=np.bincount(cell, p, minlength=count) / np.maximum(n, 1),
        observed=np.bincount(cell, broke, minlength=count) / np.maximum(n, 1),
    )


def _distinct(cell: past_cases.Ints, of: past_cases.Ints, count: int) -> past_cases.Ints:
    """How many different values of ``of`` there are in each cell."""
    pairs = np.unique(np.column_stack((cell, of)), axis=0)
    return np.bincount(pairs[:, 0], minlength=count)

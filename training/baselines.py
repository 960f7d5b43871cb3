"""What a model has to beat: eight ways to forecast that a reader could have thought of first, each fitted at the origin like any family.

None is tuned. Where too little was known for one, it says what truce age alone (B1) or the base rate (B0) says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.other_ends import SCHEDULE
from models.standardise import Scale
from training.fitting import aalen_johansen, cox, other_ends
from training.panel import TrainingSet
from training.recipes import TERMS
from truce.features import FeatureTable
from truce.vocabulary import HORIZONS, MAX_HORIZON

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NAMED = {
    "B0": "base rate",
    "B1": "truce age alone",
    "B2": "truce age by class of truce",
    "B3": "recent violence only",
    "B4": "the conflict's own record on truce age",
    "B5": "logistic on age and recent violence",
    "B6": "Cox on static terms",
    "B7": "truce age with the expiry calendar",
}
VIOLENCE = (
    *(f"attacks_{scope}_{days}" for scope in ("sides", "country") for days in (7, 30, 90)),
    *(f"violence_events_{days}" for days in (7, 30, 90)),
)
"""Attacks in the news; under a rule of fighting the events of its own feed too. Under any other these never vary, and weigh nothing."""
STATIC = tuple(name for name in TERMS if not name.endswith("_x_log_age"))
CLASS_PRIOR = 20.0
"""So many truces of its class still followed at its age, and a row leans on the class as much as on all truces."""
WEAK = 1.0
"""A ridge in rows' or truces' worth on standardised columns: what separates perfectly stays finite, the rest does not feel it."""
PRIOR_TRUCES = 2.0
"""Truces that pass their scheduled day with nothing happening, added to those that were seen."""


def chances(training: TrainingSet, rows: FeatureTable, names: Collection[str] = tuple(NAMED)) -> dict[str, Floats]:
    """The chance of breakdown within each of ``HORIZONS`` by the named baselines, each of shape (n, len(HORIZONS)).

    Args:
        training: what was known at the origin.
        rows: n landmark rows to forecast.
        names: of ``NAMED``; all of them unless told otherwise.
    """
    age_alone = aalen_johansen.fit(training).cumulative_incidence(rows, HORIZONS)[:, :, 0]
    made: dict[str, Callable[[], Floats]] = {
        "B0": lambda: np.tile(base_rate(training), (len(rows), 1)),
        "B1": lambda: age_alone,
        "B2": lambda: by_class(training, rows, age_alone),
        "B3": lambda: logistic(training, rows, VIOLENCE),
        "B4": lambda: by_record(age_alone, rows.columns(["record_conflict"])[:, 0]),
        "B5": lambda: logistic(training, rows, ("log_age", *VIOLENCE)),
        "B6": lambda: on_terms(training, rows, age_alone),
        "B7": lambda: by_calendar(training, rows),
    }
    return {name: made[name]() for name in names}


def base_rate(training: TrainingSet) -> Floats:
    """B0: the share of training rows that broke within each horizon, shape (len(HORIZONS),)."""
    shares = [training.broke_within[h][training.complete[h]] for h in HORIZONS]
    return np.array([share.mean() if len(share) else 0.0 for share in shares])


def truce_class(rows: FeatureTable) -> Ints:
    """The class of each row's truce, shape (n,): one-sided or not, and for a holiday or relief, or for anything else.

    Both stand in the announcement. Finer purposes (a lull, a peace process) are told with hindsight in places.
    """
    columns = rows.columns(["unilateral", "purpose_holiday", "purpose_humanitarian"]) > 0
    return 2 * columns[:, 0].astype(np.int64) + (columns[:, 1] | columns[:, 2])


def by_class(
    training: TrainingSet, rows: FeatureTable, age_alone: Floats, class_of: Callable[[FeatureTable], Ints] = truce_class
) -> Floats:
    """B2: the Aalen-Johansen curve of the truce's class, shrunk towards B1 as fewer of the class are followed at the row's age."""
    last = last_rows(training)
    time, cause, kind = training.stop[last], training.cause[last], class_of(training.rows.take(last))
    asked, out = class_of(rows), age_alone.copy()
    for one in np.unique(asked):
        same, here = kind == one, asked == one
        part = rows.take(here)
        curve = aalen_johansen.fit(replace(training, spell_time=time[same], spell_cause=cause[same]))
        own = curve.cumulative_incidence(part, HORIZONS)[:, :, 0]
        followed = (time[same] > part.age_days[:, None]).sum(axis=1)
        weight = followed / (followed + CLASS_PRIOR)
        out[here] += weight[:, None] * (own - age_alone[here])
    return out


def logistic(training: TrainingSet, rows: FeatureTable, columns: tuple[str, ...]) -> Floats:
    """B3 and B5: a plain logistic regression a horizon, every row weighing alike; where only one outcome was seen, its share."""
    values, asked, out = training.rows.columns(columns), rows.columns(columns), np.zeros((len(rows), len(HORIZONS)))
    for k, horizon in enumerate(HORIZONS):
        usable = training.complete[horizon]
        y = training.broke_within[horizon][usable]
        if not y.any() or y.all():
            out[:, k] = base_rate(training)[k]
            continue
        scale = Scale.of(columns, values[usable])
        model = LogisticRegression(C=1 / WEAK, max_iter=200, solver="newton-cholesky")
        out[:, k] = model.fit(scale.apply_to(values[usable]), y).predict_proba(scale.apply_to(asked))[:, 1]
    return out


def by_record(age_alone: Floats, log_ratio: Floats) -> Floats:
    """B4: B1's hazard times breaks observed over breaks expected among the conflict's other truces.

    Args:
        age_alone: B1's chances, shape (n, H).
        log_ratio: log of the ratio, shrunk, as ``truce.record`` gives it, shape (n,); 0 leaves B1 as it is.
    """
    return 1.0 - (1.0 - age_alone) ** np.exp(log_ratio)[:, None]


def on_terms(training: TrainingSet, rows: FeatureTable, age_alone: Floats) -> Floats:
    """B6: Cox regression on what does not change while a truce lasts; one spell a truce then says all that its rows say."""
    if not (training.spell_cause == 1).any():
        return age_alone
    last = last_rows(training)
    spells = replace(
        training,
        rows=training.rows.take(last),
        start=np.zeros(int(last.sum())),
        stop=training.stop[last],
        cause=training.cause[last],
    )
    model, _ = cox.fit(spells, STATIC, np.full(len(STATIC), WEAK))
    competing = replace(model, other_ends=other_ends.fit(training))
    return competing.cumulative_incidence(rows, HORIZONS)[:, :, 0]


def by_calendar(training: TrainingSet, rows: FeatureTable) -> Floats:
    """B7: B1 of what happens on ordinary days, and on the scheduled day the share of truces that broke, expired or were replaced on it.

    A truce that outlives its scheduled day without a recorded end counts as prolonged: from then on it is like any other of its age.
    """
    last = last_rows(training)
    time, cause = training.stop[last], training.cause[last]
    term = training.start[last] + training.rows.columns([SCHEDULE])[last, 0]
    on_day = (cause > 0) & (time == term)
    spike = np.array([(on_day & (cause == c)).sum() for c in (1, 2, 3)]) / ((time >= term).sum() + PRIOR_TRUCES)
    ordinary = aalen_johansen.fit(replace(training, spell_time=time, spell_cause=np.where(on_day, 0, cause)))
    hazards = ordinary.daily_hazards(int(rows.age_days.max(initial=0)) + MAX_HORIZON)
    daily = hazards[rows.age_days[:, None] + np.arange(MAX_HORIZON)]
    left = np.nan_to_num(rows.columns([SCHEDULE])[:, 0], nan=0.0)
    due = np.flatnonzero((left > 0) & (left <= MAX_HORIZON))
    day = np.ceil(left[due]).astype(np.int64) - 1
    daily[due, day] += np.maximum(1 - daily[due, day].sum(axis=1), 0.0)[:, None] * spike
    holds = np.cumprod(1 - np.minimum(daily.sum(axis=2), 1.0), axis=1)
    before = np.concatenate((np.ones((len(rows), 1)), holds[:, :-1]), axis=1)
    broken: Floats = np.cumsum(before * daily[:, :, 0], axis=1)
    return np.clip(broken[:, np.array(HORIZONS) - 1], 0.0, 1.0)


def last_rows(training: TrainingSet) -> Bools:
    """The last row of each truce, shape (rows,): where it stops, and by what, are its spell's."""
    ids = training.rows.truce_ids
    return np.append(ids[1:] != ids[:-1], True)[: len(ids)]

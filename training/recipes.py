"""Which declared features each family is fitted on, and how hard each is held back. Chosen on origins before 2018 alone (docs/tried.md)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from truce.breakdown import rule_named
from truce.families import EVENT_FAMILIES
from truce.features import FEATURES, names_of
from truce.fighting import FightingClause

TERMS = (
    "unilateral",
    "partial",
    "unilateral_x_log_age",
    "partial_x_log_age",
    "purpose_peace_process",
    "purpose_humanitarian",
    "purpose_deescalation",
    "purpose_holiday",
    "state_state",
    "no_state",
)
"""Terms of the truce. Left out: monitored, written, mediated and conditions, whose coding drifted between periods."""

SCHEDULE = tuple(name for name in names_of("schedule") if name != "days_to_scheduled_end")
RECORD = ("record_dyad", "record_conflict", "record_dyad_pooled", "record_dyad_year", "record_conflict_year")
EVENTS = tuple(
    f"{family.name}_{scope}"
    for family in EVENT_FAMILIES
    for scope in ("sides_90", "by_side_90", "on_side_90", "country_30")
)

BASELINE = "aalen-johansen"

POOL = "linear-pool"

COLUMNS = TERMS + SCHEDULE + RECORD + EVENTS

FEATURES_OF: dict[str, tuple[str, ...]] = {
    BASELINE: (),
    "weibull": COLUMNS,
    "cox": COLUMNS,
    "discrete-hazard": COLUMNS,
    "landmark-logistic": COLUMNS,
    POOL: COLUMNS,
}
"""Family -> columns. The baseline reads age alone; the members of the pool read what the pool is given."""

WEIGHTS = {"landmark-logistic": 0.5, "discrete-hazard": 0.3, BASELINE: 0.2}
"""The members of the pool. Truce age is always in it: that costs little skill and makes the gain hold in more conflicts."""

HAZARD_RIDGE = {"terms": 100.0, "schedule": 100.0, "record": 100.0, "violence": 40.0, "events": 300.0}
LANDMARK_RIDGE = {"terms": 30_000.0, "schedule": 5_000.0, "record": 2_000.0, "violence": 1_000.0, "events": 5_000.0}
"""Penalties by group of columns. A landmark row repeats its truce many times, so a ridge in rows' worth is larger than one in truces'
worth. Terms say less the longer the horizon, where the regressions a horizon lean on the record; the hazard, which is one fit for all
horizons, keeps them."""

_GROUPS = {feature.name: feature.group for feature in FEATURES}


def penalties(family: str, other: Mapping[str, float] | None = None) -> dict[str, float]:
    """The penalty of each group of columns in a family, the usual ones but for those of ``other``."""
    return (LANDMARK_RIDGE if family == "landmark-logistic" else HAZARD_RIDGE) | dict(other or {})


def ridge(family: str, features: tuple[str, ...], other: Mapping[str, float] | None = None) -> NDArray[np.float64]:
    """The penalty of each column in a family, shape (len(features),); a column that is no feature of ours is held as violence is, the least."""
    of = penalties(family, other)
    return np.array([of.get(_GROUPS.get(name, "violence"), of["events"]) for name in features])


def said(family: str, other: Mapping[str, float] | None = None) -> str:
    """The penalties of a family in words, for the record of a run."""
    return "ridge " + ", ".join(f"{group} {value:g}" for group, value in penalties(family, other).items())


VIOLENCE = tuple(name for name in names_of("violence") if not name.endswith("_365"))
FIGHTING_FEATURES_OF: dict[str, tuple[str, ...]] = {
    family: () if family == BASELINE else (*VIOLENCE, "record_conflict") for family in FEATURES_OF
}
"""The same under a rule that goes by deaths in the dyad: those deaths themselves, and how the conflict's truces fared. Schedule, finer
terms and longer windows gained nothing on development origins."""


def features_under(rule: str) -> dict[str, tuple[str, ...]]:
    """Family -> columns, by which kind of evidence the rule goes."""
    return FIGHTING_FEATURES_OF if isinstance(rule_named(rule).clause, FightingClause) else FEATURES_OF


def without_family(features: tuple[str, ...], family: str) -> tuple[str, ...]:
    """The columns less those of one event family, for its ablation."""
    dropped = set(names_of(family))
    return tuple(name for name in features if name not in dropped)

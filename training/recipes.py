"""Which declared features each family is fitted on. Few, pooled and shrunk: what honest prototypes found to survive."""

from __future__ import annotations

from truce.breakdown import rule_named
from truce.features import EVENT_FAMILIES, names_of
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
RECORD = ("record_dyad", "record_conflict", "record_country_recent", "record_dyad_pooled")
EVENTS = tuple(
    f"{family.name}_{scope}"
    for family in EVENT_FAMILIES
    for scope in ("sides_90", "by_side_90", "on_side_90", "country_30")
)

BASELINE = "aalen-johansen"

FEATURES_OF: dict[str, tuple[str, ...]] = {
    BASELINE: (),
    "weibull": TERMS + SCHEDULE + RECORD + EVENTS,
    "cox": TERMS + SCHEDULE + RECORD + EVENTS,
    "discrete-hazard": TERMS + SCHEDULE + RECORD + EVENTS,
    "landmark-logistic": TERMS + SCHEDULE + RECORD + EVENTS,
}
"""Family -> columns. The baseline reads age alone."""

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

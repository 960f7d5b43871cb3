"""The Chronicle: truces coded case by case, coded news events, and the sourced events of the founding case.

Data files with a reader; what each holds, its version and its terms are in README.md beside this file.
"""

from __future__ import annotations

from truce.chronicle.reader import (
    CASE_SOURCE,
    CASE_TRUCE,
    OBSERVED_TO,
    alternative_ends_path,
    case_events,
    case_summaries,
    events_path,
    truces_path,
)

__all__ = [
    "CASE_SOURCE",
    "CASE_TRUCE",
    "OBSERVED_TO",
    "alternative_ends_path",
    "case_events",
    "case_summaries",
    "events_path",
    "truces_path",
]

"""Features that a truce brings along: its terms, and the calendar of its scheduled end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from truce.actors import is_state
from truce.clock import end_of
from truce.record import stamp
from truce.vocabulary import Truce

Floats = NDArray[np.float64]
_DAY = np.timedelta64(86_400, "s")

_PURPOSES = ("peace_process", "humanitarian", "deescalation", "holiday")
_CONDITIONS = ("withdrawal", "deadline", "talks")


def _all_states(truce: Truce) -> bool:
    return all(map(is_state, truce.side_a)) and all(map(is_state, truce.side_b))


def _no_state(truce: Truce) -> bool:
    return not any(map(is_state, truce.side_a + truce.side_b))


_STATIC: dict[str, Callable[[Truce], bool]] = {
    "unilateral": lambda t: t.sidedness == "unilateral",
    "partial": lambda t: t.scope == "partial",
    "state_state": _all_states,
    "no_state": _no_state,
    "tacit": lambda t: t.form == "tacit",
    "mediated": lambda t: bool(t.mediator),
    "monitored": lambda t: t.monitored == "yes",
    "written": lambda t: t.written == "yes",
    **{f"purpose_{name}": (lambda t, name=name: t.purpose == name) for name in _PURPOSES},  # type: ignore[misc]
    **{f"condition_{name}": (lambda t, name=name: name in t.conditions) for name in _CONDITIONS},  # type: ignore[misc]
}

TERMS = ("log_age", *_STATIC, "unilateral_x_log_age", "partial_x_log_age")
SCHEDULE = (
    "timed",
    "timed_x_log_age",
    "days_to_scheduled_end",
    "log_time_left",
    "log_term",
    "past_schedule",
    "log_overrun",
)
HINDSIGHT_PRONE = (
    "tacit",
    "mediated",
    "monitored",
    "written",
    *(f"purpose_{name}" for name in _PURPOSES),
    *(f"condition_{name}" for name in _CONDITIONS),
)
"""Terms that coders settled long after the start, at least in places: skill is also shown without them."""


def compute(
    truces: Sequence[Truce], truce: NDArray[np.int64], as_of: NDArray[np.datetime64], age: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """The terms, shape (n, len(TERMS)), and the schedule, shape (n, len(SCHEDULE)), of n rows.

    ``days_to_scheduled_end`` runs to the end of the scheduled day, is 0 or less once that has passed, and NaN without
    a schedule.
    """
    static = np.array([[float(test(t)) for test in _STATIC.values()] for t in truces]).reshape(-1, len(_STATIC))[truce]
    log_age = np.log1p(age.astype(float))[:, None]
    position = list(_STATIC)
    crossed = static[:, [position.index("unilateral"), position.index("partial")]] * log_age
    return np.concatenate((log_age, static, crossed), axis=1), _schedule(truces, truce, as_of, log_age[:, 0])


def _schedule(
    truces: Sequence[Truce], truce: NDArray[np.int64], as_of: NDArray[np.datetime64], log_age: Floats
) -> Floats:
    timed = np.array([t.scheduled_end is not None for t in truces], dtype=bool)[truce]
    scheduled = stamp([None if t.scheduled_end is None else end_of(t.scheduled_end) for t in truces])[truce]
    term = np.array([0 if t.scheduled_end is None else (t.scheduled_end - t.effective_date).days + 1 for t in truces])[
        truce
    ]
    left = np.where(timed, (scheduled - as_of) / _DAY, np.nan)
    ahead = np.where(timed, np.maximum(left, 0.0), 0.0)
    overrun = np.where(timed, np.maximum(-left, 0.0), 0.0)
    past = timed & (np.nan_to_num(left, nan=1.0) <= 0)
    return np.column_stack((
        timed, timed * log_age, left, np.log1p(ahead), np.log1p(np.maximum(term, 0.0)), past, np.log1p(overrun),
    )).astype(float)  # fmt: skip

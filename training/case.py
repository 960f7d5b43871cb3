"""The case that the project began with, as it would have been forecast: every number from a model fitted on what was known then.

The case events are hand-picked with hindsight. They are shown beside the forecast without them, and are in no
training and no score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact
from training import workshop
from training.panel import build
from training.recipes import BASELINE, POOL
from truce import scoring
from truce.breakdown import DEFAULT_RULE, under
from truce.chronicle import reader
from truce.clock import Clock, end_of, system_clock, write_moment
from truce.columns import EventColumns
from truce.families import UNCOUNTED_SOURCES
from truce.features import features_at
from truce.history import History
from truce.settings import Settings
from truce.store import open_store
from truce.terminal import show, show_table, tracked
from truce.vocabulary import Truce

TRUCE = "irq-2022-10-resistance-lull"
DAYS = (
    date(2023, 4, 28), date(2023, 5, 28), date(2023, 6, 28), date(2023, 7, 28), date(2023, 8, 28), date(2023, 9, 28), date(2023, 10, 15),
)  # fmt: skip
SHOWN = (7, 30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class Said:
    """What would have been said on one day: chances of breakdown within ``SHOWN``, shape (5,), three ways."""

    day: date
    age: int
    without: NDArray[np.float64]
    with_case: NDArray[np.float64]
    baseline: NDArray[np.float64]


def run(settings: Settings, *, clock: Clock = system_clock) -> None:
    """Print the case: by day, what a model of that day says with and without the case events, beside truce age, and what happened."""
    with open_store(settings, clock) as store:
        champion = store.models.current("champion")
        family = POOL if champion is None or champion.family == BASELINE else champion.family
        truces = under(DEFAULT_RULE, store.truces.as_known(clock())).truces
        events = store.events.arrays(UNCOUNTED_SOURCES)
    truce = next(t for t in truces if t.truce_id == TRUCE)
    case = EventColumns.of(reader.case_events())
    panel = build(History.whole(truces, events), workshop.observed_to(truces, DAYS[-1]))
    said = [
        _on(day, workshop.fit_artifact(panel, family, DEFAULT_RULE, day)[0], truces, events, case)
        for day in tracked(DAYS, "fitting what was known then")
    ]
    _print(truce, family, said)


def _on(day: date, artifact: Artifact, truces: list[Truce], events: EventColumns, case: EventColumns) -> Said:
    rows = [
        features_at(History.known_at(end_of(day), truces, seen), TRUCE, end_of(day))
        for seen in (events, EventColumns.concat([events, case]))
    ]
    without, with_case = (artifact.model.cumulative_incidence(row, SHOWN)[0, :, 0] for row in rows)
    baseline = artifact.baseline.cumulative_incidence(rows[0], SHOWN)[0, :, 0]
    return Said(day, int(rows[0].age_days[0]), without, with_case, baseline)


def _print(truce: Truce, family: str, said: list[Said]) -> None:
    show(f"\nThe case: {truce.name} ({TRUCE}), in force from {truce.effective_date}")
    columns = ("as of", "age", "forecast", *(f"{h} d" for h in SHOWN), "what happened")
    show_table(f"{family}, refitted on what was known each day", columns, list(_rows(truce, said)))
    assert truce.end_date is not None
    assert truce.end_known_at is not None
    show(f"It {truce.outcome} on {truce.end_date}; the world could know by {write_moment(truce.end_known_at)}.")
    for name, pick in (("without the case events", lambda s: s.without), ("with them", lambda s: s.with_case)):
        own, base = _log_scores(truce, said, pick), _log_scores(truce, said, lambda s: s.baseline)
        verdict = "wiser than" if own < base else "no wiser than"
        show(f"Over these rows the model {name} was {verdict} truce age alone: log score {own:.3f} against {base:.3f}.")
    show(
        "One truce proves nothing either way, and the case events were chosen with hindsight; the skill table above is the test."
    )


def _rows(truce: Truce, said: list[Said]) -> Iterator[list[str]]:
    for s in said:
        happened = " ".join(f"{h}d" for h in SHOWN if _broke(truce, s, h)) or "held for a year"
        for name, chances in (
            ("model", s.without),
            ("  with case events", s.with_case),
            ("  age alone (B1)", s.baseline),
        ):
            first = name == "model"
            yield [
                str(s.day) if first else "", str(s.age) if first else "", name, *(f"{p:.3f}" for p in chances),
                f"broke within {happened}" if first else "",
            ]  # fmt: skip


def _broke(truce: Truce, s: Said, horizon: int) -> bool:
    assert truce.end_date is not None
    return (truce.end_date - s.day).days <= horizon


def _log_scores(truce: Truce, said: list[Said], pick: Callable[[Said], NDArray[np.float64]]) -> float:
    y = np.array([float(_broke(truce, s, h)) for s in said for h in SHOWN])
    return scoring.log_score(y, np.concatenate([pick(s) for s in said]))

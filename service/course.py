"""What the page shows of one truce: its forecast at a moment, and the course of its risk up to then with its events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from service.figures import drawn
from service.glance import Glance, Glancer
from service.ranking import RANKED_AT, told
from service.shelf import Shelved
from service.wiring import Parts
from truce.chronicle.reader import CASE_TRUCE, case_events
from truce.clock import day_closed_by, resolve_as_of, start_of, write_moment
from truce.errors import TrucecastError, Unknown
from truce.families import SCOPES
from truce.history import History, as_believed, end_is_known
from truce.tallies import Tallies
from truce.vocabulary import CAUSES, HORIZONS, Event, Truce
from truce.wire import public_event, public_truce

MOST_POINTS = 60
MOST_EVENTS = 150
_DAY = timedelta(days=1)


class Course:
    """Looks at single truces of one service. Nothing of it is archived."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._glancer = Glancer(parts.store, parts.forecaster)

    def view(self, shelved: Shelved, truce_id: str, as_of: str | None) -> dict[str, Any]:
        """The truce as believed at a moment, with its forecast or why there is none, and charts of it.

        Raises:
            Unknown: no such truce.
            OutOfRange: the moment lies in the future.
        """
        moment, now = resolve_as_of(as_of, self._parts.clock), self._parts.clock()
        latest, truce = self._found(truce_id, moment)
        forecast, refusal = self._forecast(shelved, truce_id, moment)
        return {
            "as_of": write_moment(moment),
            "truce": {**public_truce(as_believed(truce, moment)), **told(truce)},
            "days": {"first": latest.effective_date.isoformat(), "last": _last(latest, now).isoformat()},
            "since_then": _since_then(latest, moment, now),
            "forecast": forecast,
            "refusal": refusal,
            "charts": {} if forecast is None else _charts(truce_id, forecast),
            "events": {} if forecast is None else self._events_of(forecast),
        }

    def course(self, shelved: Shelved, truce_id: str, as_of: str | None) -> dict[str, Any]:
        """The chance within 30 days at up to 60 moments until ``as_of``, each from what was known then, with the latest events as marks.

        Raises as ``view``.
        """
        moment = resolve_as_of(as_of, self._parts.clock)
        latest, truce = self._found(truce_id, moment)
        questions = [(truce_id, at) for at in _moments(latest, moment)]
        seen = self._glancer.at(shelved, questions, (RANKED_AT,))
        points = [_point(seen[q]) for q in questions if isinstance(seen[q], Glance)]
        gaps = [
            {"as_of": write_moment(q[1]), "detail": a.detail}
            for q in questions
            if isinstance(a := seen[q], TrucecastError)
        ]
        marked, events = self._marks(shelved, truce, moment)
        from truce.charts.forecasts import risk_over_time

        return {
            "as_of": write_moment(moment),
            "points": points,
            "gaps": gaps,
            "events": marked,
            "chart": drawn(lambda: risk_over_time(truce_id, RANKED_AT, points, events)),
        }

    def _found(self, truce_id: str, moment: datetime) -> tuple[Truce, Truce]:
        """A truce in its latest version, and in the one known at the moment."""
        truces = self._parts.store.truces
        if truce_id in (same_as := truces.same_as()):
            raise Unknown(f"no truce {truce_id!r}: it is listed as {same_as[truce_id]}", code="unknown_truce")
        latest = truces.get(truce_id)
        return latest, next((t for t in truces.as_known(moment) if t.truce_id == truce_id), latest)

    def _forecast(
        self, shelved: Shelved, truce_id: str, moment: datetime
    ) -> tuple[dict[str, Any] | None, dict[str, str] | None]:
        forecaster = self._parts.forecaster
        known = forecaster.standing(shelved, moment)
        try:
            known.admit(truce_id)
            return forecaster.sketch(shelved, known, [truce_id], HORIZONS)[0], None
        except TrucecastError as refusal:
            return None, {"code": refusal.code, "detail": refusal.detail}

    def _events_of(self, forecast: Mapping[str, Any]) -> dict[str, Any]:
        """The events that the drivers name."""
        ids = {event["event_id"] for driver in forecast["drivers"] or () for event in driver["events"]}
        return {event.event_id: public_event(event) for event in self._parts.store.events.by_ids(sorted(ids)[:500])}

    def _marks(self, shelved: Shelved, truce: Truce, moment: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The events since the truce began that features count, oldest first, and how they were chosen."""
        tallies = self._parts.forecaster.standing(shelved, moment).tallies
        ids, scopes, total = _closest(tallies, truce, moment)
        stored = self._parts.store.events.by_ids(ids)
        case = _case_events(truce, moment, {event.event_id for event in stored})
        found = [public_event(event) for event in (*stored, *case)]
        events = sorted((e for e in found if e["withheld"] is None), key=lambda e: str(e["occurred_on"]))
        return {"scopes": scopes, "shown": len(events) - len(case), "total": total, "case": len(case)}, events


def _case_events(truce: Truce, moment: datetime, there: Collection[str]) -> list[Event]:
    """The founding case's own events, for its truce, as known by a moment: to be seen, and in no forecast unless they are stored."""
    if truce.truce_id != CASE_TRUCE:
        return []
    own = (event for event in case_events() if event.occurred_on >= truce.effective_date and event.known_at <= moment)
    return [event for event in own if event.event_id not in there]


def _closest(tallies: Tallies, truce: Truce, moment: datetime) -> tuple[list[str], list[str], int]:
    """Ids of the counted events since a truce began: whole scopes, the closest first, while not too many; and how many there are in all."""
    counted = np.any(list(tallies.members.values()), axis=0)
    links, start = tallies.of(truce).links, np.datetime64(truce.effective_date, "D")
    taken: dict[str, Any] = {}
    every: dict[str, Any] = {}
    scopes: list[str] = []
    for scope in SCOPES:
        rows = links[scope].rows
        rows = rows[counted[rows] & (tallies.events.occurred_on[rows] >= start)]
        known = History.known_at(moment, [], tallies.events.take(rows)).events
        every |= dict(zip(known.event_id.tolist(), known.occurred_on.tolist(), strict=True))
        if len(every) <= MOST_EVENTS or not taken:
            taken, scopes = dict(every), [*scopes, scope]
    latest = sorted(taken, key=lambda event_id: (taken[event_id], event_id))[-MOST_EVENTS:]
    return latest, scopes, len(every)


def _charts(truce_id: str, forecast: Mapping[str, Any]) -> dict[str, Any]:
    from truce.charts.forecasts import drivers, incidence

    return {
        "incidence": drawn(lambda: incidence(forecast)),
        "drivers": drawn(lambda: drivers(truce_id, forecast["drivers"])),
    }


def _moments(truce: Truce, until: datetime) -> Sequence[datetime]:
    """From a truce's first moment to ``until`` in equal steps of whole days, ``until`` always among them."""
    start = start_of(truce.effective_date)
    step = max(1, -(-(until - start).days // (MOST_POINTS - 1)))
    moments = [start + k * step * _DAY for k in range(max((until - start).days, 0) // step + 1)]
    return sorted({*moments, until}) if until >= start else [until]


def _point(seen: Any) -> dict[str, Any]:
    horizon = seen.horizons[0]
    kept = {key: horizon[key] for key in ("p_breakdown", "p_baseline", "interval")}
    return {"as_of": write_moment(seen.as_of), **kept}


def _last(truce: Truce, now: datetime) -> date:
    """The last day on which one can stand: the one before its end, where that is known now."""
    if truce.end_date is not None and end_is_known(truce, now):
        return max(truce.effective_date, truce.end_date - _DAY)
    return day_closed_by(now)


def _since_then(truce: Truce, moment: datetime, now: datetime) -> dict[str, Any] | None:
    """How the truce ended, where that is known now and was not at the moment: hindsight, kept apart."""
    if truce.outcome in CAUSES and end_is_known(truce, now) and not end_is_known(truce, moment):
        return {
            "outcome": truce.outcome.value,
            "end_date": None if truce.end_date is None else truce.end_date.isoformat(),
        }
    return None

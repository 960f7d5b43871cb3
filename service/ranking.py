"""The page's list: truces in force by their risk, with what moved in a week, reckoned once and kept while nothing is stored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from service.entries import named
from service.figures import drawn
from service.forecasting import Forecaster
from service.glance import Glance, Glancer, Seen
from service.occasions import is_hindcast
from service.shelf import Shelved
from truce.attribution import citations
from truce.clock import Clock, resolve_as_of, start_of, write_moment
from truce.errors import Stale, TrucecastError
from truce.history import as_believed
from truce.liveness import Pulse, widened
from truce.registers import countries
from truce.store import Store
from truce.vocabulary import Outcome, Truce
from truce.wire import public_truce

if TYPE_CHECKING:
    from truce.charts.chart import Chart

RANKED_AT = 30
"""The horizon, in days, by which the list is ordered."""
WEEK = timedelta(days=7)
GOOD_FOR = timedelta(minutes=10)
"""A list of now is reckoned anew after so long, though nothing was stored: truces grow older."""
_PATIENCE = 0.2
"""Seconds that an asker waits for a list that is not ready before being shown the truces without it."""
SHAPES = "/page/vendor/countries-110m.json"
_KEPT = 8
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class _Held:
    """A list that is there or being reckoned, and what is shown meanwhile."""

    moment: datetime
    found: Future[dict[str, Any]]
    bare: dict[str, Any] | None = None


class Ranking:
    """Lists of one store, reckoned by a thread of its own one after another; the last few are kept."""

    def __init__(self, store: Store, forecaster: Forecaster, clock: Clock) -> None:
        self._store, self._forecaster, self._clock = store, forecaster, clock
        self._glancer = Glancer(store, forecaster)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ranking")
        self._held: OrderedDict[tuple[object, ...], _Held] = OrderedDict()
        self._lock = Lock()

    def close(self) -> None:
        """Let go of the thread when the list it is at is done."""
        self._thread.shutdown(cancel_futures=True)

    def at(self, shelved: Shelved, as_of: str | None, patience: float = _PATIENCE) -> dict[str, Any]:
        """The list as of a day or an instant; while it is being reckoned the truces alone, with ``pending`` true.

        Raises:
            OutOfRange: the moment lies in the future.
        """
        moment = resolve_as_of(as_of, self._clock)
        held = self._asked(shelved, as_of, moment)
        try:
            return held.found.result(patience)
        except (NotYet, CancelledError):
            held.bare = held.bare or self._bare(shelved, moment)
            return held.bare

    def _asked(self, shelved: Shelved, as_of: str | None, moment: datetime) -> _Held:
        stamp = (*self._store.stamp(), shelved.digest, as_of and moment)
        with self._lock:
            held = self._held.get(stamp)
            old = as_of is None and held is not None and held.found.done() and moment - held.moment > GOOD_FOR
            failed = held is not None and held.found.done() and held.found.exception() is not None
            if held is None or old or failed:
                held = _Held(moment, self._thread.submit(self._reckoned, shelved, moment))
                self._held[stamp] = held
                while len(self._held) > _KEPT:
                    # Whoever still waits for it was shown the truces alone, and asks again: what has not begun need not be done.
                    self._held.popitem(last=False)[1].found.cancel()
            self._held.move_to_end(stamp)
            return held

    def _bare(self, shelved: Shelved, moment: datetime) -> dict[str, Any]:
        """The truces in force by their own registers, in the order of their names, before anything is reckoned."""
        begun = (t for t in self._store.truces.as_known(moment) if start_of(t.effective_date) <= moment)
        believed = (as_believed(truce, moment) for truce in begun)
        truces = [told(truce) for truce in believed if truce.outcome in (Outcome.ONGOING, Outcome.UNKNOWN)]
        return {**_head(shelved, moment), "pending": True, "truces": sorted(truces, key=_name), "refused": []}

    def _reckoned(self, shelved: Shelved, moment: datetime) -> dict[str, Any]:
        known = self._forecaster.standing(shelved, moment)
        refused: dict[str, TrucecastError] = {}
        for truce_id in known.worth_asking():
            try:
                known.admit(truce_id)
            except TrucecastError as refusal:
                refused[truce_id] = refusal
        admitted = [truce_id for truce_id in known.worth_asking() if truce_id not in refused]
        questions = [(truce_id, at) for truce_id in admitted for at in (moment - WEEK, moment)]
        seen = self._glancer.at(shelved, questions, (RANKED_AT,))
        pulses = self._forecaster.pulses(moment)
        silence, sure = self._silence(moment, pulses)
        refused |= {i: a for i in admitted if isinstance(a := silence or seen[i, moment], TrucecastError)}
        truces = {truce.truce_id: truce for truce in known.history.truces}
        rows = [_row(truces[i], seen, moment, sure=sure) for i in admitted if i not in refused]
        return {
            **_head(shelved, moment),
            "pending": False,
            "truces": sorted(rows, key=lambda row: (-row["horizon"]["p_breakdown"], row["truce_id"])),
            "refused": [{**told(truces[i]), "code": why.code, "detail": why.detail} for i, why in refused.items()],
            "map": drawn(lambda: _map(rows, write_moment(moment))),
            "sources": [pulse.as_json() for pulse in pulses],
            "attribution": citations([*(truce.coding for truce in truces.values()), *(one.name for one in pulses)]),
        }

    def _silence(self, moment: datetime, pulses: Sequence[Pulse]) -> tuple[Stale | None, bool]:
        """Why nothing is said of now, if all sources are silent and that is set to refuse; and whether it is said as it is, unwidened."""
        if self._clock() - moment > _MINUTE:
            return None, True
        try:
            return None, self._forecaster.watch.admit(pulses)
        except Stale as silence:
            return silence, False


@cache
def _country_names() -> Mapping[str, str]:
    """ISO code -> name; of several the first is today's."""
    return {country.iso3: country.name for country in reversed(countries())}


def told(truce: Truce) -> dict[str, Any]:
    """What the list says of a truce itself."""
    body = public_truce(truce)
    kept = ("truce_id", "name", "iso3", "side_a", "side_b", "effective_date", "withheld")
    return {**{key: body[key] for key in kept}, "countries": [_country_names().get(iso3, iso3) for iso3 in truce.iso3]}


def _name(row: Mapping[str, Any]) -> str:
    return str(row["name"])


def _head(shelved: Shelved, moment: datetime) -> dict[str, Any]:
    return {
        "as_of": write_moment(moment),
        "days": RANKED_AT,
        "rule": shelved.artifact.rule,
        "hindcast": is_hindcast(shelved.artifact, moment),
        "model": named(shelved),
        "map": None,
        "sources": [],
        "attribution": [],
    }


def _row(truce: Truce, seen: Mapping[tuple[str, datetime], Seen], moment: datetime, *, sure: bool) -> dict[str, Any]:
    """One truce of the list; ``change`` is null where there was no forecast a week before, and ``change_note`` says why."""
    now, before = seen[truce.truce_id, moment], seen[truce.truce_id, moment - WEEK]
    assert isinstance(now, Glance)
    horizon = now.horizons[0] if sure else widened(now.horizons[0])
    then = before.horizons[0]["p_breakdown"] if isinstance(before, Glance) else None
    return {
        **told(truce),
        "age_days": now.age_days,
        "horizon": horizon,
        "change": None if then is None else horizon["p_breakdown"] - then,
        "change_note": before.detail if isinstance(before, TrucecastError) else None,
        "reliability": now.reliability,
    }


def _map(rows: Sequence[Mapping[str, Any]], as_of: str) -> Chart:
    """Of each country its riskiest truce."""
    from truce.charts.world import riskiest

    worst: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: -row["horizon"]["p_breakdown"]):
        for iso3, country in zip(row["iso3"], row["countries"], strict=True):
            p = row["horizon"]["p_breakdown"]
            worst.setdefault(iso3, {"iso3": iso3, "country": country, "truce": row["name"], "p": p})
    return riskiest(list(worst.values()), RANKED_AT, as_of, SHAPES)

"""The register of truces at the terminal: list, show, add, close, watched, resolve; and taking an event back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from training.sources.truces import from_row, to_row
from truce import codebook
from truce.clock import Clock, day_closed_by, parse_day, resolve_as_of, start_of, system_clock, write_moment
from truce.errors import BadInput, Clash, Unknown
from truce.history import as_believed
from truce.registers import ids_of
from truce.settings import Settings
from truce.store import Store, open_store
from truce.vocabulary import Outcome, Truce


def listed(settings: Settings, as_of: str | None, *, clock: Clock = system_clock) -> list[dict[str, Any]]:
    """Every truce that had begun by ``as_of``, with what was known of it, as rows of the codebook's columns."""
    moment = _moment(as_of, clock)
    with open_store(settings, clock) as store:
        known = store.truces.as_known(moment)
    return [to_row(as_believed(t, moment)) for t in known if start_of(t.effective_date) <= moment]


def shown(settings: Settings, truce_id: str, as_of: str | None, *, clock: Clock = system_clock) -> dict[str, Any]:
    """One truce as it was known, with all ids that any source has for it, and as which truce it is listed if as another.

    Raises:
        Unknown: there is none of that id.
    """
    moment = _moment(as_of, clock)
    with open_store(settings, clock) as store:
        known = {truce.truce_id: truce for truce in store.truces.everything(moment)}
        twins = store.truces.twins(moment).get(truce_id, ())
        same_as = store.truces.same_as().get(truce_id)
    if truce_id not in known:
        raise Unknown(f"no truce {truce_id!r}: `trucecast truces list` shows them", code="unknown_truce")
    truce = as_believed(known[truce_id], moment)
    ids = dict.fromkeys(one for twin in (truce, *twins) for one in ids_of(twin))
    return {**to_row(truce), "ids": ";".join(ids), "same_as": same_as}


def added(settings: Settings, fields: Sequence[str], *, clock: Clock = system_clock) -> dict[str, int]:
    """Add a truce from ``column=value`` words.

    Raises:
        BadInput: a word that is no such pair, or a value that the codebook does not allow.
        Clash: a truce of that id is there with other content.
    """
    pairs = [field.partition("=") for field in fields]
    for name, equals, _ in pairs:
        if not equals:
            raise BadInput(f"{name!r} is not COLUMN=VALUE", code="bad_field")
    truce = from_row({name: value for name, _, value in pairs})
    with open_store(settings, clock) as store, store.at_once():
        there = [t for t in store.truces.everything() if t.truce_id == truce.truce_id]
        if there and there[0] != truce:
            raise Clash(
                f"truce {truce.truce_id!r} is there with other content: `trucecast truces show {truce.truce_id}`"
            )
        return _put(store, [truce])


def closed(  # noqa: PLR0913
    settings: Settings,
    truce_id: str,
    outcome: str,
    end_date: str,
    why: str,
    source: str,
    *,
    clock: Clock = system_clock,
) -> dict[str, int]:
    """Record an end, known from now on.

    Raises:
        Unknown: no such truce.
        Clash: it has another end already.
        BadInput: no such outcome, or an end before the start or after today.
    """
    with open_store(settings, clock) as store, store.at_once():
        now, truce = store.now(), store.truces.get(truce_id)
        end = codebook.ended(truce, outcome, parse_day(end_date), why=why, source=source, now=now)
        return _put(store, [end])


def watched(
    settings: Settings, truce_ids: Sequence[str] | None, day: str, *, clock: Clock = system_clock
) -> dict[str, int]:
    """Say of truces, or of all that go on (None), that somebody watched them to the end of a day and saw no end. It is never taken back.

    Raises:
        Unknown: no such truce.
        BadInput: the day lies before a start, or after today; or a named truce has ended.
    """
    to, now = parse_day(day), clock()
    if to > day_closed_by(now):
        raise BadInput(f"watched to {to}, which is later than today", code="bad_date")
    with open_store(settings, clock) as store, store.at_once():
        if truce_ids is None:
            going_on = [t for t in store.truces.current() if t.outcome is Outcome.ONGOING and t.effective_date <= to]
        else:
            going_on = [_going_on(store.truces.get(truce_id), to) for truce_id in truce_ids]
        seen = [replace(t, observed_to=max(to, t.observed_to)) if t.observed_to else t for t in going_on]
        return _put(store, seen)


def _going_on(truce: Truce, day: date) -> Truce:
    if truce.outcome is not Outcome.ONGOING or truce.effective_date > day:
        raise BadInput(
            f"{truce.truce_id} began on {truce.effective_date} and is {truce.outcome}: it did not hold on {day}"
        )
    return truce


def retracted(settings: Settings, event_id: str, why: str, *, clock: Clock = system_clock) -> dict[str, Any]:
    """Take an event back from now on; what was taken back before stays so, from its own moment and for its own reason."""
    with open_store(settings, clock) as store, store.at_once():
        done = store.events.retract(event_id, why=why, known_at=store.now(), written_by="cli")
    return {"event_id": event_id, "known_at": write_moment(done.known_at), "why": done.why, "new": done.new}


def _moment(as_of: str | None, clock: Clock) -> datetime:
    """Asked for nothing, the register shows this very moment; only forecasts are cut to the minute."""
    return clock() if as_of is None else resolve_as_of(as_of, clock)


def _put(store: Store, truces: Sequence[Truce]) -> dict[str, int]:
    counts = store.truces.put(truces, known_at=store.now(), source="cli", written_by="cli")
    return {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}

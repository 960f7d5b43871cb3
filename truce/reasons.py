"""Why an event bears on a truce, in a sentence for people: explained by the same linking that the features count with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from truce import actors, linking
from truce.columns import EventColumns
from truce.linking import SCOPES, Links
from truce.vocabulary import Event, Truce


@dataclass(frozen=True, slots=True)
class Reason:
    """That an event bears on a truce in a scope, in a sentence for people."""

    scope: str
    why: str
    weight: float


@dataclass(frozen=True, slots=True)
class Touched:
    """A truce that an event touches, with the closest scope in which it does."""

    truce_id: str
    reason: Reason


def why(event: Event, truce: Truce) -> list[Reason]:
    """The scopes in which an event bears on a truce, the closest first. Empty when it does not."""
    links = linking.link([truce], EventColumns.of([event]))
    return [reason for scope in SCOPES if (reason := _reason(links, 0, scope, 0, event, truce))]


def touched(events: Sequence[Event], truces: Sequence[Truce]) -> list[list[Touched]]:
    """For each event the truces it touches that were in force on its day, each once, the closest scope and greatest weight first."""
    links = linking.link(truces, EventColumns.of(events))
    found: list[dict[str, Touched]] = [{} for _ in events]
    for scope in SCOPES:
        for place, truce in enumerate(truces):
            for row in links.of(place, scope).rows.tolist():
                event = events[row]
                reason = _reason(links, place, scope, row, event, truce) if in_force(truce, event.occurred_on) else None
                if reason is not None:
                    found[row].setdefault(truce.truce_id, Touched(truce.truce_id, reason))
    return [sorted(truces_of.values(), key=_closeness) for truces_of in found]


def in_force(truce: Truce, day: date) -> bool:
    """Whether a truce held on a day, as far as its record says; its first and its last day count."""
    return truce.effective_date <= day and (truce.end_date is None or day <= truce.end_date)


def _closeness(touch: Touched) -> tuple[int, float, str]:
    return SCOPES.index(touch.reason.scope), -touch.reason.weight, touch.truce_id


def _reason(links: Links, place: int, scope: str, row: int, event: Event, truce: Truce) -> Reason | None:
    linked = links.of(place, scope)
    at = linked.rows.searchsorted(row)
    if at == len(linked.rows) or linked.rows[at] != row:
        return None
    return Reason(scope, _SENTENCES[scope](event, truce), float(linked.weights[at]))


def _tells_sides(event: Event, truce: Truce) -> str:
    if event.truce_id == truce.truce_id:
        return "the event was coded for this truce"
    return f"{_stands(event.actor, event, truce)} and {_stands(event.target, event, truce)} stand on opposite sides of the truce"


def _tells_actor(event: Event, truce: Truce) -> str:
    return _tells_party(event.actor, event, truce, "acted")


def _tells_target(event: Event, truce: Truce) -> str:
    return _tells_party(event.target, event, truce, "was acted upon")


def _tells_party(name: str | None, event: Event, truce: Truce, verb: str) -> str:
    if event.truce_id == truce.truce_id:
        return "the event was coded for this truce"
    return f"{_stands(name, event, truce)}, a party to the truce, {verb}"


def _tells_patron(event: Event, truce: Truce) -> str:
    named = {actors.key(name): name for name in (event.actor, event.target) if name}
    patron = next(p for p in linking.backers(truce) if p.key in named and p.holds(event.occurred_on.year))
    return f"{named[patron.key]} {patron.why}"


def _tells_country(event: Event, truce: Truce) -> str:
    return f"it concerns {', '.join(code for code in event.iso3 if code in truce.iso3)}, where the truce holds"


def _tells_neighbour(event: Event, truce: Truce) -> str:
    shared = [code for code in event.iso3 if code in linking.around(truce)]
    return f"it concerns {', '.join(shared)}, a neighbour of {', '.join(truce.iso3)}"


_SENTENCES: Mapping[str, Callable[[Event, Truce], str]] = {
    "sides": _tells_sides,
    "by_side": _tells_actor,
    "on_side": _tells_target,
    "patron": _tells_patron,
    "country": _tells_country,
    "neighbour": _tells_neighbour,
}


def _stands(name: str | None, event: Event, truce: Truce) -> str:
    """A party as the event names it, with the relation by which it stands for a side."""
    own = actors.key(name or "")
    standings = linking.standings((*truce.side_a, *truce.side_b))
    best = max(
        (s for s in standings if s.key == own and s.holds(event.occurred_on.year)), key=lambda s: s.weight, default=None
    )
    return str(name) if best is None or not best.why else f"{name} ({best.why})"

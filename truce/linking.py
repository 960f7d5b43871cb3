"""Which events bear on which truces: how closely, with what weight, and why.

========== ===================================================================================================
sides      actor and target stand on opposite sides of the truce, or whoever coded the event tied it to the truce
by_side    the actor stands for a side of the truce
on_side    the target stands for a side of the truce
patron     actor or target backs a side of the truce, and the event concerns its country, a neighbour or the backer's
country    the event names a country of the truce; this one stands on its own, whatever the parties
neighbour  the event names a neighbour of the truce's countries and none of these
========== ===================================================================================================

Who stands for a side, and with what weight, is said in ``truce.actors``. States act all over the world: what a state
that is a side does, or suffers, counts only where the event concerns a country of the truce, the home of a side, or names
no country. Every event of ``sides`` is one of ``by_side`` and ``on_side`` too. Why, in words: ``truce.reasons``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truce import actors
from truce.actors import Standing
from truce.columns import EventColumns
from truce.vocabulary import Truce

SCOPES = ("sides", "by_side", "on_side", "patron", "country", "neighbour")
"""The closest first."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

_NO_ROWS: Rows = np.array([], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Linked:
    """The events of one truce and scope: ascending row numbers of the events linked, and the weight of each in (0, 1]."""

    rows: Rows
    weights: Floats


NOTHING = Linked(_NO_ROWS, np.array([], dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Links:
    """For each truce and scope the events that bear on it."""

    found: Mapping[str, tuple[Linked, ...]]

    def of(self, place: int, scope: str) -> Linked:
        """What bears on the truce at ``place`` in the sequence that was linked. Raises KeyError for an unknown scope."""
        return self.found[scope][place]


def link(truces: Sequence[Truce], events: EventColumns) -> Links:
    """Link every event to every truce it bears on.

    Args:
        truces: m truces.
        events: n events.
    """
    index = Index(events)
    found: dict[str, list[Linked]] = {scope: [] for scope in SCOPES}
    for truce in truces:
        for scope, linked in index.bearing_on(truce).items():
            found[scope].append(linked)
    return Links({scope: tuple(linked) for scope, linked in found.items()})


class Index:
    """Events by what they name. It is made once for many truces."""

    def __init__(self, events: EventColumns) -> None:
        self.actors, self.targets = (
            _rows_by(list(map(actors.key, names))) for names in (events.actor.tolist(), events.target.tolist())
        )
        self.tied = _rows_by(events.truce_id.tolist())
        self.countries = _rows_by_country(events.iso3.tolist())
        self.nowhere = np.flatnonzero(events.iso3 == "")
        self.years = events.occurred_on.astype("datetime64[Y]").astype(np.int64) + 1970

    def bearing_on(self, truce: Truce) -> dict[str, Linked]:
        """For each scope the events that bear on a truce."""
        return _of_one(truce, self)

    def by(self, named: Mapping[str, Rows], standings: Iterable[Standing]) -> Linked:
        """The rows that name one of those who stand for somebody, each with its best weight."""
        return _joined(
            [Linked(rows, np.full(len(rows), s.weight)) for s in standings if len(rows := self._while(named, s))]
        )

    def concerning(self, countries: Iterable[str]) -> Rows:
        """The rows that name one of the countries."""
        return np.flatnonzero(self.any_of(self.countries.get(code, _NO_ROWS) for code in countries))

    def any_of(self, parts: Iterable[Rows]) -> NDArray[np.bool_]:
        """For each event, shape (n,), whether it is in one of the parts."""
        marked = np.zeros(len(self.years), dtype=bool)
        for rows in parts:
            marked[rows] = True
        return marked

    def around(self, countries: Iterable[str]) -> NDArray[np.bool_]:
        """For each event, shape (n,), whether it names one of the countries, or none at all."""
        return self.any_of([*(self.countries.get(code, _NO_ROWS) for code in countries), self.nowhere])

    def _while(self, named: Mapping[str, Rows], standing: Standing) -> Rows:
        rows = named.get(standing.key, _NO_ROWS)
        return rows[(self.years[rows] >= standing.since) & (self.years[rows] <= standing.until)]


def _of_one(truce: Truce, index: Index) -> dict[str, Linked]:
    homes = actors.homes((*truce.side_a, *truce.side_b)) | frozenset(truce.iso3)
    here = index.around(homes)
    acts_a, acts_b = (index.by(index.actors, standings(side)) for side in (truce.side_a, truce.side_b))
    struck_a, struck_b = (index.by(index.targets, standings(side)) for side in (truce.side_a, truce.side_b))
    tied = index.tied.get(truce.truce_id, _NO_ROWS)
    sides = _joined([_both(acts_a, struck_b), _both(acts_b, struck_a), Linked(tied, np.ones(len(tied)))])
    acts = _joined([_within(acts_a, here, truce.side_a), _within(acts_b, here, truce.side_b)])
    struck = _joined([_within(struck_a, here, truce.side_a), _within(struck_b, here, truce.side_b)])
    inside = index.concerning(truce.iso3)
    nearby = index.concerning(around(truce))
    return {
        "sides": sides,
        "by_side": _joined([acts, sides]),
        "on_side": _joined([struck, sides]),
        "patron": _patrons(truce, index),
        "country": _whole(inside),
        "neighbour": _whole(np.setdiff1d(nearby, inside, assume_unique=True)),
    }


def _patrons(truce: Truce, index: Index) -> Linked:
    parts = []
    for patron in backers(truce):
        near = index.around({*truce.iso3, *around(truce), *actors.homes([patron.actor])})
        named = index.any_of(index.by(table, [patron]).rows for table in (index.actors, index.targets))
        parts.append(_whole(np.flatnonzero(named & near)))
    return _joined(parts)


def backers(truce: Truce) -> list[Standing]:
    """Who backs the sides of a truce without being one of them; states back others, and are never counted as backed."""
    own = {actors.key(name) for name in (*truce.side_a, *truce.side_b)}
    patrons = [
        p for name in (*truce.side_a, *truce.side_b) if not actors.is_state(name) for p in actors.patrons_of(name)
    ]
    return [patron for patron in patrons if patron.key not in own]


def around(truce: Truce) -> frozenset[str]:
    """The neighbours of a truce's countries."""
    borders = (actors.neighbours().get(code, frozenset()) for code in truce.iso3)
    return frozenset[str]().union(*borders) - frozenset(truce.iso3)


def standings(side: Sequence[str]) -> list[Standing]:
    """All who stand for one of the names."""
    return [standing for name in side for standing in actors.standing_for(name)]


def _within(linked: Linked, here: NDArray[np.bool_], side: Sequence[str]) -> Linked:
    """What a side that is a state does far away is no matter of the truce."""
    if not any(map(actors.is_state, side)):
        return linked
    kept = here[linked.rows]
    return Linked(linked.rows[kept], linked.weights[kept])


def _both(one: Linked, other: Linked) -> Linked:
    """The rows of both, with the lesser weight."""
    rows, left, right = np.intersect1d(one.rows, other.rows, assume_unique=True, return_indices=True)
    return Linked(rows, np.minimum(one.weights[left], other.weights[right]))


def _joined(parts: Sequence[Linked]) -> Linked:
    """The rows of any, each with its greatest weight."""
    filled = [part for part in parts if len(part.rows)]
    if len(filled) < 2:  # noqa: PLR2004
        return filled[0] if filled else NOTHING
    rows, place = np.unique(np.concatenate([part.rows for part in filled]), return_inverse=True)
    weights = np.zeros(len(rows))
    np.maximum.at(weights, place, np.concatenate([part.weights for part in filled]))
    return Linked(rows, weights)


def _whole(rows: Rows) -> Linked:
    return Linked(rows, np.ones(len(rows)))


def _rows_by(values: Sequence[str]) -> dict[str, Rows]:
    """Value -> ascending rows that hold it; empty values are left out."""
    codes: dict[str, int] = {}
    coded = np.fromiter((codes.setdefault(value, len(codes)) for value in values), dtype=np.int64, count=len(values))
    order = np.argsort(coded, kind="stable")
    bounds = np.searchsorted(coded[order], np.arange(len(codes) + 1))
    return {value: order[bounds[code] : bounds[code + 1]] for value, code in codes.items() if value}


def _rows_by_country(joined: Sequence[str]) -> dict[str, Rows]:
    parts: dict[str, list[Rows]] = {}
    for codes, rows in _rows_by(joined).items():
        for code in set(codes.split(";")) - {""}:
            parts.setdefault(code, []).append(rows)
    return {code: np.sort(np.concatenate(rows)) for code, rows in parts.items()}

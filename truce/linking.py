"""Which events bear on which truces, by scope.

========== ===================================================================================================
sides      actor and target stand on opposite sides of the truce, or whoever coded the event tied it to the truce
one_side   actor or target is a party to the truce; every event of ``sides`` is one of these, too
country    the event names a country of the truce; this one stands on its own, whatever the parties
========== ===================================================================================================

Names are compared through the party table: without case, accents, apostrophes and other punctuation, and "Government of
X", "X" and the president, prime minister, army, armed forces, police or military of X are one party.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from truce import parties
from truce.columns import EventColumns
from truce.vocabulary import Event, Truce

SCOPES = ("sides", "one_side", "country")

Rows = NDArray[np.int64]

_NO_ROWS: Rows = np.array([], dtype=np.int64)
_OFFICES = re.compile(
    r"^(?:transitional |interim )?(?:government|president|prime minister|army|armed forces|police|military|forces)"
    r" of (?:the )?"
)
_FOLLOWING = re.compile(r" and (?:its )?allies$")
_SILENT = re.compile(r"['`\u2019\u02bc\u00b4]")
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Links:
    """For each truce and scope the events that bear on it, as ascending row numbers of the events linked."""

    rows: Mapping[str, tuple[Rows, ...]]

    def of(self, place: int, scope: str) -> Rows:
        """The rows of the truce at ``place`` in the sequence that was linked. Raises KeyError for an unknown scope."""
        return self.rows[scope][place]


def link(truces: Sequence[Truce], events: EventColumns) -> Links:
    """Link every event to every truce it bears on.

    Args:
        truces: m truces.
        events: n events.
    """
    actors, targets = _index(map(party_key, names) for names in (events.actor.tolist(), events.target.tolist()))
    named = _rows_by(events.truce_id.tolist())
    countries = _rows_by_country(events.iso3.tolist())
    found: dict[str, list[Rows]] = {scope: [] for scope in SCOPES}
    for truce in truces:
        side_a, side_b = _keys(truce.side_a), _keys(truce.side_b)
        acts_a, acts_b = _any(actors, side_a), _any(actors, side_b)
        struck_a, struck_b = _any(targets, side_a), _any(targets, side_b)
        tied = named.get(truce.truce_id, _NO_ROWS)
        between = (
            np.intersect1d(acts_a, struck_b, assume_unique=True),
            np.intersect1d(acts_b, struck_a, assume_unique=True),
        )
        found["sides"].append(_union((*between, tied)))
        found["one_side"].append(_union((acts_a, acts_b, struck_a, struck_b, tied)))
        found["country"].append(_any(countries, truce.iso3))
    return Links({scope: tuple(rows) for scope, rows in found.items()})


def why(event: Event, truce: Truce) -> list[tuple[str, str]]:
    """The scopes in which an event bears on a truce, each with a sentence for people. Empty when it does not."""
    reasons: list[tuple[str, str]] = []
    sides = (_keys(truce.side_a), _keys(truce.side_b))
    actor, target = party_key(event.actor or ""), party_key(event.target or "")
    if event.truce_id == truce.truce_id:
        reasons.append(("sides", "the event was coded for this truce"))
    elif any(actor in ours and target in theirs for ours, theirs in (sides, sides[::-1])):
        reasons.append(("sides", f"{event.actor} and {event.target} stand on opposite sides of the truce"))
    party = [name for name, key in ((event.actor, actor), (event.target, target)) if key in sides[0] | sides[1]]
    if party or reasons:
        reasons.append(("one_side", f"{party[0]} is a party to the truce" if party else reasons[0][1]))
    shared = [code for code in event.iso3 if code in truce.iso3]
    if shared:
        reasons.append(("country", f"it concerns {', '.join(shared)}, where the truce holds"))
    return reasons


@cache
def party_key(name: str) -> str:
    """The key under which two spellings of one party are the same; empty for no name."""
    plain = _plain(name)
    return _state(_canonical_keys().get(plain, plain))


@cache
def _canonical_keys() -> Mapping[str, str]:
    return {_plain(spelling): _plain(party.canonical) for spelling, party in parties.table().items()}


def _state(plain: str) -> str:
    holder = _OFFICES.sub("", plain)
    if holder == plain:
        return _FOLLOWING.sub("", plain)
    # "President of Syria" must meet "Syria", which the table may know by another name still
    known = _canonical_keys().get(holder, holder)
    return _OFFICES.sub("", known)


def _plain(name: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return _MARKS.sub(" ", _SILENT.sub("", bare).casefold()).strip()


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(party_key, names)) - {""}


def _index(columns: Iterable[Iterable[str]]) -> tuple[dict[str, Rows], ...]:
    return tuple(_rows_by(list(column)) for column in columns)


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


def _any(index: Mapping[str, Rows], keys: Iterable[str]) -> Rows:
    return _union([index[key] for key in keys if key in index])


def _union(rows: Sequence[Rows]) -> Rows:
    filled = [part for part in rows if len(part)]
    if len(filled) < 2:  # noqa: PLR2004
        return filled[0] if filled else _NO_ROWS
    return np.unique(np.concatenate(filled))

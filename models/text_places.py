"""Which countries a text is about, as ISO 3166-1 alpha-3 codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from truce.vocabulary import EventType

_MOST = 3
_LOCATED = frozenset({EventType.ASSAULT, EventType.COERCE, EventType.PROTEST, EventType.MOBILIZE, EventType.RETREAT})
_INSIDE = re.compile(
    r"\b(?:in|near|inside|at|across|outside)(?: (?:the|northern|southern|eastern|western|central|north|south|east|west|"
    r"north-?eastern|north-?western|south-?eastern|south-?western|city|town|province|village|region|capital|of|country's|,))*"
    r"(?: [A-Z][\w'\u2019-]+,?){0,3} $"
)


class PlaceFinder:
    """Names, demonyms and well-known places, the longest first, each standing for a country."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        """Read ``countries`` and ``blocked`` (phrases that only look like a country)."""
        self._codes: dict[str, str] = {}
        for code, (names, demonyms, places) in tables["countries"].items():
            self._codes.update(dict.fromkeys([*names, *demonyms, *places], code))
        self._codes.update(dict.fromkeys(tables["blocked"], ""))
        spellings = sorted(self._codes, key=lambda s: (-len(s), s))
        self._pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, spellings)) + r")(?!\w)")

    def find(self, text: str, kind: EventType) -> tuple[str, ...]:
        """At most three codes, in the order of mention; for violence the place where it happened comes first."""
        order: dict[str, int] = {}
        for match in self._pattern.finditer(text):
            code = self._codes[match[0]]
            if not code:
                continue
            inside = kind in _LOCATED and _INSIDE.search(text[max(0, match.start() - 80) : match.start()])
            place = match.start() - (len(text) if inside else 0)
            order[code] = min(place, order.get(code, place))
        return tuple(sorted(order, key=order.__getitem__))[:_MOST]

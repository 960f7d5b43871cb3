"""The names a text may hold, and the one pass that finds them: the longest wins, and none overlaps another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.text.tokens import Token, tokenize

_SHORT = 3
"""A single name of up to so many letters is an acronym: it counts as it is written only (US, but not us)."""


class Kind(StrEnum):
    """What a name is the name of."""

    LAND = "land"
    PEOPLE = "people"
    PLACE = "place"
    CUE = "cue"
    """A person, party or institution that the feed names together with one country."""
    GROUP = "group"
    BODY = "body"
    """An international organisation."""
    NOTHING = "nothing"
    """A phrase that only looks like one of the others."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a spelling stands for. ``iso3`` is empty for a body; ``party`` is a canonical party, for groups and bodies."""

    kind: Kind
    spelling: str
    iso3: str = ""
    party: str = ""
    share: float = 1.0
    """Of the mentions of a cue beside any country, the share beside this one."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: tokens ``first`` to ``last`` (exclusive), characters ``start`` to ``end``."""

    name: Name
    first: int
    last: int
    start: int
    end: int


class Gazetteer:
    """Names by their tokens, in lower case. Later names win over earlier ones of the same spelling."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._names: dict[tuple[str, ...], Name] = {}
        self._longest: dict[str, int] = {}
        for name in names:
            key = tuple(token.lower for token in tokenize(name.spelling))
            if key:
                self._names[key] = name
                self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def __len__(self) -> int:
        return len(self._names)

    def find(self, tokens: Sequence[Token]) -> list[Mention]:
        """The names in a text, in order."""
        found: list[Mention] = []
        at = 0
        while at < len(tokens):
            mention = self._at(tokens, at)
            if mention is None:
                at += 1
            else:
                found.append(mention)
                at = mention.last
        return found

    def _at(self, tokens: Sequence[Token], at: int) -> Mention | None:
        longest = min(self._longest.get(tokens[at].lower, 0), len(tokens) - at)
        for length in range(longest, 0, -1):
            span = tokens[at : at + length]
            name = self._names.get(tuple(token.lower for token in span))
            if name is not None and _is_written_as_a_name(name, span):
                return Mention(name, at, at + length, span[0].start, span[-1].end)
        return None


def _is_written_as_a_name(name: Name, span: Sequence[Token]) -> bool:
    if len(span) == 1 and len(span[0].text) <= _SHORT:
        return span[0].text == name.spelling
    return any(token.text[0].isupper() for token in span)


def lands(countries: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Name]:
    """The names of a table ``{iso3: {names, people, places}}``."""
    kinds = {"places": Kind.PLACE, "people": Kind.PEOPLE, "names": Kind.LAND}
    return [
        Name(kind, spelling, iso3)
        for column, kind in kinds.items()
        for iso3, columns in countries.items()
        for spelling in columns.get(column, ())
    ]

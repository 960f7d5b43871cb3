"""Who acts on whom: literal mentions of known parties, and states named through their offices or forces."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from truce.parties import Party

_SHORT = 4
_BY = re.compile(
    r"\bby (?:the |suspected |alleged |an? |members of (?:the )?|fighters from (?:the )?)*$", re.IGNORECASE
)
_AS_PLACE = re.compile(
    r"\b(?:in|near|from|across|into|of|for|over|inside|outside|through|throughout|within|northern|southern|eastern|"
    r"western|central|neighbou?ring|North|South|East|West)(?: the)? $|[A-Z][\w'\u2019-]+, $"
)
_MILITARY = re.compile(
    r"\b(?:army|military|troops|soldiers?|forces|jets|warplanes|artillery|navy|marines?|helicopters|air ?strikes?|"
    r"commandos)\b",
    re.IGNORECASE,
)
_SUFFERS = re.compile(
    r"[^.,;]{0,60}\b(?:is|are|was|were) (?:\w+ )?(?:killed|attacked|wounded|injured|hit|struck|kidnapped|bombed|"
    r"ambushed|abducted)\b"
)
_AGAINST = re.compile(
    r"\b(?:against|on|targeting|kills?|killing|attacks?|hits?) (?:(?:the|an?|two|three|four|five|several|\d+) )?$"
)
_SECTORS = {"state": "GOV", "rebel": "REB", "militia": "REB", "coalition": "REB"}
_BODIES = frozenset({"United Nations", "European Union", "African Union", "NATO", "ECOWAS", "Arab League"})


@dataclass(frozen=True, slots=True)
class _Name:
    canonical: str
    country: str
    kind: str
    needs: str
    """country, demonym: must be followed by an office; guarded: the text must name its country; plain: nothing."""


@dataclass(frozen=True, slots=True)
class _Mention:
    name: _Name
    start: int
    end: int
    passive: bool


class PartyFinder:
    """Finds the acting party and the one acted upon."""

    def __init__(self, tables: Mapping[str, Any], known: Mapping[str, Party]) -> None:
        """``tables`` of the coder; ``known`` maps the spellings of the Chronicle to its parties."""
        self._names: dict[str, _Name] = {}
        states = {
            p.iso3: p.canonical
            for p in known.values()
            if p.kind == "state" and p.canonical.startswith("Government of ")
        }
        states.update(tables["state_names"])
        self._add_groups(tables, known)
        self._add_states(tables["countries"], states)
        spellings = sorted(self._names, key=lambda s: (-len(s), s))
        blocked = sorted(tables["blocked"], key=len, reverse=True)
        alternatives = "|".join(map(re.escape, [*blocked, *spellings]))
        self._pattern = re.compile(rf"(?<![\w/-])(?:{alternatives})(?![\w/])")
        offices = "|".join(map(re.escape, tables["offices"]))
        self._office = re.compile(rf"^(?:['\u2019]s?)?(?: \w+)? (?:{offices})\b", re.IGNORECASE)
        titles = "|".join(map(re.escape, tables["titles"]))
        self._title = re.compile(rf"\b(?:{titles}) of (?:the )?$", re.IGNORECASE)

    def find(self, text: str, first: str) -> tuple[str | None, str | None, str | None, tuple[str, ...]]:
        """Actor, target, the actor's sector, and the countries of the groups that were named.

        The actor is the first party of the first sentence, unless one is named with "by"; the target the next other.
        """
        mentions = self._mentions(text)
        homes = tuple(dict.fromkeys(m.name.country for m in mentions if m.name.country))[:1]
        if not mentions:
            return None, None, None, ()
        begin = text.find(first)
        told = [m for m in mentions if begin <= m.start < begin + len(first)] or mentions
        agent = next((m for m in told if m.passive), None)
        struck = agent is None and _is_struck(text, told[0])
        actor = agent or (_other(told, told[0]) if struck else told[0])
        target = told[0] if struck else _other([*told, *mentions], told[0] if actor is None else actor)
        if actor is None:
            return None, told[0].name.canonical, None, homes
        return actor.name.canonical, target.name.canonical if target else None, _sector(actor, text), homes

    def _mentions(self, text: str) -> list[_Mention]:
        found: list[_Mention] = []
        countries: set[str] = set()
        doubtful: list[_Mention] = []
        for match in self._pattern.finditer(text):
            name = self._names.get(match[0])
            if name is None:
                continue
            if name.needs in ("country", "demonym"):
                countries.add(name.country)
            mention = _Mention(
                name, match.start(), match.end(), bool(_BY.search(text[max(0, match.start() - 40) : match.start()]))
            )
            if name.needs == "guarded":
                doubtful.append(mention)
            elif name.needs == "plain" or self._speaks_for_state(text, mention):
                found.append(mention)
        found += [m for m in doubtful if m.name.country in countries]
        return sorted(found, key=lambda m: m.start)

    def _speaks_for_state(self, text: str, mention: _Mention) -> bool:
        before, after = text[max(0, mention.start - 30) : mention.start], text[mention.end : mention.end + 30]
        if self._office.match(after) or self._title.search(before):
            return True
        return mention.name.needs == "country" and not _AS_PLACE.search(before) and not re.match(r",? [A-Z]", after)

    def _add_groups(self, tables: Mapping[str, Any], known: Mapping[str, Party]) -> None:
        guarded = frozenset(tables["guarded"])
        by_canonical = {p.canonical: p for p in known.values()}
        spellings = {s: p for s, p in known.items() if p.kind != "other" or s in guarded}
        for canonical, aliases in tables["aliases"].items():
            party = by_canonical.get(canonical, Party(canonical, "other", tables["origins"].get(canonical, ""), ""))
            spellings.update(dict.fromkeys([canonical, *aliases], party))
        for spelling, party in spellings.items():
            if spelling.count("(") != spelling.count(")") or spelling.lower().startswith(
                ("other", "over ", "opposition ")
            ):
                continue
            doubtful = spelling in guarded or (len(spelling) <= _SHORT and spelling.isupper() and party.iso3)
            needs = "guarded" if doubtful else "plain"
            self._names[spelling] = _Name(party.canonical, party.iso3, party.kind, needs)

    def _add_states(self, countries: Mapping[str, Any], states: Mapping[str, str]) -> None:
        for code, (names, demonyms, _) in countries.items():
            canonical = states.get(code, f"Government of {names[0]}")
            for name in names:
                self._names[name] = _Name(canonical, code, "state", "country")
            for demonym in demonyms:
                self._names[demonym] = _Name(canonical, code, "state", "demonym")


def _other(mentions: Sequence[_Mention], than: _Mention) -> _Mention | None:
    return next((m for m in mentions if m.name.canonical != than.name.canonical), None)


def _is_struck(text: str, mention: _Mention) -> bool:
    return bool(
        _SUFFERS.match(text[mention.end :]) or _AGAINST.search(text[max(0, mention.start - 40) : mention.start])
    )


def _sector(actor: _Mention, text: str) -> str:
    if actor.name.canonical in _BODIES:
        return "IGO"
    if actor.name.kind == "state" and _MILITARY.search(text[actor.start : actor.end + 30]):
        return "MIL"
    return _SECTORS.get(actor.name.kind, "REB" if actor.name.country else "UNK")

"""Plain text -> one coded political event, by keywords.

Everything that can be tuned is data (``event_coder.json``); this file only says how patterns vote. The main clause
speaks first, since background ("after the attack", "who was arrested") tells what happened before, not the news.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Self

from models.text_deaths import DeathCounter
from models.text_parties import PartyFinder
from models.text_places import PlaceFinder
from truce import parties
from truce.vocabulary import EventType, Modality, Topic

_STEP = 100
"""A pattern one weight higher wins over one that stands up to this many characters earlier."""
_SECOND = 150
"""The least score of a type that is named beside the first."""
_SURE = 150
"""Below this the main clause has said too little ("ten people are killed"): the background is asked, too."""
_HEADING = 100
_OPENING = 15
"""A background word this near to the start belongs to the subject."""
_SOURCES = re.compile(r"(?:[\s,.;*]*[(\[][^()\[\]]{1,120}[)\]])+[\s,.;*]*$")
_TOPIC_PREFIX = re.compile(r"^([^:.\"]{3,70}): (?=\S)")
_SENTENCE = re.compile(r"(?<=[a-z0-9%\"”)][.!?])\s+(?=[A-Z\"“])")
_YEAR_AHEAD = re.compile(r"\b(?:by|in|until|from) (20\d\d)\b")


@dataclass(frozen=True, slots=True)
class CodedText:
    """What a text says. ``type`` none means no political event; every other field is then empty."""

    type: EventType
    modality: Modality = Modality.ACTUAL
    secondary: EventType | None = None
    topic: Topic | None = None
    iso3: tuple[str, ...] = ()
    actor: str | None = None
    target: str | None = None
    actor_sector: str | None = None
    deaths: int | None = None
    truce: str | None = None
    """start, break, violation, extend or talks; None when it is about no truce."""


NOTHING = CodedText(EventType.NONE)


@dataclass(frozen=True, slots=True)
class _Rule:
    type: EventType
    weight: int
    pattern: re.Pattern[str]


class EventCoder:
    """A fitted coder: tables of patterns, compiled once. Not to be changed after it is made."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        """Compile the tables of ``event_coder.json`` (format 1)."""
        self.version: str = tables["coder"]
        fragments: Mapping[str, str] = tables["fragments"]
        self._rules = [
            _Rule(EventType(kind), int(weight), _any_of(patterns, fragments))
            for kind, weights in tables["types"].items()
            for weight, patterns in weights.items()
        ]
        self._topics = {Topic(name): _any_of(patterns, fragments) for name, patterns in tables["topics"].items()}
        self._modality = {Modality(name): _any_of(patterns, fragments) for name, patterns in tables["modality"].items()}
        self._truce = {name: _any_of(patterns, fragments) for name, patterns in tables["truce"].items()}
        self._background = re.compile(r"[\s,](?:" + "|".join(tables["background"]) + ")")
        self._opening = re.compile(r"^(?:" + "|".join(tables["openings"]) + r")\b[^,]{3,120}, ", re.IGNORECASE)
        self._unpolitical = frozenset(tables["unpolitical_categories"])
        self._places = PlaceFinder(tables)
        self._parties = PartyFinder(tables, parties.table())
        self._deaths = DeathCounter(tables["numbers"], tables["most_deaths"])

    @classmethod
    def load(cls) -> Self:
        """The coder that this package carries; compiled once a process."""
        return cls(_tables())

    def code(self, text: str, day: date, category: str = "") -> CodedText:
        """Code one news bullet.

        Args:
            text: one or a few sentences, perhaps with its sources in parentheses at the end.
            day: the day on which it was written.
            category: the heading it stood under; empty when unknown.
        """
        body = _SOURCES.sub("", text).strip()
        if category in self._unpolitical or _is_heading(text, body):
            return NOTHING
        prefix = _TOPIC_PREFIX.match(body)
        told = body[prefix.end() :] if prefix else body
        first = _SENTENCE.split(told, maxsplit=1)[0]
        main = self._main_clause(first)
        ranked = self._ranked(main.lower())
        if not ranked or ranked[0][0] < _SURE:
            ranked = self._ranked(told.lower())
        if not ranked or ranked[0][1] is EventType.NONE:
            return NOTHING
        return self._coded(body, first, main, ranked, day)

    def _coded(self, body: str, first: str, main: str, ranked: list[tuple[int, EventType]], day: date) -> CodedText:
        kind = ranked[0][1]
        secondary = next((t for score, t in ranked[1:] if score >= _SECOND and t is not EventType.NONE), None)
        lowered = body.lower()
        actor, target, sector, homes = self._parties.find(body, first)
        modality = self._modality_of(kind, main.lower(), day)
        deadly = EventType.ASSAULT in (kind, secondary) or kind in (EventType.PROTEST, EventType.COUP)
        return CodedText(
            type=kind,
            modality=modality,
            secondary=secondary,
            topic=self._topic_of(lowered) if kind is EventType.LEGISLATURE_VOTE else None,
            iso3=self._places.find(body, kind) or homes,
            actor=actor,
            target=target,
            actor_sector=sector,
            deaths=self._deaths.count(lowered) if deadly and modality is not Modality.HISTORICAL else None,
            truce=self._truce_role(lowered),
        )

    def _main_clause(self, sentence: str) -> str:
        opened = self._opening.sub("", sentence)
        for mark in self._background.finditer(opened):
            if mark.start() >= _OPENING:
                return opened[: mark.start()]
        return opened

    def _ranked(self, lowered: str) -> list[tuple[int, EventType]]:
        best: dict[EventType, int] = {}
        for rule in self._rules:
            found = rule.pattern.search(lowered)
            if found:
                score = rule.weight * _STEP - found.start()
                best[rule.type] = max(score, best.get(rule.type, score))
        return sorted(((score, kind) for kind, score in best.items()), key=lambda pair: -pair[0])

    def _topic_of(self, lowered: str) -> Topic:
        return next((topic for topic, pattern in self._topics.items() if pattern.search(lowered)), Topic.OTHER)

    def _modality_of(self, kind: EventType, lowered: str, day: date) -> Modality:
        if kind is EventType.THREATEN:
            return Modality.THREATENED
        ahead = _YEAR_AHEAD.search(lowered)
        if kind is EventType.REQUEST or (ahead and int(ahead[1]) > day.year):
            return Modality.HYPOTHETICAL
        return next((m for m, pattern in self._modality.items() if pattern.search(lowered)), Modality.ACTUAL)

    def _truce_role(self, lowered: str) -> str | None:
        if not self._truce["word"].search(lowered):
            return None
        return next((role for role, pattern in self._truce.items() if role != "word" and pattern.search(lowered)), None)


def _is_heading(text: str, body: str) -> bool:
    return body == text.strip() and len(body) < _HEADING and not body.endswith((".", "!", "?", '"', "”"))


def _any_of(patterns: list[str], fragments: Mapping[str, str]) -> re.Pattern[str]:
    joined = "|".join(patterns)
    for name, fragment in fragments.items():
        joined = joined.replace(f"<{name}>", fragment)
    return re.compile(rf"\b(?:{joined})")


@cache
def _tables() -> Mapping[str, Any]:
    tables: Mapping[str, Any] = json.loads((files("models") / "event_coder.json").read_text(encoding="utf-8"))
    return tables

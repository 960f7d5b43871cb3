"""The actors: under which names each is known, whom else it stands for, who backs it, and who borders on whom.

A side of a truce is seldom one organisation. What a wing, a member or a splinter of it does counts for the side, with the
weight declared in ``RELATIONS``; what is only backed by a state is linked as such, and never as the state's own act.

Tables: ``chronicle/actors.csv`` (actor, kind, iso3, ucdp_actor_id, aliases joined by ``|``), ``chronicle/relations.csv``
(actor, relation, other, since, until, why; years) and ``chronicle/neighbours.csv`` (iso3, neighbours).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

PATRON = "patron"
RELATIONS: Mapping[str, float] = MappingProxyType({"part": 1.0, "successor": 1.0, "member": 0.8, "splinter": 0.5})
"""How much of an act by the first of a relation counts for the second: an army's unit wholly, a group that broke away half."""

_DEPTH = 3
"""A unit of a member of a coalition still stands for it; further off, nothing is said."""
_OF_STATE = frozenset({"part", "successor"})
_ALWAYS = (1, 9999)
_OFFICES = re.compile(
    r"^(?:transitional |interim )?(?:government|president|prime minister|army|armed forces|police|military|forces)"
    r" of (?:the )?"
)
_FOLLOWING = re.compile(r" and (?:its )?allies$")
_SILENT = re.compile(r"['`\u2019\u02bc\u00b4]")
_MARKS = re.compile(r"[\W_]+")


class Actor(NamedTuple):
    """A row of the actor table. ``iso3`` is where it governs or mainly fights; empty for one without a country."""

    name: str
    kind: str
    iso3: str
    ucdp_actor_id: str
    aliases: tuple[str, ...]


class Relation(NamedTuple):
    """That ``actor`` is part, member, splinter or successor of ``other``, or has it as a patron, in these years."""

    actor: str
    relation: str
    other: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Standing:
    """That an actor stands for another in the years ``since`` to ``until``, with what weight and by which relations."""

    actor: str
    key: str
    weight: float
    since: int
    until: int
    why: str

    def holds(self, year: int) -> bool:
        """Whether it held in a year."""
        return self.since <= year <= self.until


@cache
def table() -> Mapping[str, Actor]:
    """Spelling -> actor, canonical names and aliases alike."""
    spelled: dict[str, Actor] = {}
    for actor in actors():
        for spelling in (*actor.aliases, actor.name):
            spelled.setdefault(spelling, actor)
    return MappingProxyType(spelled)


@cache
def actors() -> tuple[Actor, ...]:
    """Every actor, once."""
    return tuple(
        Actor(
            row["actor"], row["kind"], row["iso3"], row["ucdp_actor_id"], tuple(filter(None, row["aliases"].split("|")))
        )
        for row in _rows("actors.csv")
    )


@cache
def relations() -> tuple[Relation, ...]:
    """Every relation of the table."""
    return tuple(
        Relation(
            row["actor"],
            row["relation"],
            row["other"],
            int(row["since"] or _ALWAYS[0]),
            int(row["until"] or _ALWAYS[1]),
        )
        for row in _rows("relations.csv")
    )


@cache
def neighbours() -> Mapping[str, frozenset[str]]:
    """Country -> the countries that share a land border with it, as ISO 3166-1 alpha-3 codes."""
    return MappingProxyType({row["iso3"]: frozenset(row["neighbours"].split(";")) for row in _rows("neighbours.csv")})


def canonical(name: str) -> str:
    """The name under which an actor is known here; one that is not in the table is its own."""
    actor = table().get(name)
    return name if actor is None else actor.name


def is_state(name: str) -> bool:
    """Whether an actor is a state; one that is not in the table is when it is called a government."""
    actor = table().get(name)
    return name.startswith("Government of ") if actor is None else actor.kind == "state"


def government_of(iso3: str, country: str) -> str:
    """The name of a country's government: as the table has it, else made of the country's name."""
    return _governments().get(iso3, f"Government of {country}")


def homes(names: Iterable[str]) -> frozenset[str]:
    """The countries of actors, as far as the table knows them."""
    known = (_by_key().get(key(name)) for name in names)
    return frozenset(actor.iso3 for actor in known if actor is not None and actor.iso3)


@cache
def key(name: str) -> str:
    """The key under which two spellings of one actor are the same; empty for no name.

    Names are compared without case, accents and punctuation; "Government of X", "X" and the president, prime minister,
    army, armed forces, police or military of X are one actor.
    """
    plain = _plain(name)
    return _state(_canonical_keys().get(plain, plain))


@cache
def standing_for(name: str) -> tuple[Standing, ...]:
    """Who stands for an actor: itself with weight 1 first, then all whose relations lead to it, each with its best weight.

    For a state only its own forces and its successor do: what a militia does that belongs to one of its auxiliaries is not
    the state's act.
    """
    own = key(name)
    if not own:
        return ()
    found = {own: Standing(name, own, 1.0, *_ALWAYS, "")}
    fresh = [found[own]]
    of_state = is_state(name)
    for _ in range(1 if of_state else _DEPTH):
        leading = [(link, relation) for link in fresh for relation in _towards().get(link.key, ())]
        reached = [
            _through(relation, link) for link, relation in leading if not of_state or relation.relation in _OF_STATE
        ]
        fresh = []
        for link in sorted(reached, key=lambda s: -s.weight):
            if link.key not in found and link.since <= link.until:
                found[link.key] = link
                fresh.append(link)
    return tuple(found.values())


@cache
def patrons_of(name: str) -> tuple[Standing, ...]:
    """The patrons of an actor and of all that stand for it and are no states: who backs a member state backs no coalition."""
    backing = [
        Standing(
            relation.other, key(relation.other), link.weight, max(link.since, relation.since),
            min(link.until, relation.until), f"backs {link.actor}",
        )
        for link in standing_for(name)
        if not is_state(link.actor)
        for relation in _backed().get(link.key, ())
    ]  # fmt: skip
    return tuple(one for one in backing if one.since <= one.until and one.key != key(name))


def _through(relation: Relation, link: Standing) -> Standing:
    return Standing(
        relation.actor,
        key(relation.actor),
        round(RELATIONS[relation.relation] * link.weight, 4),
        max(relation.since, link.since),
        min(relation.until, link.until),
        f"{relation.relation} of {relation.other}" + (f", {link.why}" if link.why else ""),
    )


@cache
def _towards() -> Mapping[str, tuple[Relation, ...]]:
    return _grouped((key(relation.other), relation) for relation in relations() if relation.relation != PATRON)


@cache
def _backed() -> Mapping[str, tuple[Relation, ...]]:
    return _grouped((key(relation.actor), relation) for relation in relations() if relation.relation == PATRON)


def _grouped(pairs: Iterable[tuple[str, Relation]]) -> Mapping[str, tuple[Relation, ...]]:
    groups: dict[str, list[Relation]] = defaultdict(list)
    for name, relation in pairs:
        groups[name].append(relation)
    return MappingProxyType({name: tuple(members) for name, members in groups.items()})


@cache
def _governments() -> Mapping[str, str]:
    named = [actor for actor in actors() if actor.kind == "state" and actor.name.startswith("Government of ")]
    return MappingProxyType({actor.iso3: actor.name for actor in reversed(named)})


@cache
def _by_key() -> Mapping[str, Actor]:
    return MappingProxyType({key(actor.name): actor for actor in actors()})


@cache
def _canonical_keys() -> Mapping[str, str]:
    return {_plain(spelling): _plain(actor.name) for spelling, actor in table().items()}


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


def _rows(name: str) -> list[dict[str, str]]:
    with (files("truce.chronicle") / name).open(encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))

"""What the keys of big feeds stand for: kinds of events, actors and countries of the registry, as small numbers.

The engine joins these tables; numbers instead of names keep a hundred million rows small until they are rolled up.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from truce import actors, registers
from truce.chronicle import reader
from truce.vocabulary import EventType, Modality, TruceRole

STATE = "="
"""Begins the key of a state: ``=IRQ`` and ``=IRAQ`` are the Government of Iraq."""

_GOVERNMENT = "Government of "
_CAMEO_COUNTRIES: Mapping[str, str] = MappingProxyType({
    "ROM": "ROU", "TMP": "TLS", "ZAR": "COD", "PAL": "PSE", "WSB": "PSE", "GZS": "PSE", "KSV": "XKX", "YUG": "SRB", "SCG": "SRB",
})  # fmt: skip
"""Country codes of CAMEO that are not those of ISO 3166."""


class Kind(NamedTuple):
    """What an event is: its type, modality and role in a truce (empty for none)."""

    type: str
    modality: str
    truce_role: str


@dataclass(frozen=True, slots=True)
class Lookups:
    """Key -> number for kinds, actors and countries, and number -> what it stands for. ``ours`` are countries to be kept."""

    kinds: Mapping[str, int]
    actors: Mapping[str, int]
    countries: Mapping[str, int]
    kind_names: tuple[Kind, ...]
    actor_names: tuple[str, ...]
    country_names: tuple[str, ...]
    ours: frozenset[int]


class Code(NamedTuple):
    """A row of ``cameo.csv``."""

    code: str
    name: str
    kind: Kind


@cache
def cameo() -> tuple[Code, ...]:
    """Every code of CAMEO with its name and what it is in our words."""
    with (files("training.rollup") / "cameo.csv").open(encoding="utf-8") as lines:
        return tuple(
            Code(row["code"], row["name"], _kind(row["type"], row["modality"], row["truce_role"]))
            for row in csv.DictReader(lines)
        )


def cameo_keys() -> dict[str, Kind]:
    """Code or name in capitals -> kind. A code that is not here is no CAMEO code."""
    return {key: one.kind for one in cameo() for key in (one.code, one.name.upper())}


def plover_keys() -> dict[str, Kind]:
    """PLOVER's types in capitals -> kind; ``TYPE/CEASEFIRE`` is that type in the mode of a ceasefire."""
    kinds = {}
    for name in (kind.value for kind in list(EventType)[:16]):
        modality = {"threaten": Modality.THREATENED, "request": Modality.HYPOTHETICAL}.get(name, Modality.ACTUAL)
        kinds[name.upper()] = _kind(name, modality, "")
        kinds[f"{name.upper()}/CEASEFIRE"] = _kind(name, modality, TruceRole.TALKS)
    for parent in ("RETREAT", "CONCEDE"):
        kinds[f"{parent}/CEASEFIRE"] = _kind(EventType.AGREE, Modality.ACTUAL, TruceRole.START)
    return kinds


def countries_of_interest() -> frozenset[str]:
    """Where the embedded truces are, and where the actors of the registry govern or fight."""
    with reader.truces_path().open(encoding="utf-8-sig") as lines:
        truces = {code for row in csv.DictReader(lines) for code in row["iso3"].split(";") if code}
    return frozenset(truces | {actor.iso3 for actor in actors.actors() if actor.iso3})


def lookups(kinds: Mapping[str, Kind], countries: Collection[str]) -> Lookups:
    """The tables for a feed.

    Args:
        kinds: what the feed calls its events.
        countries: ISO 3166-1 alpha-3 codes of the countries whose events are kept; one that no feed can name keeps nothing.
    """
    kind_names = tuple(sorted(set(kinds.values()), key=lambda kind: (kind.type != EventType.NONE, kind)))
    places = _countries()
    codes = tuple(sorted(set(places.values())))
    number = {code: n for n, code in enumerate(codes)}
    names = tuple(actor.name for actor in actors.actors())
    return Lookups(
        kinds={key: kind_names.index(kind) for key, kind in kinds.items()},
        actors=_actors(places),
        countries={**{code: number[code] for code in codes}, **{key: number[code] for key, code in places.items()}},
        kind_names=kind_names,
        actor_names=names,
        country_names=codes,
        ours=frozenset(number[code] for code in countries if code in number),
    )


def _kind(type_: str, modality: str, role: str) -> Kind:
    return Kind(EventType(type_).value, Modality(modality).value, TruceRole(role).value if role else "")


def _countries() -> dict[str, str]:
    """CAMEO and FIPS codes and names in capitals -> ISO 3166-1 alpha-3."""
    found: dict[str, str] = dict(_CAMEO_COUNTRIES)
    for actor in actors.actors():
        if actor.kind == "state" and actor.name.startswith(_GOVERNMENT):
            found |= dict.fromkeys([actor.iso3, *_spellings([actor.name.removeprefix(_GOVERNMENT)])], actor.iso3)
    for country in registers.countries():
        keys = [country.iso3, *filter(None, [country.fips]), *_spellings([country.name, *country.others])]
        found |= {key: country.iso3 for key in keys if key not in found}
    return found


def _actors(places: Mapping[str, str]) -> dict[str, int]:
    """Names in capitals, and the keys of states by each spelling of their country.

    A country's name alone is no name of its state: feeds write it for rebels and citizens of the country, too.
    """
    found: dict[str, int] = {}
    states: dict[str, int] = {}
    for number, actor in enumerate(actors.actors()):
        if actor.kind == "state":
            states.setdefault(actor.iso3, number)
        found |= {k: number for k in _spellings([actor.name, *actor.aliases]) if k not in found and k not in places}
    return found | {STATE + key: states[code] for key, code in places.items() if code in states}


def _spellings(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.upper() for name in names))

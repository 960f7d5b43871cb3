"""The names and words that a coder was fitted with, and the gazetteer and states that follow from them and the actor table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.linear import packed, unpacked
from models.text.names import Gazetteer, Kind, Name, lands
from truce import actors
from truce.actors import Actor

_KINDS = {"igo": Kind.BODY}
_PARTIES = frozenset({"rebel", "militia", "coalition", "party", "other", "igo"})
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names and words that a coder was fitted with."""

    countries: Mapping[str, Mapping[str, Sequence[str]]]
    """Country -> {names, people, places}."""
    nothing: Sequence[str]
    cues: Sequence[Name]
    sources: Mapping[str, tuple[str, float]]
    words: frozenset[str]
    verbs: frozenset[str]
    listed: Mapping[str, str]
    """Wordings that people listed: "type weight" -> regular expression."""


def gazetteer(lexicon: Lexicon) -> Gazetteer:
    """All names: what the actor table knows of parties wins over cues, countries over both."""
    parties = [name for actor in actors.actors() for name in _names_of(actor)]
    nothing = [Name(Kind.NOTHING, phrase) for phrase in lexicon.nothing]
    return Gazetteer([*lexicon.cues, *parties, *lands(lexicon.countries), *nothing])


def states(lexicon: Lexicon) -> dict[str, str]:
    """Country -> the party that is its government: as the actor table calls it, or "Government of" and its name."""
    known = {actor.iso3: actor.name for actor in reversed(actors.actors()) if actor.kind == "state" and actor.iso3}
    return {code: f"Government of {columns['names'][0]}" for code, columns in lexicon.countries.items()} | known


def _names_of(actor: Actor) -> list[Name]:
    if actor.kind == "state":
        return [
            Name(Kind.GROUP, alias, actor.iso3, actor.name)
            for alias in actor.aliases
            if "of " not in alias and len(alias) >= _SHORTEST
        ]
    if actor.kind not in _PARTIES:
        return []
    kind = _KINDS.get(actor.kind, Kind.GROUP)
    spellings = [
        spelling for spelling in (*actor.aliases, actor.name) if len(spelling) >= _SHORTEST or kind is Kind.BODY
    ]
    return [Name(kind, spelling, actor.iso3, actor.name) for spelling in spellings]


def arrays_of(lexicon: Lexicon) -> dict[str, NDArray[np.generic]]:
    """What of a lexicon an artifact keeps as arrays; the rest goes into its JSON."""
    return {
        "cues": packed(f"{cue.spelling}\t{cue.iso3}" for cue in lexicon.cues),
        "cue.shares": np.array([cue.share for cue in lexicon.cues], dtype=np.float32),
        "sources": packed(f"{source}\t{iso3}" for source, (iso3, _) in lexicon.sources.items()),
        "source.shares": np.array([share for _, share in lexicon.sources.values()], dtype=np.float32),
        "words": packed(sorted(lexicon.words)),
        "verbs": packed(sorted(lexicon.verbs)),
    }


def lexicon_of(about: Mapping[str, Any], held: Mapping[str, NDArray[np.generic]]) -> Lexicon:
    """The lexicon of an artifact's JSON and arrays."""
    cues = [row.split("\t") for row in unpacked(held["cues"])]
    sources = [row.split("\t") for row in unpacked(held["sources"])]
    shares, weights = (np.asarray(held[name], dtype=float).tolist() for name in ("cue.shares", "source.shares"))
    return Lexicon(
        countries=about["countries"],
        nothing=about["nothing"],
        cues=[
            Name(Kind.CUE, spelling, iso3, share=share) for (spelling, iso3), share in zip(cues, shares, strict=True)
        ],
        sources={source: (iso3, share) for (source, iso3), share in zip(sources, weights, strict=True)},
        words=frozenset(unpacked(held["words"])),
        verbs=frozenset(unpacked(held["verbs"])),
        listed=about["listed"],
    )

"""Noun phrases that may act or be acted upon, and which party of the actor table each of them is.

A phrase is a run of names, capitalised words and words for people in office, under arms or in the street: "Turkish
President Erdogan", "the Rapid Support Forces", "gunmen". A state is meant by its name, or by its adjective beside an office
or an army; the adjective alone ("two Israeli tourists") is not the state.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.text.names import Kind, Mention
from models.text.reading import Reading
from models.text.tokens import Token

SECTORS: dict[str, str] = {
    "GOV": (
        "government president premier prime minister ministers ministry cabinet king queen emir sultan "
        "chancellor secretary officials official authorities police policeman policemen officer officers "
        "mayor governor administration department ambassador ambassadors envoy embassy diplomat diplomats "
        "spokesman spokeswoman spokesperson state leader leaders regime intelligence agency customs "
        "commission commissioner guards prosecutors"
    ),
    "MIL": (
        "army troops soldiers soldier forces military jets warplanes artillery navy marines marine general "
        "helicopters airstrike airstrikes commander commandos drones drone warships battalion brigade colonel "
        "paratroopers peacekeepers convoy tanks"
    ),
    "REB": (
        "rebels rebel militants militant insurgents insurgent guerrillas guerrilla separatists separatist "
        "militia militias militiamen fighters jihadists jihadist islamists terrorists terrorist extremists "
        "pirates warlord"
    ),
    "UNK": ("gunmen gunman attackers attacker bomber bombers assailants men man people suspects kidnappers hackers"),
    "CIV": (
        "protesters protestors demonstrators demonstrator students workers residents civilians journalists "
        "journalist activists activist teachers farmers women children migrants refugees villagers mourners "
        "supporters citizens families passengers pilgrims tourists settlers prisoners inmates detainees "
        "voters reporters doctors union unions crowd crowds bloggers lawyers hostages rioters strikers monks "
        "bishops worshippers schoolgirls drivers"
    ),
    "LEG": (
        "parliament senate congress assembly house lawmakers legislators legislature knesset duma bundestag "
        "deputies mps senators senator chamber council"
    ),
    "JUD": ("court judge judges jury prosecutor tribunal attorney magistrate justices"),
    "OPP": ("opposition dissidents coalition party candidate candidates"),
    "CRM": ("cartel cartels gang gangs mafia traffickers"),
}
ROLES: dict[str, str] = {word: sector for sector, words in SECTORS.items() for word in words.split()}
"""A word for people -> the sector it speaks of."""

_OF_STATE = frozenset({"GOV", "MIL"})
_LINKS = frozenset({"of", "de", "al", "bin", "-", "'s", "and"})
_NAMED = frozenset({Kind.GROUP, Kind.BODY})
_LONGEST = 14
_MOST_LINKS = 2
_OPENS = frozenset({".", "!", "?", ":", '"', "\u201c"})
_PLACED = re.compile(
    r"\b(?:in|near|from|across|into|of|over|inside|outside|through|throughout|within|northern|southern|eastern|"
    r"western|central|"
    r"neighbou?ring|to|towards)(?: the)? $",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of tokens, the names in it, and the party it stands for: empty when it is none of the actor table."""

    text: str
    start: int
    end: int
    first: int
    last: int
    party: str
    iso3: str
    roles: tuple[str, ...]
    """The sectors its words for people speak of, in order."""
    kinds: tuple[Kind, ...]


def phrases(reading: Reading, states: dict[str, str], words: frozenset[str]) -> list[Phrase]:
    """The phrases of a text, in order.

    Args:
        reading: the text.
        states: country -> the party that is its government.
        words: ordinary words, which a capital at the head of a sentence does not make a name.
    """
    tokens = reading.tokens
    inside = {at: mention for mention in reading.mentions for at in range(mention.first, mention.last)}
    found: list[Phrase] = []
    at = 0
    while at < len(tokens):
        if not _belongs(tokens, at, inside, words):
            at += 1
            continue
        last = at + 1
        while last < len(tokens) and last - at < _LONGEST:
            if _belongs(tokens, last, inside, words):
                last += 1
            else:
                bound = _bound(tokens, last, inside, words)
                if bound == last:
                    break
                last = bound
        found.append(_phrase(reading, at, last, inside, states))
        at = last
    return found


def _belongs(tokens: Sequence[Token], at: int, inside: dict[int, Mention], words: frozenset[str]) -> bool:
    token = tokens[at]
    if at in inside or token.lower in ROLES:
        return True
    opens = at == 0 or tokens[at - 1].text in _OPENS
    return token.text[0].isupper() and not (opens and token.lower in words)


def _bound(tokens: Sequence[Token], at: int, inside: dict[int, Mention], words: frozenset[str]) -> int:
    """Behind the word that small ones ("al-", "of") bind to the phrase; ``at`` itself when they bind none."""
    for link in range(at, min(at + _MOST_LINKS, len(tokens) - 1)):
        if tokens[link].lower not in _LINKS:
            break
        if _joins(tokens, link, inside, words):
            return link + 2
    return at


def _joins(tokens: Sequence[Token], at: int, inside: dict[int, Mention], words: frozenset[str]) -> bool:
    """Whether a small word binds what follows it to the phrase: "King of Jordan", but not "Hamas and Israel"."""
    if tokens[at].lower == "and":
        return False
    following = at + 1
    return _belongs(tokens, following, inside, words) and (
        tokens[at].lower != "of" or following in inside or tokens[following].text[0].isupper()
    )


def _phrase(reading: Reading, first: int, last: int, inside: dict[int, Mention], states: dict[str, str]) -> Phrase:
    tokens = reading.tokens[first:last]
    start, end = tokens[0].start, tokens[-1].end
    mentions = list(dict.fromkeys(inside[at] for at in range(first, last) if at in inside))
    roles = tuple(ROLES[token.lower] for token in tokens if token.lower in ROLES)
    placed = bool(_PLACED.search(reading.bullet.told[max(0, start - 20) : start]))
    party, iso3 = _party(mentions, roles, placed=placed, states=states)
    kinds = tuple(dict.fromkeys(mention.name.kind for mention in mentions))
    return Phrase(reading.bullet.told[start:end], start, end, first, last, party, iso3, roles, kinds)


def _party(
    mentions: Sequence[Mention], roles: Sequence[str], *, placed: bool, states: dict[str, str]
) -> tuple[str, str]:
    named = next((m.name for m in mentions if m.name.kind in _NAMED), None)
    if named is not None:
        return named.party or named.spelling, named.iso3
    official = any(role in _OF_STATE for role in roles)
    for mention in mentions:
        name = mention.name
        state = states.get(name.iso3, "")
        if name.kind is Kind.LAND and (official or not placed):
            return state, name.iso3
        if name.kind in (Kind.PEOPLE, Kind.CUE) and official:
            return state, name.iso3
    return "", next((m.name.iso3 for m in mentions if m.name.iso3), "")

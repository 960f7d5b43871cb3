"""Which countries a text concerns, the country of the event first: candidates, and what speaks for each of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import pairwise

from models.text.names import Kind, Mention
from models.text.reading import Reading
from models.text.wording import STOP, stem
from truce.vocabulary import EventType

MOST = 3
"""So many countries are named at most."""

_INSIDE = frozenset(
    {
        "in",
        "at",
        "near",
        "inside",
        "across",
        "outside",
        "throughout",
        "northern",
        "southern",
        "eastern",
        "western",
        "central",
    }
)
_BEFORE = frozenset({"of", "against", "on", "to", "with", "from", "by", "for", "former", "between", "over"})
_OFFICE = frozenset({
    "president", "prime", "minister", "government", "foreign", "parliament", "troops", "army", "forces", "military", "police", "soldiers",
    "court", "opposition", "authorities", "senate", "supreme", "secretary", "ambassador", "officials", "citizens", "nationals", "rebels",
    "capital", "city", "province", "town", "border", "state", "election", "elections", "embassy",
})  # fmt: skip
_COUNTED = 3
_WORD_WEIGHT = 0.5
"""Words are many, and most of them tell nothing of countries."""
_ERA = 4
"""Years: who makes the news changes with them."""
_OWN, _OTHER = "@A", "@B"
_LINKS = frozenset({_OWN, _OTHER, "in", "at", "on", "against", "from", "to", "with", "by"})
_PLACES = ("1st", "2nd")
_FROM_ROLE = ("first", "rank", "inside", "opens", "about", "office", "main")


def candidates(
    reading: Reading,
    kind: EventType,
    sources: Mapping[str, tuple[str, float]],
    day: date,
    verbs: AbstractSet[str] = frozenset(),
) -> dict[str, dict[str, float]]:
    """Country -> the features that speak for it or against it.

    Args:
        reading: the text.
        kind: what is told: an attack lies where it happened, a remark on a crisis with the crisis.
        sources: reporter -> the country it mostly reports on, and the share of its reports that do.
        day: when it was written.
        verbs: words that follow the name of somebody who acts.
    """
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    order = 0
    for mention in reading.mentions:
        if mention.name.iso3:
            order += 1
            _note(found[mention.name.iso3], reading, mention, order)
    for mention in reading.about:
        if mention.name.iso3:
            found[mention.name.iso3].update({"about": 1.0, f"about:{mention.name.kind}": 1.0})
    for source in reading.bullet.sources:
        country, share = sources.get(source, ("", 0.0))
        if country:
            found[country]["source"] = max(found[country]["source"], share)
    for country, clues in _order(reading, kind).items():
        found[country].update(clues)
        found[country].update(dict.fromkeys(_frame(reading, country, verbs), _WORD_WEIGHT))
    beside = _company(reading)
    for country, seen in found.items():
        seen[f"is:{country} {day.year // _ERA}"] = 1.0
        seen |= {f"{country}>{other}": 1.0 for other in found if other != country}
        seen |= {f"{party}>{country}": 1.0 for party in beside}
    return {country: _finished(country, dict(seen), kind, len(found)) for country, seen in found.items()}


def _company(reading: Reading) -> set[str]:
    """The groups and bodies that are named: NATO in Kabul is one thing, NATO in Tripoli another."""
    named = (mention.name for mention in reading.mentions if mention.name.kind in (Kind.GROUP, Kind.BODY))
    return {name.party or name.spelling for name in named}


def _order(reading: Reading, kind: EventType) -> dict[str, dict[str, float]]:
    """What it means to be the first country named, or the second: with this kind of event, these words, and those beside it."""
    mentions = [mention for mention in reading.mentions if mention.name.iso3]
    first = {mention.name.iso3: mention for mention in reversed(mentions)}
    ordered = sorted(first.values(), key=lambda mention: mention.first)
    words = _words(reading, 0, len(reading.tokens))
    between = _words(reading, ordered[0].last, ordered[1].first) if len(ordered) > 1 else set()
    clues: dict[str, dict[str, float]] = {}
    for at, mention in enumerate(ordered):
        place = _PLACES[at] if at < len(_PLACES) else "later"
        before, after = min(_before(reading, mention) - {"the"}, default="^"), stem(_after(reading, mention) or "$")
        names = [place, f"{place} {mention.name.kind}", f"before:{before}", f"is:{mention.name.iso3} {place}"]
        names += [f"before:{before} {place}", f"after:{after} {place}", f"before:{before} {mention.name.kind}"]
        names += [f"{kind}:{place}", f"{kind}:{place} {mention.name.kind}", f"{kind}:before:{before}"]
        seen = dict.fromkeys(names, 1.0) | {f"word:{word} {place}": _WORD_WEIGHT for word in words}
        if at < len(_PLACES):
            seen |= {f"between:{word} {place}": _WORD_WEIGHT for word in between}
        clues[mention.name.iso3] = seen
    return clues


def _frame(reading: Reading, country: str, verbs: AbstractSet[str]) -> list[str]:
    """The text as it looks from one country (@A) among the others (@B): what stands around it, and who does what to whom."""
    seen, names = _masked(reading, country), []
    for at in [at for at, (word, _) in enumerate(seen) if word == _OWN][:_COUNTED]:
        before = [stem(word) for word, _ in seen[max(0, at - 2) : at]]
        after = [stem(word) for word, _ in seen[at + 1 : at + 3]]
        one, other = before[-1] if before else "^", after[0] if after else "$"
        names += [f"b2:{' '.join(before)}", f"a2:{' '.join(after)}", f"b1a1:{one} {other}"]
    telling = verbs | _LINKS
    said = [stem(word) for word, place in seen if reading.in_first(place) and word in telling]
    said = [word for order, word in enumerate(said) if not order or word[0] != "@" or word != said[order - 1]]
    names += [f"s2:{one} {other}" for one, other in pairwise(said)]
    return names + [f"s3:{' '.join(three)}" for three in zip(said, said[1:], said[2:], strict=False)]


def _masked(reading: Reading, country: str) -> Sequence[tuple[str, int]]:
    """The words with their places; every name of a country is one word."""
    names = {mention.first: mention for mention in reading.mentions if mention.name.iso3}
    seen, at = [], 0
    while at < len(reading.tokens):
        mention, token = names.get(at), reading.tokens[at]
        word = token.lower if mention is None else _OWN if mention.name.iso3 == country else _OTHER
        seen.append((word, token.start))
        at = at + 1 if mention is None else mention.last
    return seen


def _words(reading: Reading, first: int, last: int) -> set[str]:
    """The plain words of the first sentence between two tokens, without their endings."""
    return {
        stem(token.lower)
        for token in reading.tokens[first:last]
        if token.text.islower() and token.lower not in STOP and reading.in_first(token.start)
    }


def _note(seen: dict[str, float], reading: Reading, mention: Mention, order: int) -> None:
    kind, before, after = mention.name.kind, _before(reading, mention), _after(reading, mention)
    seen["rank"] = seen["rank"] or math.log(order) + 1e-6
    seen[f"n:{kind}"] = min(seen[f"n:{kind}"] + 1, _COUNTED)
    if kind is Kind.CUE:
        seen["share"] = max(seen["share"], mention.name.share)
        seen[f"names:{min(mention.last - mention.first, _COUNTED)}"] = 1.0
    if order == 1:
        seen["first"] = seen[f"first:{kind}"] = 1.0
    if mention.first <= 1:
        seen[f"opens:{kind}"] = seen["opens"] = 1.0
    where = (
        "main" if reading.in_main(mention.start) else "first sentence" if reading.in_first(mention.start) else "rest"
    )
    seen[where] = seen[f"{where}:{kind}"] = 1.0
    if mention.start < reading.bullet.main[0]:
        seen["opening clause"] = 1.0
    if before & _INSIDE:
        seen["inside"] = seen[f"inside:{kind}:{where}"] = 1.0
    for word in before & _BEFORE:
        seen[f"{word}:{kind}"] = 1.0
    if after == "'s":
        seen["owns"] = 1.0
    if after in _OFFICE:
        seen["office"] = seen[f"office:{after}"] = 1.0


def _before(reading: Reading, mention: Mention) -> frozenset[str]:
    words = [token.lower for token in reading.tokens[max(0, mention.first - 2) : mention.first]]
    return frozenset(words[-1:] if words[-1:] != ["the"] else words[-2:])


def _after(reading: Reading, mention: Mention) -> str:
    return reading.tokens[mention.last].lower if mention.last < len(reading.tokens) else ""


def _finished(country: str, seen: dict[str, float], kind: EventType, rivals: int) -> dict[str, float]:
    """With the country itself (some are mostly abroad in the news), and what its role means for this kind of event."""
    seen |= {f"{kind}:{name}": seen[name] for name in _FROM_ROLE if seen.get(name)}
    seen[f"is:{country}"] = 1.0
    seen["alone" if rivals == 1 else "rivals"] = 1.0
    if "rank" not in seen:
        seen["unnamed"] = 1.0
    return seen

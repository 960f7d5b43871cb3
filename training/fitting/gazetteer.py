"""The names a coder is fitted with: countries and their people from libraries and our own additions, and what the feed teaches.

Names that speak for a country are listed by hand (known.json). The feed teaches more by company: a capitalised phrase that
keeps standing in bullets which name one country ("President Kuczynski", "Lashkar Gah") is a cue for that country, and so is a
newspaper that mostly reports on one. Nobody labels that.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from babel import Locale
from countryinfo import all_countries

from models.event_coder import Text
from models.text.lexicon import Lexicon, gazetteer
from models.text.names import Kind, Name
from models.text.reading import Reader, Reading
from models.text.tokens import Token, tokenize
from models.text.wording import STOP, Wording
from truce import actors

_LEAST_SEEN = 4
_LEAST_TOGETHER = 3
_LEAST_SHARE = 0.5
_LEAST_OFTEN = 0.2
_LEAST_LIFT = 5.0
_AHEAD = 1.6
"""The country of a cue stands beside it so many times as often as the next one does."""
_LONGEST = 4
_INNER = frozenset({"of", "al", "-", "de", "bin", "and", "the"})
_ORDINARY = 0.25
_SHADOWING = frozenset({"China", "Zealand"})
"""Last words of library names (Hong Kong SAR China) that would shadow another country."""
_BELIEVED = 2
"""What is known by hand counts for so many mentions."""
_CONTRADICTED = 2
"""A name that stands beside another country more than so many times as often is not believed."""
_WORD_SEEN = 5
_WORD_SHARE = 0.08
_NAMED = frozenset({"@name", "@people", "@land", "@group", "@body"})
_VERB_SEEN = 30
_VERB_SHARE = 0.2
_LEAST_REPORTS = 5
_REPORTS_SHARE = 0.3


def fit(texts: Sequence[Text]) -> Lexicon:
    """Learn the names and words of a feed."""
    table, nothing = countries(), _own()["nothing"]
    plain = Lexicon(table, nothing, (), {}, frozenset(), frozenset(), {})
    reader = Reader(gazetteer(plain), frozenset())
    readings = [reader.read(text.text) for text in texts]
    lower, upper = _counts(readings)
    words = frozenset(w for w, n in lower.items() if n >= _WORD_SEEN and n >= _WORD_SHARE * upper[w])
    return Lexicon(
        table,
        nothing,
        _cues(_company(readings), lower, upper, words),
        _sources(readings),
        words,
        _verbs(readings, words),
        listed(),
    )


@cache
def countries() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Country -> {names, people, places}: our own list first, then what the libraries add to it."""
    own: Mapping[str, Mapping[str, Sequence[str]]] = _own()["countries"]
    claimed = {spelling for columns in own.values() for spellings in columns.values() for spelling in spellings}
    table: dict[str, dict[str, list[str]]] = {
        code: {k: list(v) for k, v in columns.items()} for code, columns in own.items()
    }
    for code, name, people, capital in _library():
        columns = table.setdefault(code, {"names": [name]})
        for column, spellings in (("names", [name]), ("people", people), ("places", [capital])):
            fresh = [spelling for spelling in spellings if spelling and spelling not in claimed]
            if fresh and (column != "people" or code not in own or not own[code].get("people")):
                columns.setdefault(column, []).extend(s for s in fresh if s not in columns[column])
                claimed.update(fresh)
    return table


@cache
def listed() -> Mapping[str, str]:
    """Wordings that speak for a type of event, "type weight" -> regular expression, from our own list."""
    fragments: Mapping[str, str] = _own()["fragments"]
    return {
        f"{kind} {weight}": r"\b(?:" + "|".join(_expanded(pattern, fragments) for pattern in patterns) + ")"
        for kind, weights in _own()["wordings"].items()
        for weight, patterns in weights.items()
    }


def _expanded(pattern: str, fragments: Mapping[str, str]) -> str:
    for name, fragment in fragments.items():
        pattern = pattern.replace(f"<{name}>", fragment)
    return pattern


def _library() -> Iterator[tuple[str, str, list[str], str]]:
    """Code, name (Unicode CLDR, through babel), people and capital (countryinfo) of every territory that both know."""
    names = Locale("en").territories
    for known in sorted(all_countries(), key=lambda country: str(country.name())):
        iso = known.iso()
        called = (
            names.get(iso.get("alpha2", ""), known.name())
            .replace(" & ", " and ")
            .replace("\u2019", "'")
            .replace("St. ", "Saint ")
        )
        people = [part.strip() for part in (known.demonym() or "").split(",")]
        if iso.get("alpha3") and called.split()[-1] not in _SHADOWING:
            yield iso["alpha3"], called, people, _first(known.capital())


def _first(capital: str | Sequence[str] | None) -> str:
    """A country's capital; the first of several."""
    if not capital:
        return ""
    return capital if isinstance(capital, str) else capital[0]


@cache
def _provinces() -> Mapping[str, str]:
    """Province, in lower case -> its country, where only one country has a province of that name."""
    owners: dict[str, set[str]] = defaultdict(set)
    for known in all_countries():
        for province in known.provinces() or ():
            owners[province.lower()].add(known.iso().get("alpha3", ""))
    return {province: next(iter(codes)) for province, codes in owners.items() if len(codes) == 1}


@cache
def _own() -> Mapping[str, Any]:
    held: Mapping[str, Any] = json.loads((files("training.fitting") / "lexicon.json").read_text(encoding="utf-8"))
    return held


def _counts(readings: Iterable[Reading]) -> tuple[Counter[str], Counter[str]]:
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for reading in readings:
        for token in reading.tokens:
            if token.text[0].isalpha():
                (upper if token.text[0].isupper() else lower)[token.lower] += 1
    return lower, upper


def _verbs(readings: Iterable[Reading], words: frozenset[str]) -> frozenset[str]:
    """The words that often follow a name and end as news verbs do: says, kills, agreed."""
    wording = Wording(words, frozenset(), {})
    seen: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for reading in readings:
        said = wording.masked(reading)
        for one, other in pairwise(said):
            if other.text[0].isalpha():
                seen[other.text] += 1
                after[other.text] += one.text in _NAMED
    return frozenset(
        w
        for w, n in seen.items()
        if n >= _VERB_SEEN and after[w] >= _VERB_SHARE * n and w.endswith(("s", "ed")) and w not in STOP
    )


def _named(reading: Reading) -> set[str]:
    return {m.name.iso3 for m in reading.mentions if m.name.kind in (Kind.LAND, Kind.PEOPLE)}


@dataclass(frozen=True, slots=True)
class _Company:
    """How often each capitalised phrase is seen, beside which countries, and how often each country is named."""

    seen: Counter[str]
    beside: Mapping[str, Counter[str]]
    often: Counter[str]
    readings: int


def _company(readings: Sequence[Reading]) -> _Company:
    seen: Counter[str] = Counter()
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    often: Counter[str] = Counter()
    for reading in readings:
        named = _named(reading)
        often.update(named)
        for phrase in set(_capitalised(reading)):
            seen[phrase] += 1
            beside[phrase].update(named)
    return _Company(seen, beside, often, len(readings))


def _cues(company: _Company, lower: Counter[str], upper: Counter[str], words: frozenset[str]) -> list[Name]:
    """What the feed teaches, then what is known by hand, which wins."""
    known = {spelling.lower() for spelling in actors.table()}
    cues = []
    for phrase, beside in sorted(company.beside.items()):
        parts = phrase.split(" ")
        if (
            (company.seen[phrase] < _LEAST_SEEN and phrase not in _provinces())
            or parts[0] == "the"
            or all(p in words or p in _INNER for p in parts)
            or phrase in known
        ):
            continue
        if len(parts) == 1 and lower[phrase] > _ORDINARY * upper[phrase]:
            continue
        name = _cue(phrase, beside, company.seen[phrase], company.often, company.readings)
        if name is not None:
            cues.append(name)
    return [*cues, *_known(company)]


def _known(company: _Company) -> Iterator[Name]:
    """The names listed by hand, but for those that the feed keeps beside another country."""
    listed = json.loads((files("training.fitting") / "known.json").read_text(encoding="utf-8"))
    for code, spellings in listed["names"].items():
        for spelling in spellings:
            beside = company.beside.get(" ".join(token.lower for token in tokenize(spelling)), Counter[str]())
            other = max((count for one, count in beside.items() if one != code), default=0)
            if other <= _CONTRADICTED * beside[code] + _BELIEVED:
                share = (beside[code] + _BELIEVED) / (beside.total() + _BELIEVED)
                yield Name(Kind.CUE, spelling, code, share=round(share, 3))


def _cue(phrase: str, company: Counter[str], seen: int, often: Counter[str], readings: int) -> Name | None:
    ranked = _ranked(company)
    if not ranked:
        return None
    code, together = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0
    share = together / company.total()
    if _provinces().get(phrase) == code and share >= _LEAST_SHARE:
        return Name(Kind.CUE, phrase, code, share=round(share, 3))
    lift = (together / seen) / (often[code] / readings)
    good = together >= _LEAST_TOGETHER and together >= _AHEAD * second and together / seen >= _LEAST_OFTEN
    if not good or share < _LEAST_SHARE or lift < _LEAST_LIFT:
        return None
    return Name(Kind.CUE, phrase, code, share=round(share * together / (together + 1), 3))


def _ranked(company: Counter[str]) -> list[tuple[str, int]]:
    """Countries by how often, those that stand even by their codes: a set's order, by which they were counted, is another in every process."""
    return sorted(company.items(), key=lambda one: (-one[1], one[0]))


def _capitalised(reading: Reading) -> Iterator[str]:
    """The capitalised phrases that no name covers yet, in lower case."""
    tokens = reading.tokens
    covered = {at for mention in reading.mentions for at in range(mention.first, mention.last)}
    for at, token in enumerate(tokens):
        if not token.text[0].isupper() or at in covered:
            continue
        for end in range(at + 1, min(at + _LONGEST, len(tokens)) + 1):
            last: Token = tokens[end - 1]
            if end - 1 in covered or not (last.text[0].isupper() or last.lower in _INNER):
                break
            if last.text[0].isupper():
                yield " ".join(t.lower for t in tokens[at:end])


def _sources(readings: Iterable[Reading]) -> dict[str, tuple[str, float]]:
    reports: dict[str, Counter[str]] = defaultdict(Counter)
    for reading in readings:
        named = _named(reading)
        if len(named) == 1:
            for source in reading.bullet.sources:
                reports[source].update(named)
    found = {}
    for source, company in sorted(reports.items()):
        code, most = _ranked(company)[0]
        if (
            company.total() >= _LEAST_REPORTS
            and most >= _REPORTS_SHARE * company.total()
            and "\t" not in source
            and "\n" not in source
        ):
            found[source] = (code, round(most / company.total(), 3))
    return found

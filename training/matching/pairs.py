"""Which truces of different sources are one. The decision, its figures and how they were got: docs/decisions/0009.

A register's truce that carries the very id that a codebook truce names is that truce. Otherwise a score says how alike two
are, and only what is alike beyond doubt, and like no other, is taken as one; what is in doubt goes to a person.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from training.matching.sameness import FURTHEST, score
from truce.clock import DAY
from truce.store.matches import REVIEWED, Match, Place, place, shown_as
from truce.vocabulary import CODEBOOK, Truce

SAME_ID = "same-id-1"
NEAR = "near-1"
MATCHED = 0.65
"""From this score on two truces are taken as one."""
DOUBTFUL = 0.4
"""From this score on a person is asked."""
MARGIN = 0.05
"""A rival that comes as near as this makes a match doubtful."""

_NAMES = ("ccd:", "pax:")
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """That ``truce_id`` may be the truce ``same_as``: too alike to be passed over, not enough to be taken as one."""

    truce_id: str
    same_as: str
    score: float


@dataclass(frozen=True, slots=True)
class Matching:
    """What the rules say of all truces, and what they leave to a person."""

    matches: list[Match]
    doubtful: list[Doubt]


@dataclass(frozen=True, slots=True)
class _Pair:
    truce: Truce
    other: Truce
    exact: bool
    score: float

    @property
    def rank(self) -> tuple[bool, float, int, str, str]:
        """Best first: by id, then by score; the rest only makes the order the same every time."""
        apart = abs((self.truce.effective_date - self.other.effective_date).days)
        return (not self.exact, -self.score, apart, self.truce.truce_id, self.other.truce_id)


def match(truces: Sequence[Truce], said: Mapping[str, Match]) -> Matching:
    """Match the truces of each source with those of the sources before it, one to one.

    Args:
        truces: every truce of the store, of whatever source.
        said: truce -> the latest word on it, the newest last. What a person said stands, and is told of the truce that it
            hides; what a rule said and does not hold any more is taken back.
    """
    places = places_of(truces)
    reviewed = [word for word in said.values() if word.rule == REVIEWED]
    upright = told_of_the_hidden(reviewed, places)
    same = shown_as(reviewed, places)
    judged = set(same) | {word.truce_id for word in reviewed if word.same_as is None}
    matches = [word for word in upright if said.get(word.truce_id) != word]
    doubtful: list[Doubt] = []
    before: list[Truce] = []
    for coding, members in groupby(sorted(truces, key=_turn), key=lambda truce: truce.coding):
        own = list(members)
        if coding != CODEBOOK:
            roots = {name: _root(name, same) for name in places}
            given = {end for t in own for end in (t.truce_id, roots[t.truce_id]) if t.truce_id in same}
            # Of two of one source that a person made one, the one that is shown may still be matched with another source's.
            given -= {t.truce_id for t in own if t.truce_id not in same}
            found = _one_to_one(_pairs([t for t in own if t.truce_id not in judged], before), roots, given)
            same |= {one.truce_id: one.same_as for one in found.matches if one.same_as is not None}
            matches += found.matches
            doubtful += found.doubtful
        before += own
    return Matching([*matches, *_taken_back(same, matches, said)], doubtful)


def told_of_the_hidden(reviewed: Sequence[Match], places: Mapping[str, Place]) -> list[Match]:
    """What persons said, one word on each truce that it hides, whichever of the two it was said of."""
    said = {word.truce_id: word for word in reviewed}
    heads = shown_as(reviewed, places)
    words: list[Match] = []
    for name, head in heads.items():
        word = said.get(name)
        other = None if word is None else word.same_as
        # A word that leads on towards the head is left as it was said; one place further each time, it leads in no circle.
        leads = other is not None and (other == head or (heads.get(other) == head and places[other] < places[name]))
        words.append(word if word is not None and leads else Match(name, head, REVIEWED, 1.0))
    return words


def places_of(truces: Iterable[Truce]) -> dict[str, Place]:
    """Truce -> its place among the codings."""
    return {truce.truce_id: place(truce.coding) for truce in truces}


def _one_to_one(pairs: Iterable[_Pair], roots: Mapping[str, str], given: set[str]) -> Matching:
    """Best first; a truce, and the truce it is found to be, are taken once, and what is ``given`` away not at all."""
    ranked = sorted(pairs, key=lambda pair: pair.rank)
    rivals: dict[str, list[_Pair]] = defaultdict(list)
    for pair in ranked:
        rivals[pair.truce.truce_id].append(pair)
        rivals[roots[pair.other.truce_id]].append(pair)
    # What is matched is out of the question for all others; what is in doubt may still be another's.
    settled = set(given)
    asked: set[str] = set()
    matches: list[Match] = []
    doubtful: list[Doubt] = []
    for pair in ranked:
        name, root = pair.truce.truce_id, roots[pair.other.truce_id]
        ends = {name, root}
        if ends & (settled | asked):
            continue
        if pair.exact or (
            pair.score >= MATCHED and not _rivalled(pair, [*rivals[name], *rivals[root]], roots, settled)
        ):
            settled |= ends
            matches.append(Match(name, root, *((SAME_ID, 1.0) if pair.exact else (NEAR, pair.score))))
        elif pair.score >= DOUBTFUL:
            asked |= ends
            doubtful.append(Doubt(name, root, pair.score))
    return Matching(matches, doubtful)


def _rivalled(pair: _Pair, rivals: Iterable[_Pair], roots: Mapping[str, str], settled: set[str]) -> bool:
    """Whether one of the two is nearly as much like a third that is still to be had."""
    ends = {pair.truce.truce_id, roots[pair.other.truce_id]}
    others = (
        {rival.truce.truce_id, roots[rival.other.truce_id]} for rival in rivals if rival.score > pair.score - MARGIN
    )
    return any(other != ends and not other & settled for other in others)


def _pairs(truces: Sequence[Truce], others: Sequence[Truce]) -> Iterator[_Pair]:
    """Every pair that shares an id, or that began within some days of each other and is alike at all."""
    by_day = sorted(others, key=lambda truce: truce.effective_date)
    days = [truce.effective_date for truce in by_day]
    by_id: dict[str, list[Truce]] = defaultdict(list)
    for other in others:
        for name in names_of(other):
            by_id[name].append(other)
    for truce in truces:
        exact = {other.truce_id: other for name in names_of(truce) for other in by_id.get(name, ())}
        yield from (_Pair(truce, other, exact=True, score=_rounded(truce, other)) for other in exact.values())
        window = slice(
            bisect_left(days, truce.effective_date - FURTHEST * DAY),
            bisect_right(days, truce.effective_date + FURTHEST * DAY),
        )
        open_ = (other for other in by_day[window] if other.truce_id not in exact and not _told_apart(truce, other))
        near = ((other, _rounded(truce, other)) for other in open_)
        yield from (_Pair(truce, other, exact=False, score=alike) for other, alike in near if alike > 0)


def names_of(truce: Truce) -> tuple[str, ...]:
    """The ids under which the registers know a truce; those of a text that ended it name another one."""
    written = (*truce.ids, *truce.evidence_start, *([f"ccd:{truce.ccd}"] if truce.ccd else []))
    return tuple(dict.fromkeys(name for name in written if name.startswith(_NAMES)))


def _told_apart(truce: Truce, other: Truce) -> bool:
    """Whether both have a number of the ceasefire register, which numbers each ceasefire once, and not the same."""
    ours, theirs = ({name for name in names_of(one) if name.startswith("ccd:")} for one in (truce, other))
    return bool(ours and theirs) and not ours & theirs


def _taken_back(same: Mapping[str, str], matches: Sequence[Match], said: Mapping[str, Match]) -> list[Match]:
    """Words that hold no more: a rule's that it does not say now, and a person's that is told of the other truce instead."""
    held = {one.truce_id for one in matches}
    words = [word for name, word in said.items() if word.same_as is not None and name not in held]
    return [Match(w.truce_id, None, NEAR, 0.0) for w in words if w.rule != REVIEWED or w.truce_id not in same]


def _root(name: str, same: Mapping[str, str]) -> str:
    while name in same:
        name = same[name]
    return name


def _turn(truce: Truce) -> tuple[Place, str]:
    return place(truce.coding), truce.truce_id


def _rounded(truce: Truce, other: Truce) -> float:
    return round(score(truce, other), _DIGITS)

"""Who may be counted among the dead of a text: its numbers and its single persons, and what speaks for each of them.

A lower bound is sought, sides summed, never the running total of a war. Which candidates count is a matter of their wording,
so it is fitted like all else; how they add up is weighed in ``adding``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.text.headcount import known, numbers, ones
from models.text.names import Kind
from models.text.phrases import ROLES, Phrase
from models.text.reading import Reading
from models.text.tokens import Token
from models.text.wording import stem
from truce.vocabulary import EventType

_HEDGE = (
    r"(?:at least |at most |more than |over |about |around |some |up to |nearly |almost |approximately |as many "
    r"as |an estimated |the |all |another |"
    r"a total of |fewer than |roughly |a further |an additional )*"
)
_KILL = (
    r"(?:kill(?:s|ed|ing)?|murder(?:s|ed|ing)?|execut(?:e|es|ed|ing)|behead(?:s|ed|ing)?|hack(?:s|ed|ing)?|los(?:es?|t)|claim(?:s|ed|ing)? the "
    r"li(?:fe|ves) of|deaths? of|leav(?:es|ing)|left|"
    r"bod(?:y|ies) of|massacr(?:es?|ed|ing|e of)|assassinat(?:es?|ed|ing)|assassination of|killing of|murder of|"
    r"execution of|neutrali[sz](?:es|ed|ing)|"
    r"shoot(?:s|ing)? dead|shot dead|shoots and kills|hang(?:s|ed|ing)|losing|loss of|takes? the li(?:fe|ves) of)"
)
_KILLED = (
    r"(?:killed|dead|dies?|died|dying|slain|murdered|executed|beheaded|assassinated|massacred|shot dead|gunned "
    r"down|(?:stabbed|beaten|shot|hacked|stoned|burned|tortured|put) to death|hanged|"
    r"lynched|found dead|executions|martyred|perish(?:ed)?|lost their lives|fatally \w+|deaths|fatalities|casualties|bodies|"
    r"corpses|neutrali[sz]ed)\b"
)
_HURT = r"(?:injur|wound|hurt|arrest|detain|missing|kidnap|captur|rescu|abduct|displac|hospitali|flee|fled|survi|escap)"
_LEFT = {
    name: re.compile(pattern)
    for name, pattern in {
        "killing": rf"\b{_KILL} {_HEDGE}$",
        "killing near": rf"\b{_KILL} (?:(?!{_HURT}|\d)[^\s.;]+ ){{1,5}}$",
        "killing and": rf"\b{_KILL} [^.;]{{0,70}}?(?:,| and) {_HEDGE}$",
        "toll": rf"\btolls? [^.]{{0,180}}?(?:to|at|reaches|reached|passes|is|of) {_HEDGE}$",
        "including": r"\b(?:including|among them|of them|of whom|whom|\()(?: at least| the)? ?$",
        "hurting": rf"\b{_HURT}\w* {_HEDGE}$",
        "by": r"\bby (?:the |an? |two |three |four )?$",
        "war": (
            r"\b(?:since|in total|so far|overall|during the war|this year|this month|past (?:week|month|year)) "
            r"[^.]{0,60}$"
        ),
    }.items()
}
_RIGHT = {
    name: re.compile(pattern)
    for name, pattern in {
        "killed": rf"^(?: (?!{_HURT}|and\b|when\b|after\b|\d)[^\s,.;]+){{0,7}}? ?\b{_KILLED}",
        "killed across": rf"^(?: (?!{_HURT})[^.;]+?){{0,1}} and (?:(?!{_HURT})[^.;]+?) {_KILLED}",
        "killed later": rf"^[^.;]{{0,110}}?\b{_KILLED}",
        "is killed": rf"^[^.;]{{0,160}}?\b(?:is|was|are|were|been|being|be) (?:\w+ )?{_KILLED}",
        "hurt": rf"^(?: (?!and\b)[^\s,.;]+){{0,4}}? ?(?:are |were |is |was |being )?\b{_HURT}",
        "hurt later": rf"^[^.;]{{0,60}}?\b{_HURT}",
        "since": r"^[^.]{0,80}\b(?:since|over the past|in the past|so far|this year|to date|in total|overall)\b",
        "killing": (
            r"^[^.;]{0,60}?\b(?:who |which |that )?(?:kill(?:s|ed|ing)?|open(?:s|ed)? fire|attack|ambush|murder|"
            r"shoot|shot)(?! dead)"
        ),
        "no people": (
            r"^ ?-? ?(?:year|month|week|day|hour|percent|per cent|%|times|km|miles|kilomet|rockets|missiles|"
            r"vehicles|tanks|houses|bombs|explosions|attacks|"
            r"countries|th\b|st\b|nd\b|rd\b|January|February|March|April|May|June|July|August|September|October|"
            r"November|December)"
        ),
        "others": r"^ others\b",
    }.items()
}
_ROOM = 200
_LATE = 4
_WINDOW = 5
_CLOSE = 2
_KILLS = re.compile(
    r"kill|dead|die[sd]?$|dying|death|murder|slain|execut|behead|assassin|massacr|bod(?:y|ies)$|fatal|toll|casualt|lynch|"
    r"hang(?:s|ed)$|gunned|corpse|neutrali|lives$|life$|perish|martyr"
)
_HURTS = re.compile(_HURT.replace("missing", "missing|injuries"))
ENDS = frozenset({".", "!", "?", ";"})
_NAMED = 2
_NEAR = 4
_PERSONS = 8
"""So many phrases are looked at for a single person killed."""


class Sort(StrEnum):
    """What a candidate is."""

    NUMBER = "number"
    ONE = "one"
    """A soldier, another person, both pilots."""
    KNOWN = "known"
    """The gunman, his driver, himself: someone spoken of before, beside a word of killing."""
    SOMEBODY = "somebody"
    """Someone who is named; whoever looks most like the victim stands for all of them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of people, or one, who may be among the dead: the tokens ``first`` to ``last`` (exclusive)."""

    value: int
    first: int
    last: int
    sort: Sort
    signs: tuple[str, ...]


def candidates(reading: Reading, phrases: Sequence[Phrase]) -> list[Candidate]:
    """The numbers and the single persons of a text, in order."""
    found = [_seen(reading, *count, Sort.NUMBER) for count in numbers(reading.tokens)]
    found += [_seen(reading, *count, Sort.ONE) for count in ones(reading.tokens, {n.first for n in found})]
    taken = {at for c in found for at in range(c.first - 1, c.last + 4)}
    people = [
        _seen(reading, 1, phrase.first, phrase.last, Sort.SOMEBODY)
        for phrase in phrases[:_PERSONS]
        if phrase.first not in taken and not _are_many(phrase, reading.tokens[phrase.last - 1])
    ]
    named = sorted(people, key=_victim, reverse=True)[:_NAMED]
    found += [c for k, c in enumerate(named) if not k or _victim(c) > 0]
    inside = {at for c in found for at in range(c.first, c.last)}
    spoken_of = [_seen(reading, *count, Sort.KNOWN) for count in known(reading.tokens, inside)]
    found += [c for c in spoken_of if _victim(c) > 0 or _is_near_killing(c, reading.tokens)]
    return sorted(found, key=lambda c: c.first)


def _is_near_killing(candidate: Candidate, tokens: Sequence[Token]) -> bool:
    near = (tokens[max(0, candidate.first - _NEAR) : candidate.first], tokens[candidate.last : candidate.last + _NEAR])
    return any(hue(token) == "kill" for side in near for token in side)


def _are_many(phrase: Phrase, last: Token) -> bool:
    """Whether a phrase names a people, a group or a plural: Palestinians, rebels."""
    plain = last.text.islower() or last.lower in ROLES or phrase.kinds[-1:] in ((Kind.PEOPLE,), (Kind.GROUP,))
    return plain and last.lower.endswith("s")


def _victim(candidate: Candidate) -> float:
    """How much a named person looks like the victim: the object of killing first, then the subject of being killed."""
    return (
        4.0 * ("<killing" in candidate.signs)
        + 2.0 * ("<killing near" in candidate.signs)
        + sum("kill" in sign for sign in candidate.signs)
    )


def features(
    candidate: Candidate, order: int, rivals: Sequence[Candidate], reading: Reading, kind: EventType
) -> dict[str, float]:
    """What speaks for a candidate being counted.

    Args:
        candidate: one of ``rivals``.
        order: its place among them.
        rivals: all candidates of the text.
        reading: the text.
        kind: what is told.
    """
    tokens, tag = reading.tokens, candidate.sort.value
    others = [c for c in rivals if c is not candidate and any("kill" in sign for sign in c.signs)]
    signs = [*candidate.signs, f"kind {kind}", "opens" if candidate.first <= 1 else f"order {min(order, _LATE)}"]
    signs += sorted({f"beside {c.sort}" for c in others}) or ["alone"]
    signs += [f"before:{stem(token.lower)}" for token in tokens[max(0, candidate.first - 1) : candidate.first]]
    signs += [f"after:{stem(token.lower)}" for token in tokens[candidate.last : candidate.last + 1]]
    paired = [sign for sign in signs if sign[0] in "<>ba" and ":" not in sign]
    seen = [tag, *(f"{tag} {sign}" for sign in (*signs, *_hues(candidate, rivals, tokens)))]
    seen += [f"{tag} {one} {other}" for k, one in enumerate(paired) for other in paired[k + 1 :]]
    seen += [f"{tag} {word}" for word in _around(candidate, rivals, tokens)]
    if candidate.sort is Sort.NUMBER:
        seen.append(f"size {len(str(candidate.value))}")
        beside = {
            "before": tokens[max(0, candidate.first - 1) : candidate.first],
            "after": tokens[candidate.last :][:1],
        }
        seen += [f"number capital {side}" for side, word in beside.items() if word and word[0].text[0].isupper()]
    if parts(candidate, rivals, tokens):
        seen.append("whole")
    return dict.fromkeys(seen, 1.0)


def hue(token: Token) -> str:
    """Whether a word speaks of killing, or of lesser harm."""
    return "kill" if _KILLS.match(token.lower) else "hurt" if _HURTS.match(token.lower) else ""


def _hues(candidate: Candidate, rivals: Sequence[Candidate], tokens: Sequence[Token]) -> list[str]:
    """The nearest word of killing or harm on either side: up to the next candidate, and up to the end of the sentence."""
    others = {at for c in rivals if c is not candidate for at in range(c.first, c.last)}
    sides = {"<": range(candidate.first - 1, -1, -1), ">": range(candidate.last, len(tokens))}
    signs = []
    for side, places in sides.items():
        near, carried, passed = "", "", False
        for at in places:
            if tokens[at].text in ENDS:
                break
            passed = passed or at in others
            found = hue(tokens[at])
            if found:
                near, carried = "" if passed else found, found
                break
        signs += [f"{side}near {near or 'none'}", f"{side}far {carried or 'none'}"]
    return signs


def _around(candidate: Candidate, rivals: Sequence[Candidate], tokens: Sequence[Token]) -> list[str]:
    """The words before and behind a candidate, up to the next one or the end of the sentence."""
    others = {at for c in rivals if c is not candidate for at in range(c.first, c.last)}
    sides = {
        "l": range(candidate.first - 1, max(-1, candidate.first - 1 - _WINDOW), -1),
        "r": range(candidate.last, min(len(tokens), candidate.last + _WINDOW)),
    }
    seen = []
    for side, places in sides.items():
        reached = itertools.takewhile(lambda at: tokens[at].text not in ENDS and at not in others, places)
        for order, at in enumerate(reached, start=1):
            word = stem(tokens[at].lower)
            seen += [f"{side}:{word}", f"{side}{order}:{word}"][: 1 + (order <= _CLOSE)]
    return seen


def parts(whole: Candidate, rivals: Sequence[Candidate], tokens: Sequence[Token]) -> Sequence[Candidate]:
    """The candidates behind a number in its sentence that add up to it: ten people, nine police and one civilian."""
    if whole.sort is not Sort.NUMBER or whole.value <= 1:
        return ()
    behind = [c for c in rivals if c.first >= whole.last]
    end = next((at for at in range(whole.last, len(tokens)) if tokens[at].text in ENDS), len(tokens))
    behind = [c for c in behind if c.first < end]
    runs = [behind[skip : skip + many] for many in range(2, len(behind) + 1) for skip in (0, 1)]
    return next((run for run in runs if len(run) > 1 and sum(c.value for c in run) == whole.value), ())


def _seen(reading: Reading, value: int, first: int, last: int, sort: Sort) -> Candidate:
    told = reading.bullet.told
    start, end = reading.tokens[first].start, reading.tokens[last - 1].end
    left, right = told[max(0, start - _ROOM) : start].lower(), told[end : end + _ROOM]
    signs = [f"<{name}" for name, pattern in _LEFT.items() if pattern.search(left)]
    signs += [f">{name}" for name, pattern in _RIGHT.items() if pattern.search(right)]
    signs.append("main" if reading.in_main(start) else "first" if reading.in_first(start) else "rest")
    return Candidate(value, first, last, sort, tuple(signs))

"""Whether what is told has happened, and what it means for a truce: the wordings that speak for each answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from models.text.reading import Reading
from truce.vocabulary import EventType

_AGREEMENT = (
    r"(?:cease-?fires?|truces?|armistices?|peace (?:deal|agreement|accord|treaty|settlement|pact)s?|cessation of "
    r"hostilities)"
)
_PAUSE = rf"(?:{_AGREEMENT}|humanitarian pauses?|pause|lull)"

_SIGNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "anniversary": (
            r"\banniversar(?:y|ies)\b|\bcommemorat\w+|\bin memory of\b|\bmemorial (?:service|ceremony|day)\b|"
            r"\bremembrance\b"
        ),
        "ago": (
            r"\b(?:years|decades|centuries|months|century) (?:ago|earlier|after|since|on)\b|\bdecades-old\b|"
            r"\bhistoric(?:al)? (?:crimes?|massacre)\b"
        ),
        "remembers": r"\b(?:remember|recall|honou?r|mourn|mark)(?:s|ed|ing)?\b",
        "disclosed": (
            r"\b(?:declassif\w+|archives?|memoirs?|unsealed|documentary|historians?|exhum\w+|tribunal|cold[- "
            r"]case)\b"
        ),
        "old year": r"\b(?:1[89]\d\d|World War|Cold War|Civil War of|Holocaust|Nazi)\b",
        "expected": (
            r"\b(?:is|are|was|were|widely|being) expected\b|\bexpects? (?:to|a|the)\b|\blikely to\b|\bset to\b|"
            r"\bdue to (?=\w+ (?:on|in|next|a|the))"
            r"|\bscheduled\b|\bslated\b|\bpoised to\b"
        ),
        "will": r"\b(?:will|would|shall|to be)\b(?! not\b)",
        "will not": r"\b(?:will|would|shall) (?:not|never)\b|\bwon't\b",
        "may": r"\b(?:may|might|could|can)\b(?! \d)",
        "plans": (
            r"\b(?:plan(?:s|ned|ning)?|intend(?:s|ed)?|aims?|hopes?|prepar(?:es|ing)|consider(?:s|ing)|mull(?:s|"
            r"ing)|weigh(?:s|ing)|seek(?:s|ing)?|ready|"
            r"vows?|pledg(?:es|ed)|promis(?:es|ed)|propos(?:es|ed|al)|drafts?|discuss(?:es|ing)?) (?:to|for|on|a|an|"
            r"the|whether|over|by)\b"
        ),
        "calls": (
            r"\bcall(?:s|ed|ing)? (?:for|on|upon)\b|\burg(?:es|ed|ing)\b|\bdemand(?:s|ed|ing)?\b|\bappeal(?:s|ed|"
            r"ing)? (?:for|to)\b"
        ),
        "next": (
            r"\b(?:next|coming|later this|by the end of|in the coming|tomorrow|upcoming|forthcoming|within "
            r"(?:days|weeks|months))\b"
        ),
        "announces": r"\bannounc(?:es|ed|ing)\b|\bsays? (?:that )?(?:it|he|she|they)\b",
        "negated": (
            r"\b(?:den(?:y|ies|ied|ying)|refus(?:es|ed|ing|al)|reject(?:s|ed|ing)?|rul(?:es|ed|ing) out|no longer|"
            r"never|not|dismiss(?:es|ed)|declin(?:es|ed))\b"
        ),
        "if": r"\b(?:if|unless|until|should|in case|provided)\b",
        "reportedly": r"\b(?:reportedly|allegedly|alleged|rumou?red|claims? that)\b",
        "planned noun": (
            r"\b(?:planned|proposed|possible|potential|imminent|future|prospective|draft|anticipated|looming)\b"
        ),
    }.items()
}
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_LONG_AGO = 3

_TRUCE = re.compile(
    rf"\b(?:{_PAUSE}|peace (?:talks|negotiations|process|plan|conference|summit|proposal|initiative)|cessation of "
    rf"violence|disengagement|hostilities|"
    r"(?:suspend|halt|stop)\w* (?:all )?(?:attacks|offensive|military operations|hostilities|fighting)|"
    r"withdraw\w* from|de-?escalat\w+)\b",
    re.IGNORECASE,
)
_ROLES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "agreement": rf"\b{_AGREEMENT}\b",
        "pause": r"\b(?:pause|lull)\b",
        "process": r"\bpeace (?:talks|negotiations|process|plan|conference|summit|proposal|initiative)\b",
        "hostilities": r"\b(?:hostilities|disengagement|de-?escalat\w+)\b",
        "halts": (
            r"\b(?:suspend|halt|stop)\w* (?:all )?(?:attacks|offensive|military operations|hostilities|fighting)\b"
        ),
        "ends it": (
            rf"\b(?:ends?|ended|ending|calls? off|called off|abandon\w*|scrap\w*|renounc\w+|withdr\w+ from|"
            rf"terminat\w+|suspend\w*|annul\w*|"
            rf"tears? up|cancel\w*) .{{0,40}}{_PAUSE}"
        ),
        "it ends": (
            rf"{_PAUSE} .{{0,40}}\b(?:collaps\w+|is over|are over|breaks? down|broke down|ends?|ended|failed|"
            rf"fails|expires?|expired|falls? apart|unravel\w*)"
        ),
        "violates": (
            rf"\b(?:violat\w+|breach\w*|despite|break(?:s|ing)?|broken|broke|in spite of|defiance of) "
            rf".{{0,40}}{_PAUSE}"
        ),
        "violated": rf"{_PAUSE} .{{0,40}}\b(?:violat\w+|breach\w*|broken)",
        "fighting after": (
            rf"\b(?:fighting|clashes|shelling|attacks?|killed) .{{0,60}}\b(?:after|during|amid|hours into|day "
            rf"after) .{{0,20}}{_PAUSE}"
        ),
        "extends": (
            rf"\b(?:extend\w*|extension|renew\w*|prolong\w*) .{{0,40}}{_PAUSE}|{_PAUSE} .{{0,40}}\b(?:extended|"
            rf"extension|renewed|prolonged)"
        ),
        "starts": (
            rf"\b(?:sign\w*|agree\w*|declar\w+|announc\w+|reach\w*|accept\w*|begin\w*|enter\w* into|start\w*|"
            rf"order\w*|implement\w*|brokers?|brokered) .{{0,80}}{_PAUSE}"
        ),
        "takes effect": (
            rf"{_PAUSE} .{{0,60}}\b(?:takes? effect|took effect|into (?:effect|force)|begins?|began|is (?:agreed|"
            rf"signed|reached|announced)|holds?|holding|starts?)"
        ),
        "wants": (
            rf"\b(?:call\w*|propos\w+|demand\w*|urg\w+|negotiat\w+|talks|offer\w*|seek\w*|hope\w*|ready|want\w*|"
            rf"appeal\w*|mediat\w+|discuss\w*) .{{0,80}}{_PAUSE}"
        ),
        "refuses": rf"\b(?:reject\w*|refus\w+|rul\w+ out|no) .{{0,60}}{_PAUSE}",
        "while": rf"\b(?:after|since|under|ahead of|following|part of|terms of|amid|during) .{{0,40}}{_PAUSE}",
    }.items()
}


def features(kind: EventType, worded: Mapping[str, float], reading: Reading, day: date) -> dict[str, float]:
    """What tells whether it happened: its wording, the signs of the main clause, and years long gone or ahead.

    Args:
        kind: what is told; a request or a threat needs no question.
        worded: the features of the wording.
        reading: the text.
        day: when it was written.
    """
    begin, end = reading.bullet.main
    main, first = reading.bullet.told[begin:end], reading.bullet.told[: reading.bullet.first_end]
    signs = [f"main {name}" for name, pattern in _SIGNS.items() if pattern.search(main)]
    signs += [f"first {name}" for name, pattern in _SIGNS.items() if pattern.search(first)]
    signs += _years(first, day)
    return {**worded, **_signed(kind, signs)}


def speaks_of_truce(reading: Reading) -> bool:
    """Whether a truce, or talk of one, is mentioned at all."""
    return bool(_TRUCE.search(reading.bullet.told) or _TRUCE.search(reading.bullet.topic))


def truce_features(kind: EventType, worded: Mapping[str, float], reading: Reading) -> dict[str, float]:
    """What tells the role in a truce: the wording, and how its first sentence and the rest speak of a truce."""
    told, cut = reading.bullet.told, reading.bullet.first_end
    signs = [f"first {name}" for name, pattern in _ROLES.items() if pattern.search(told[:cut])]
    signs += [f"rest {name}" for name, pattern in _ROLES.items() if pattern.search(told[cut:])]
    return {**worded, **_signed(kind, signs)}


def _years(text: str, day: date) -> Iterator[str]:
    for year in map(int, _YEAR.findall(text)):
        if year > day.year:
            yield "year ahead"
        elif year < day.year - _LONG_AGO:
            yield "year long ago"


def _signed(kind: EventType, signs: list[str]) -> dict[str, float]:
    return dict.fromkeys(
        [f"kind {kind}", *(f"sign {sign}" for sign in signs), *(f"{kind} sign {sign}" for sign in signs)], 1.0
    )

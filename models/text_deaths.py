"""How many people a text says were killed in the event: a lower bound, never a running total of a war."""

from __future__ import annotations

import re
from collections.abc import Mapping

_DEAD = r"(?:killed|dead|slain|die[sd]?|shot dead|martyred|executed|beheaded|deaths?)"
_KILLS = (
    r"(?:kill(?:s|ed|ing)?|murder(?:s|ed|ing)|execut(?:es|ed|ing)|behead(?:s|ed|ing)|claim(?:s|ed|ing) the lives? of|"
    r"leav(?:es|ing)|left)"
)
_HEDGE = (
    r"(?:at least |more than |over |about |around |some |up to |nearly |almost |approximately |as many as |"
    r"an estimated |the |all )*"
)


class DeathCounter:
    """Reads numbers next to words of killing, given what number words stand for."""

    def __init__(self, words: Mapping[str, int], most: int) -> None:
        """``words`` are the small numbers and the tens, which build twenty-three; more than ``most`` is a war."""
        self._words, self._most = dict(words), most
        word = "|".join(sorted(words, key=len, reverse=True))
        number = rf"(?<![$€£\d,.])(?!\d+[- ]year)(?:\d[\d,]*|(?:{word})(?:-(?:{word}))?)"
        between = r"(?: (?!injur|wound|leav|and\b|when\b|after\b|\d)[^\s,.;]+){0,7}?"
        also = (
            rf"(?:{between},? and {_HEDGE}({number})\b"
            r"(?! (?:\S+ )?(?:injur|wound|others (?:are |were )?(?:injur|wound))))?"
        )
        self._passive = re.compile(rf"\b{_HEDGE}({number})\b{also}{between}(?:, [^,.]{{1,80}},)?{between} {_DEAD}\b")
        self._active = re.compile(rf"\b{_KILLS} {_HEDGE}({number})\b(?! (?:\S+ )?(?:injur|wound)){also}")
        self._toll = re.compile(rf"\bdeath toll [^.]{{0,80}}?(?:to|at|reaches|passes) {_HEDGE}({number})\b")

    def count(self, lowered: str) -> int | None:
        """Deaths in a lower-case text; None when no number is stated, or only the toll of a whole war."""
        toll = self._toll.search(lowered)
        total = self._value(toll[1]) if toll else self._sum(lowered)
        return total if total is not None and total <= self._most else None

    def _sum(self, lowered: str) -> int | None:
        found: dict[int, int] = {}
        for pattern in (self._passive, self._active):
            for match in pattern.finditer(lowered):
                for group in (1, 2):
                    if match[group]:
                        found[match.start(group)] = self._value(match[group])
        return sum(found.values()) if found else None

    def _value(self, text: str) -> int:
        digits = text.replace(",", "")
        return int(digits) if digits.isdigit() else sum(self._words[part] for part in text.split("-"))

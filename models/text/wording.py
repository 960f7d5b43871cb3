"""How a text is worded: its tokens with names put behind masks, and the features that decisions rest on.

A mask lets "Hamas fires on Israel" and "the ELN fires on Colombia" be one wording. The main clause, its opening words and
the background speak through features of their own, since "after the attack" tells what happened before, not the news.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from models.text.names import Kind
from models.text.reading import Reading

_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBERS: dict[str, int] = {word: value for value, word in enumerate(_TO_NINETEEN.split())} | {
    word: 10 * tens for tens, word in enumerate(_TENS.split(), start=2)
}
"""Number words; ``twenty-three`` is two of them."""

_MASKS = {
    Kind.LAND: "@land", Kind.PEOPLE: "@people", Kind.PLACE: "@place", Kind.CUE: "@name", Kind.GROUP: "@group",
    Kind.BODY: "@body", Kind.NOTHING: "@name",
}  # fmt: skip
_MERGED = frozenset({"@name", "@number"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_ENDINGS = ("ings", "ing", "edly", "ies", "ied", "ed", "es", "s", "ions", "ion")
_SHORTEST_STEM = 3
_LEAD = 6
_OBJECT_ROOM = 7
_VERB_WEIGHT = 0.15
_LISTED_WEIGHT = 0.3
_STRETCH = 30
_SMALL = (
    "the a an of in to and for on at by with from that is are was were has have had been be its his her their it as "
    "he she they this which who after following between into over against about than more least out up"
)
STOP = frozenset(_SMALL.split())
"""Words too common to tell anything alone."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token as it counts for the wording, and where it stands."""

    text: str
    start: int


class Wording:
    """Reads the wording of texts, given the words of the language, its reporting verbs, and wordings that people listed."""

    def __init__(self, words: AbstractSet[str], verbs: AbstractSet[str], listed: Mapping[str, str]) -> None:
        """Remember them.

        Args:
            words: ordinary words, in lower case; a capital does not make a name of one of them.
            verbs: words that follow the name of somebody who acts.
            listed: name -> regular expression over lower-case text, of what begins with a word: what speaks for a type of event, by how much.
        """
        self._words = words
        self._verbs = verbs
        # Looking only where a word begins spares every pattern half of its tries.
        self._listed = {name: re.compile(rf"\b(?=\w){pattern}") for name, pattern in listed.items()}

    def masked(self, reading: Reading) -> list[Word]:
        """The tokens with names, numbers and unknown capitalised words masked; runs of the latter two are one."""
        out: list[Word] = []
        names = {mention.first: mention for mention in reading.mentions}
        at = 0
        while at < len(reading.tokens):
            token, mention = reading.tokens[at], names.get(at)
            if mention is not None:
                word, step = _MASKS[mention.name.kind], mention.last - at
            else:
                word, step = _plain(token.text, token.lower, self._words), 1
            if not (word in _MERGED and out and out[-1].text == word):
                out.append(Word(word, token.start))
            at += step
        return out

    def features(self, reading: Reading) -> dict[str, float]:
        """The features of a text: its word groups as a row of length 1, its verbs, and the listed wordings it holds."""
        said = self.masked(reading)
        begin, end = reading.bullet.main
        main = [word.text for word in said if begin <= word.start < end]
        rest = [stem(word.text) for word in said if not begin <= word.start < end]
        content = [stem(word) for word in main if word not in STOP and word[0].isalpha()]
        names = [
            *_grams("m", ["^", *main, "$"], 3),
            *_grams("s", [stem(word) for word in main], 1),
            *_grams("c", content, 2),
        ]
        names += [f"l{place // 2}:{word}" for place, word in enumerate(content[:_LEAD])]
        names += _grams("r", rest, 2)
        names += [f"h:{token.lower}" for token in reading.about_tokens]
        # A row of length 1, so that a long text shouts no louder than a short one.
        seen = dict.fromkeys(names, 1.0 / math.sqrt(len(set(names)) or 1))
        seen |= dict.fromkeys(
            self._acting([w.text for w in said if begin <= w.start < reading.bullet.first_end]), _VERB_WEIGHT
        )
        return seen | self._listed_in(reading)

    def _acting(self, words: Sequence[str]) -> Iterator[str]:
        """The first two verbs with who stands before them, and what they are done to."""
        verbs = [at for at, word in enumerate(words) if word in self._verbs][:2]
        for order, at in enumerate(verbs, start=1):
            verb, before = stem(words[at]), words[at - 1] if at else "^"
            done_to = [
                stem(word) for word in words[at + 1 : at + 1 + _OBJECT_ROOM] if word not in STOP and word[0].isalpha()
            ][:3]
            yield f"v{order}:{verb}"
            yield f"v{order} after:{verb} {before if before[0] == '@' else 'word'}"
            yield from (f"v{order} does:{verb} {thing}" for thing in done_to)
            yield from (f"v{order} to:{thing}" for thing in done_to[:2])
            yield from (f"v{order} whom:{verb} {word}" for word in words[at + 1 : at + 4] if word[0] == "@")
        if not verbs:
            yield "no verb"

    def _listed_in(self, reading: Reading) -> dict[str, float]:
        begin, end = reading.bullet.main
        whole = reading.bullet.told.lower()
        main = reading.bullet.told[begin:end].lower()
        seen: dict[str, float] = {}
        for name, pattern in self._listed.items():
            match = pattern.search(main)
            if match:
                seen |= {
                    f"k:{name}": _LISTED_WEIGHT,
                    f"k:{name} at {min(match.start() // _STRETCH, 3)}": _LISTED_WEIGHT,
                }
            elif main != whole and pattern.search(whole):
                seen[f"k:{name} behind"] = _LISTED_WEIGHT
        return seen


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without its ending: attacks, attacked and attacking meet. Masks and short words stay."""
    if word[0] != "@":
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                return word[: -len(ending)]
    return word


def _plain(text: str, lower: str, words: AbstractSet[str]) -> str:
    if text[0].isdigit():
        return "@year" if _YEAR.fullmatch(text) else "@number"
    if lower in NUMBERS:
        return "@number"
    return "@name" if text[0].isupper() and lower not in words else lower


def _grams(tag: str, words: Sequence[str], longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        for at in range(len(words) - length + 1):
            yield f"{tag}{length}:" + " ".join(words[at : at + length])

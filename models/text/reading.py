"""One text, read once: its parts, its tokens and the names in it. Every later question is asked of a reading."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from models.text.bullet import Bullet, check_readable, take_apart
from models.text.names import Gazetteer, Mention
from models.text.tokens import Token, tokenize
from truce.errors import BadInput

_ENOUGH_WORDS = 5
_ENGLISH_SHARE = 0.5
_LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What can be seen in a text. ``about`` holds the names in the headings it stands under, ``mentions`` those in itself."""

    bullet: Bullet
    tokens: Sequence[Token]
    mentions: Sequence[Mention]
    category: str
    about_tokens: Sequence[Token]
    about: Sequence[Mention]

    def in_main(self, place: int) -> bool:
        """Whether a character stands in the main clause."""
        begin, end = self.bullet.main
        return begin <= place < end

    def in_first(self, place: int) -> bool:
        """Whether a character stands in the first sentence."""
        return place < self.bullet.first_end


class Reader:
    """Reads texts, given the names and the ordinary words of the language."""

    def __init__(self, names: Gazetteer, words: AbstractSet[str]) -> None:
        """``words``: lower-case English words; a capital does not make a name of one of them."""
        self.names = names
        self.words = words

    def read(self, text: str, category: str = "") -> Reading:
        """Read one text, whatever it is."""
        bullet = take_apart(text)
        tokens = tokenize(bullet.told)
        about = tokenize(f"{bullet.topic} , {category}")
        return Reading(bullet, tokens, self.names.find(tokens), category, about, self.names.find(about))

    def check(self, text: str) -> None:
        """Refuse a text that is not one English report. Raises BadInput, as ``bullet.check_readable``."""
        check_readable(text)
        plain = [token.lower for token in tokenize(text) if token.text.islower() and len(token.text) >= _LEAST_LETTERS]
        if len(plain) >= _ENOUGH_WORDS and sum(word in self.words for word in plain) < _ENGLISH_SHARE * len(plain):
            raise BadInput("only English can be coded", code="not_english")

"""Text -> tokens with their places, the same way wherever a text is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S.
    r"|\d+(?:[.,]\d+)*"  # 1,204
    r"|[^\W\d_]+(?:['\u2019](?![sS]\b)[^\W\d_]+)*"  # Sana'a, but not the s of Iran's
    r"|['\u2019][sS]\b"
    r"|[^\w\s]"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or sign, and where it stands."""

    text: str
    lower: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, in order. Hyphens and slashes are tokens of their own: ``SDF-held`` names the SDF."""
    return [Token(m[0], m[0].lower().replace("\u2019", "'"), m.start(), m.end()) for m in _TOKEN.finditer(text)]

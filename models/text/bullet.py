"""A text taken apart: what it is about, what it tells, its main clause, and who reported it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from truce.errors import BadInput

MAX_CHARACTERS = 10_000
"""One report has a lead and a few paragraphs; a longer text is a collection, of which no single event can be coded."""

_LEAST_WORDS = 2
_LETTER_SHARE = 0.5
_LATIN_SHARE = 0.7
_HEADING = 100
_OPENING_ROOM = 15
"""A background word this near to the start belongs to the subject."""

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+")
_SOURCES = re.compile(r"(?:[\s,.;*]*[(\[][^()\[\]]{1,120}[)\]])+[\s,.;*]*$")
_SOURCE = re.compile(r"[()\[\]]+|, | via ")
_TOPIC = re.compile(r"^([^:.\"]{3,70}): (?=\S)")
_SENTENCE = re.compile(
    r"(?:(?<=[a-z0-9%\"\u201d)\]][.!?])|(?<=[a-z0-9%][.!?][\"\u201d]))"
    r"(?<! [A-Z]\.)(?<!\bvs\.)(?<!\bNo\.)(?<!\bSt\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)"
    r"(?<!\bGen\.)(?<!\bSen\.)(?<!\bGov\.)(?<!\bRep\.)(?<!\bLt\.)(?<!\bCol\.)(?<!\bMt\.)\s+(?=[A-Z\"\u201c\d])"
)
_OPENERS = (
    r"after|following|amid|amidst|in response to|during|despite|in reference to|in commemoration of|hours after|days after|"
    r"since|in an? [^,]{0,40}(?:interview|report|speech|letter|statement)|according to|with|"
    r"on \w+day|as|at a"
)
_OPENING = re.compile(rf"^(?:(?i:{_OPENERS})\b[^,]{{3,120}}|[Ii]n (?:\w+ )?[A-Z][^,]{{0,120}}), ")
_BACKGROUND = re.compile(
    r"[\s,](?:after\b|following\b|amid(?:st)?\b|in response to\b|in connection with\b|accused of\b|suspected of\b|"
    r"charged with\b|convicted of\b|who\b|which\b|whose\b|where\b|since\b|despite\b|because of\b|due to\b|in protest\b|"
    r"in retaliation for\b|ahead of\b|prior to\b|over\b|linked to\b|responsible for\b|as part of\b|believed to\b|"
    r"prompting\b|before\b|during\b|as\b(?= (?:\S+ ){1,3}(?:is|are|continues?|rages?|reaches)\b))"
)


@dataclass(frozen=True, slots=True)
class Bullet:
    """The parts of a text. Places are offsets into ``told``.

    ``topic`` is the heading before a colon ("Syrian civil war: ..."); ``told`` is what follows it, without sources.
    """

    topic: str
    told: str
    sources: tuple[str, ...]
    main: tuple[int, int]
    """The main clause of the first sentence, without the circumstance it may open with and the background it ends in."""
    first_end: int
    """Where the first sentence ends."""
    heading: bool
    """A bare title, which tells nothing."""


def take_apart(text: str) -> Bullet:
    """The parts of one text."""
    bare = _SOURCES.sub("", text)
    body = bare.strip()
    sources = tuple(name for part in _SOURCE.split(text[len(bare) :]) if (name := part.strip(" .;*,")))
    topic = _TOPIC.match(body)
    told = body[topic.end() :] if topic else body
    first_end = next((m.start() for m in _SENTENCE.finditer(told)), len(told))
    opening = _OPENING.match(told)
    begin = opening.end() if opening and opening.end() < first_end else 0
    end = next(
        (m.start() for m in _BACKGROUND.finditer(told, begin, first_end) if m.start() - begin >= _OPENING_ROOM),
        first_end,
    )
    return Bullet(topic[1] if topic else "", told, sources, (begin, end), first_end, _is_heading(text, body))


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order."""
    return [part for part in _SENTENCE.split(text) if part]


def check_readable(text: str) -> None:
    """Refuse what cannot be coded, with a code of its own for each reason.

    Raises:
        BadInput: ``no_text`` (empty, or noise), ``too_short`` (one word), ``too_long`` (over 10,000 characters) or
            ``not_english`` (another script; another language is told by its words, in ``reading``).
    """
    if len(text) > MAX_CHARACTERS:
        raise BadInput(
            f"a text of {len(text)} characters: send one report at a time, of at most {MAX_CHARACTERS}", code="too_long"
        )
    bare = text.strip()
    letters = sum(map(str.isalpha, bare))
    if not bare or "\x00" in bare or "\ufffd" in bare or letters < _LETTER_SHARE * len(bare.replace(" ", "")):
        raise BadInput("this is no text", code="no_text")
    if len(_LATIN.findall(bare)) < _LATIN_SHARE * letters:
        raise BadInput("only English can be coded", code="not_english")
    if len(_WORD.findall(bare)) < _LEAST_WORDS:
        raise BadInput("a single word tells of no event", code="too_short")


def _is_heading(text: str, body: str) -> bool:
    return body == text.strip() and len(body) < _HEADING and not body.endswith((".", "!", "?", '"', "\u201d"))

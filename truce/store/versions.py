"""What of an event is stored already, and whether what arrives says anything new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from truce.identity import content_of, digest
from truce.vocabulary import Event

MARK = "~"
"""Sets the number of a version apart from the event's id."""

Word = tuple[Event, str]
"""What is to be written of an event, and its digest."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an event that is stored: its digest, when it was known, when it was taken back, and whether by its feed."""

    mark: str
    known_at: datetime
    gone_at: datetime | None = None
    withdrawn: bool = False


def version_id(base: str, version: int) -> str:
    """The id of a version of an event; the first has the event's own."""
    return base if version == 1 else f"{base}{MARK}{version}"


def word_of(event: Event, versions: Sequence[Version], released: datetime | None) -> Word | None:
    """What is to be written of an event, with its digest; None when it has been said before.

    A feed comes again with the corrections it brought, or an older copy of it: what was said is not said anew. The
    content holds its moment, so that a correction back to an older word is a word of its own.
    """
    mark = digest(content_of(event))
    if not versions:
        return event, mark
    last = versions[-1]
    if last.withdrawn and last.gone_at is not None and (released is None or released <= last.gone_at):
        return None
    if released is None or released <= event.known_at:
        return None if mark in [version.mark for version in versions] else (event, mark)
    if mark == last.mark and not last.withdrawn:
        return None
    later = replace(event, known_at=released)
    mark = digest(content_of(later))
    # An older release than what is stored has nothing to say.
    return None if released <= last.known_at or mark == last.mark else (later, mark)


def first_word(event: Event, versions: Sequence[Version]) -> Word | None:
    """For feeds that tell a fact again and again: news only when nothing is stored, or something that was known later.

    The earlier version then takes the place of the later one, which nobody ever sees: it is retracted from a moment before
    its own. What was taken back by hand stays so.
    """
    if versions and (versions[-1].gone_at is not None or versions[-1].known_at <= event.known_at):
        return None
    return event, digest(content_of(event))

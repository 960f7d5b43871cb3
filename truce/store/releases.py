"""Feeds that come again in releases: what each holds whole, and what a newer word says beside those that are stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from truce.errors import Clash
from truce.identity import digest_of
from truce.vocabulary import Event


@dataclass(frozen=True, slots=True)
class Cover:
    """What a release of a feed claims to hold whole: the countries and the days, both ends included."""

    iso3: frozenset[str]
    first: date
    last: date

    def holds(self, iso3: Collection[str], began_on: date | None, occurred_on: date) -> bool:
        """Whether an event lies in it. One that began before its first day may be another release's."""
        return self.first <= (began_on or occurred_on) and occurred_on <= self.last and not self.iso3.isdisjoint(iso3)


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was imported: the moment from which it counts as known, and what it holds whole."""

    out: datetime
    covers: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What other releases of the same feed, imported before, hold whole: those that came out earlier, and later ones."""

    earlier: tuple[Cover, ...] = ()
    later: tuple[Cover, ...] = ()
    again: bool = False
    """Part of this release was imported before: what lacks here may have been there."""

    @classmethod
    def of(cls, out: datetime, others: Sequence[Release]) -> Beside:
        """What stands beside a release that came out at ``out``."""
        return cls(
            tuple(cover for other in others if other.out < out for cover in other.covers),
            tuple(cover for other in others if other.out > out for cover in other.covers),
            any(other.out == out for other in others),
        )


class Version(NamedTuple):
    """One version of an event that is stored: its digest, when it was known, when it was taken back, and whether by its feed."""

    mark: str
    known_at: datetime
    gone_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """What an import knows of its own moments.

    ``now``: of the import; what is in hand is known by then. ``released``: from when on the world could know what differs
    from an earlier release, for feeds whose rows do not say so. ``beside``: the other releases. ``correcting``: a feed,
    whose later words correct its earlier ones. ``retold``: a feed that tells its facts again and again, of which only the
    first moment counts.
    """

    now: datetime
    released: datetime | None = None
    beside: Beside = Beside()
    correcting: bool = True
    retold: bool = False

    def word(self, event: Event, versions: Sequence[Version]) -> tuple[Event, str] | None:
        """What is to be written of an event, with its digest; None when it has been said before.

        A feed comes again with the corrections it brought, or an older copy of it: what was said is not said anew. The
        content holds its moment, so that a correction back to an older word is a word of its own.

        Raises:
            Clash: it is not ``correcting``, and the event says something else than is stored, or has been taken back.
        """
        if self.correcting and event.known_at > self.now:
            event = replace(event, known_at=self.now)
        if self.retold:
            return _first(event, versions)
        if self.beside.later and _has(self.beside.later, event):
            return None
        if versions:
            found = self._next(event, versions)
            if not self.correcting:
                _refuse_news(event.event_id, versions[-1], news=found is not None)
            return found
        if self.released is not None and self.beside.earlier and _has(self.beside.earlier, event):
            # An earlier release held these days and not this event: nobody knew it then.
            event = replace(event, known_at=max(event.known_at, self.released))
        return event, digest_of(event)

    def _next(self, event: Event, versions: Sequence[Version]) -> tuple[Event, str] | None:
        last, released = versions[-1], self.released
        mark = digest_of(event)
        if last.withdrawn and last.gone_at is not None and self._is_older(event, last.gone_at):
            return None
        if not last.withdrawn and (mark == last.mark or self._said(event, last)):
            return None
        if released is None or released <= event.known_at:
            older = self.correcting and event.known_at < last.known_at
            # An older copy of a feed: what it said after that stands.
            return None if older or mark in [version.mark for version in versions] else (event, mark)
        later = replace(event, known_at=released)
        mark = digest_of(later)
        # An older release than what is stored has nothing to say.
        return None if released <= last.known_at or mark == last.mark else (later, mark)

    def _is_older(self, event: Event, gone_at: datetime) -> bool:
        """Whether this word is from before the withdrawal. The release that withdrew it may hold it after all, in another file."""
        return event.known_at <= gone_at if self.released is None else self.released < gone_at

    def _said(self, event: Event, last: Version) -> bool:
        """Whether it is what was said last, the moment apart: no news, unless a feed that dates its words says it was known sooner."""
        news = not self.correcting or (self.released is None and event.known_at <= last.known_at)
        return not news and digest_of(replace(event, known_at=last.known_at)) == last.mark


def _refuse_news(event_id: str, last: Version, *, news: bool) -> None:
    if news:
        raise Clash(f"event {event_id!r} is there with other content: retract it and send a new one")
    if last.gone_at is not None:
        raise Clash(f"event {event_id!r} has been retracted: send it under another event_id")


def _first(event: Event, versions: Sequence[Version]) -> tuple[Event, str] | None:
    """News only when nothing is stored, or something that was known later.

    The earlier version then takes the place of the later one, which nobody ever sees: it is retracted from a moment before
    its own. What was taken back by hand stays so.
    """
    if versions and (versions[-1].gone_at is not None or versions[-1].known_at <= event.known_at):
        return None
    return event, digest_of(event)


def _has(covers: Sequence[Cover], event: Event) -> bool:
    return any(cover.holds(event.iso3, event.began_on, event.occurred_on) for cover in covers)

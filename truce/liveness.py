"""Is a source of events alive? Each has an expected cadence; one that has been silent for twice as long is stale.

No events is not the same as a dead feed: a feed with nothing to tell says so by an event of type ``none``, which no feature counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from truce.clock import write_moment
from truce.errors import BadInput, Stale

SILENT_FOR = 2
"""A source is stale once it has been silent for more than so many times its cadence."""
MOST_DAYS = 3660


class WhenStale(StrEnum):
    """What becomes of a forecast for now when every source that it reads is stale."""

    REFUSE = "refuse"
    WIDEN = "widen"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Cadences:
    """Days between reports, by source; None expects none. A source that is not named has the default."""

    default: int | None
    by_source: Mapping[str, int | None]

    def of(self, source: str) -> int | None:
        """The cadence of a source; what stands after a slash is its version."""
        name = source if source in self.by_source else source.partition("/")[0]
        return self.by_source.get(name, self.default)

    def changed(self, body: Mapping[str, Any]) -> Cadences:
        """With what a table ``{default?, cadence?: {source: days}}`` says instead. Raises BadInput for what is no number of days."""
        table = body.get("cadence", {})
        if not isinstance(table, dict):
            raise BadInput("cadence is no table of sources", code="bad_setting")
        default = _days("default", body["default"]) if "default" in body else self.default
        own = {str(name): _days(str(name), days) for name, days in table.items()}
        return Cadences(default, {**self.by_source, **own})


def _days(name: str, value: object) -> int | None:
    if value == "none":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_DAYS:
        raise BadInput(f'cadence of {name}: {value!r} is neither whole days from 1 nor "none"', code="bad_setting")
    return value


@cache
def declared() -> Cadences:
    """The cadences that come with this code."""
    text = (files("truce") / "cadences.toml").read_text(encoding="utf-8")
    return Cadences(None, {}).changed(tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Pulse:
    """A source as of a moment: its latest news, how old that is, and whether it is stale (None where nothing is expected)."""

    name: str
    last_known_at: datetime
    age: timedelta
    cadence: int | None
    counted: bool = True

    @property
    def stale(self) -> bool | None:
        """Whether it has been silent for more than twice its cadence."""
        return None if self.cadence is None else self.age > SILENT_FOR * timedelta(days=self.cadence)

    def as_json(self) -> dict[str, Any]:
        """As a forecast names it."""
        return {
            "name": self.name,
            "last_known_at": write_moment(self.last_known_at),
            "age_days": self.age // timedelta(days=1),
            "stale": self.stale,
        }


@dataclass(frozen=True, slots=True)
class Watch:
    """The cadences, the sources that no forecast reads, and what to do when all others are stale."""

    cadences: Cadences = field(default_factory=declared)
    when_stale: WhenStale = WhenStale.IGNORE
    uncounted: frozenset[str] = frozenset()

    def pulses(self, known: Iterable[tuple[str, datetime]], moment: datetime) -> list[Pulse]:
        """Every source with its latest news, as of ``moment``."""
        return [
            Pulse(name, last, moment - last, self.cadences.of(name), name.partition("/")[0] not in self.uncounted)
            for name, last in known
        ]

    def silence(self, pulses: Sequence[Pulse]) -> str | None:
        """Why nothing can be said of now, in words; None while any source that forecasts read is alive, or nothing is expected of any."""
        judged = [pulse for pulse in pulses if pulse.counted and pulse.stale is not None]
        if not judged or not all(pulse.stale for pulse in judged):
            return None
        latest = max(judged, key=lambda pulse: pulse.last_known_at)
        return (
            f"no source of events has reported for twice its cadence: the last word is {latest.name}'s of "
            f"{write_moment(latest.last_known_at)}, and {latest.cadence} days between reports were expected. Import newer news, "
            f"ask as of {write_moment(latest.last_known_at)[:10]}, or set TRUCECAST_STALE=ignore"
        )

    def admit(self, pulses: Sequence[Pulse]) -> bool:
        """Whether a forecast for now may be given as it is; False when it must be widened.

        Raises:
            Stale: every source is stale, and that is set to refuse.
        """
        why = None if self.when_stale is WhenStale.IGNORE else self.silence(pulses)
        if why is not None and self.when_stale is WhenStale.REFUSE:
            raise Stale(why)
        return why is None


def widened(horizon: dict[str, Any]) -> dict[str, Any]:
    """A horizon's answer whose interval reaches to truce age alone: what remains to go by when no news come."""
    low, high = horizon["interval"] or (horizon["p_breakdown"], horizon["p_breakdown"])
    alone = horizon["p_baseline"]
    return {**horizon, "interval": [min(low, alone), max(high, alone)]}

"""Events as columns: what the feature engine reads, without an object a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from truce.vocabulary import Event

_TEXTS = ("event_id", "type", "secondary", "topic", "modality", "actor", "target", "truce_id")


_NOT = np.datetime64("NaT")


def stamps(moments: Iterable[datetime | None], never: np.datetime64 = _NOT) -> NDArray[np.datetime64]:
    """Aware moments as datetime64[s], None as ``never``; what is known within a second counts from the next one on."""
    plain = [never if moment is None else np.datetime64(moment.replace(tzinfo=None), "us") for moment in moments]
    return next_second(np.array(plain, dtype="datetime64[us]"))


def next_second(moments: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The first whole second that is not before each moment; NaT stays."""
    second = moments.astype("datetime64[s]")
    later: NDArray[np.datetime64] = second + (moments > second).astype("timedelta64[s]")
    return later


@dataclass(frozen=True, slots=True)
class EventColumns:
    """m events. Texts are str arrays with '' for none; ``iso3`` is ';'-joined; ``deaths`` is NaN where none was stated.

    ``occurred_on`` is datetime64[D]; ``known_at`` and ``retracted_at`` are datetime64[s], UTC, NaT while it stands: the second from which
    any moment, cut to its second, sees it.
    """

    event_id: NDArray[np.str_]
    type: NDArray[np.str_]
    secondary: NDArray[np.str_]
    topic: NDArray[np.str_]
    modality: NDArray[np.str_]
    actor: NDArray[np.str_]
    target: NDArray[np.str_]
    truce_id: NDArray[np.str_]
    iso3: NDArray[np.str_]
    occurred_on: NDArray[np.datetime64]
    known_at: NDArray[np.datetime64]
    retracted_at: NDArray[np.datetime64]
    deaths: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.event_id)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """The columns of events, in their order."""
        rows = list(events)
        texts = {name: np.array([str(getattr(e, name) or "") for e in rows], dtype=str) for name in _TEXTS}
        return cls(
            **texts,
            iso3=np.array([";".join(e.iso3) for e in rows], dtype=str),
            occurred_on=np.array([e.occurred_on for e in rows], dtype="datetime64[D]"),
            known_at=stamps(e.known_at for e in rows),
            retracted_at=stamps(e.retracted_at for e in rows),
            deaths=np.array([np.nan if e.deaths is None else e.deaths for e in rows], dtype=float),
        )

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """The chosen events, in the given order."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def retied(self, same_as: Mapping[str, str]) -> Self:
        """The same events; one that is tied to a truce which is listed as another is tied to that one."""
        tied = np.flatnonzero(self.truce_id != "") if same_as else np.array([], dtype=np.int64)
        if not len(tied):
            return self
        named = self.truce_id.astype(object)
        named[tied] = [same_as.get(truce_id, truce_id) for truce_id in named[tied]]
        return replace(self, truce_id=named.astype(str))

    def retracted(self, gone: Mapping[str, datetime]) -> Self:
        """The same events; those that are ``gone`` stand no more from their moments on."""
        rows = np.flatnonzero(np.isin(self.event_id, list(gone))) if gone else np.array([], dtype=np.int64)
        if not len(rows):
            return self
        at = self.retracted_at.copy()
        at[rows] = stamps(gone[event_id] for event_id in self.event_id[rows].tolist())
        return replace(self, retracted_at=at)

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """The events of all parts, one after another."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

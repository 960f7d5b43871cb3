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


def _stamp(moment: datetime | None) -> np.datetime64:
    return np.datetime64("NaT", "s") if moment is None else np.datetime64(moment.replace(tzinfo=None), "s")


@dataclass(frozen=True, slots=True)
class EventColumns:
    """m events. Texts are str arrays with '' for none; ``iso3`` is ';'-joined; ``deaths`` is NaN where none was stated.

    ``occurred_on`` is datetime64[D]; ``known_at`` and ``retracted_at`` are datetime64[s], UTC, NaT while it stands.
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
            known_at=np.array([_stamp(e.known_at) for e in rows], dtype="datetime64[s]"),
            retracted_at=np.array([_stamp(e.retracted_at) for e in rows], dtype="datetime64[s]"),
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

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """The events of all parts, one after another."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

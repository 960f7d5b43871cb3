"""What the model is asked in one go: feature rows, each with its truce, the events that it counts, and its occasion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Self

import numpy as np
from numpy.typing import NDArray

from service.entries import Occasion
from service.standing import Standing
from truce.features import FeatureTable, Ready, compute
from truce.history import History
from truce.tallies import Tallies
from truce.vocabulary import Truce


@dataclass(frozen=True, slots=True)
class Rows:
    """n rows, and for each its truce as it was believed, the tallies of its events, and its occasion."""

    truces: list[Truce]
    table: FeatureTable
    tallies: list[Tallies]
    occasions: list[Occasion]

    @classmethod
    def of(cls, known: Standing, truce_ids: Sequence[str], occasion: Occasion) -> Self:
        """Truces that stand in the store, at one moment."""
        return cls._made(known.history, known.ready, [known.place[truce_id] for truce_id in truce_ids], occasion)

    @classmethod
    def alone(cls, history: History, truce_id: str, occasion: Occasion) -> Self:
        """One truce of a history at hand."""
        place = [truce.truce_id for truce in history.truces].index(truce_id)
        return cls._made(history, Ready.of(history), [place], occasion)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts, one after another; of one at least."""
        return cls(
            [truce for part in parts for truce in part.truces],
            FeatureTable.concat([part.table for part in parts]),
            [tallies for part in parts for tallies in part.tallies],
            [occasion for part in parts for occasion in part.occasions],
        )

    @classmethod
    def _made(cls, history: History, ready: Ready, places: Sequence[int], occasion: Occasion) -> Self:
        moments = np.full(len(places), np.datetime64(occasion.as_of.replace(tzinfo=None), "s"))
        table = compute(history, np.array(places, dtype=np.int64), moments, ready)
        many = len(places)
        return cls([history.truces[place] for place in places], table, [ready.tallies] * many, [occasion] * many)

    def __len__(self) -> int:
        return len(self.truces)

    def take(self, chosen: NDArray[np.bool_]) -> Rows:
        """The chosen rows."""
        kept = (list(compress(each, chosen)) for each in (self.truces, self.tallies, self.occasions))
        truces, tallies, occasions = kept
        return Rows(truces, self.table.take(chosen), tallies, occasions)  # type: ignore[arg-type]

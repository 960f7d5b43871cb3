"""What the model is asked in one go: feature rows, each with its truce, the events that it counts, and its occasion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from service.occasions import Occasion
from service.standing import Standing
from truce.features import FeatureTable, Ready, compute
from truce.history import History
from truce.tallies import Tallies
from truce.vocabulary import Truce


class Asked(NamedTuple):
    """Truces in force at one moment, of which a forecast is asked for: as they were believed, and where they stand in the ledger."""

    known: Standing
    believed: Sequence[tuple[Truce, int]]
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class Rows:
    """n rows, and for each its truce as it was believed, the tallies of its events, and its occasion."""

    truces: list[Truce]
    table: FeatureTable
    tallies: list[Tallies]
    occasions: list[Occasion]

    @classmethod
    def of(cls, asked: Sequence[Asked]) -> Self:
        """Truces that stand in the store: the moments that see one state of the register are worked out in one go, as a panel's are."""
        by_ledger: dict[int, list[Asked]] = {}
        for one in asked:
            by_ledger.setdefault(id(one.known.ledger), []).append(one)
        return cls.joined([cls._together(some) for some in by_ledger.values()])

    @classmethod
    def alone(cls, history: History, truce_id: str, occasion: Occasion) -> Self:
        """One truce of a history at hand."""
        place = [truce.truce_id for truce in history.truces].index(truce_id)
        ready = Ready.of(history)
        table = compute(history, np.array([place], dtype=np.int64), _stamps([occasion]), ready)
        return cls([history.truces[place]], table, [ready.tallies], [occasion])

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
    def _together(cls, asked: Sequence[Asked]) -> Self:
        """Of standings with one ledger. A truce is believed alike at many moments: each belief, with its life, is there once."""
        beliefs = {id(truce): (truce, life) for one in asked for truce, life in one.believed}
        keys = [id(truce) for one in asked for truce, _ in one.believed]
        order = {key: k for k, key in enumerate(beliefs)}
        believed, lives = zip(*beliefs.values(), strict=True)
        ready = Ready(asked[0].known.ledger, asked[0].known.tallies, np.array(lives, dtype=np.int64))
        occasions = [one.occasion for one in asked for _ in one.believed]
        history = asked[0].known.holding(believed)
        table = compute(history, np.array([order[key] for key in keys]), _stamps(occasions), ready)
        return cls([beliefs[key][0] for key in keys], table, [ready.tallies] * len(keys), occasions)

    def __len__(self) -> int:
        return len(self.truces)

    def take(self, chosen: NDArray[np.bool_]) -> Rows:
        """The chosen rows."""
        kept = (list(compress(each, chosen)) for each in (self.truces, self.tallies, self.occasions))
        truces, tallies, occasions = kept
        return Rows(truces, self.table.take(chosen), tallies, occasions)  # type: ignore[arg-type]


def _stamps(occasions: Sequence[Occasion]) -> NDArray[np.datetime64]:
    moments = {when: np.datetime64(when.replace(tzinfo=None), "s") for when in {one.as_of for one in occasions}}
    return np.array([moments[one.as_of] for one in occasions], dtype="datetime64[s]")

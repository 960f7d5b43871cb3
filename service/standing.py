"""What was known of truces at a moment under a rule, and which of them can be forecast."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from truce.clock import write_moment
from truce.columns import EventColumns
from truce.errors import OutOfRange, Refused, Unknown
from truce.features import Ready
from truce.history import History
from truce.lives import Lives
from truce.record import Ledger
from truce.tallies import Tallies
from truce.vocabulary import Outcome, Truce


@dataclass(frozen=True)
class Standing(ABC):
    """What a store knew of truces at ``moment``; the events are in ``tallies``, where each row is cut at its own moment.

    ``truces`` are all there are, later ones too; ``sources`` are those of events, each with the moment of its latest news by then;
    ``listed_as`` is under which id a truce is shown that several sources have.
    """

    moment: datetime
    sources: Sequence[tuple[str, datetime]]
    truces: Sequence[Truce]
    tallies: Tallies
    listed_as: Mapping[str, str]

    @property
    @abstractmethod
    def ledger(self) -> Ledger:
        """The lives of truces, among which ``believed`` says where each stands."""

    @property
    @abstractmethod
    def history(self) -> History:
        """The truces that had begun, as they were believed then."""

    @property
    @abstractmethod
    def ready(self) -> Ready:
        """What the features of the history's truces need."""

    @abstractmethod
    def believed(self, truce_id: str) -> tuple[Truce, int] | None:
        """A truce as it was believed then, and where it stands in the ledger; None when it had not begun, or there is none."""

    @abstractmethod
    def holding(self, believed: tuple[Truce, ...]) -> History:
        """The history with these truces alone."""

    @abstractmethod
    def codings(self) -> Iterable[str]:
        """The registers that its truces come from."""

    def worth_asking(self) -> list[str]:
        """The truces in force, and those of unknown fate."""
        return [t.truce_id for t in self.history.truces if t.outcome in (Outcome.ONGOING, Outcome.UNKNOWN)]

    def admit(self, truce_id: str) -> tuple[Truce, int]:
        """Let a truce pass that is in force: as ``believed`` has it.

        Raises:
            Unknown: there is none of that id.
            OutOfRange: it had not begun, or had ended.
            Refused: nobody can say whether it is in force, or the rule cannot decide it.
        """
        found = self.believed(truce_id)
        if found is None:
            raise self._missing(truce_id)
        refuse_unless_in_force(found[0], self.moment)
        return found

    def admits(self, truce_id: str) -> bool:
        """Whether ``admit`` lets it pass."""
        try:
            self.admit(truce_id)
        except (Unknown, OutOfRange, Refused):
            return False
        return True

    def _missing(self, truce_id: str) -> Unknown | OutOfRange:
        there = {truce.truce_id: truce for truce in self.truces}
        if truce_id in there:
            return before_start(there[truce_id], self.moment)
        listed = self.listed_as.get(truce_id)
        detail = f"no truce {truce_id!r}" + (f": it is listed as {listed}" if listed else "")
        return Unknown(detail, code="unknown_truce")


@dataclass(frozen=True)
class ByRegister(Standing):
    """Under a rule that goes by registers: read off ``lives`` that all moments share. ``events`` are those of its history."""

    lives: Lives
    events: EventColumns

    @property
    def ledger(self) -> Ledger:
        """See ``Standing``."""
        return self.lives.ledger

    @cached_property
    def _begun(self) -> tuple[History, NDArray[np.int64]]:
        return self.lives.known_at(self.moment, self.events)

    @property
    def history(self) -> History:
        """See ``Standing``."""
        return self._begun[0]

    @property
    def ready(self) -> Ready:
        """See ``Standing``."""
        return Ready(self.ledger, self.tallies, self._begun[1])

    def believed(self, truce_id: str) -> tuple[Truce, int] | None:
        """See ``Standing``."""
        return self.lives.believed(truce_id, self.moment)

    def holding(self, believed: tuple[Truce, ...]) -> History:
        """See ``Standing``."""
        return History.known_at(self.moment, [], self.events).holding(believed)

    def codings(self) -> Iterable[str]:
        """See ``Standing``."""
        return self.lives.codings(self.moment)


@dataclass(frozen=True)
class ByRule(Standing):
    """Under a rule that decides by what was known then: a history of this moment alone. ``coded`` are truces that ended by their register."""

    said: History
    coded: Mapping[str, Truce]

    @cached_property
    def ledger(self) -> Ledger:
        """See ``Standing``."""
        return Ledger.of(self.said.truces)

    @property
    def history(self) -> History:
        """See ``Standing``."""
        return self.said

    @property
    def ready(self) -> Ready:
        """See ``Standing``."""
        return Ready(self.ledger, self.tallies)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {truce.truce_id: k for k, truce in enumerate(self.said.truces)}

    def believed(self, truce_id: str) -> tuple[Truce, int] | None:
        """See ``Standing``."""
        k = self._place.get(truce_id)
        return None if k is None else (self.said.truces[k], k)

    def holding(self, believed: tuple[Truce, ...]) -> History:
        """See ``Standing``."""
        return self.said.holding(believed)

    def codings(self) -> Iterable[str]:
        """See ``Standing``."""
        return {truce.coding for truce in self.said.truces}

    def admit(self, truce_id: str) -> tuple[Truce, int]:
        """See ``Standing``; a truce that ended by its own register is not asked about."""
        found = super().admit(truce_id)
        if truce_id in self.coded:
            ended = self.coded[truce_id]
            raise OutOfRange(
                f"{truce_id} {ended.outcome} on {ended.end_date} by its register, as known by {write_moment(self.moment)}; "
                "the model's rule has not seen that",
                code="after_end",
            )
        return found


def before_start(truce: Truce, moment: datetime) -> OutOfRange:
    """The refusal of a truce that had not begun."""
    detail = f"{truce.truce_id} took effect on {truce.effective_date}, after {write_moment(moment)}"
    return OutOfRange(detail, code="before_start")


def refuse_unless_in_force(truce: Truce, moment: datetime) -> None:
    """Raises Refused or OutOfRange for a truce that, as it was believed at ``moment``, is not known to be in force."""
    if truce.outcome is Outcome.VOID:
        raise Refused(
            f"{truce.truce_id} cannot be decided under the model's rule: `trucecast truces resolve` says why",
            code="void",
        )
    if truce.outcome is Outcome.UNKNOWN:
        raise Refused(
            f"the fate of {truce.truce_id} cannot be established: nobody knows whether it is in force",
            code="unknown_fate",
        )
    if truce.outcome is not Outcome.ONGOING:
        raise OutOfRange(
            f"{truce.truce_id} {truce.outcome} on {truce.end_date}, as known by {write_moment(moment)}",
            code="after_end",
        )

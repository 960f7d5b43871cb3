"""What was known of truces at a moment under a rule, and which of them can be forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from truce.clock import write_moment
from truce.errors import OutOfRange, Refused, Unknown
from truce.features import Ready
from truce.history import History
from truce.vocabulary import Outcome, Truce


@dataclass(frozen=True, slots=True)
class Standing:
    """The history known at ``moment`` with what its features need, all truces there are, and those that ended by their own register.

    ``sources`` are those of events, each with the moment of its latest news by then; ``place`` is where each truce stands in the history;
    ``listed_as`` is under which id a truce is shown that several sources have.
    """

    moment: datetime
    sources: Sequence[tuple[str, datetime]]
    history: History
    ready: Ready
    place: Mapping[str, int]
    truces: Sequence[Truce]
    coded: Mapping[str, Truce]
    listed_as: Mapping[str, str]

    def worth_asking(self) -> list[str]:
        """The truces in force, and those of unknown fate."""
        return [t.truce_id for t in self.history.truces if t.outcome in (Outcome.ONGOING, Outcome.UNKNOWN)]

    def admit(self, truce_id: str) -> None:
        """Let a truce pass that is in force.

        Raises:
            Unknown: there is none of that id.
            OutOfRange: it had not begun, or had ended.
            Refused: nobody can say whether it is in force, or the rule cannot decide it.
        """
        if truce_id not in self.place:
            raise self._missing(truce_id)
        refuse_unless_in_force(self.history.truces[self.place[truce_id]], self.moment)
        if truce_id in self.coded:
            ended = self.coded[truce_id]
            raise OutOfRange(
                f"{truce_id} {ended.outcome} on {ended.end_date} by its register, as known by {write_moment(self.moment)}; "
                "the model's rule has not seen that",
                code="after_end",
            )

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

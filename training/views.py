"""Ways to look at the record for one backtest: one register only, evidence as if told at once, some ends or starts changed.

The store stays as it is: a view is what ``workshop.load`` looks through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from truce.breakdown import Evidence, Ruled, rule_named, under
from truce.errors import BadInput
from truce.fighting import FightingClause
from truce.store import Store
from truce.vocabulary import Truce

REAL = "real"
IDEAL = "ideal"
BOTH = "both"
AVAILABILITIES = (REAL, IDEAL, BOTH)
LABELS = {
    REAL: "real availability: violence known when its release came out",
    IDEAL: "ideal availability: violence known the day after it ended",
}
THE_DAY_AFTER = timedelta(days=1)

Change = Callable[[Sequence[Truce]], list[Truce]]


@dataclass(frozen=True, slots=True)
class View:
    """How one backtest looks at the record.

    ``coding`` takes the truces of one register only, each by its own record, whether another register has it or not; ``availability``
    is ``real``, or ``ideal``: deadly events known at the end of the day after their last; ``change`` makes other truces of
    them before any rule is applied.
    """

    coding: str | None = None
    availability: str = REAL
    change: Change = list

    def __post_init__(self) -> None:
        if self.availability not in LABELS:
            known = ", ".join(AVAILABILITIES)
            raise BadInput(f"availability is one of {known}, not {self.availability!r}", code="bad_options")

    def ruled(self, store: Store, rule: str, moment: datetime) -> Ruled:
        """The truces known at ``moment`` under a rule, as this view has them.

        Raises:
            BadInput: no truce of that register, or ideal availability of evidence that a rule does not go by.
        """
        evidence = store.evidence.for_rule(rule, moment).known_at(moment)
        return under(rule, self.change(self._truces(store, moment)), self._available(rule, evidence))

    def _truces(self, store: Store, moment: datetime) -> list[Truce]:
        if self.coding is None:
            return store.truces.as_known(moment)
        chosen = [truce for truce in store.truces.everything(moment) if truce.coding == self.coding]
        if not chosen:
            raise BadInput(
                f"no truce is coded by {self.coding!r}: `trucecast import` brings them", code="unknown_coding"
            )
        return chosen

    def _available(self, rule: str, evidence: Evidence) -> Evidence:
        if self.availability == REAL:
            return evidence
        if not isinstance(rule_named(rule).clause, FightingClause):
            raise BadInput(
                f"{rule} goes by no deadly events: ideal availability is for rules that do, such as ged-5d-1",
                code="bad_options",
            )
        return replace(evidence, fights=evidence.fights.told_after(THE_DAY_AFTER))


AS_IT_IS = View()

"""What a rule of breakdown asks for beside the truces, fetched from the store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from truce.breakdown import Evidence, Rule, rule_named
from truce.fighting import FightingClause, Fights
from truce.repudiation import StatementClause, Statements
from truce.store.engine import reading
from truce.store.event_rows import decode, with_retractions
from truce.store.tables import events as table
from truce.store.truces import Truces


class Witness:
    """Fetches evidence; what a rule does not use is not read."""

    def __init__(self, engine: Engine, truces: Truces) -> None:
        self._engine = engine
        self._truces = truces

    def for_rule(self, name: str, moment: datetime) -> Evidence:
        """The evidence for a rule: everything stored of fighting and statements, and the twins of truces as known at ``moment``.

        Raises:
            BadInput: no such rule.
        """
        rule = rule_named(name)
        return Evidence(self._fights(rule), self._statements(rule), self._truces.twins(moment))

    def _fights(self, rule: Rule) -> Fights:
        if not isinstance(rule.clause, FightingClause):
            return Fights.none()
        query = with_retractions().where(table.c.source == rule.clause.source).order_by(table.c.seq)
        with reading(self._engine) as connection:
            return Fights.of([decode(row) for row in connection.execute(query)])

    def _statements(self, rule: Rule) -> Statements:
        if not isinstance(rule.clause, StatementClause):
            return Statements.none()
        query = with_retractions().where(table.c.truce_role.is_not(None)).order_by(table.c.seq)
        with reading(self._engine) as connection:
            return Statements.of([decode(row) for row in connection.execute(query)])

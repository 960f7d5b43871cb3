"""What a rule of breakdown asks for beside the truces, fetched from the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine, select

from truce.breakdown import Evidence, rule_named
from truce.fighting import FightingClause
from truce.fights import FightRow, Fights, Span
from truce.repudiation import StatementClause, Statements
from truce.store.engine import reading
from truce.store.event_rows import decode, with_retractions
from truce.store.imports import Imports
from truce.store.tables import events as table
from truce.store.tables import retractions
from truce.store.truces import Truces


class Witness:
    """Fetches evidence; what no rule uses is not read."""

    def __init__(self, engine: Engine, truces: Truces, imports: Imports) -> None:
        self._engine = engine
        self._truces = truces
        self._imports = imports

    def for_rule(self, name: str, moment: datetime) -> Evidence:
        """The evidence for a rule: everything stored of fighting and statements, and the twins of truces as known at ``moment``.

        Raises:
            BadInput: no such rule.
        """
        return self.for_rules([name], moment)[name]

    def for_rules(self, names: Iterable[str], moment: datetime) -> dict[str, Evidence]:
        """As ``for_rule`` for each of several; what two of them use is read once."""
        clauses = {name: rule_named(name).clause for name in names}
        feeds = {clause.source for clause in clauses.values() if isinstance(clause, FightingClause)}
        fights = {source: self._fights(source) for source in feeds}
        spoken = any(isinstance(clause, StatementClause) for clause in clauses.values())
        statements = self._statements() if spoken else Statements.none()
        twins = self._truces.twins(moment)
        return {
            name: Evidence(
                fights[clause.source] if isinstance(clause, FightingClause) else Fights.none(),
                statements if isinstance(clause, StatementClause) else Statements.none(),
                twins,
            )
            for name, clause in clauses.items()
        }

    def _fights(self, source: str) -> Fights:
        chosen = (
            table.c.event_id, table.c.ids, table.c.iso3, table.c.began_on, table.c.occurred_on, table.c.deaths,
            table.c.known_at, retractions.c.known_at,
        )  # fmt: skip
        query = (
            select(*chosen)
            .outerjoin_from(table, retractions, table.c.event_id == retractions.c.event_id)
            .where(table.c.source == source, table.c.ids.is_not(None))
            .order_by(table.c.seq)
        )
        spans = [Span(c.iso3, c.first, c.last, r.out) for r in self._imports.releases(source) for c in r.covers]
        with reading(self._engine) as connection:
            return Fights.of_rows([FightRow(*row) for row in connection.execute(query)], spans)

    def _statements(self) -> Statements:
        query = with_retractions().where(table.c.truce_role.is_not(None)).order_by(table.c.seq)
        with reading(self._engine) as connection:
            return Statements.of([decode(row) for row in connection.execute(query)])

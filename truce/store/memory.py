"""The whole memory behind one name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import TracebackType
from typing import NamedTuple, Self

from sqlalchemy import Engine, func, select

from truce.clock import Clock, system_clock, write_moment
from truce.errors import StoreTrouble
from truce.settings import Settings
from truce.store import schema
from truce.store.engine import make_engine, once_stored, reading, writing
from truce.store.events import Events
from truce.store.evidence import Witness
from truce.store.forecasts import Forecasts
from truce.store.imports import Imports
from truce.store.judgements import Judgements
from truce.store.keys import Keys
from truce.store.matches import Matches
from truce.store.models import Models
from truce.store.replays import Replays
from truce.store.tables import events, forecasts, imports, matches, retractions, truce_versions
from truce.store.truces import Truces
from truce.store.webhooks import Webhooks


def _in_words() -> str:
    tables = (truce_versions, matches, events, retractions, imports)
    newest = (select(func.coalesce(func.max(table.c.seq), 0)).scalar_subquery() for table in tables)
    return str(select(*newest).compile(compile_kwargs={"literal_binds": True}))


_NEWEST = _in_words()
"""Every question asks it first, so it is put into words once."""
_LAST_SAID = select(forecasts.c.issued_at).order_by(forecasts.c.seq.desc()).limit(100)
_SKEW = timedelta(hours=1)
"""Clocks of replicas differ by less, and so does a clock that is put right in small steps."""


class Stamp(NamedTuple):
    """The largest sequence number of each table of facts."""

    truces: int
    matches: int
    events: int
    retractions: int
    imports: int


class Store:
    """Truces, matches, events, evidence, forecasts, models and their judgements, keys, imports, replays and webhooks of one database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self.clock = clock
        self.truces = Truces(engine, clock)
        self.matches = Matches(engine, clock)
        self.events = Events(engine, clock)
        self.forecasts = Forecasts(engine, clock)
        self.models = Models(engine, clock)
        self.keys = Keys(engine, clock)
        self.imports = Imports(engine, clock)
        self.replays = Replays(engine, clock)
        self.webhooks = Webhooks(engine, clock)
        self.judgements = Judgements(engine, clock)
        self.evidence = Witness(engine, self.truces, self.imports)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stamp(self) -> Stamp:
        """Numbers of which one grows with every version of a truce, match, event, retraction and import (of a release, how far it saw)."""
        with reading(self._engine) as connection:
            return Stamp(*connection.exec_driver_sql(_NEWEST).one())

    def now(self) -> datetime:
        """The moment from which what is written now is known: never one that forecasts have passed already, or they would not come out again.

        Raises:
            StoreTrouble: the clock runs more than an hour behind the newest forecasts.
        """
        now = self.clock()
        with reading(self._engine) as connection:
            said = max(connection.execute(_LAST_SAID).scalars(), default=now)
        if said - now > _SKEW:
            raise StoreTrouble(
                f"the clock says {write_moment(now)}, and a forecast was given at {write_moment(said)} already: set the clock right"
            )
        return max(now, said)

    def at_once(self) -> AbstractContextManager[object]:
        """A block of which everything is stored, or nothing. Raises StoreTrouble."""
        return writing(self._engine)

    def once_stored(self, act: Callable[[], None]) -> None:
        """Do ``act`` when the block of ``at_once`` around it is stored, and never if it is not; at once outside of one."""
        once_stored(self._engine, act)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def open_store(settings: Settings, clock: Clock = system_clock) -> Store:
    """Open the store of these settings; a database that is not there yet is made.

    Raises:
        StoreTrouble: it cannot be opened, or its schema is older or newer than this code.
    """
    engine = make_engine(settings.database_url)
    try:
        schema.ensure(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, clock)

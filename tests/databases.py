"""Homes on either kind of database, and ways to reach behind the store's back."""

from __future__ import annotations

from collections.abc import Callable

from truce.settings import Settings
from truce.store.engine import make_engine
from truce.store.tables import metadata

Homes = Callable[[], Settings]
"""Makes homes with an empty store; on PostgreSQL it is the same database, emptied."""


def tell(home: Settings, *orders: str) -> None:
    """Say something to a home's database behind our backs."""
    engine = make_engine(home.database_url)
    with engine.connect() as connection:
        for order in orders:
            connection.exec_driver_sql(order)
        connection.commit()
    engine.dispose()


def empty(url: str) -> None:
    """Take everything out of a PostgreSQL database that has our tables."""
    names = ", ".join(metadata.tables)
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    engine.dispose()

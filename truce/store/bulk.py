"""Many rows at once, as they are stored: by the driver's own way, since a feed has a million of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, column, insert, table

from truce.store import postgres


def insert_rows(connection: Connection, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of texts, numbers and None: days and moments as they are spelled in the database."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        order = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our own names
        connection.exec_driver_sql(order, [tuple(row) for row in rows])
    elif postgres.copies(connection):
        postgres.copy_in(connection, name, columns, rows)
    else:
        plain = table(name, *(column(each) for each in columns))
        connection.execute(insert(plain), [dict(zip(columns, row, strict=True)) for row in rows])

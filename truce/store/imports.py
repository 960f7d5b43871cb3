"""The book of imports: which files came when, from which source, and what became of their rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Engine, insert, select

from truce.clock import Clock, parse_moment
from truce.identity import canonical
from truce.store.engine import reading, writing
from truce.store.releases import Cover, Release
from truce.store.tables import imports as table

_RELEASE = "release"


class Imports:
    """The table of imports."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def log(
        self,
        *,
        source: str,
        files: Sequence[str],
        digest: str,
        counts: Mapping[str, int],
        observed_to: date | None,
        release: Release | None = None,
    ) -> None:
        """Write an import down, beside its counts the release that it was."""
        body = {**counts, **({_RELEASE: _spelled(release)} if release is not None else {})}
        row = {
            "source": source, "files": canonical(list(files)), "digest": digest, "counts": canonical(body),
            "observed_to": observed_to, "stored_at": self._clock(),
        }  # fmt: skip
        with writing(self._engine) as connection:
            connection.execute(insert(table), [row])

    def releases(self, source: str) -> list[Release]:
        """The releases of a feed that were imported, oldest import first, each once."""
        with reading(self._engine) as connection:
            bodies = connection.execute(select(table.c.counts).where(table.c.source == source).order_by(table.c.seq))
            found = (json.loads(body).get(_RELEASE) for (body,) in bodies)
            return list(dict.fromkeys(_release(one) for one in found if one is not None))

    def all(self) -> list[dict[str, object]]:
        """Every import, oldest first."""
        with reading(self._engine) as connection:
            return [dict(row._mapping) for row in connection.execute(select(table).order_by(table.c.seq))]  # noqa: SLF001


def _spelled(release: Release) -> dict[str, Any]:
    covers = [{"iso3": sorted(c.iso3), "first": c.first, "last": c.last} for c in release.covers]
    return {"out": release.out, "covers": covers}


def _release(body: Mapping[str, Any]) -> Release:
    covers = (
        Cover(frozenset(c["iso3"]), date.fromisoformat(c["first"]), date.fromisoformat(c["last"]))
        for c in body["covers"]
    )
    return Release(parse_moment(body["out"]), tuple(covers))

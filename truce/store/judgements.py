"""The out-of-fold forecasts by which a published model was judged: what its alarms would have done is read from them."""

from __future__ import annotations

import json

from sqlalchemy import Engine, insert, select

from truce.clock import Clock
from truce.false_alarms import Judgement
from truce.identity import canonical
from truce.store.engine import reading, writing
from truce.store.window_tables import judgements as table


class Judgements:
    """The table of judgements, one a model version."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(self, version: str, judgement: Judgement) -> None:
        """Keep the judgement of a version; the first one stands."""
        with writing(self._engine) as connection:
            if connection.execute(select(table.c.seq).where(table.c.version == version)).first() is None:
                row = {"version": version, "body": canonical(judgement.as_json()), "stored_at": self._clock()}
                connection.execute(insert(table), [row])

    def get(self, version: str) -> Judgement | None:
        """The judgement of a version; None when none was kept."""
        with reading(self._engine) as connection:
            body = connection.execute(select(table.c.body).where(table.c.version == version)).scalar_one_or_none()
        return None if body is None else Judgement.from_json(json.loads(body))

"""Published models and the aliases that point at them. A move of an alias is a new row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, func, insert, select

from truce.clock import Clock
from truce.errors import Clash, Unknown
from truce.identity import digest
from truce.store.engine import Turn, reading, writing
from truce.store.tables import alias_moves, models


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A fitted model as the store keeps it: ``body`` is its JSON."""

    version: str
    name: str
    family: str
    rule: str
    feature_set: str
    trained_to: date
    run_id: str | None
    body: str
    published_at: datetime


class Models:
    """The tables of models and of alias moves."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def publish(self, model: Published) -> None:
        """Keep a model's numbers under its version. Raises Clash when the version holds other numbers."""
        mark = digest(model.body)
        with writing(self._engine, Turn.MODELS) as connection:
            there = connection.execute(
                select(models.c.digest).where(models.c.version == model.version)
            ).scalar_one_or_none()
            if there is not None and there != mark:
                raise Clash(f"model version {model.version} is there with other numbers")
            if there is None:
                row = {name: getattr(model, name) for name in Published.__slots__}
                connection.execute(insert(models), [{**row, "digest": mark}])

    def get(self, version: str) -> Published:
        """The model of a version. Raises Unknown."""
        with reading(self._engine) as connection:
            row = connection.execute(select(models).where(models.c.version == version)).first()
        if row is None:
            raise Unknown(f"no model version {version!r}: `trucecast models list` shows them", code="unknown_model")
        return Published(**{name: getattr(row, name) for name in Published.__slots__})

    def all(self) -> list[Published]:
        """Every published model, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(models).order_by(models.c.seq)).all()
        return [Published(**{name: getattr(row, name) for name in Published.__slots__}) for row in rows]

    def move(self, alias: str, version: str, *, by: str, why: str) -> None:
        """Point an alias at a published version. Raises Unknown when there is no such version."""
        self.get(version)
        row = {"alias": alias, "version": version, "moved_at": self._clock(), "moved_by": by, "why": why}
        with writing(self._engine, Turn.MODELS) as connection:
            connection.execute(insert(alias_moves), [row])

    def current(self, alias: str) -> Published | None:
        """The model that an alias points at; None when it has never been set."""
        _, version = self.stamp(alias)
        return None if version is None else self.get(version)

    def stamp(self, alias: str) -> tuple[int, str | None]:
        """The number of the alias's last move and the version it points at; cheap enough to ask all the time."""
        query = select(alias_moves.c.seq, alias_moves.c.version).where(alias_moves.c.alias == alias)
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(alias_moves.c.seq.desc()).limit(1)).first()
        return (0, None) if row is None else (row.seq, row.version)

    def at(self, alias: str, moment: datetime) -> Published | None:
        """The model that an alias pointed at by ``moment``; None when it had not been set by then."""
        query = select(alias_moves.c.version).where(alias_moves.c.alias == alias, alias_moves.c.moved_at <= moment)
        with reading(self._engine) as connection:
            version = connection.execute(query.order_by(alias_moves.c.seq.desc()).limit(1)).scalar_one_or_none()
        return None if version is None else self.get(version)

    def moves(self) -> int:
        """How many times any alias has been moved."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.count()).select_from(alias_moves)).scalar_one())

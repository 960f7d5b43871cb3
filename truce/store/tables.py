"""The tables. Moments are written as fixed-width UTC text, which sorts as time does and reads the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import (
    Column,
    Date,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData()

_WIDTH = len("2023-04-28T00:00:00.000000Z")


class Moment(TypeDecorator[datetime]):
    """A UTC moment as ISO 8601 text of fixed width."""

    impl = String(_WIDTH)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write."""
        del dialect
        return None if value is None else write(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


@lru_cache(maxsize=4096)
def write(moment: datetime) -> str:
    """The stored spelling of a moment."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _text(usual: int) -> TypeEngine[str]:
    """Text from outside. SQLite never held anybody to a length; PostgreSQL would, and refuse what SQLite had taken."""
    return String(usual).with_variant(Text(), "postgresql")


truce_versions = Table(
    "truce_versions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("truce_id", _text(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("source", _text(80), nullable=False),
    Column("written_by", _text(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("truce_id", "version"),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("event_id", _text(80), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("type", String(24), nullable=False),
    Column("secondary", String(24)),
    Column("topic", String(24)),
    Column("modality", String(16), nullable=False),
    Column("occurred_on", Date, nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("actor", _text(200)),
    Column("target", _text(200)),
    Column("iso3", _text(80), nullable=False),
    Column("deaths", Integer),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("source", _text(80), nullable=False),
    Column("source_ref", _text(200)),
    Column("truce_id", _text(120)),
    Column("written_by", _text(40), nullable=False),
    Column("began_on", Date),
    Column("truce_role", String(16)),
    Column("ids", Text),
    Index("events_by_source", "source", "known_at"),
)

matches = Table(
    "matches",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("truce_id", _text(120), nullable=False),
    Column("same_as", _text(120)),
    Column("rule", _text(40), nullable=False),
    Column("score", Float, nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("written_by", _text(40), nullable=False),
    Index("matches_by_truce", "truce_id"),
)

retractions = Table(
    "retractions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("event_id", _text(80), ForeignKey("events.event_id"), nullable=False, unique=True),
    Column("known_at", Moment, nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("why", Text, nullable=False),
    Column("replaced_by", _text(80)),
    Column("written_by", _text(40), nullable=False),
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("forecast_id", String(64), nullable=False, unique=True),
    Column("kind", String(12), nullable=False),
    Column("truce_id", _text(120), nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("model_version", _text(40), nullable=False),
    Column("rule", _text(40), nullable=False),
    Column("history_digest", String(64), nullable=False),
    Column("features", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("writer", String(40), nullable=False),
    Column("writer_seq", Integer, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("anchors", Text),
    Column("vintage_days", Integer),
    UniqueConstraint("writer", "writer_seq"),
    Index("forecasts_by_truce", "truce_id", "as_of"),
    Index("forecasts_by_kind", "kind"),
)

feature_sets = Table(
    "feature_sets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("names", Text, nullable=False),
)

bundles = Table(
    "bundles",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("features", Text, nullable=False),
    Column("bodies", Text, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("version", _text(40), nullable=False, unique=True),
    Column("name", _text(80), nullable=False),
    Column("family", _text(40), nullable=False),
    Column("rule", _text(40), nullable=False),
    Column("feature_set", _text(40), nullable=False),
    Column("trained_to", Date, nullable=False),
    Column("run_id", _text(64)),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
)

alias_moves = Table(
    "alias_moves",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("alias", _text(40), nullable=False),
    Column("version", _text(40), ForeignKey("models.version"), nullable=False),
    Column("moved_at", Moment, nullable=False),
    Column("moved_by", _text(40), nullable=False),
    Column("why", Text, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("scopes", _text(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

imports = Table(
    "imports",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("source", _text(80), nullable=False),
    Column("files", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("counts", Text, nullable=False),
    Column("observed_to", Date),
    Column("stored_at", Moment, nullable=False),
)

"""The first tables: truces, events, forecasts, models, keys, imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.String(27)


def upgrade() -> None:
    _facts()
    _forecasts()
    _models()
    _books()


def _facts() -> None:
    op.create_table(
        "truce_versions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("truce_id", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("stored_at", _MOMENT, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("written_by", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("truce_id", "version"),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(80), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("type", sa.String(24), nullable=False),
        sa.Column("secondary", sa.String(24)),
        sa.Column("topic", sa.String(24)),
        sa.Column("modality", sa.String(16), nullable=False),
        sa.Column("occurred_on", sa.Date, nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("stored_at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(200)),
        sa.Column("target", sa.String(200)),
        sa.Column("iso3", sa.String(80), nullable=False),
        sa.Column("deaths", sa.Integer),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("source_ref", sa.String(200)),
        sa.Column("truce_id", sa.String(120)),
        sa.Column("written_by", sa.String(40), nullable=False),
    )
    op.create_index("events_by_source", "events", ["source", "known_at"])
    op.create_table(
        "retractions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(80), sa.ForeignKey("events.event_id"), nullable=False, unique=True),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("stored_at", _MOMENT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("replaced_by", sa.String(80)),
        sa.Column("written_by", sa.String(40), nullable=False),
    )


def _forecasts() -> None:
    op.create_table(
        "forecasts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("forecast_id", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("truce_id", sa.String(120), nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("stored_at", _MOMENT, nullable=False),
        sa.Column("model_version", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("history_digest", sa.String(64), nullable=False),
        sa.Column("features", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("writer", sa.String(40), nullable=False),
        sa.Column("writer_seq", sa.Integer, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("writer", "writer_seq"),
    )
    op.create_index("forecasts_by_truce", "forecasts", ["truce_id", "as_of"])


def _models() -> None:
    op.create_table(
        "models",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("version", sa.String(40), nullable=False, unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("family", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("feature_set", sa.String(40), nullable=False),
        sa.Column("trained_to", sa.Date, nullable=False),
        sa.Column("run_id", sa.String(64)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "alias_moves",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alias", sa.String(40), nullable=False),
        sa.Column("version", sa.String(40), sa.ForeignKey("models.version"), nullable=False),
        sa.Column("moved_at", _MOMENT, nullable=False),
        sa.Column("moved_by", sa.String(40), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )


def _books() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
    )
    op.create_table(
        "imports",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("observed_to", sa.Date),
        sa.Column("stored_at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("the archive is append-only: restore a backup instead")

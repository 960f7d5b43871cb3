"""Chains are anchored into one another, a forecast declares by when its outcome counts, and PostgreSQL keeps texts of any length."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXTS = {
    "truce_versions": ("truce_id", "source", "written_by"),
    "events": ("event_id", "actor", "target", "iso3", "source", "source_ref", "truce_id", "written_by"),
    "matches": ("truce_id", "same_as", "rule", "written_by"),
    "retractions": ("event_id", "replaced_by", "written_by"),
    "forecasts": ("truce_id", "model_version", "rule"),
    "models": ("version", "name", "family", "rule", "feature_set", "run_id"),
    "alias_moves": ("alias", "version", "moved_by"),
    "keys": ("scopes",),
    "imports": ("source",),
}


def upgrade() -> None:
    op.add_column("forecasts", sa.Column("anchors", sa.Text))
    op.add_column("forecasts", sa.Column("vintage_days", sa.Integer))
    op.create_index("forecasts_by_kind", "forecasts", ["kind"])
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _TEXTS.items():
            for column in columns:
                op.alter_column(table, column, type_=sa.Text)

"""Forecasts that are made together are stored together: their bodies and feature rows in bundles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bundles",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("features", sa.Text, nullable=False),
        sa.Column("bodies", sa.Text, nullable=False),
    )

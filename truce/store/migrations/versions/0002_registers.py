"""Events carry the ids of registers, a span of days and a role; truces of two sources may be one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("began_on", sa.Date))
    op.add_column("events", sa.Column("truce_role", sa.String(16)))
    op.add_column("events", sa.Column("ids", sa.Text))
    op.create_table(
        "matches",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("truce_id", sa.String(120), nullable=False),
        sa.Column("same_as", sa.String(120)),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("stored_at", sa.String(27), nullable=False),
        sa.Column("written_by", sa.String(40), nullable=False),
    )
    op.create_index("matches_by_truce", "matches", ["truce_id"])

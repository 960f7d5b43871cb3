"""The names of feature columns stand once for all archived rows, which are packed from now on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feature_sets", sa.Column("id", sa.String(40), primary_key=True), sa.Column("names", sa.Text, nullable=False)
    )

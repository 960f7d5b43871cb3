"""Answers to writes that were sent under an idempotency key; webhooks, alarms and deliveries; the judgement of each model."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("written_by", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("stored_at", sa.String(27), nullable=False),
        sa.UniqueConstraint("written_by", "name"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("truce_id", sa.String(120)),
        sa.Column("horizon", sa.Integer, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("hysteresis", sa.Float, nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("deleted_at", sa.String(27)),
    )
    op.create_table(
        "alarms",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("webhook_id", sa.String(16), sa.ForeignKey("webhooks.id"), nullable=False),
        sa.Column("truce_id", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("raised", sa.Boolean, nullable=False),
        sa.Column("p", sa.Float, nullable=False),
        sa.Column("as_of", sa.String(27), nullable=False),
        sa.Column("stored_at", sa.String(27), nullable=False),
        sa.UniqueConstraint("webhook_id", "truce_id", "number"),
    )
    op.create_table(
        "deliveries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("delivery_id", sa.String(64), nullable=False, unique=True),
        sa.Column("webhook_id", sa.String(16), sa.ForeignKey("webhooks.id"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("due_at", sa.String(27)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("delivered_at", sa.String(27)),
        sa.Column("trouble", sa.Text),
    )
    op.create_index("deliveries_due", "deliveries", ["due_at"])
    op.create_table(
        "judgements",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("version", sa.String(40), sa.ForeignKey("models.version"), nullable=False, unique=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("stored_at", sa.String(27), nullable=False),
    )

"""The tables of the service alone: answers to repeated writes, webhooks, alarms and deliveries, and how the models at work were judged."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from truce.store.tables import Moment, metadata

replays = Table(
    "replays",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("written_by", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("stored_at", Moment, nullable=False),
    UniqueConstraint("written_by", "name"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("truce_id", String(120)),
    Column("horizon", Integer, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("hysteresis", Float, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(40), nullable=False),
    Column("deleted_at", Moment),
)

alarms = Table(
    "alarms",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("webhook_id", String(16), ForeignKey("webhooks.id"), nullable=False),
    Column("truce_id", String(120), nullable=False),
    Column("number", Integer, nullable=False),
    Column("raised", Boolean, nullable=False),
    Column("p", Float, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("stored_at", Moment, nullable=False),
    UniqueConstraint("webhook_id", "truce_id", "number"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("delivery_id", String(64), nullable=False, unique=True),
    Column("webhook_id", String(16), ForeignKey("webhooks.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("delivered_at", Moment),
    Column("trouble", Text),
    Index("deliveries_due", "due_at"),
)

judgements = Table(
    "judgements",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("version", String(40), ForeignKey("models.version"), nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("stored_at", Moment, nullable=False),
)

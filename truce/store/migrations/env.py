"""Alembic's entry: runs the revisions on the connection that the schema module hands over."""

from __future__ import annotations

from alembic import context

from truce.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()

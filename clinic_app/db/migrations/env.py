"""alembic's environment: the program hands over its own keyed connection and transaction."""

from __future__ import annotations

from alembic import context

from clinic_app.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

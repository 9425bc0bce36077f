"""alembic migrations of the encrypted store."""

"""The encrypted store: vault, tables, operation log, repositories, audit trail."""

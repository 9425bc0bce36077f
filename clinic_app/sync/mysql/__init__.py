"""The centre over MySQL 8.4+ and MariaDB 10.11+: connection, schema, rights, and its upkeep."""

"""The central database that the window meets here is a real MariaDB."""

from __future__ import annotations

from tests.integration.sync.conftest import authority, centre, data_template, mariadb

__all__ = ["authority", "centre", "data_template", "mariadb"]

"""The central database that the window meets here is a real MariaDB."""

from __future__ import annotations

from tests.integration.sync.conftest import authority, central, centre, data_template

__all__ = ["authority", "central", "centre", "data_template"]

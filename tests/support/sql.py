"""Names in the shared server."""

from __future__ import annotations

import secrets


def fresh_database() -> str:
    return f"clinic_{secrets.token_hex(6)}"

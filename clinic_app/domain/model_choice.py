"""Which models read pictures on this workstation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A kept set by its name, and the SHA-256 of its manifest when it was verified.

    Without a name: the set that ships with the program, whichever that is.
    """

    name: str = ""
    manifest_sha256: str = ""


SHIPPED = ModelChoice()

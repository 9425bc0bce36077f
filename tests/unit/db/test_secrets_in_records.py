"""What holds a key or a password does not print it, wherever it is printed."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import clinic_app.db
import clinic_app.services
import clinic_app.sync

SECRET = frozenset(
    ("key", "password", "secret", "recovery_key", "clinic_key", "workstation_key", "snapshot_key")
)


def holders() -> Iterator[Any]:
    """Every dataclass of these packages with a field of such a name."""
    for package in (clinic_app.db, clinic_app.services, clinic_app.sync):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith("migrations.env"):
                continue
            for one in vars(importlib.import_module(found.name)).values():
                own = isinstance(one, type) and one.__module__ == found.name
                if own and dataclasses.is_dataclass(one) and SECRET & _fields(one):
                    yield one


def _fields(holder: Any) -> set[str]:
    return {field.name for field in dataclasses.fields(holder)}


HOLDERS = sorted(holders(), key=lambda one: f"{one.__module__}.{one.__name__}")


def test_they_are_found() -> None:
    assert {"Source", "Unpacked", "Enrolment", "StaffPassword"} <= {one.__name__ for one in HOLDERS}


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_secret_is_left_out_of_what_is_printed(holder: Any) -> None:
    shown = {field.name for field in dataclasses.fields(holder) if field.repr}
    assert not shown & SECRET

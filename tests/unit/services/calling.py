"""Calling any method of the services with made-up arguments, to see who is let in."""

from __future__ import annotations

import collections.abc as abc
import dataclasses
import enum
import inspect
import typing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, NotSignedIn
from clinic_app.domain.picture import Picture
from clinic_app.domain.schedule import Frequency
from clinic_app.services.appointments import Repeat
from clinic_app.services.clinic_services import ClinicServices
from tests.fakes.clinic import FakeClinic

_OUTSIDE = frozenset({"session", "face_reader", "models"})
"""The session itself (tested on its own) and what holds no records."""


def methods() -> dict[str, Any]:
    """Every public method of the services by name."""
    hints = typing.get_type_hints(ClinicServices)
    return {
        f"{one.name}.{name}": method
        for one in dataclasses.fields(ClinicServices)
        if one.name not in _OUTSIDE
        for name, method in inspect.getmembers(hints[one.name], inspect.isfunction)
        if not name.startswith("_")
    }


METHODS = methods()


def plain(wanted: Any, patient_id: UUID) -> Any:
    """Something of this type; every identifier is the patient's."""
    samples: dict[Any, Any] = {
        UUID: patient_id,
        str: "x",
        bool: True,
        int: 1,
        float: 0.5,
        bytes: b"",
        date: date(2026, 3, 2),
        datetime: datetime(2026, 3, 2, tzinfo=UTC),
        Path: Path("no-such-folder/x.zip"),
        Picture: Picture(1, 1, bytes(3)),
        Repeat: Repeat(Frequency.DAILY, 2),
    }
    if wanted in samples:
        return samples[wanted]
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return next(iter(wanted))
    if typing.get_origin(wanted) in (abc.Iterable, abc.Sequence, tuple):
        return ()
    if typing.get_origin(wanted) is abc.Mapping:
        return {}
    if typing.get_args(wanted):
        return plain(typing.get_args(wanted)[0], patient_id)
    hints = typing.get_type_hints(wanted)
    needed = (
        one
        for one in dataclasses.fields(wanted)
        if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    )
    return wanted(**{one.name: plain(hints[one.name], patient_id) for one in needed})


def refused(services: ClinicServices, name: str, patient_id: UUID) -> bool:
    """Whether the method was refused; anything else that goes wrong comes after the door."""
    service, method = name.split(".")
    hints = typing.get_type_hints(METHODS[name])
    named = {
        one.name: plain(hints[one.name], patient_id)
        for one in inspect.signature(METHODS[name]).parameters.values()
        if one.default is inspect.Parameter.empty and one.name != "self"
    }
    try:
        getattr(getattr(services, service), method)(**named)
    except AccessDenied:
        return True
    except NotSignedIn:
        raise
    except Exception:  # noqa: BLE001 - made-up arguments: there is no such record, or a wrong password
        return False
    return False


def refusals(clinic: FakeClinic) -> int:
    """How often somebody was turned away, as the trail has it."""
    return sum(
        entry.kind is AuditKind.REFUSED and entry.subject == "action"
        for entry in clinic.store.tables.audit
    )

"""An export, and what is in its files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from clinic_app.domain.people import Patient
from clinic_app.services.export import ExportReason
from tests.fakes.clinic import PASSWORD, FakeClinic

ASKED = ExportReason.PERSON_ASKED


def export(clinic: FakeClinic, patient: Patient, place: Path, **changes: Any) -> dict[str, bytes]:
    """The files of an export by name."""
    options: dict[str, Any] = {"accepts_unprotected": True, **changes}
    clinic.services.exports.write(patient.id, place, ASKED, PASSWORD, **options)
    if place.suffix == ".zip":
        with zipfile.ZipFile(place) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}
    files = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def bundle(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["fhir/bundle.json"])
    return found


def kinds(files: dict[str, bytes], kind: str) -> list[dict[str, Any]]:
    every = (entry["resource"] for entry in bundle(files)["entry"])
    return [one for one in every if one["resourceType"] == kind]

"""A clinic with records in it, a place outside its folder, and a backup there."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.finding import FaceImages
from clinic_app.services.backup_data import BackupFile
from tests.integration.db.backup.copies import PATIENTS
from tests.integration.db.records import Clinic, a_draft, a_finding, a_note, a_patient, a_screening


@pytest.fixture
def filled(clinic: Clinic) -> Clinic:
    with clinic.store.unit_of_work() as work:
        for _ in range(PATIENTS):
            patient = a_patient()
            work.patients.add(patient)
            work.screenings.add(a_screening(patient.id, clinic.user.id, finding=a_finding()))
            work.notes.add(a_note(patient.id, clinic.user.id))
        draft = a_draft(patient.id, clinic.user.id)
        work.drafts.save(draft)
        work.images.put(draft.id, FaceImages(b"face" * 900, b"even" * 900), kept=True)
        work.audit.record(AuditKind.CREATED, clinic.user.id, "patients")
        work.commit()
    return clinic


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "usb stick"
    folder.mkdir()
    return folder


@pytest.fixture
def backup(filled: Clinic, place: Path) -> BackupFile:
    return filled.vault.backups.write(place / "march.clinicbackup")

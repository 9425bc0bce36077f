"""Looking through the audit trail: pages, filters, extracts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword
from clinic_app.domain.people import Role
from clinic_app.services import audit as audit_service
from clinic_app.services.audit_data import AuditQuery
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic


def test_pages_follow_each_other_without_a_gap_or_a_repetition(clinic: FakeClinic) -> None:
    for _ in range(30):
        clinic.services.patients.search("")
    numbers: list[int] = []
    page = clinic.services.audit.browse(limit=7)
    entries = len(clinic.store.tables.audit)
    while True:
        numbers += [row.entry.number for row in page.rows]
        if page.next is None:
            break
        page = clinic.services.audit.browse(AuditQuery(before=page.next), limit=7)
    assert numbers == list(range(max(numbers), 0, -1))
    assert len(clinic.store.tables.audit) == entries, "turning pages is one reading"


def test_filters_find_by_action_actor_person_and_time(clinic: FakeClinic) -> None:
    patient, other = clinic.add_patient(), clinic.add_patient("Silva")
    note = clinic.services.notes.write(patient.id, "calm")
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.clock.advance(days=3)
    later = clinic.clock()
    clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).patients.get(other.id)
    services = clinic.sign_in()

    def found(query: AuditQuery) -> list[tuple[AuditKind, object]]:
        rows = services.audit.browse(query, 1000).rows
        return [(row.entry.kind, row.entry.subject_id) for row in rows]

    about = found(AuditQuery(patient_id=patient.id))
    assert (AuditKind.CREATED, note.id) in about
    assert (AuditKind.CREATED, patient.id) in about
    assert other.id not in {subject for _, subject in about}
    by = found(AuditQuery(by=colleague.id))
    assert by == [(AuditKind.READ, other.id), (AuditKind.SIGNED_IN, colleague.id)]
    created = found(AuditQuery(kinds=(AuditKind.CREATED,)))
    assert {kind for kind, _ in created} == {AuditKind.CREATED}
    assert (AuditKind.CREATED, note.id) not in found(AuditQuery(since=later))
    assert (AuditKind.READ, other.id) not in found(AuditQuery(until=later))
    assert found(AuditQuery(since=later + timedelta(days=900))) == []


def test_who_was_looked_for_is_audited(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    clinic.services.audit.browse(AuditQuery(patient_id=patient.id))
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject, entry.subject_id) == (AuditKind.READ, "audit", patient.id)


def test_an_extract_needs_the_password_and_tells_whether_the_chain_holds(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.add_patient()
    with pytest.raises(WrongPassword):
        clinic.services.audit.extract(AuditQuery(), "not the password")
    extract = clinic.services.audit.extract(AuditQuery(), PASSWORD)
    numbers = [row.entry.number for row in extract.rows]
    assert numbers == sorted(numbers)
    assert extract.check.intact
    assert (extract.clinic_name, extract.made_by) == ("Harbour Clinic", "Amina Diallo")
    assert clinic.store.tables.audit[-1].kind is AuditKind.EXPORTED
    monkeypatch.setattr(audit_service, "EXTRACT_LIMIT", 2)
    with pytest.raises(InvalidInput):
        clinic.services.audit.extract(AuditQuery(), PASSWORD)


def test_only_administrators_look_through_the_trail(clinic: FakeClinic) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    audit = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).audit
    for look in (
        audit.browse,
        audit.actors,
        lambda: audit.extract(AuditQuery(), COLLEAGUE_PASSWORD),
    ):
        with pytest.raises(AccessDenied):
            look()


def test_reading_that_begins_in_the_midst_of_the_trail_is_audited_too(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    entries = len(clinic.store.tables.audit)
    clinic.services.audit.browse(AuditQuery(before=entries))
    assert len(clinic.store.tables.audit) == entries + 1
    clinic.services.audit.browse(AuditQuery(patient_id=patient.id, before=entries))
    last = clinic.store.tables.audit[-1]
    assert (len(clinic.store.tables.audit), last.subject_id) == (entries + 2, patient.id)

"""Records in and out: the same value comes back, in the order asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import MAXYEAR, UTC, datetime, timedelta

import pytest

from clinic_app.db.histories import history
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import DraftHandover, handed_over, signed
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.people import DeploymentContext, Role, SexAtBirth, StaffUser
from clinic_app.domain.versions import change_of
from tests.integration.db.records import (
    NOON,
    Clinic,
    a_consent,
    a_draft,
    a_finding,
    a_note,
    a_patient,
    a_safety_event,
    a_screening,
    clinic_profile,
)


def test_a_patient_comes_back_equal(clinic: Clinic) -> None:
    patient = replace(
        a_patient("O'Neill", "李小明 عائشة", phone="+41 79 555 01 99", local_number="A-17"),
        sex=SexAtBirth.FEMALE,
    )
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        assert work.patients.get(patient.id) == patient
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.patients.get(patient.id) == patient
        assert work.patients.count() == 1


def test_only_changed_fields_are_logged_and_no_change_logs_nothing(clinic: Clinic) -> None:
    from sqlalchemy import select

    from clinic_app.db.tables import oplog
    from clinic_app.domain.operations import decode_fields
    from tests.integration.db.raw import transaction_of

    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
        before = clinic.store.pending_operations()
        work.patients.save(replace(patient, phone="112"))
        work.patients.save(replace(patient, phone="112"))
        work.commit()
    assert clinic.store.pending_operations() == before + 1
    with transaction_of(clinic.encrypted) as db:
        newest = db.scalar(select(oplog.c.body).order_by(oplog.c.seq.desc()).limit(1))
    assert decode_fields(newest) == {"phone": "112"}


@pytest.mark.parametrize("kind", ["event", "record", "change"])
def test_what_would_show_nothing_is_not_kept(clinic: Clinic, kind: str) -> None:
    """In the log alone it would be lost to everybody, and nobody would hear of it."""
    never = datetime(MAXYEAR, 6, 1, tzinfo=UTC)
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
    before = clinic.store.pending_operations()
    with clinic.store.unit_of_work() as work:
        event = replace(a_safety_event(patient.id, clinic.user.id), at=never)
        keep = {
            "event": lambda: work.safety.add(event),
            "record": lambda: work.patients.add(replace(a_patient("Other"), registered_at=never)),
            "change": lambda: work.patients.save(replace(patient, registered_at=never)),
        }[kind]
        with pytest.raises(ValueError, match="too far away"):
            keep()
        work.commit()
    assert clinic.store.pending_operations() == before


def test_what_is_not_there_is_not_found(clinic: Clinic) -> None:
    nobody = new_id()
    with clinic.store.unit_of_work() as work:
        for look in (
            work.patients.get,
            work.screenings.get,
            work.drafts.get,
            work.safety.flow,
            work.notes.get,
            work.users.get,
        ):
            with pytest.raises(NotFound):
                look(nobody)
        with pytest.raises(NotFound):
            work.patients.save(a_patient())
        assert work.drafts.of_patient(nobody) is None
        assert work.safety.of_screening(nobody) is None
        assert work.images.get(nobody) is None
        assert work.users.by_user_name("nobody") is None


def test_records_of_an_unknown_patient_are_refused(clinic: Clinic) -> None:
    nobody, by = new_id(), clinic.user.id
    before = clinic.store.pending_operations()
    with clinic.store.unit_of_work() as work:
        for add in (
            lambda: work.consents.add(a_consent(nobody, by)),
            lambda: work.screenings.add(a_screening(nobody, by)),
            lambda: work.safety.add(a_safety_event(nobody, by)),
            lambda: work.notes.add(a_note(nobody, by)),
            lambda: work.drafts.save(a_draft(nobody, by)),
        ):
            with pytest.raises(NotFound, match="patient"):
                add()
        work.commit()
    assert clinic.store.pending_operations() == before


def test_the_same_identifier_twice_is_refused(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        screening = a_screening(patient.id, clinic.user.id)
        work.screenings.add(screening)
        with pytest.raises(WrongState):
            work.patients.add(patient)
        with pytest.raises(WrongState):
            work.screenings.add(replace(screening, images_kept=True))
        assert work.screenings.get(screening.id) == screening


def test_a_screening_with_its_finding_comes_back_exactly(clinic: Clinic) -> None:
    patient = a_patient()
    screening = a_screening(patient.id, clinic.user.id, finding=a_finding())
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.screenings.add(screening)
        work.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.screenings.get(screening.id) == screening
        assert work.screenings.count() == 1


def test_screenings_come_newest_first_and_limited(clinic: Clinic) -> None:
    patient, other, by = a_patient(), a_patient("Other"), clinic.user.id
    days = [3, 1, 5, 2, 4]
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.add(other)
        for day in days:
            work.screenings.add(a_screening(patient.id, by, finished_at=NOON + timedelta(days=day)))
        work.screenings.add(a_screening(other.id, by, finished_at=NOON + timedelta(days=9)))
        work.commit()
        mine = [s.finished_at for s in work.screenings.of_patient(patient.id, limit=3)]
        every = [s.finished_at for s in work.screenings.newest(limit=2)]
    assert mine == [NOON + timedelta(days=day) for day in (5, 4, 3)]
    assert every == [NOON + timedelta(days=day) for day in (9, 5)]


def test_the_extracted_columns_follow_the_screening(clinic: Clinic) -> None:
    from sqlalchemy import select

    from clinic_app.db.tables import screening as table
    from tests.integration.db.raw import transaction_of

    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.screenings.add(a_screening(patient.id, clinic.user.id, finding=a_finding()))
        work.commit()
    with transaction_of(clinic.encrypted) as db:
        row = db.row(select(table.c.phq9_total, table.c.gad7_total, table.c.band))
    assert row is not None
    assert tuple(row) == (12, None, 2)


def test_consent_comes_oldest_first(clinic: Clinic) -> None:
    patient, by = a_patient(), clinic.user.id
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        for minutes, granted in ((2, False), (1, True), (3, True)):
            event = a_consent(patient.id, by, granted=granted, at=NOON + timedelta(minutes=minutes))
            work.consents.add(event)
        events = work.consents.of_patient(patient.id)
    assert [event.granted for event in events] == [True, False, True]
    assert current_consent(events) == {Purpose.CAPTURE: True}


def test_a_signed_note_never_changes(clinic: Clinic) -> None:
    patient, by = a_patient(), clinic.user.id
    note = a_note(patient.id, by, "First.\n\nSecond line with <b> & ü.")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.notes.add(note)
        final = signed(replace(note, text="Changed before signing"), by, NOON)
        work.notes.save(final)
        with pytest.raises(WrongState, match="addendum"):
            work.notes.save(replace(final, text="Changed after"))
        with pytest.raises(WrongState):
            work.notes.save(replace(final, signed_at=None))
        work.notes.save(final)
        work.commit()
        assert work.notes.of_patient(patient.id) == [final]


def test_a_draft_is_handed_over_without_a_new_version_of_its_words(clinic: Clinic) -> None:
    patient, by, to_user = a_patient(), clinic.user.id, new_id()
    note = a_note(patient.id, by, "Not signed before leaving.")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.notes.add(note)
        work.notes.save(handed_over(note, DraftHandover(to_user, NOON, by, "She has left.")))
        work.commit()
    with clinic.store.unit_of_work() as work:
        (stored,) = work.notes.unsigned(by)
        assert (stored.text, stored.handed and stored.handed.to_user) == (note.text, to_user)
        written = history(work.db, EntityKind.NOTE, note.id)
        assert [sorted(change_of(one).fields) for one in written[1:]] == [["handed"]]


def test_notes_come_newest_first(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        for minute in (2, 3, 1):
            note = a_note(patient.id, clinic.user.id, f"note {minute}")
            work.notes.add(replace(note, written_at=NOON + timedelta(minutes=minute)))
        texts = [note.text for note in work.notes.of_patient(patient.id)]
    assert texts == ["note 3", "note 2", "note 1"]


def test_staff_are_found_by_name_in_any_case(clinic: Clinic) -> None:
    bo = StaffUser(new_id(), "Bo.Li", "Bo Li", Role.DOCTOR)
    with clinic.store.unit_of_work() as work:
        work.users.add(bo)
        assert work.users.by_user_name(" bo.LI") == bo
        away = replace(bo, active=False)
        work.users.save(away)
        assert work.users.get(bo.id) == away
        assert work.users.all() == [clinic.user, away]


def test_the_clinic_is_saved_field_by_field(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        profile = replace(
            work.clinic.get(), name="Hill clinic", deployment_context=DeploymentContext.SCHOOL
        )
        work.clinic.save(profile)
        work.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.clinic.get() == profile
        with pytest.raises(NotFound):
            work.clinic.save(clinic_profile())

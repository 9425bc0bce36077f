"""Registering, searching, correcting; consent and what its withdrawal removes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.ids import new_id
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.schedule import to_local
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.meanwhile import form_of
from clinic_app.services.patients import NewPatient
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading

ALL = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)


def test_a_possible_duplicate_is_named_and_never_blocks(clinic: FakeClinic) -> None:
    patients = clinic.services.patients
    first = clinic.add_patient("Müller", "Anna", date(1980, 2, 29))
    for again in (
        NewPatient("MULLER", "Other", date(1980, 2, 29)),
        NewPatient("Müller", "anna", date(1981, 1, 1)),
    ):
        assert first in patients.similar(again)
        assert patients.register(again).id != first.id
    assert patients.similar(NewPatient("Müller", "Bea", date(1999, 1, 1))) == []
    assert patients.similar(NewPatient("Meier", "Anna", date(1980, 2, 29))) == []


def test_what_is_no_text_is_passed_over_in_searches(clinic: FakeClinic) -> None:
    patient = clinic.add_patient("Müller", "Anna", date(1980, 2, 29))
    patients = clinic.services.patients
    assert patients.similar(NewPatient("M\udcffüller\x00", "Anna", date(1980, 2, 29))) == [patient]
    assert [row.patient for row in patients.search("m\udcffüll")] == [patient]


def test_a_refused_registration_stores_nothing(clinic: FakeClinic) -> None:
    before = clinic.store.commits
    with pytest.raises(InvalidInput):
        clinic.services.patients.register(NewPatient("", "Anna", date(1980, 1, 1)))
    with pytest.raises(InvalidInput):
        clinic.services.patients.register(NewPatient("Anna", "", date(2100, 1, 1)))
    assert clinic.store.commits == before


def test_correcting_a_patient_changes_what_was_typed_and_is_audited(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    new = NewPatient(" Okafor-Reyes ", "Chidi", patient.birth_date, phone="0123")
    corrected = clinic.services.patients.correct(patient.id, new)
    assert corrected.family_name == "Okafor-Reyes"
    assert corrected.registered_at == patient.registered_at
    assert clinic.services.patients.get(patient.id) == corrected
    assert AuditKind.CHANGED in [entry.kind for entry in clinic.store.tables.audit]


def test_what_came_from_elsewhere_while_the_identity_lay_open_stays(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    seen = form_of(NewPatient, patient)
    with clinic.store.unit_of_work() as work:  # as a round brings it from another laptop
        work.patients.save(replace(patient, birth_date=date(1991, 5, 17), local_number="7"))
        work.commit()
    new = replace(seen, phone="0123")
    after = clinic.services.patients.correct(patient.id, new, over=seen)
    assert (after.birth_date, after.local_number) == (date(1991, 5, 17), "7")
    assert after.phone == "0123"


def test_a_list_marks_drafts_open_safety_steps_and_the_last_screening(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    plain, open_flow, done = (clinic.add_patient(name) for name in ("Plain", "Flow", "Done"))
    screenings.record_questionnaire(
        open_flow.id, InstrumentName.PHQ9, (0,) * 8 + (1,), AnsweredBy.PATIENT
    )
    screenings.judge(screenings.start(done.id).id, ClinicianSeverity.NONE)
    finished = screenings.finish(screenings.start(done.id).id)
    rows = {row.patient.id: row for row in clinic.services.patients.search("")}
    assert (rows[plain.id].has_draft, rows[plain.id].safety_open) == (False, False)
    assert (rows[open_flow.id].has_draft, rows[open_flow.id].safety_open) == (True, True)
    assert rows[done.id].last_screening_at == finished.finished_at


def test_a_search_is_audited_without_what_was_typed(clinic: FakeClinic) -> None:
    clinic.services.patients.search("Okafor")
    entry = clinic.store.tables.audit[-1]
    assert entry.kind is AuditKind.SEARCHED
    assert "Okafor" not in entry.detail


def test_consent_is_recorded_purpose_by_purpose_and_only_when_it_changes(
    clinic: FakeClinic,
) -> None:
    patient = clinic.add_patient(consent=())
    consents = clinic.services.consents
    assert consents.current(patient.id) == {}
    consents.record(patient.id, {Purpose.CAPTURE: True, Purpose.SHARING: False})
    consents.record(patient.id, {Purpose.CAPTURE: True})
    assert consents.current(patient.id) == {Purpose.CAPTURE: True, Purpose.SHARING: False}
    assert len(consents.history(patient.id)) == 2


def test_consent_of_nobody_is_refused(clinic: FakeClinic) -> None:
    with pytest.raises(NotFound):
        clinic.services.consents.record(new_id(), {Purpose.CAPTURE: True})
    with pytest.raises(NotFound):
        clinic.services.consents.current(new_id())


def test_a_withdrawal_counts_although_the_clock_was_set_back(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    clinic.clock.moment -= timedelta(days=400)
    clinic.services.consents.record(patient.id, {Purpose.CAPTURE: False})
    assert clinic.services.consents.current(patient.id)[Purpose.CAPTURE] is False


def test_withdrawing_the_keeping_removes_every_image_at_once(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=ALL)
    screenings = clinic.services.screenings
    for _ in range(2):
        draft = screenings.start(patient.id)
        screenings.attach(draft.id, reading())
        screenings.judge(draft.id, ClinicianSeverity.NONE)
        screenings.finish(draft.id)
    open_draft = screenings.start(patient.id)
    screenings.attach(open_draft.id, reading())
    other = clinic.add_patient("Other", consent=ALL)
    others_draft = screenings.start(other.id)
    screenings.attach(others_draft.id, reading())
    assert len(clinic.store.tables.images) == 4
    clinic.services.consents.record(patient.id, {Purpose.KEEP_IMAGES: False})
    assert set(clinic.store.tables.images) == {others_draft.id}
    assert not screenings.draft(open_draft.id).has_images
    assert AuditKind.IMAGES_REMOVED in [entry.kind for entry in clinic.store.tables.audit]
    assert len(screenings.of_patient(patient.id)) == 2


@pytest.mark.parametrize("purpose", [Purpose.CAPTURE, Purpose.ANALYSIS])
def test_withdrawing_capture_or_analysis_takes_the_reading_out_of_the_draft(
    clinic: FakeClinic, purpose: Purpose
) -> None:
    patient = clinic.add_patient(consent=ALL)
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    screenings.attach(draft.id, reading())
    clinic.services.consents.record(patient.id, {purpose: False})
    now = screenings.draft(draft.id)
    assert (now.finding, now.has_images) == (None, False)
    assert not clinic.store.tables.images


@pytest.mark.parametrize("purpose", [Purpose.CAPTURE, Purpose.ANALYSIS])
def test_withdrawing_capture_or_analysis_removes_the_kept_images_too(
    clinic: FakeClinic, purpose: Purpose
) -> None:
    patient = clinic.add_patient(consent=ALL)
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    screenings.attach(draft.id, reading())
    screenings.judge(draft.id, ClinicianSeverity.NONE)
    screenings.finish(draft.id)
    assert clinic.store.tables.kept_images == {draft.id}
    clinic.services.consents.record(patient.id, {purpose: False})
    assert not clinic.store.tables.images
    removed = [e for e in clinic.store.tables.audit if e.kind is AuditKind.IMAGES_REMOVED]
    assert [entry.subject_id for entry in removed] == [patient.id]


def test_a_reading_that_was_seen_stays_seen_when_it_is_taken_out(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=ALL)
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    shown = screenings.attach(draft.id, reading(), shown=True)
    clinic.services.consents.record(patient.id, {Purpose.CAPTURE: False})
    left = screenings.draft(draft.id)
    assert left.finding is None
    assert left.revealed_at == shown.revealed_at is not None


def test_a_judgement_keeps_the_time_at_which_its_reading_was_shown(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=ALL)
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    screenings.attach(draft.id, reading())
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    screenings.reveal(draft.id)
    shown = screenings.draft(draft.id)
    clinic.services.consents.record(patient.id, {Purpose.ANALYSIS: False})
    assert screenings.draft(draft.id).revealed_at == shown.revealed_at is not None


def test_a_withdrawal_leaves_the_questionnaires_alone(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=ALL)
    screenings = clinic.services.screenings
    draft = screenings.record_questionnaire(
        patient.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.services.consents.record(patient.id, dict.fromkeys(Purpose, False))
    assert screenings.draft(draft.id).sheets == draft.sheets


def test_a_birth_date_of_today_is_the_clinics_today(clinic: FakeClinic) -> None:
    """In the morning of Kiritimati it is still yesterday in UTC."""
    clinic.clock.advance(hours=2)
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone="Pacific/Kiritimati"))
        work.commit()
    today = to_local(clinic.clock(), "Pacific/Kiritimati").date()
    assert today > clinic.clock().date()
    patient = clinic.services.patients.register(NewPatient("Okafor", "Ada", today))
    assert patient.birth_date == today
    with pytest.raises(InvalidInput):
        clinic.services.patients.register(NewPatient("Okafor", "Ada", today + timedelta(days=1)))

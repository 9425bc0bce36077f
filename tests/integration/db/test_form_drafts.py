"""Begun forms on the real store: encrypted, never in the log, there again, gone with the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from clinic_app.db.tables import oplog
from clinic_app.domain.errors import NotFound
from clinic_app.domain.forms import FormDraft, FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.safety import SafetyAssessment, SafetyEventKind
from clinic_app.services.forms import FormService, drop_closed
from clinic_app.services.session import Desk, Session
from tests.integration.db.raw import transaction_of
from tests.integration.db.records import NOON, Clinic, a_patient, a_safety_event

FORM = FormKind.SAFETY_ASSESSMENT
WORDS = {"plan": "Ring the night line"}


def forms_of(clinic: Clinic) -> FormService:
    return FormService(
        Desk(Session(clinic.user, clinic.vault), clinic.store.unit_of_work, lambda: NOON)
    )


@pytest.fixture
def flow_id(clinic: Clinic) -> UUID:
    patient = a_patient()
    event = a_safety_event(patient.id, clinic.user.id, screening_id=new_id())
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.safety.add(event)
        work.commit()
    return event.flow_id


def operations(clinic: Clinic) -> int:
    with transaction_of(clinic.encrypted) as db:
        return int(db.rows(select(func.count().label("n")).select_from(oplog))[0].n)


def test_words_are_there_after_the_power_went_and_never_logged(
    clinic: Clinic, flow_id: UUID
) -> None:
    before = operations(clinic)
    kept = forms_of(clinic).keep(FORM, flow_id, {"plan": "Ring"})
    kept = forms_of(clinic).keep(FORM, flow_id, WORDS)
    clinic.reopen()
    assert forms_of(clinic).kept(FORM, flow_id) == kept
    assert operations(clinic) == before
    forms_of(clinic).discard(FORM, flow_id)
    clinic.reopen()
    assert forms_of(clinic).kept(FORM, flow_id) is None


@pytest.mark.parametrize("form", [FormKind.HANDOVER, FormKind.TASK])
def test_words_about_nobody_are_there_after_the_power_went(clinic: Clinic, form: FormKind) -> None:
    kept = forms_of(clinic).keep(form, clinic.user.id, WORDS)
    clinic.reopen()
    assert kept.patient_id is None
    assert forms_of(clinic).kept(form, clinic.user.id) == kept
    with clinic.store.unit_of_work() as work:
        assert work.forms.all(form) == [kept]
        assert work.forms.all(FormKind.INTERVENTION) == []


def test_no_word_stands_readable_in_any_file(clinic: Clinic, flow_id: UUID) -> None:
    forms_of(clinic).keep(FORM, flow_id, WORDS)
    clinic.store.close()
    files = [path for path in clinic.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"night line" in path.read_bytes()]


def test_forms_are_found_by_person_and_age_and_removed_by_subject(
    clinic: Clinic, flow_id: UUID
) -> None:
    first = forms_of(clinic).keep(FORM, flow_id, WORDS)
    other = replace(first, id=new_id(), user_id=new_id(), changed_at=NOON + timedelta(days=1))
    with clinic.store.unit_of_work() as work:
        work.forms.save(other)
        assert work.forms.of_patient(first.patient_id) == [first, other]
        assert work.forms.changed_before(NOON + timedelta(hours=1)) == [first]
        work.forms.remove(first.id)
        assert work.forms.of_patient(first.patient_id) == [other]
        work.forms.remove_of_subject(FORM, new_id())
        assert work.forms.of_patient(first.patient_id) == [other]
        work.forms.remove_of_subject(FORM, flow_id)
        assert work.forms.of_patient(first.patient_id) == []


def test_words_about_a_flow_that_a_round_brought_closed_are_dropped(
    clinic: Clinic, flow_id: UUID
) -> None:
    kept = forms_of(clinic).keep(FORM, flow_id, WORDS)
    handover = forms_of(clinic).keep(FormKind.HANDOVER, clinic.user.id, WORDS)
    with clinic.store.unit_of_work() as work:
        assert drop_closed(work, clinic.user.id) == 0
        opened = work.safety.flow(flow_id)
        closing = a_safety_event(
            opened.patient_id,
            clinic.user.id,
            kind=SafetyEventKind.ASSESSED,
            flow_id=flow_id,
            screening_id=opened.screening_id,
            at=NOON + timedelta(hours=1),
        )
        assessment = SafetyAssessment("a", "b", "c", "d", NOON + timedelta(days=1))
        work.safety.add(replace(closing, assessment=assessment))
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert drop_closed(work, clinic.user.id) == 1
        work.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.forms.get(clinic.user.id, FORM, flow_id) is None
        assert work.forms.all(FormKind.HANDOVER) == [handover]
        assert kept.id in [entry.subject_id for entry in work.audit.entries()]


def test_words_about_nobody_who_is_stored_are_refused(clinic: Clinic, flow_id: UUID) -> None:
    stray = FormDraft(new_id(), clinic.user.id, FORM, flow_id, new_id(), NOON, WORDS)
    with pytest.raises(NotFound), clinic.store.unit_of_work() as work:
        work.forms.save(stray)

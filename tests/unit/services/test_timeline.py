"""Everything about one person, newest first."""

from __future__ import annotations

import pytest

from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.errors import NotFound
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.services.timeline import moment_of
from tests.fakes.clinic import PASSWORD, FakeClinic


def test_a_page_holds_open_work_and_events_newest_first(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    services = clinic.services
    draft = services.screenings.start(patient.id)
    services.screenings.judge(draft.id, ClinicianSeverity.NONE)
    services.screenings.finish(draft.id)
    note = services.notes.write(patient.id, "Seen today.")
    services.notes.sign(note.id, PASSWORD)
    services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (0,) * 8 + (1,), AnsweredBy.PATIENT
    )
    page = services.timeline.of_patient(patient.id)
    assert [type(event) for event in page.events] == [
        SafetyFlow,
        Note,
        Screening,
        ConsentEvent,
        ConsentEvent,
    ]
    moments = [moment_of(event) for event in page.events]
    assert moments == sorted(moments, reverse=True)
    assert page.draft is not None
    assert [flow.patient_id for flow in page.open_flows] == [patient.id]


def test_a_page_of_nobody_is_refused(clinic: FakeClinic) -> None:
    with pytest.raises(NotFound):
        clinic.services.timeline.of_patient(new_id())


def test_drafts_wait_with_their_patient(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    draft = clinic.services.screenings.start(patient.id)
    (row,) = clinic.services.timeline.unfinished()
    assert (row.draft, row.patient) == (draft, patient)

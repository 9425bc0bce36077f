"""Somebody with one record of each kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic_app.domain.appointments import AppointmentEvent, AppointmentEventKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.ids import new_id
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.schedule import Slot
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.tasks import Task
from clinic_app.services.feedback import NewIncident
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.reading import reading

PHQ9, GAD7 = InstrumentName.PHQ9, InstrumentName.GAD7


@pytest.fixture
def patient(clinic: FakeClinic) -> Patient:
    """Somebody with one record of each kind."""
    person = clinic.add_patient(consent=(Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES))
    clinic.services.consents.record(person.id, {Purpose.SHARING: True})
    clinic.services.consents.record(person.id, {Purpose.SHARING: False})
    take = clinic.services.screenings
    draft = take.start(person.id).id
    take.attach(draft, reading())
    for item, answer in enumerate((2, 1, 0, 3, 1, 0, 2, 1)):
        take.answer(draft, PHQ9, item, answer, AnsweredBy.PATIENT)
    take.complete(draft, PHQ9)
    take.judge(draft, ClinicianSeverity.MILD)
    take.reveal(draft)
    for flow in clinic.services.safety.unfinished():
        _assess(clinic, flow.flow.id)
    take.finish(draft)
    second = take.record_questionnaire(
        person.id, GAD7, (1, 2, 1, 0, 0, 1, 3), AnsweredBy.PATIENT, 2
    )
    take.finish(second.id)
    note = clinic.services.notes.write(person.id, "Sleeps better; <b>calm</b>.")
    clinic.services.notes.sign(note.id, PASSWORD)
    clinic.services.notes.add_to(note.id, "Called the next day.")
    _add_care(clinic, person)
    _add_feedback(clinic, person)
    return person


def _add_feedback(clinic: FakeClinic, person: Patient) -> None:
    """By name and without one, closed and open, about one person and about two."""
    feedback, reviews = clinic.services.feedback, clinic.services.reviews
    other = clinic.add_patient("Quimby", "Quentin")
    feedback.rate(4, "Kind people", patient_id=person.id)
    feedback.rate(1, "Nobody's words")
    feedback.rate(2, "Quimby's words", patient_id=other.id)
    first = clinic.services.screenings.of_patient(person.id)[-1]
    review = reviews.judge(first.id, ClinicianSeverity.MILD)
    reviews.conclude(review.id, Verdict.AGREE)
    feedback.agree(person.id, first.id, Agreement.PARTLY, "Not the sleep part")
    told = feedback.report_incident(NewIncident("A form was lost", patient_id=person.id))
    feedback.close_incident(told.id, "Found again")
    feedback.report_incident(NewIncident("Quimby fell", patient_id=other.id))
    handovers = clinic.services.handovers
    handovers.give("Please call Chidi", None, [person.id])
    handovers.give("Chidi called; Quimby has not", None, [person.id, other.id])
    handovers.give("Quimby alone", None, [other.id])


def _assess(clinic: FakeClinic, flow_id: Any) -> None:
    from clinic_app.domain.safety import SafetyAssessment

    later = clinic.clock() + timedelta(days=2)
    clinic.services.safety.assess(flow_id, SafetyAssessment("a", "b", "c", "d", later))


def _add_care(clinic: FakeClinic, person: Patient) -> None:
    user, now = clinic.services.session.user.id, clinic.clock()
    slot = Slot(datetime(2026, 3, 9, 9, tzinfo=UTC), "Europe/Berlin", 50, user)
    with clinic.store.unit_of_work() as work:
        first, waiting = new_id(), new_id()
        for kind, appointment, when in (
            (AppointmentEventKind.REQUESTED, first, slot),
            (AppointmentEventKind.DENIED, first, None),
            (AppointmentEventKind.REQUESTED, waiting, None),
        ):
            work.appointments.add(
                AppointmentEvent(
                    new_id(), appointment, person.id, kind, clinic.clock(), user, "full", when
                )
            )
        work.tasks.add(
            Task(
                new_id(), "Call back", user, now, "about sleep", user, date(2026, 3, 20), person.id
            )
        )
        work.interventions.add(
            Intervention(new_id(), person.id, "Psychoeducation", date(2026, 3, 2), user, now, "x")
        )
        work.commit()

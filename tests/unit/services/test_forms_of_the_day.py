"""Begun interventions, tasks and handovers: kept for their writer, gone with the record."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.forms import PERSON, TICKED, FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.services.retention import RetentionKind
from clinic_app.services.tasks import NewTask
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic

DAY = FormKind.INTERVENTION, FormKind.TASK, FormKind.HANDOVER
WORDS = {"text": "Breathing exercise"}


def me(clinic: FakeClinic) -> UUID:
    return clinic.services.session.user.id


def kept(clinic: FakeClinic) -> list[tuple[FormKind, UUID | None]]:
    return [(one.form, one.patient_id) for one in clinic.store.tables.forms.values()]


def test_each_form_is_kept_about_its_person_or_about_nobody(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    task = clinic.services.tasks.add(NewTask("Ring", patient_id=patient.id))
    forms = clinic.services.forms
    forms.keep(FormKind.INTERVENTION, patient.id, WORDS)
    forms.keep(FormKind.TASK, patient.id, WORDS)
    forms.keep(FormKind.TASK, task.id, WORDS)
    forms.keep(FormKind.TASK, me(clinic), WORDS)
    forms.keep(FormKind.HANDOVER, me(clinic), WORDS)
    assert kept(clinic) == [
        (FormKind.INTERVENTION, patient.id),
        (FormKind.TASK, patient.id),
        (FormKind.TASK, patient.id),
        (FormKind.TASK, None),
        (FormKind.HANDOVER, None),
    ]


def test_a_form_about_nobody_known_is_refused(clinic: FakeClinic) -> None:
    for form in DAY:
        with pytest.raises(NotFound):
            clinic.services.forms.keep(form, new_id(), WORDS)
    with pytest.raises(NotFound):
        clinic.services.forms.keep(FormKind.INTERVENTION, me(clinic), WORDS)


def test_the_record_takes_the_words_of_its_form_along(clinic: FakeClinic) -> None:
    patient, forms = clinic.add_patient(), clinic.services.forms
    today = clinic.services.tasks.today()
    task = clinic.services.tasks.add(NewTask("Ring", patient_id=patient.id))
    forms.keep(FormKind.INTERVENTION, patient.id, WORDS)
    forms.keep(FormKind.TASK, patient.id, WORDS)
    forms.keep(FormKind.TASK, me(clinic), WORDS)
    forms.keep(FormKind.TASK, task.id, WORDS)
    forms.keep(FormKind.HANDOVER, me(clinic), WORDS)
    clinic.services.interventions.add(patient.id, "Talk", today, from_form=True)
    clinic.services.tasks.add(NewTask("Ring", patient_id=patient.id), from_form=True)
    clinic.services.tasks.add(NewTask("Ring"), from_form=True)
    clinic.services.tasks.change(task.id, NewTask("Ring twice"), from_form=True)
    clinic.services.handovers.give("All quiet.", from_form=True)
    assert kept(clinic) == []


def test_a_record_made_elsewhere_or_refused_leaves_the_words(clinic: FakeClinic) -> None:
    patient, forms = clinic.add_patient(), clinic.services.forms
    today = clinic.services.tasks.today()
    for form, subject in zip(DAY, (patient.id, patient.id, me(clinic)), strict=True):
        forms.keep(form, subject, WORDS)
    clinic.services.interventions.add(patient.id, "Talk", today)
    clinic.services.tasks.add(NewTask("Ring", patient_id=patient.id))
    clinic.services.handovers.give("All quiet.")
    with pytest.raises(InvalidInput):
        clinic.services.interventions.add(patient.id, " ", today, from_form=True)
    with pytest.raises(InvalidInput):
        clinic.services.tasks.add(NewTask(" ", patient_id=patient.id), from_form=True)
    with pytest.raises(InvalidInput):
        clinic.services.handovers.give(" ", from_form=True)
    assert len(kept(clinic)) == 3


def test_a_record_of_a_colleague_leaves_ones_own_words(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    clinic.services.forms.keep(FormKind.INTERVENTION, patient.id, WORDS)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    colleague = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    assert colleague.forms.kept(FormKind.INTERVENTION, patient.id) is None
    today = colleague.tasks.today()
    colleague.interventions.add(patient.id, "Talk", today, from_form=True)
    assert kept(clinic) == [(FormKind.INTERVENTION, patient.id)]


def test_words_about_a_merged_record_are_there_on_the_page_that_stays(clinic: FakeClinic) -> None:
    stays, goes = clinic.add_patient(), clinic.add_patient("Okafor", "Chidinma")
    forms = clinic.services.forms
    forms.keep(FormKind.INTERVENTION, goes.id, WORDS)
    clinic.services.merges.merge(goes.id, stays.id, "typed twice")
    found = forms.kept(FormKind.INTERVENTION, stays.id)
    assert found is not None
    assert found.texts == WORDS
    forms.keep(FormKind.INTERVENTION, stays.id, {"text": "More"})
    today = clinic.services.tasks.today()
    clinic.services.interventions.add(stays.id, "Talk", today, from_form=True)
    assert kept(clinic) == []


def test_a_task_that_is_over_takes_no_more_words_and_keeps_none(clinic: FakeClinic) -> None:
    task = clinic.services.tasks.add(NewTask("Ring"))
    clinic.services.forms.keep(FormKind.TASK, task.id, WORDS)
    clinic.services.tasks.finish(task.id)
    assert kept(clinic) == []
    with pytest.raises(WrongState):
        clinic.services.forms.keep(FormKind.TASK, task.id, WORDS)


def test_erasure_removes_handovers_that_name_the_person(clinic: FakeClinic) -> None:
    patient, forms = clinic.add_patient(), clinic.services.forms
    forms.keep(FormKind.INTERVENTION, patient.id, WORDS)
    forms.keep(FormKind.HANDOVER, me(clinic), {**WORDS, f"{PERSON}{patient.id}": ""})
    assert clinic.services.erasures.plan(patient.id).forms == 1
    forms.keep(FormKind.HANDOVER, me(clinic), {**WORDS, f"{PERSON}{patient.id}": TICKED})
    erasures = clinic.services.erasures
    assert erasures.plan(patient.id).forms == 2
    erasures.complete(erasures.ask(patient.id).id, PASSWORD)
    assert kept(clinic) == []


def test_retention_removes_those_that_were_left_alone(clinic: FakeClinic) -> None:
    clinic.services.forms.keep(FormKind.HANDOVER, me(clinic), WORDS)
    retention = clinic.services.retention
    retention.save(replace(retention.settings(), draft_days=30), PASSWORD)
    clinic.clock.advance(days=31)
    assert retention.run(PASSWORD).count(RetentionKind.FORMS) == 1
    assert kept(clinic) == []

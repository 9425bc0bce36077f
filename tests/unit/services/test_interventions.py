"""What was done is recorded once and corrected by a later record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import START

TODAY = START.date()


def test_an_intervention_is_added_and_listed(clinic: FakeClinic) -> None:
    interventions, patient = clinic.services.interventions, clinic.add_patient()
    kind = interventions.kinds()[0]
    made = interventions.add(patient.id, kind, TODAY, "Sleep hygiene.")
    assert interventions.of_patient(patient.id) == [made]
    assert (made.kind, made.by) == (kind, clinic.services.session.user.id)


def test_a_correction_takes_the_place_and_both_stay_in_the_store(clinic: FakeClinic) -> None:
    interventions, patient = clinic.services.interventions, clinic.add_patient()
    wrong = interventions.add(patient.id, "Referral made", TODAY)
    right = interventions.add(patient.id, "Psychoeducation", TODAY, corrects=wrong.id)
    assert interventions.of_patient(patient.id) == [right]
    assert len(clinic.store.tables.interventions) == 2


def test_what_lies_in_the_future_or_has_no_kind_is_refused(clinic: FakeClinic) -> None:
    interventions, patient = clinic.services.interventions, clinic.add_patient()
    with pytest.raises(InvalidInput, match="future"):
        interventions.add(patient.id, "Referral made", TODAY + timedelta(days=1))
    with pytest.raises(InvalidInput, match="what was done"):
        interventions.add(patient.id, " ", TODAY)
    assert clinic.store.tables.interventions == {}


def test_records_of_somebody_else_are_not_corrected(clinic: FakeClinic) -> None:
    interventions = clinic.services.interventions
    one, other = clinic.add_patient(), clinic.add_patient("Bello", "Ada")
    theirs = interventions.add(other.id, "Referral made", TODAY)
    with pytest.raises(InvalidInput, match="another patient"):
        interventions.add(one.id, "Referral made", TODAY, corrects=theirs.id)
    with pytest.raises(NotFound):
        interventions.add(new_id(), "Referral made", TODAY)


def test_the_same_form_sent_twice_is_one_record(clinic: FakeClinic) -> None:
    service, patient, entry = clinic.services.interventions, clinic.add_patient(), new_id()
    first = service.add(patient.id, "Psychoeducation", TODAY, entry_id=entry)
    assert service.add(patient.id, "Psychoeducation", TODAY, entry_id=entry) == first
    assert service.of_patient(patient.id) == [first]
    other = clinic.add_patient("Baker", "Bo")
    with pytest.raises(WrongState, match="new form"):
        service.add(other.id, "Psychoeducation", TODAY, entry_id=entry)

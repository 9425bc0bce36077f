"""Two records of one person: suggested, compared, merged and undone."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_app.domain.duplicates import Reason
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.services.patients import NewPatient
from tests.fakes.clinic import FakeClinic

WHY = "Same insurance card."


@pytest.fixture
def pair(clinic: FakeClinic) -> tuple[Patient, Patient]:
    return (
        clinic.add_patient("Okonkwo", "Ngozi", date(1984, 3, 7)),
        clinic.add_patient("Okonkwo", "Ngosi", date(1984, 3, 7)),
    )


def test_the_same_birth_date_and_nearly_the_same_name_are_suggested(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    clinic.add_patient("Bello", "Ada", date(1984, 3, 7))
    (found,) = clinic.services.merges.suggestions()
    assert {found.first.id, found.second.id} == {one.id for one in pair}
    assert found.reasons == (Reason.SAME_BIRTH_DATE_AND_SIMILAR_NAME,)


def test_the_same_phone_is_suggested_however_it_is_written(clinic: FakeClinic) -> None:
    register = clinic.services.patients.register
    register(NewPatient("Bello", "Ada", date(1980, 1, 1), "0800 111-222"))
    register(NewPatient("Bello", "Ben", date(2001, 1, 1), "(0800) 111222"))
    assert [one.reasons for one in clinic.services.merges.suggestions()] == [(Reason.SAME_PHONE,)]


def test_merged_records_are_one_person_and_undoing_gives_both_back(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    kept, other = pair
    services = clinic.services
    note = services.notes.write(other.id, "Sleeps badly.")
    assert services.merges.merge(other.id, kept.id, WHY).id == kept.id
    assert [row.patient.id for row in services.patients.search("okonkwo")] == [kept.id]
    assert services.merges.suggestions() == []
    for asked in pair:
        page = services.timeline.of_patient(asked.id)
        assert (page.patient.id, [one.id for one in page.merged]) == (kept.id, [other.id])
        assert note in page.events
    assert services.merges.undo(other.id, "Two sisters.").id == other.id
    assert note not in services.timeline.of_patient(kept.id).events
    assert note in services.timeline.of_patient(other.id).events
    assert [one.reason for one in services.merges.history(other.id)] == [WHY, "Two sisters."]


def test_a_merge_needs_a_reason_and_two_records(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    kept, other = pair
    merges = clinic.services.merges
    with pytest.raises(InvalidInput, match="why"):
        merges.merge(other.id, kept.id, " ")
    with pytest.raises(WrongState):
        merges.merge(kept.id, kept.id, WHY)
    with pytest.raises(NotFound):
        merges.merge(new_id(), kept.id, WHY)
    merges.merge(other.id, kept.id, WHY)
    with pytest.raises(WrongState):
        merges.merge(other.id, kept.id, WHY)
    with pytest.raises(WrongState):
        merges.merge(kept.id, other.id, WHY)
    assert len(clinic.store.tables.merges) == 1


def test_what_is_not_merged_is_not_undone(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    with pytest.raises(WrongState, match="not merged"):
        clinic.services.merges.undo(pair[0].id, WHY)


def test_two_unfinished_screenings_stand_in_the_way(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    kept, other = pair
    services = clinic.services
    services.screenings.start(kept.id)
    second = services.screenings.start(other.id)
    with pytest.raises(WrongState, match="not finished"):
        services.merges.merge(other.id, kept.id, WHY)
    assert clinic.store.tables.merges == []
    services.screenings.abandon(second.id)
    services.merges.merge(other.id, kept.id, WHY)


def test_open_work_of_a_merged_record_is_marked_on_the_one_that_stays(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    kept, other = pair
    services = clinic.services
    services.screenings.start(other.id)
    services.merges.merge(other.id, kept.id, WHY)
    assert [row.has_draft for row in services.patients.search("okonkwo")] == [True]


def test_a_concern_is_raised_from_either_record_and_kept_with_the_draft(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    kept, other = pair
    services = clinic.services
    stranger = clinic.add_patient("Bello", "Ada")
    draft = services.screenings.start(other.id)
    services.merges.merge(other.id, kept.id, WHY)
    with pytest.raises(InvalidInput, match="another patient"):
        services.safety.raise_concern(stranger.id, draft.id)
    raised = services.safety.raise_concern(kept.id, draft.id)
    assert (raised.patient_id, raised.screening_id) == (other.id, draft.id)
    assert services.safety.raise_concern(other.id, draft.id).id == raised.id
    services.merges.undo(other.id, "Two sisters.")
    with pytest.raises(InvalidInput, match="another patient"):
        services.safety.raise_concern(kept.id, draft.id)


@pytest.mark.parametrize("holder", [0, 1])
def test_a_patient_answers_the_draft_of_the_merged_record_and_nobody_elses(
    clinic: FakeClinic, pair: tuple[Patient, Patient], holder: int
) -> None:
    kept, other = pair
    services = clinic.services
    draft = services.screenings.start(other.id)
    foreign = services.screenings.start(clinic.add_patient("Bello", "Ada").id)
    services.merges.merge(other.id, kept.id, WHY)
    services.clinic.hand_over(pair[holder].id)
    assert services.patient_home.questionnaires().draft_id == draft.id
    gad7, patient = InstrumentName.GAD7, AnsweredBy.PATIENT
    for item in range(7):
        services.screenings.answer(draft.id, gad7, item, 1, patient)
    services.screenings.answer_difficulty(draft.id, gad7, 1)
    assert services.screenings.complete(draft.id, gad7).patient_id == other.id
    with pytest.raises(AccessDenied):
        services.screenings.answer(foreign.id, gad7, 0, 1, patient)


def test_after_the_undo_the_draft_is_somebody_elses_again(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    kept, other = pair
    services = clinic.services
    draft = services.screenings.start(other.id)
    services.merges.merge(other.id, kept.id, WHY)
    services.merges.undo(other.id, "Two sisters.")
    services.clinic.hand_over(kept.id)
    with pytest.raises(AccessDenied):
        services.screenings.answer(draft.id, InstrumentName.GAD7, 0, 1, AnsweredBy.PATIENT)


def test_both_sides_show_what_hangs_on_them(
    clinic: FakeClinic, pair: tuple[Patient, Patient]
) -> None:
    clinic.services.notes.write(pair[1].id, "Sleeps badly.")
    first, second = clinic.services.merges.compare(pair[0].id, pair[1].id)
    assert (first.notes, second.notes, second.screenings) == (0, 1, 0)

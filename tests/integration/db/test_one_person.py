"""One person on the real store: pages of screenings, merges, reviews, search, drafts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_app.domain.duplicates import IdentityKey, likely_pairs
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import NoteKind, NoteSection
from clinic_app.domain.paging import Position
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.merges import MergeService
from clinic_app.services.notes import NoteService
from clinic_app.services.patient_page import PatientPageService
from clinic_app.services.reviews import ReviewService
from clinic_app.services.session import Desk, Session
from clinic_app.services.timeline import PAGE, TimelineService
from tests.integration.db.records import (
    NOON,
    PASSWORD,
    Clinic,
    a_finding,
    a_patient,
    a_screening,
)


def desk_of(clinic: Clinic) -> Desk:
    return Desk(Session(clinic.user, clinic.vault), clinic.store.unit_of_work, lambda: NOON)


def test_screenings_come_page_by_page_over_both_merged_records(clinic: Clinic) -> None:
    kept, other = a_patient(), a_patient(given_name="Zoe")
    with clinic.store.unit_of_work() as work:
        for one in (kept, other):
            work.patients.add(one)
        for day in range(PAGE + 30):
            owner = (kept, other)[day % 2]
            at = NOON - timedelta(days=day // 3)  # several at one moment: the ID breaks the tie
            work.screenings.add(a_screening(owner.id, clinic.user.id, finished_at=at))
        work.commit()
    desk = desk_of(clinic)
    MergeService(desk).merge(other.id, kept.id, "Same card.")
    timeline = TimelineService(desk)
    page = timeline.of_patient(other.id)
    assert page.patient.id == kept.id
    assert page.older is not None
    older = timeline.older_screenings(kept.id, page.older)
    whole = page.with_older(older)
    assert (len(page.events), len(older.page.rows), whole.older) == (PAGE, 30, None)
    assert len({one.id for one in whole.events}) == PAGE + 30


def test_a_page_ends_exactly_where_the_screenings_end(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        made = [a_screening(patient.id, clinic.user.id) for _ in range(3)]
        for one in made:
            work.screenings.add(one)
        work.commit()
    with clinic.store.unit_of_work() as work:
        first = work.screenings.of_patient(patient.id, limit=2)
        mark = Position(first[-1].finished_at, first[-1].id)
        rest = work.screenings.of_patient(patient.id, limit=2, after=mark)
    assert {one.id for one in first} | {one.id for one in rest} == {one.id for one in made}
    assert len(rest) == 1


def test_a_review_outlives_the_program_and_stays_beside_the_screening(clinic: Clinic) -> None:
    patient = a_patient()
    screening = a_screening(patient.id, new_id(), finding=a_finding())
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.screenings.add(screening)
        work.commit()
    reviews = ReviewService(desk_of(clinic))
    review = reviews.judge(screening.id, ClinicianSeverity.NONE)
    clinic.reopen()
    reviews = ReviewService(desk_of(clinic))
    assert reviews.unfinished() == [review]
    done = reviews.conclude(review.id, Verdict.OVERRULE, "Tired from a night shift.")
    assert reviews.of_patient(patient.id) == [done]
    (row,) = reviews.agreement()
    assert (row.model_version, row.overruled, row.matrix[0][2]) == ("1.0", 1, 1)
    with clinic.store.unit_of_work() as work:
        assert work.screenings.get(screening.id) == screening


def test_duplicates_are_compared_by_name_phone_and_birth_date(clinic: Clinic) -> None:
    one = a_patient("Álvarez", "Zoë", phone="+34 600-111 222")
    other = a_patient("Alvarez", "Zoe", phone="600111222")
    with clinic.store.unit_of_work() as work:
        work.patients.add(one)
        work.patients.add(other)
        work.commit()
    with clinic.store.unit_of_work() as work:
        keys = {key.patient_id: key for key in work.patients.identity_keys()}
    born = date(1980, 5, 17)
    assert keys[one.id.bytes] == IdentityKey(
        one.id.bytes, "alvarez zoe", "34600111222", born.isoformat()
    )
    assert keys[other.id.bytes] == IdentityKey(
        other.id.bytes, "alvarez zoe", "600111222", born.isoformat()
    )
    assert len(likely_pairs(keys.values())) == 1


@pytest.mark.parametrize("script", ["Ивановна", "محمد", "प्रिया", "小林", "Ωmega", "Ñandú"])
def test_a_part_of_a_name_of_any_script_finds_the_person(clinic: Clinic, script: str) -> None:
    patient = a_patient(script, "X")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.add(a_patient("Berg", "Ann"))
        work.commit()
        for part in (script[:2], script[-2:], script[1:]):
            assert [one.id for one in work.patients.search(part)] == [patient.id]


def test_a_piece_of_the_id_finds_the_record_and_a_name_goes_first(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
        identity = str(patient.id)
        for part in (identity[:9], identity[-7:], identity.replace("-", "")[5:20].upper()):
            assert patient.id in [one.id for one in work.patients.search(part)]


def test_a_draft_with_headings_is_there_after_the_power_went(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
    notes = NoteService(desk_of(clinic))
    parts = [NoteSection(one, "A walk.") for one in notes.headings(NoteKind.SAFETY_PLAN)]
    draft = notes.write(patient.id, "", NoteKind.SAFETY_PLAN, parts)
    clinic.reopen()
    notes = NoteService(desk_of(clinic))
    assert notes.unsigned() == [draft]
    signed = notes.sign(draft.id, PASSWORD)
    with pytest.raises(WrongState), clinic.store.unit_of_work() as work:
        work.notes.save(draft)
    clinic.reopen()
    assert NoteService(desk_of(clinic)).get(draft.id) == signed


def test_what_stands_beside_the_timeline_is_read_from_the_real_store(clinic: Clinic) -> None:
    patient, twin = a_patient(), a_patient(given_name="Zora")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.add(twin)
        work.commit()
    page = PatientPageService(desk_of(clinic)).of_patient(patient.id)
    assert page.lookalikes == (twin,)
    assert (page.conflicts, page.overdue, page.documents) == ((), (), ())
    assert page.may_review
    assert page.may_merge

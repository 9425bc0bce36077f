"""Drafts and pictures: they stay on this workstation, and go when their screening says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.domain.screening import finish
from tests.integration.db.records import NOON, Clinic, a_draft, a_finding, a_patient, a_screening


def test_a_draft_is_replaced_not_doubled_and_never_logged(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
        before = clinic.store.pending_operations()
        draft = a_draft(patient.id, clinic.user.id)
        work.drafts.save(draft)
        richer = replace(draft, finding=a_finding(), changed_at=NOON + timedelta(minutes=1))
        work.drafts.save(richer)
        work.commit()
    assert clinic.store.pending_operations() == before
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.drafts.all() == [richer]
        assert work.drafts.of_patient(patient.id) == richer
        work.drafts.remove(draft.id)
        assert work.drafts.all() == []


def test_drafts_come_newest_change_first(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        for minute in (2, 3, 1):
            patient = a_patient()
            work.patients.add(patient)
            changed = NOON + timedelta(minutes=minute)
            work.drafts.save(a_draft(patient.id, clinic.user.id, changed_at=changed))
        assert [draft.changed_at.minute for draft in work.drafts.all()] == [3, 2, 1]


def test_images_are_replaced_and_removed(clinic: Clinic) -> None:
    screening_id = new_id()
    with clinic.store.unit_of_work() as work:
        work.images.put(screening_id, FaceImages(b"one", b"two"), kept=False)
        work.images.put(screening_id, FaceImages(b"three", b"four"), kept=True)
        assert work.images.get(screening_id) == FaceImages(b"three", b"four")
        assert work.images.remove(screening_id)
        assert not work.images.remove(screening_id)
        assert work.images.get(screening_id) is None


def test_all_images_of_a_patient_go_draft_and_screenings(clinic: Clinic) -> None:
    patient, other, by = a_patient(), a_patient("Other"), clinic.user.id
    images = FaceImages(b"face", b"even face")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.add(other)
        draft = a_draft(patient.id, by)
        work.drafts.save(draft)
        mine = a_screening(patient.id, by)
        theirs = a_screening(other.id, by)
        for one in (mine, theirs):
            work.screenings.add(one)
            work.images.put(one.id, images, kept=True)
        work.images.put(draft.id, images, kept=False)
        work.commit()
        assert work.images.remove_of_patient(patient.id) == 2
        work.commit()
        assert work.images.get(theirs.id) == images
        assert work.images.get(mine.id) is None
        assert work.images.get(draft.id) is None


def test_a_finished_draft_becomes_a_screening_of_the_same_identifier(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        draft = replace(
            a_draft(patient.id, clinic.user.id),
            judgement=a_screening(patient.id, clinic.user.id).judgement,
        )
        work.drafts.save(draft)
        screening = finish(draft, NOON, images_kept=False)
        work.screenings.add(screening)
        work.drafts.remove(draft.id)
        work.commit()
        assert work.screenings.get(draft.id) == screening

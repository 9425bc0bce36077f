"""Looks and the gallery in the encrypted store; looks are rebuilt from its log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_app.db.oplog import fold_anew
from clinic_app.domain.errors import NotFound
from clinic_app.domain.ids import new_id
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.reference_look import LookEventKind, fold_looks
from clinic_app.domain.studio import StudioPicture, StudioSource
from clinic_app.services.studio_storage import StudioImages
from tests.fakes.clock import START
from tests.integration.db.raw import transaction_of
from tests.integration.db.records import Clinic, a_patient
from tests.unit.domain.test_reference_look import a_look, event

IMAGES = StudioImages(b"\x89PNG content" * 50, b"\x89PNG result" * 50)


def a_picture(clinic: Clinic, **details: object) -> StudioPicture:
    made = StudioPicture(
        new_id(), START, clinic.user.id, "Harbour", StudioSource.SAMPLE, "ink, 40 steps"
    )
    return replace(made, **details)  # type: ignore[arg-type]


def test_looks_and_decisions_stay_in_order_and_come_back_from_the_log(clinic: Clinic) -> None:
    look = a_look()
    with clinic.store.unit_of_work() as work:
        work.look_events.add(event(LookEventKind.MEASURED, look, 1))
        work.look_events.add(event(LookEventKind.ADOPTED, look, 2))
        # A wall clock that went back does not put it before the adoption.
        back = replace(event(LookEventKind.TAKEN_BACK, None, 3), at=START - timedelta(days=3))
        work.look_events.add(back)
        work.commit()
        told = work.look_events.all()
    assert fold_looks(told[:2]).in_use == look
    assert fold_looks(told).in_use is None
    with transaction_of(clinic.encrypted) as db:
        fold_anew(db)
        db.commit()
    with clinic.store.unit_of_work() as work:
        assert work.look_events.all() == told


def test_the_gallery_keeps_pictures_newest_first_and_removes_them(clinic: Clinic) -> None:
    old = a_picture(clinic)
    new = a_picture(clinic, made_at=START + timedelta(hours=1), screening_id=new_id())
    with clinic.store.unit_of_work() as work:
        for one in (old, new):
            work.gallery.add(one, IMAGES)
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.gallery.all() == [new, old]
        assert work.gallery.get(old.id) == old
        assert work.gallery.images(new.id) == IMAGES
        assert work.gallery.remove(new.id)
        assert not work.gallery.remove(new.id)
        for ask in (work.gallery.get, work.gallery.images):
            with pytest.raises(NotFound):
                ask(new.id)
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.gallery.all() == [old]


def test_a_persons_pictures_go_under_every_record_of_theirs(clinic: Clinic) -> None:
    one, other = a_patient(), a_patient("Other")
    with clinic.store.unit_of_work() as work:
        for patient in (one, other):
            work.patients.add(patient)
        work.merges.add(
            MergeEvent(
                new_id(), MergeEventKind.MERGED, other.id, one.id, START, clinic.user.id, "same"
            )
        )
        stays = a_picture(clinic)
        for made in (a_picture(clinic, patient_id=other.id), stays):
            work.gallery.add(made, IMAGES)
        work.commit()
        assert work.gallery.remove_of_patient(one.id) == 1
        work.commit()
        assert work.gallery.all() == [stays]
        with pytest.raises(NotFound):
            work.gallery.add(a_picture(clinic, patient_id=new_id()), IMAGES)

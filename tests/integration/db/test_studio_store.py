"""Looks, the gallery and begun transfers in the encrypted store; looks are rebuilt from its log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from clinic_app.db import tables
from clinic_app.db.oplog import fold_anew
from clinic_app.domain.errors import NotFound
from clinic_app.domain.ids import new_id
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.reference_look import LookEventKind, fold_looks
from clinic_app.domain.studio import BegunTransfer, StudioPicture, StudioSource, TransferWish
from clinic_app.services.studio_storage import PutAway, StudioImages
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


def test_a_small_picture_comes_with_an_entry_or_later(clinic: Clinic) -> None:
    one, other = a_picture(clinic), a_picture(clinic)
    with clinic.store.unit_of_work() as work:
        work.gallery.add(one, replace(IMAGES, small_png=b"small"))
        work.gallery.add(other, IMAGES)
        assert work.gallery.small(one.id) == b"small"
        assert work.gallery.small(other.id) is None
        work.gallery.put_small(other.id, b"later")
        assert work.gallery.small(other.id) == b"later"
        with pytest.raises(NotFound):
            work.gallery.small(new_id())


STATE = bytes(range(256)) * 4000
BESIDE = PutAway(b"\x89PNG content", b"\x89PNG style")


def a_transfer(clinic: Clinic, **details: object) -> BegunTransfer:
    wish = TransferWish(steps=300, start="noise", layer_weights=(1.0, 0.5, 0.0, 0.0, 1.0))
    made = BegunTransfer(new_id(), START, clinic.user.id, StudioSource.SAMPLE, "Waves", wish)
    return replace(made, **details)  # type: ignore[arg-type]


def test_a_begun_transfer_is_put_away_comes_back_and_goes(clinic: Clinic) -> None:
    made, later = a_transfer(clinic), START + timedelta(hours=1)
    with clinic.store.unit_of_work() as work:
        work.begun_transfers.put(made, BESIDE)
        work.commit()
        assert work.begun_transfers.put_away(made.id, 40, STATE, [(20, b"one")], START)
        assert work.begun_transfers.put_away(made.id, 80, STATE[::-1], [(60, b"two")], later)
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.begun_transfers.of(clinic.user.id) == replace(made, step=80, changed_at=later)
        assert work.begun_transfers.get(made.id).step == 80
        found = work.begun_transfers.beside(made.id)
        assert found == replace(BESIDE, state=STATE[::-1], outputs=((20, b"one"), (60, b"two")))
        assert work.begun_transfers.remove(made.id)
        assert not work.begun_transfers.remove(made.id)
        assert not work.begun_transfers.put_away(made.id, 90, STATE, [(90, b"three")], later)
        for ask in (work.begun_transfers.get, work.begun_transfers.beside):
            with pytest.raises(NotFound):
                ask(made.id)
        work.commit()
    with transaction_of(clinic.encrypted) as db:
        assert db.scalar(select(func.count()).select_from(tables.begun_output)) == 0


def test_a_begun_transfer_that_is_worked_on_keeps_what_was_put_away(clinic: Clinic) -> None:
    made, later = a_transfer(clinic), START + timedelta(days=40)
    with clinic.store.unit_of_work() as work:
        work.begun_transfers.put(made, BESIDE)
        work.begun_transfers.put_away(made.id, 40, STATE, [(20, b"one")], START)
        assert work.begun_transfers.work_on(made.id, later)
        assert not work.begun_transfers.work_on(new_id(), later)
        assert work.begun_transfers.get(made.id) == replace(made, step=40, changed_at=later)
        found = work.begun_transfers.beside(made.id)
        assert found == replace(BESIDE, state=STATE, outputs=((20, b"one"),))


def test_a_member_of_staff_has_one_begun_transfer(clinic: Clinic) -> None:
    first, second = a_transfer(clinic), a_transfer(clinic)
    of_another = a_transfer(clinic, begun_by=new_id())
    with clinic.store.unit_of_work() as work:
        for one in (first, of_another, second):
            work.begun_transfers.put(one, BESIDE)
        assert {one.id for one in work.begun_transfers.all()} == {second.id, of_another.id}
        assert work.begun_transfers.of(new_id()) is None


def test_nothing_of_a_begun_transfer_is_left_in_the_files_once_it_is_gone(clinic: Clinic) -> None:
    """Not even encrypted: the log that the change went through is emptied as well."""
    made = a_transfer(clinic)
    with clinic.store.unit_of_work() as work:
        work.begun_transfers.put(made, replace(BESIDE, state=STATE))
        work.commit()
    with clinic.store.unit_of_work() as work:
        work.begun_transfers.remove(made.id)
        work.commit()
    log = next(clinic.encrypted.folder.glob("*-wal"))
    assert log.stat().st_size == 0
    clinic.encrypted.check_encrypted()


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
        theirs = a_transfer(clinic, patient_id=other.id, begun_by=new_id())
        transfers = [a_transfer(clinic), theirs]
        for begun in transfers:
            work.begun_transfers.put(begun, BESIDE)
        work.commit()
        assert work.gallery.remove_of_patient(one.id) == 1
        assert work.begun_transfers.remove_of_patient(one.id) == 1
        assert work.begun_transfers.all() == transfers[:1]
        work.commit()
        assert work.gallery.all() == [stays]
        with pytest.raises(NotFound):
            work.gallery.add(a_picture(clinic, patient_id=new_id()), IMAGES)
        with pytest.raises(NotFound):
            work.begun_transfers.put(a_transfer(clinic, patient_id=new_id()), BESIDE)

"""Whatever came from other laptops, a laptop can be signed in to, and what is due goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clinic_app.db import replica
from clinic_app.domain.errors import NotFound
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser
from clinic_app.domain.screening import Draft
from clinic_app.domain.site import Retention
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.session import Desk, Session
from clinic_app.services.sync import SyncService
from tests.fakes.centre import FakeCentre
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.integration.db.records import PASSWORD, USER
from tests.integration.rounds.clinics import Workstation, sync_all


def signs_in(one: Workstation) -> ClinicServices:
    """As the program does, with what follows a sign-in; the store stays open for more."""
    one.store.close()
    door = FrontDoor(one.vault, FakeFaceReader(), FakeModelShelf(), FakeRenderer(), now=one.now)
    try:
        return door.sign_in(USER, PASSWORD)
    finally:
        door.close()
        one.open(one.user)


def begins(one: Workstation, patient: Any) -> Draft:
    """A screening with a picture that nobody agreed to keep."""
    draft = Draft(new_id(), patient, one.user.id, one.now(), one.now(), has_images=True)

    def keep(work: Any) -> None:
        work.drafts.save(draft)
        work.images.put(draft.id, FaceImages(b"face", b"even"), kept=False)

    one.do(keep)
    return draft


def test_a_person_whom_a_withdrawn_laptop_registered_keeps_nobody_out(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    """The begun screening stays, and the picture that nobody agreed to keep goes as it should."""
    sync_all(north, south)
    with north.store.transaction() as db:
        sent = replica.reach(db, north.member.origin, north.store.workstation.epoch)
    patient = north.registers("Honest")
    sync_all(north, south)
    draft = begins(south, patient)
    centre.revoke(sent.origin, sent.epoch, sent.seq)
    south.sync()
    with south.store.unit_of_work() as work, pytest.raises(NotFound):
        work.patients.get(patient)
    centre.pass_time(days=30)
    signs_in(south)
    with south.store.unit_of_work() as work:
        assert work.images.get(draft.id) is None
        assert work.drafts.get(draft.id) == replace(draft, has_images=False)


@pytest.mark.parametrize("days", [10**12, -(10**12), 0])
def test_days_that_nobody_can_enter_keep_nobody_out_and_stop_no_round(
    north: Workstation, south: Workstation, days: int
) -> None:
    sync_all(north, south)
    draft = begins(south, south.registers("Honest"))
    hostile = replace(north.clinic(), retention=Retention(days, days, days))
    north.do(lambda work: work.clinic.save(hostile))
    sync_all(north, south)
    assert south.clinic().retention.draft_image_days == days
    signs_in(south)
    with south.store.unit_of_work() as work:
        assert work.images.get(draft.id) is not None  # a day at least
    south.sync()


def test_a_round_tells_how_it_went_though_what_follows_cannot_be_tidied(
    north: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bool:
        raise NotFound("This patient is not stored here.")

    monkeypatch.setattr("clinic_app.services.sync.take_back_readings", fails)
    north.registers("Honest")
    north.sync()
    desk = Desk(Session(south.user, south.vault), south.store.unit_of_work, south.now)
    assert SyncService(desk, south.desk).round().pulled


def test_administrators_who_switch_each_other_off_apart_leave_a_way_back_in(
    north: Workstation, south: Workstation
) -> None:
    sync_all(north, south)
    for one, other in ((north, south), (south, north)):
        off = replace(other.user, active=False, disabled_at=one.now())
        one.do(lambda work, off=off: work.users.save(off))
    sync_all(north, south)
    with south.store.unit_of_work() as work:
        assert not any(one.active for one in work.users.all())
    key = south.vault.renew_recovery_key()
    south.store.close()
    door = FrontDoor(south.vault, FakeFaceReader(), FakeModelShelf(), FakeRenderer(), now=south.now)
    services = door.recover(USER, key, "another quiet lamp")
    door.sign_out(services)
    south.store = south.vault.unlock(USER, "another quiet lamp")  # type: ignore[assignment]
    with south.store.unit_of_work() as work:
        found: list[StaffUser] = [one for one in work.users.all() if one.active]
    assert [(one.id, one.role) for one in found] == [(south.user.id, Role.ADMINISTRATOR)]

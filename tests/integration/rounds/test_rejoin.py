"""A laptop that the centre refuses goes on under a new number of the same clinic."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.db.audit_heads import last_told, own_numbers
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import EntityKind
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.sync_data import WorkstationRevoked
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all
from tests.integration.rounds.test_images import FACES, SHARED, answers, images, screens


def withdrawn(one: Workstation, centre: FakeCentre) -> None:
    newest = max(key for key in centre.log.rows if key[0] == one.member.origin)
    centre.revoke(*newest)
    with pytest.raises(WorkstationRevoked):
        one.sync()


def test_what_was_not_sent_before_a_withdrawal_is_sent_under_the_new_number(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    note = north.writes_note(north.registers("Before"), "As both saw it")
    sync_all(north, south)
    late = north.registers("Not sent")
    north.edits(note, "Not sent either")
    withdrawn(north, centre)
    before = rows(north)
    north.member = centre.enrol("north again")
    north.join()
    assert north.desk.status().workstation == "north again"
    assert [one[0] for one in rows(north)["patient"]] == [one[0] for one in before["patient"]]
    sync_all(north, south)
    north.reopen()
    sync_all(north, south)
    assert agree(north, south)
    with south.store.unit_of_work() as work:
        assert work.patients.get(late).family_name == "Not sent"
    assert south.versions(note) == {"Not sent either"}
    assert north.desk.status().pending == 0


def notes_something(one: Workstation) -> None:
    """As a sign-in does: there is a trail to tell of."""
    one.do(lambda work: work.audit.record(AuditKind.SIGNED_IN, one.user.id, "session"))


def joins_again(one: Workstation, centre: FakeCentre) -> None:
    withdrawn(one, centre)
    one.member = centre.enrol(f"{one.name} again")
    one.join()


@pytest.mark.parametrize("purpose", [Purpose.SHARING, Purpose.KEEP_IMAGES])
def test_images_sent_under_the_old_number_are_the_laptops_own(
    north: Workstation, south: Workstation, centre: FakeCentre, purpose: Purpose
) -> None:
    """They stay when only sharing is withdrawn, go with the consent to keep them, and are sent
    once more when it is agreed to again."""
    notes_something(north)
    patient, screening = screens(north, SHARED)
    sync_all(north, south)
    joins_again(north, centre)
    sync_all(north, south)
    assert images(north, screening) == images(south, screening) == FACES
    answers(south, patient, purpose, False)
    sync_all(south, north)
    assert images(south, screening) is None
    assert (images(north, screening) == FACES) is (purpose is Purpose.SHARING)
    centre.log.blobs.clear()  # as `server sweep` does
    answers(south, patient, purpose, True)
    sync_all(south, north, south)
    assert images(north, screening) == images(south, screening)
    assert (images(south, screening) == FACES) is (purpose is Purpose.SHARING)


def test_who_repeats_what_a_trail_told_is_not_taken_for_its_laptop(
    north: Workstation, south: Workstation
) -> None:
    """A stolen workstation reads what others tell, and may sign the same in its own name."""
    notes_something(north)
    patient, screening = screens(south, SHARED)
    sync_all(north, south)
    with south.store.transaction() as db:
        told = last_told(db, north.member.origin)
    assert told is not None
    false = replace(told.head, id=new_id(), workstation=south.member.origin)
    south.do(lambda work: work.log.record(EntityKind.AUDIT_HEAD, false))
    sync_all(south, north)
    with north.store.transaction() as db:
        assert own_numbers(db) == {north.member.origin}
    assert images(north, screening) == FACES
    answers(south, patient, Purpose.SHARING, False)
    sync_all(south, north)
    assert images(north, screening) is None


def test_a_workstation_in_good_standing_keeps_its_number(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    north.sync()
    mine = north.member
    north.member = centre.enrol("another")
    with pytest.raises(WrongState, match="joined already"):
        north.join()
    assert north.store.workstation.origin == mine.origin


def test_another_clinic_is_never_joined(north: Workstation, centre: FakeCentre) -> None:
    north.registers("Ours")
    north.sync()
    withdrawn(north, centre)
    north.member = replace(centre.enrol("elsewhere"), clinic_id=UUID(int=7))
    with pytest.raises(WrongState, match="joined already"):
        north.join()


def test_joining_is_kept_together_with_what_is_noted_of_it_though_the_first_round_is_killed(
    tmp_path: Path, centre: FakeCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Workstation(centre, tmp_path / "east", "east", centre.enrol("east")).set_up()
    file = tmp_path / "east.enrolment"
    file.write_bytes(b"a file of the simulated centre")

    class Killed(BaseException):
        """As a kill: nothing that comes afterwards is done."""

    def die(*_: object) -> None:
        raise Killed

    def note(work: UnitOfWork) -> None:
        work.audit.record(AuditKind.CHANGED, one.user.id, "centre", None, "joined")

    monkeypatch.setattr(one.desk, "round", die)
    with contextlib.closing(one.store), pytest.raises(Killed):
        one.desk.join(file, lambda progress: None, lambda: False, note)
    one.open(one.user)
    with contextlib.closing(one.store), one.store.unit_of_work() as work:
        assert one.desk.status().joined
        assert [one.detail for one in work.audit.entries()] == ["joined"]

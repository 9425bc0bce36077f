"""A laptop that the centre refuses goes on under a new number of the same clinic."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.services.sync_data import WorkstationRevoked
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all


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

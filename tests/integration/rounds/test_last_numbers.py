"""Numbers at the end of what a store holds, and bodies that nobody can read: what one stolen
workstation signs, and what a server says, stops no other for good."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.db.vault import FolderVault
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import EntityKind
from clinic_app.services.backup_data import StaffPassword
from clinic_app.services.sync_data import OperationsForged
from tests.fakes.centre import START, FakeCentre, Line
from tests.integration.db.records import PASSWORD, ROUNDS, USER, a_patient
from tests.integration.rounds.clinics import (
    UNREADABLE,
    Workstation,
    agree,
    sync_all,
    writes_raw,
)

LAST = (1 << 63) - 1
"""The greatest number that a store holds."""


def test_a_sequence_under_the_last_epoch_is_not_taken(
    north: Workstation, south: Workstation
) -> None:
    sync_all(south, north)
    north.store.workstation = replace(north.store.workstation, epoch=LAST)
    north.registers("Hostile")
    for one in (north, south):
        with pytest.raises(OperationsForged, match="north"):
            one.sync()


def test_a_backup_that_holds_the_last_epoch_comes_back_to_be_written_on(
    north: Workstation, south: Workstation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another workstation, and taken by a program from before the limit."""
    for module in ("wire", "pull"):
        monkeypatch.setattr(f"clinic_app.sync.{module}.GREATEST", LAST)
    sync_all(south, north)
    north.store.workstation = replace(north.store.workstation, epoch=LAST)
    north.registers("Hostile")
    sync_all(north, south)
    made = south.vault.backups.write(tmp_path / "made.clinicbackup")
    again = FolderVault(tmp_path / "again", rounds=ROUNDS, now=south.now)
    again.backups.restore(made.path, StaffPassword(USER, PASSWORD))
    with contextlib.closing(again.unlock(USER, PASSWORD)) as store, store.unit_of_work() as work:
        patient = a_patient("Honest")
        work.patients.add(patient)
        work.commit()
        assert work.patients.get(patient.id) == patient


def test_no_stamp_that_is_taken_leaves_a_clock_without_another(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    """Though the centre helps, and says that it received it in the year 9999."""
    sync_all(south, north)
    north.do(lambda work: work.log.write(EntityKind.PATIENT, new_id(), {"phone": "1"}, hlc=LAST))
    north.sync()
    for name, row in centre.log.rows.items():
        if row.hlc == LAST:
            centre.log.rows[name] = replace(row, received_at=datetime(9999, 12, 31, tzinfo=UTC))
    with pytest.raises(OperationsForged, match="north"):
        south.sync()
    patient = south.registers("Honest")
    south.reopen()
    south.renames(patient, phone="112")


@pytest.mark.parametrize(("field", "value"), [("entity", 300), ("hlc", -1), ("epoch", -1)])
def test_a_number_that_no_header_holds_is_a_forgery_and_no_accident(
    north: Workstation, south: Workstation, centre: FakeCentre, field: str, value: int
) -> None:
    """Only the server can say it: what it passes on is not what anybody signed."""
    sync_all(south, north)
    patient = north.registers("Honest")
    north.sync()
    name = max(one for one in centre.log.rows if one[0] == north.member.origin)
    honest = centre.log.rows[name]
    centre.log.rows[name] = replace(honest, **{field: value})
    with pytest.raises(OperationsForged, match="north"):
        south.sync()
    centre.log.rows[name] = honest
    south.sync()
    with south.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "Honest"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (EntityKind.PATIENT, UNREADABLE[0]),
        (EntityKind.PATIENT, UNREADABLE[4]),
        (EntityKind.BLANKING, b'{"operations":5}'),
        (EntityKind.SETTLED, b'{"versions":[7]}'),
        (EntityKind.NOTE, b'{"text":"x","_replaces":7}'),
    ],
)
def test_what_nobody_can_read_keeps_nothing_of_a_lost_laptop_from_being_sent_again(
    north: Workstation, south: Workstation, centre: FakeCentre, kind: EntityKind, body: bytes
) -> None:
    """The centre was restored and the laptop never came back: the others send what it had sent."""
    sync_all(south, north)
    centre.back_up()
    patient = north.registers("Honest")
    record = north.writes_note(patient, "A draft") if kind is EntityKind.NOTE else new_id()
    writes_raw(north, kind, record, body)
    north.renames(patient, phone="112")
    sync_all(north, south)
    centre.restore(0)
    south.sync()
    centre.pass_time(days=8)
    south.sync()
    assert south.store.pending_operations() == 0
    east = Workstation(centre, south.folder.parent / "east", "east", centre.enrol("east")).set_up()
    with contextlib.closing(east.join().store):
        with east.store.unit_of_work() as work:
            assert work.patients.get(patient).phone == "112"
        sync_all(south, east)
        assert agree(south, east)


@pytest.mark.parametrize("seq", [0, 10_000, 1 << 80])
def test_a_centre_that_tells_times_of_what_was_not_asked_for_is_not_believed(
    north: Workstation, monkeypatch: pytest.MonkeyPatch, seq: int
) -> None:
    honest = Line.received

    def lying(self: Line, *place: int) -> tuple[tuple[int, datetime], ...]:
        return (*honest(self, *place), (seq, START))

    monkeypatch.setattr(Line, "received", lying)
    north.registers("Honest")
    north.sync()
    assert north.store.pending_operations() == 0

"""Broken lines, restored servers and stores, clones: nothing is lost, nothing comes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.db import replica
from clinic_app.domain.operations import first_break
from clinic_app.services.sync_data import CentreUnreachable
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all
from tests.integration.rounds.conftest import Make


@pytest.mark.parametrize("statement", ["facts", "heads", "fetch", "push", "received"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_line_that_breaks_anywhere_loses_and_doubles_nothing(
    north: Workstation, south: Workstation, centre: FakeCentre, statement: str, side: str
) -> None:
    north.registers("One")
    south.registers("Two")
    for one in (north, south):
        broken = []

        def cut(place: str, broken: list[str] = broken) -> None:
            if place == f"{side} {statement}" and not broken:
                broken.append(place)
                raise CentreUnreachable("The line was cut.")

        one.cut = cut
        for _ in range(2):
            try:
                one.sync()
            except CentreUnreachable:
                assert broken
                one.reopen()
    sync_all(north, south)
    assert agree(north, south)
    check_sequences(centre, north, south)


def check_sequences(centre: FakeCentre, *workstations: Workstation) -> None:
    """Gap-free from 1, here and there, and chained."""
    expected = {key: len(seqs) for key, seqs in centre.sequences().items()}
    for key, seqs in centre.sequences().items():
        assert seqs == list(range(1, len(seqs) + 1)), key
    for one in workstations:
        with one.store.transaction() as db:
            found = {(r.origin, r.epoch): r.seq for r in replica.reaches(db)}
            for origin, epoch in found:
                assert first_break(replica.operations(db, origin, epoch, 0)) is None
        assert found == expected


def test_a_restored_server_gets_the_tail_again(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    sync_all(north, south)
    centre.back_up()
    patient = north.registers("After the backup")
    sync_all(north, south)
    centre.restore(0)
    south.renames(patient, phone="5")
    sync_all(south, north)
    sync_all(south, north)
    assert agree(north, south)
    check_sequences(centre, north, south)


def test_an_old_copy_of_a_store_goes_on_under_a_new_epoch(
    north: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    patient = north.registers("Before")
    note = north.writes_note(patient, "Before the copy")
    north.sync()
    north.copy_folder(tmp_path / "copy")
    north.edits(note, "Lost with the disk, but sent")
    north.sync()
    north.put_back(tmp_path / "copy")
    north.edits(note, "Written on the old copy")
    north.registers("On the old copy")
    sync_all(north, south)
    assert agree(north, south)
    assert north.versions(note) == {"Lost with the disk, but sent", "Written on the old copy"}
    check_sequences(centre, north, south)


def test_a_clone_writes_beside_its_original(
    north: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    note = north.writes_note(north.registers(), "Before")
    north.copy_folder(tmp_path / "clone")
    clone = Workstation(centre, tmp_path / "clone", "north", north.member)
    clone.open(north.user)
    north.edits(note, "Original")
    clone.edits(note, "Clone")
    sync_all(north, clone, south)
    sync_all(north, clone, south)
    assert agree(north, clone, south)
    assert south.versions(note) == {"Original", "Clone"}
    check_sequences(centre, north, clone, south)
    clone.store.close()


def test_what_a_restored_server_and_a_lost_laptop_had_is_sent_by_who_pulled_it(
    north: Workstation,
    south: Workstation,
    workstation: Make,
    centre: FakeCentre,
) -> None:
    sync_all(north, south)
    centre.back_up()
    patient = north.registers("Only north and south have it")
    note = north.writes_note(patient, "As written")
    north.edits(note, "As edited")
    sync_all(north, south)
    before = rows(south)["patient"]
    centre.restore(0)
    south.sync()  # north never comes back
    centre.pass_time(days=6)
    south.sync()
    assert rows(south)["patient"] == before
    centre.pass_time(days=2)
    south.sync()
    east = workstation("east")
    sync_all(south, east)
    assert agree(south, east)
    assert east.versions(note) == {"As edited"}
    check_sequences(centre, south, east)
    sync_all(north, south, east)  # it was found under a seat
    sync_all(north, south, east)
    assert agree(north, south, east)
    assert north.versions(note) == {"As edited"}
    check_sequences(centre, north, south, east)

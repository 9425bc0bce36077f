"""An audit trail that is cut, written anew or replaced shows on every other workstation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditCheck, AuditKind
from clinic_app.domain.audit_heads import AuditGap, AuditHead
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import EntityKind
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, cut_trail, sync_all


def works(one: Workstation, entries: int) -> None:
    """Somebody reads so many records."""

    def read(work) -> None:  # type: ignore[no-untyped-def]
        for _ in range(entries):
            work.audit.record(AuditKind.READ, one.user.id, "patient", new_id())

    one.do(read)


def check(one: Workstation) -> AuditCheck:
    with one.store.unit_of_work() as work:
        return work.audit.verify()


def seen_from(other: Workstation) -> list[AuditGap]:
    return [gap for gap in check(other).gaps if not gap.own]


def later(centre: FakeCentre) -> None:
    centre.pass_time(hours=2)


def test_what_is_told_of_a_trail_fits_it(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    for entries in (3, 4):
        works(north, entries)
        sync_all(north, south)
        later(centre)
    sync_all(north, south)
    assert agree(north, south)
    assert check(north).intact
    assert check(north).gaps == check(south).gaps == ()
    with south.store.unit_of_work() as work:
        told = work.audit.told()
    assert {name: head.number for name, head in told.items()} == {"north": 7}


def test_a_trail_that_rests_costs_nothing_and_one_that_grows_is_told_of_by_the_hour(
    north: Workstation, centre: FakeCentre
) -> None:
    works(north, 3)
    assert north.sync().pushed == 1
    works(north, 3)
    assert north.sync().statements == 2
    later(centre)
    assert north.sync().pushed == 1
    later(centre)
    assert north.sync().statements == 2


def test_a_cut_trail_is_found_here_at_once_and_elsewhere_after_the_next_round(
    north: Workstation, south: Workstation
) -> None:
    works(north, 9)
    sync_all(north, south)
    cut_trail(north.store, after=4)
    found = check(north)
    assert not found.truncated, "the anchor was forged as well"
    assert not found.intact
    assert found.lacking is not None
    assert (found.lacking.told, found.lacking.found) == (9, 4)
    sync_all(north, south)
    (gap,) = seen_from(south)
    assert (gap.workstation, gap.told, gap.found) == ("north", 9, 4)
    assert gap.shorter
    assert not gap.renewed
    assert not check(north).intact, "it does not go away by syncing"
    assert check(south).intact, "it is not the south's trail"


def test_a_trail_that_was_cut_and_grew_again_between_two_rounds_is_found(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    works(north, 9)
    sync_all(north, south)
    cut_trail(north.store, after=4)
    works(north, 20)
    later(centre)
    sync_all(north, south)
    (gap,) = seen_from(south)
    assert (gap.told, gap.found, gap.shorter) == (9, 24, False)


def test_an_old_copy_of_the_folder_tells_of_itself(
    north: Workstation, south: Workstation, tmp_path: Path
) -> None:
    works(north, 3)
    north.sync()
    north.copy_folder(tmp_path / "copy")
    works(north, 6)
    north.centre.pass_time(hours=2)
    sync_all(north, south)
    north.put_back(tmp_path / "copy")
    assert check(north).intact, "it cannot know yet"
    sync_all(north, south)
    assert not check(north).intact
    (gap,) = seen_from(south)
    assert (gap.told, gap.found) == (9, 3)


def test_another_store_under_the_same_number_is_found(
    north: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    works(north, 9)
    sync_all(north, south)
    north.store.close()
    fresh = Workstation(centre, tmp_path / "fresh", "north", north.member).set_up()
    works(fresh, 2)
    fresh.join()
    sync_all(fresh, south)
    (gap,) = seen_from(south)
    assert (gap.told, gap.found, gap.renewed) == (9, 2, True)
    (own,) = check(fresh).gaps
    assert own.renewed
    assert check(fresh).intact, "its own trail is whole; the gap is told of all the same"
    fresh.store.close()
    north.reopen()


def test_a_clone_and_its_original_do_not_go_on_answering_each_other(
    north: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    works(north, 3)
    north.sync()
    north.copy_folder(tmp_path / "clone")
    clone = Workstation(centre, tmp_path / "clone", "north", north.member)
    clone.open(north.user)
    for one in (north, clone):
        works(one, 2)
        one.registers()
    sync_all(north, clone, south)
    later(centre)
    sync_all(north, clone, south)
    sync_all(north, clone, south)
    assert [one.sync().statements for one in (north, clone, south)] == [2, 2, 2]
    assert agree(north, clone, south)
    assert check(north).intact
    assert check(clone).intact
    clone.store.close()


@pytest.mark.parametrize("number", [0, -1, 1 << 63])
def test_heads_that_no_program_tells_show_nothing(
    north: Workstation, south: Workstation, number: int
) -> None:
    works(north, 1)
    sync_all(north, south)
    fields = {"workstation": north.member.origin, "number": number, "mac": "", "at": "x"}
    north.do(lambda work: work.log.write(EntityKind.AUDIT_HEAD, new_id(), fields))
    sync_all(north, south)
    assert agree(north, south)
    assert check(south).gaps == ()


def test_nobody_tells_of_the_trail_of_another(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    works(north, 9)
    sync_all(north, south)
    lie = AuditHead(new_id(), north.member.origin, 2, hashlib.sha256().hexdigest(), centre.now)
    south.do(lambda work: work.log.record(EntityKind.AUDIT_HEAD, replace(lie, before=1)))
    sync_all(north, south)
    assert agree(north, south)
    assert check(north).gaps == check(south).gaps == ()

"""A new workstation begins from the clinic's snapshot, and ends where the log alone would lead."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

import pytest

from clinic_app.db import store as store_module
from clinic_app.domain.operations import first_break
from clinic_app.services.sync_data import (
    CentreUnreachable,
    RoundProgress,
    Stage,
    SyncStopped,
)
from clinic_app.sync.snapshot import load, make
from clinic_app.sync.snapshot.fetch import FOLDER
from tests.fakes.centre import FakeCentre
from tests.integration.db.records import a_draft
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all
from tests.integration.rounds.conftest import Make
from tests.integration.rounds.snapshots import (
    PART,
    agree_after,
    heads,
    operations,
    take_snapshot,
)

pytestmark = pytest.mark.usefixtures("of_any_length")


def test_a_new_workstation_is_as_if_it_had_read_the_whole_log(
    busy: Workstation, workstation: Make, centre: FakeCentre
) -> None:
    from_log = workstation("from the log")
    take_snapshot(centre)
    centre.statements.clear()
    begun = workstation("from the snapshot")
    assert "snapshot_part" in centre.statements
    sync_all(busy, from_log, begun)
    assert agree(busy, from_log, begun)
    assert rows(begun)["note"]
    common = [row for row in operations(begun) if row.origin < 2]
    assert common == [row for row in operations(from_log) if row.origin < 2]
    assert [one for one in heads(begun.store) if one.origin == 1] == [
        one for one in heads(from_log.store) if one.origin == 1
    ]
    assert begun.sync().statements == 2


def test_what_came_after_the_snapshot_is_pulled(
    busy: Workstation, workstation: Make, centre: FakeCentre
) -> None:
    take_snapshot(centre)
    patient = busy.registers("Later")
    busy.writes_note(patient, "After the snapshot")
    busy.sync()
    begun = workstation("begun")
    sync_all(busy, begun)
    assert agree(busy, begun)
    begun.renames(patient, phone="999")
    sync_all(begun, busy)
    assert agree(busy, begun)


def test_the_chains_of_a_loaded_store_hold(
    busy: Workstation, workstation: Make, centre: FakeCentre
) -> None:
    take_snapshot(centre)
    begun = workstation("begun")
    with begun.store.transaction() as db:
        from clinic_app.db import replica

        for one in replica.reaches(db):
            assert first_break(replica.operations(db, one.origin, one.epoch, 0)) is None


def test_what_was_written_before_joining_is_folded_upon_it(
    busy: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    note = begun.writes_note(begun.registers("From before"), "Written alone")
    begun.edits(note, "Written alone, twice")
    begun.join()
    assert agree_after(busy, begun)
    assert busy.note(note).text == "Written alone, twice"
    begun.store.close()


def test_two_copies_of_one_history_join_one_after_the_other(
    busy: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    """The second one holds records already that come with the snapshot, in another name."""
    first = Workstation(centre, tmp_path / "first", "first", centre.enrol("first")).set_up()
    note = first.writes_note(first.registers("In both"), "Written once")
    first.copy_folder(tmp_path / "second")
    second = Workstation(centre, tmp_path / "second", "second", centre.enrol("second"))
    second.open(first.user)
    first.join()
    first.edits(note, "Written on the first")
    first.sync()
    take_snapshot(centre)
    second.edits(note, "Written on the second")
    second.join()
    sync_all(busy, first, second)
    assert agree(busy, first, second)
    assert {"Written on the first", "Written on the second"} <= busy.versions(note)
    first.store.close()
    second.store.close()


def test_a_first_push_whose_answer_was_lost_is_recognised_before_any_snapshot(
    centre: FakeCentre, workstation: Make, tmp_path: Path
) -> None:
    first = Workstation(centre, tmp_path / "first", "first", centre.enrol("first")).set_up()

    def cut(place: str) -> None:
        if place == "after push":
            raise CentreUnreachable("cut")

    first.cut = cut
    with pytest.raises(CentreUnreachable):
        first.join()
    first.cut = lambda place: None
    second = workstation("second")
    take_snapshot(centre)
    centre.statements.clear()
    assert first.sync().remark is None
    assert "newest_snapshot" not in centre.statements
    assert agree_after(first, second)
    first.store.close()


def test_an_established_workstation_never_asks_for_it(
    busy: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    take_snapshot(centre)
    centre.statements.clear()
    busy.registers("More")
    sync_all(busy, south)
    assert "newest_snapshot" not in centre.statements


def test_a_short_log_is_read_without_asking(
    busy: Workstation,
    workstation: Make,
    centre: FakeCentre,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_snapshot(centre)
    monkeypatch.setattr(load, "WORTH_FROM", 1000)
    centre.statements.clear()
    workstation("begun")
    assert "newest_snapshot" not in centre.statements


def test_the_snapshot_is_encrypted(busy: Workstation, centre: FakeCentre) -> None:
    take_snapshot(centre)
    content = b"".join(centre.log.snapshot_parts.values())
    for words in (b"Okafor", b"Sleeping", b"CREATE TABLE", b"SQLite format"):
        assert words not in content


# --- cut anywhere -----------------------------------------------------------------------------


def test_a_fetch_that_was_cut_goes_on_with_what_is_missing(
    busy: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    take_snapshot(centre)
    total = len(centre.log.snapshot_parts)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    asked = 0

    def cut(place: str) -> None:
        nonlocal asked
        asked += place == "before snapshot_part"
        if asked > total // 2:
            raise CentreUnreachable("cut")

    begun.cut = cut
    with pytest.raises(CentreUnreachable):
        begun.join()
    assert (begun.folder / FOLDER / "image").stat().st_size == total // 2 * PART
    begun.cut = lambda place: None
    centre.statements.clear()
    begun.reopen()
    begun.sync()
    assert centre.statements.count("snapshot_part") == total - total // 2
    assert not (begun.folder / FOLDER).exists()
    sync_all(busy, begun)
    assert agree(busy, begun)
    begun.store.close()


@pytest.mark.parametrize("at", [1, 3, 20])
def test_stopped_while_loading_nothing_has_changed(
    busy: Workstation, centre: FakeCentre, tmp_path: Path, at: int
) -> None:
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.desk._adopt(begun.member, b"a file")
    before = rows(begun)
    heard: list[RoundProgress] = []

    def stop() -> bool:
        return sum(one.stage is Stage.LOADING for one in heard) >= at

    with pytest.raises(SyncStopped):
        begun.desk.round(heard.append, stop)
    assert heard[-1].stage is Stage.LOADING
    assert rows(begun) == before
    assert heads(begun.store) == []
    begun.sync()
    sync_all(busy, begun)
    assert agree(busy, begun)
    begun.store.close()


def test_an_answer_that_is_saved_while_it_is_loaded_waits_and_is_kept(
    busy: Workstation, centre: FakeCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than a turn is waited for otherwise: an answer to item 9 must not be refused."""
    usual = store_module.TURN_SECONDS
    monkeypatch.setattr(store_module, "TURN_SECONDS", 0.01)
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.desk._adopt(begun.member, b"a file")
    draft = a_draft(begun.registers("At the desk"), begun.user.id)
    savers: list[Thread] = []

    def save() -> None:
        with begun.store.unit_of_work() as work:
            work.drafts.save(draft)
            work.commit()

    def watch(progress: RoundProgress) -> None:
        if progress.stage is Stage.LOADING and progress.share > load.CHECKED and not savers:
            savers.append(Thread(target=save))
            savers[0].start()
            savers[0].join(0.2)
            assert savers[0].is_alive()
            # What follows the load waits for the saver in turn, however slow the disk is.
            monkeypatch.setattr(store_module, "TURN_SECONDS", usual)

    begun.desk.round(watch, lambda: False)
    savers[0].join(60)
    with begun.store.unit_of_work() as work:
        assert work.drafts.get(draft.id) == draft
    begun.store.close()


def test_the_manifest_names_what_it_should(busy: Workstation, centre: FakeCentre) -> None:
    made = take_snapshot(centre)
    plain = json.loads(made.head.manifest)
    assert plain["vector"][0][:3] == list(max(centre.log.rows))
    assert made.manifest.operations == len(centre.log.rows)
    assert make.IMAGE_FILE not in {path.name for path in busy.folder.iterdir()}

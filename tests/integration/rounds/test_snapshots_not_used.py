"""A snapshot that is forged, does not fit or cannot be kept: it is told of, and the log is read."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import StoreError, StoreFull, StoreInUse, StoreUnwritable
from clinic_app.services.sync_data import (
    SyncTrouble,
)
from clinic_app.sync.keys import RootKey
from clinic_app.sync.snapshot import fetch, load, make, manifest
from clinic_app.sync.snapshot.fetch import FOLDER
from tests.fakes.centre import ROOT, FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all
from tests.integration.rounds.conftest import Make
from tests.integration.rounds.snapshots import (
    agree_after,
    copy_of,
    decoded,
    heads,
    operations,
    take_snapshot,
)

FORGED = "was not made with the clinic's root key"

pytestmark = pytest.mark.usefixtures("of_any_length")


# --- refused ----------------------------------------------------------------------------------


def alter_part(centre: FakeCentre) -> None:
    key = max(centre.log.snapshot_parts)
    content = centre.log.snapshot_parts[key]
    centre.log.snapshot_parts[key] = content[:-1] + bytes([content[-1] ^ 1])


def cut_part_short(centre: FakeCentre) -> None:
    key = max(centre.log.snapshot_parts)
    centre.log.snapshot_parts[key] = centre.log.snapshot_parts[key][:-100]


def alter_manifest(centre: FakeCentre) -> None:
    head = centre.log.snapshot
    assert head is not None
    centre.log.snapshot = replace(head, manifest=head.manifest.replace(b'"form":1', b'"form":2'))


def sign_with_another_key(centre: FakeCentre) -> None:
    take_snapshot(centre, root=RootKey.new())


def sign_as_a_workstation(centre: FakeCentre) -> None:
    head = centre.log.snapshot
    assert head is not None
    signature = centre.keys[1].sign(b"clinic-app snapshot 1\0" + head.manifest)
    centre.log.snapshot = replace(head, signature=signature)


def under_another_key(centre: FakeCentre) -> None:
    take_snapshot(centre, key=bytes(32))


def with_a_log_of_its_own(centre: FakeCentre) -> None:
    """The root key signs a vector that the file does not hold."""
    made = take_snapshot(centre).manifest
    head = made.vector[0]
    vector = (head._replace(hash=bytes(32)), *made.vector[1:])
    centre.log.snapshot = replace(made, vector=vector).signed(9, ROOT)
    centre.log.snapshot_parts = {
        (9, part): content for (_, part), content in centre.log.snapshot_parts.items()
    }


@pytest.mark.parametrize(
    "spoil",
    [
        alter_part,
        cut_part_short,
        alter_manifest,
        sign_with_another_key,
        sign_as_a_workstation,
        under_another_key,
        with_a_log_of_its_own,
    ],
)
def test_a_forged_snapshot_is_told_of_and_the_log_is_read(
    busy: Workstation,
    centre: FakeCentre,
    tmp_path: Path,
    spoil: Callable[[FakeCentre], None],
) -> None:
    take_snapshot(centre)
    spoil(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    with pytest.raises(SyncTrouble, match=FORGED):
        begun.join()
    assert not (begun.folder / FOLDER).exists()
    assert begun.sync().pulled == 0, "everything came with the first round"
    sync_all(busy, begun)
    assert agree(busy, begun)
    begun.store.close()


def of_another_clinic(centre: FakeCentre) -> None:
    take_snapshot(centre, clinic_id=UUID(int=7))


def of_another_version(centre: FakeCentre) -> None:
    made = take_snapshot(centre).manifest
    centre.log.snapshot = replace(made, rows="0001").signed(2, ROOT)


def of_other_rules(centre: FakeCentre) -> None:
    made = take_snapshot(centre).manifest
    centre.log.snapshot = replace(made, fold=made.fold + 1).signed(2, ROOT)


def of_no_named_rules(centre: FakeCentre) -> None:
    """As programs made it before the rules had a number."""
    head = take_snapshot(centre).head
    plain = json.loads(head.manifest)
    del plain["fold"]
    content = json.dumps(plain).encode()
    signature = ROOT.sign(manifest._CONTEXT + content)
    centre.log.snapshot = replace(head, manifest=content, signature=signature)


def of_a_newer_schema(centre: FakeCentre) -> None:
    made = take_snapshot(centre).manifest
    centre.log.snapshot = replace(made, schema=made.schema + 1).signed(2, ROOT)


def half_removed(centre: FakeCentre) -> None:
    take_snapshot(centre)
    centre.log.snapshot_parts.clear()


def made_before_a_restore(centre: FakeCentre) -> None:
    take_snapshot(centre)
    del centre.log.rows[max(centre.log.rows)]
    while centre.log.rows[max(centre.log.rows)].signature is None:
        del centre.log.rows[max(centre.log.rows)]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (of_another_clinic, "another clinic"),
        (of_another_version, "another version"),
        (of_other_rules, "another version"),
        (of_no_named_rules, "another version"),
        (of_a_newer_schema, "another version"),
        (half_removed, "was replaced"),
        (made_before_a_restore, "no longer holds"),
    ],
)
def test_an_honest_snapshot_that_does_not_fit_is_passed_over(
    busy: Workstation,
    centre: FakeCentre,
    tmp_path: Path,
    spoil: Callable[[FakeCentre], None],
    sentence: str,
) -> None:
    spoil(centre)
    fresh = Workstation(centre, tmp_path / "fresh", "fresh", centre.enrol("fresh")).set_up()
    fresh.desk._adopt(fresh.member, b"a file")
    assert sentence in str(fresh.sync().remark)
    assert not (fresh.folder / FOLDER).exists()
    sync_all(busy, fresh)
    assert agree(busy, fresh)
    fresh.store.close()


def test_too_little_room_is_said_and_the_log_is_read(
    busy: Workstation, centre: FakeCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_snapshot(centre)
    monkeypatch.setattr(fetch, "ROOM", 10**12)
    fresh = Workstation(centre, tmp_path / "fresh", "fresh", centre.enrol("fresh")).set_up()
    fresh.desk._adopt(fresh.member, b"a file")
    assert "too little room" in str(fresh.sync().remark)
    sync_all(busy, fresh)
    assert agree(busy, fresh)
    fresh.store.close()


# --- withdrawn and erased -----------------------------------------------------------------------


def test_what_a_withdrawn_workstation_wrote_counts_as_on_every_replica(
    busy: Workstation, south: Workstation, workstation: Make, centre: FakeCentre
) -> None:
    patient = south.registers("From the south")
    sync_all(busy, south)
    centre.revoke(south.member.origin, south.store.workstation.epoch, 2)
    busy.sync()
    take_snapshot(centre)
    begun = workstation("begun")
    sync_all(busy, begun)
    assert agree(busy, begun)
    assert patient not in {row[0] for row in rows(begun)["patient"]}


def test_a_snapshot_from_before_a_withdrawal_is_passed_over(
    busy: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    south.registers("From the south")
    sync_all(busy, south)
    take_snapshot(centre)
    centre.revoke(south.member.origin, south.store.workstation.epoch, 2)
    fresh = Workstation(centre, tmp_path / "fresh", "fresh", centre.enrol("fresh")).set_up()
    fresh.desk._adopt(fresh.member, b"a file")
    assert "was withdrawn before" in str(fresh.sync().remark)
    sync_all(busy, fresh)
    assert agree(busy, fresh)
    fresh.store.close()


def test_an_old_snapshot_that_is_put_back_brings_nothing_erased_back(
    busy: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    secret = busy.writes_note(busy.registers(), "A secret that was never signed")
    busy.sync()
    old = take_snapshot(centre)
    parts = dict(centre.log.snapshot_parts)
    erase(busy, secret)
    busy.sync()
    new = take_snapshot(centre)
    assert (old.manifest.erased, new.manifest.erased) == (0, 1)
    centre.log.snapshot, centre.log.snapshot_parts = old.head, parts
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.join()
    assert agree_after(busy, begun)
    assert begun.note(secret).text == ""
    assert not any(b"secret" in decoded(row.body) for row in operations(begun))
    begun.store.close()


def test_a_snapshot_is_outdated_once_something_was_erased(
    busy: Workstation, workstation: Make, centre: FakeCentre, tmp_path: Path
) -> None:
    secret = busy.writes_note(busy.registers(), "A secret that was never signed")
    busy.sync()
    made = take_snapshot(centre, folder=tmp_path / "copy").manifest
    with copy_of(centre, tmp_path / "copy") as copy, copy.transaction() as db:
        assert not make.is_outdated(db, made)
    erase(busy, secret)
    busy.sync()
    with copy_of(centre, tmp_path / "copy") as copy, copy.transaction() as db:
        assert make.is_outdated(db, made)
        assert make.is_outdated(db, replace(made, rows="0001", erased=1))
        assert make.is_outdated(db, replace(made, fold=made.fold - 1, erased=1))
    take_snapshot(centre, folder=tmp_path / "copy")
    begun = workstation("begun")
    assert agree_after(busy, begun)
    assert not any(b"secret" in decoded(row.body) for row in operations(begun))


def erase(one: Workstation, note: UUID) -> None:
    """As an administrator erases a draft."""

    def blank(work: Any) -> None:
        by = one.user.id
        gone = replace(work.notes.get(note), text="", discarded_at=one.now(), discarded_by=by)
        work.notes.save(gone)
        work.notes.blank(gone, one.now(), by)

    one.do(blank)


# --- trouble with the disk ----------------------------------------------------------------------


def test_what_cannot_be_removed_stops_no_round(
    busy: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = busy.folder / FOLDER
    left.mkdir()

    def refuse(path: Any, **given: Any) -> None:
        raise PermissionError(errno.EACCES, "refused", str(path))

    with monkeypatch.context() as patch:
        patch.setattr("os.rmdir", refuse)
        patient = south.registers("Meanwhile")
        sync_all(south, busy)
        assert patient.bytes in {row[0] for row in rows(busy)["patient"]}
    assert left.exists()
    busy.sync()
    assert not left.exists()


@pytest.mark.parametrize("asked", ["exists", "disk_usage", "stat"])
def test_a_disk_that_answers_nothing_is_told_in_a_sentence(
    busy: Workstation,
    centre: FakeCentre,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
) -> None:
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.desk._adopt(begun.member, b"a file")
    owner = fetch.shutil if asked == "disk_usage" else Path
    honest = getattr(owner, asked)

    def broken(path: Path, **given: Any) -> Any:
        if path.name in (FOLDER, "image"):
            raise OSError(errno.EIO, "no answer", str(path))
        return honest(path, **given)

    def broken_stat(path: Path, **given: Any) -> Any:
        if path.name == "image" and "snapshot_part" in centre.statements:
            raise OSError(errno.EIO, "no answer", str(path))
        return honest(path, **given)

    centre.statements.clear()
    with monkeypatch.context() as patch:
        patch.setattr(owner, asked, broken_stat if asked == "stat" else broken)
        with pytest.raises(StoreUnwritable):
            begun.sync()
    begun.sync()
    assert agree_after(busy, begun)
    begun.store.close()


def test_a_full_disk_after_the_load_does_not_make_it_undone(
    busy: Workstation, centre: FakeCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor may the next change be stamped before what was loaded."""
    busy.clock_off = timedelta(seconds=60)
    busy.registers("Stamped a little later")
    busy.sync()
    newest = max(one.hlc for one in centre.log.rows.values())
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.desk._adopt(begun.member, b"a file")

    def full(db: Transaction) -> bool:
        raise StoreFull("The disk is full; nothing was changed. Please free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "clear_write_ahead_log", full)
        patch.setattr("clinic_app.sync.round.Round._learn_times", lambda self: None)
        assert begun.sync().pulled > 0
        assert begun.store.log_holds_removed, "the next commit tries again"
    assert begun.store.clock.tick() > newest
    assert agree_after(busy, begun)
    begun.store.close()


@pytest.mark.parametrize("trouble", [StoreUnwritable, StoreInUse, StoreFull])
def test_a_disk_in_trouble_accuses_nobody(
    busy: Workstation,
    centre: FakeCentre,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: type[StoreError],
) -> None:
    take_snapshot(centre)
    begun = Workstation(centre, tmp_path / "begun", "begun", centre.enrol("begun")).set_up()
    begun.desk._adopt(begun.member, b"a file")

    def refuse(*given: Any) -> None:
        raise trouble("The clinic's records cannot be read or written.")

    with monkeypatch.context() as patch:
        patch.setattr(load, "checked_log", refuse)
        with pytest.raises(trouble):
            begun.sync()
    centre.statements.clear()
    begun.sync()
    assert "snapshot_part" not in centre.statements, "what was fetched is still good"
    assert heads(begun.store) != []
    begun.store.close()

"""All or nothing, from several threads, and full disks."""

from __future__ import annotations

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from clinic_app.db import facts
from clinic_app.db import store as store_module
from clinic_app.db.tables import oplog
from clinic_app.db.transaction import Transaction
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import NotFound, StoreFull, StoreInUse, WrongState
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient
from clinic_app.services.storage import UnitOfWork
from tests.integration.db.raw import decrypted_pages, raw_connection, transaction_of
from tests.integration.db.records import NOON, Clinic, a_note, a_patient, a_screening


def test_leaving_without_commit_changes_nothing_and_uses_up_no_number(clinic: Clinic) -> None:
    patient, before = a_patient(), clinic.store.pending_operations()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.audit.record(AuditKind.CREATED, None, "patient", patient.id)
    with pytest.raises(WrongState), clinic.store.unit_of_work() as work:
        add_and_stumble(work, patient)
    assert clinic.store.pending_operations() == before
    with clinic.store.unit_of_work() as work:
        with pytest.raises(NotFound):
            work.patients.get(patient.id)
        assert work.audit.head()[0] == 1
        work.patients.add(patient)
        work.commit()
    with transaction_of(clinic.encrypted) as db:
        numbers = [row.seq for row in db.rows(select(oplog.c.seq).order_by(oplog.c.seq))]
    assert numbers == list(range(1, before + 2))


def add_and_stumble(work: UnitOfWork, patient: Patient) -> None:
    work.patients.add(patient)
    raise WrongState("changed my mind")


def test_after_a_commit_the_block_goes_on(clinic: Clinic) -> None:
    one, two = a_patient("One"), a_patient("Two")
    with clinic.store.unit_of_work() as work:
        work.patients.add(one)
        work.commit()
        assert work.patients.get(one.id) == one
        work.patients.add(two)
    with clinic.store.unit_of_work() as work:
        assert [patient.id for patient in work.patients.search("")] == [one.id]


def test_marks_are_equal_as_long_as_nothing_is_written(clinic: Clinic) -> None:
    def mark() -> object:
        with clinic.store.unit_of_work() as work:
            return work.mark()

    with clinic.store.unit_of_work() as work:
        work.users.all()
        before = work.mark()
        work.commit()
    assert mark() == before == mark()
    with clinic.store.unit_of_work() as work:
        work.patients.add(a_patient())
        inside = work.mark()
        assert inside != before
        work.commit()
    after = mark()
    assert after != before
    with clinic.store.unit_of_work() as outer:  # the inner one has a connection of its own
        assert outer.mark() == after
        with clinic.store.unit_of_work() as inner:
            inner.patients.add(a_patient("Another"))
            inner.commit()
        outer.commit()
        assert outer.mark() != after
    assert mark() == mark() != after


def test_a_unit_is_used_inside_its_block_only(clinic: Clinic) -> None:
    work = clinic.store.unit_of_work()
    with pytest.raises(RuntimeError):
        work.commit()
    with work:
        pass
    with pytest.raises(RuntimeError):
        work.commit()


def test_stamps_go_on_after_the_newest_in_the_store_even_if_the_clock_goes_back(
    clinic: Clinic,
) -> None:
    from clinic_app.db.vault import FolderVault
    from tests.integration.db.records import PASSWORD, ROUNDS, USER

    clinic.store.close()
    store = FolderVault(clinic.folder, rounds=ROUNDS, wall=lambda: 1000).unlock(USER, PASSWORD)
    with store.unit_of_work() as work:
        work.patients.add(a_patient())
        work.commit()
    with transaction_of(store) as db:  # type: ignore[arg-type]
        stamps = [row.hlc for row in db.rows(select(oplog.c.hlc).order_by(oplog.c.seq))]
    assert stamps == sorted(set(stamps))
    store.close()


def test_the_log_is_one_unbroken_chain(clinic: Clinic) -> None:
    from clinic_app.db.log_rows import operation_of
    from clinic_app.domain.operations import first_break

    with clinic.store.unit_of_work() as work:
        patient = a_patient()
        work.patients.add(patient)
        work.notes.add(a_note(patient.id, clinic.user.id, "long text " * 200))
        work.commit()
    with transaction_of(clinic.encrypted) as db:
        operations = [operation_of(row) for row in db.rows(select(oplog).order_by(oplog.c.seq))]
    assert len(operations) == 4
    assert first_break(operations) is None
    for index in range(4):
        body = operations[index].body
        altered = replace(operations[index], body=body[:-1] + bytes([body[-1] ^ 1]))
        assert first_break([*operations[:index], altered, *operations[index + 1 :]]) == index + 1
    assert first_break(operations[1:]) == 1
    assert len(operations[3].body) < 300  # long text is packed


# --- threads --------------------------------------------------------------------------------------


def test_threads_take_turns_and_lose_nothing(clinic: Clinic) -> None:
    patient = a_patient()
    note = a_note(patient.id, clinic.user.id, "0")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.notes.add(note)
        work.commit()

    def count_up(_: int) -> None:
        with clinic.store.unit_of_work() as work:
            text_before = work.notes.get(note.id).text
            work.notes.save(replace(note, text=str(int(text_before) + 1)))
            work.audit.record(AuditKind.CHANGED, None, "note", note.id)
            work.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(count_up, range(60)))
    with clinic.store.unit_of_work() as work:
        assert work.notes.get(note.id).text == "60"
        assert work.audit.verify().entries == 61


def test_a_thread_that_waits_too_long_is_told_so(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "TURN_SECONDS", 0.01)
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with clinic.store.unit_of_work():
            inside.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    try:
        with pytest.raises(StoreInUse), clinic.store.unit_of_work():
            pass
    finally:
        done.set()
        holder.join()
    with clinic.store.unit_of_work() as work:
        work.patients.count()


def test_closing_waits_for_the_unit_that_is_open(clinic: Clinic) -> None:
    inside, go_on = threading.Event(), threading.Event()
    patient = a_patient()

    def slow() -> None:
        with clinic.store.unit_of_work() as work:
            work.patients.add(patient)
            inside.set()
            go_on.wait(10)
            work.commit()

    worker = threading.Thread(target=slow)
    worker.start()
    inside.wait(10)
    closer = threading.Thread(target=clinic.store.close)
    closer.start()
    go_on.set()
    worker.join()
    closer.join()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.patients.get(patient.id) == patient


# --- a full disk ----------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_nothing_is_changed(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
    before = clinic.store.pending_operations()
    with pytest.raises(StoreFull, match="full"), clinic.store.unit_of_work() as work:
        fill_the_disk(work, patient, clinic)
    clinic.reopen()
    assert clinic.store.pending_operations() == before
    with clinic.store.unit_of_work() as work:
        assert work.notes.of_patient(patient.id) == []
        assert work.audit.verify() == replace(work.audit.verify(), entries=1)
        work.notes.add(a_note(patient.id, clinic.user.id))
        work.commit()
    assert clinic.store.pending_operations() == before + 1


def fill_the_disk(work: StoreUnitOfWork, patient: Patient, clinic: Clinic) -> None:
    """Write more than fits: the file may grow by three pages, then SQLite says it is full."""
    pages = work._transaction.scalar(text("PRAGMA page_count"))
    work._transaction.scalar(text(f"PRAGMA max_page_count = {pages + 3}"))
    for number in range(200):
        work.notes.add(a_note(patient.id, clinic.user.id, f"{number} {new_id()} " * 200))
        work.audit.record(AuditKind.CREATED, None, "note")
    work.commit()


# --- images leave no trace ------------------------------------------------------------------------


def test_removed_images_are_overwritten(clinic: Clinic) -> None:
    face = b"FACE-PIXELS-" * 4000
    screening_id = new_id()
    with clinic.store.unit_of_work() as work:
        work.images.put(screening_id, FaceImages(face, face), kept=True)
        work.commit()
    clinic.reopen()
    clinic.store.close()
    assert b"FACE-PIXELS-" in decrypted_pages(clinic.folder)
    clinic.store = clinic.vault.unlock("ann.berg", "correct horse battery")
    with clinic.store.unit_of_work() as work:
        assert work.images.remove(screening_id)
        work.commit()
        # Still open: neither the main file nor the write-ahead log holds them any more.
        assert (clinic.folder / "clinic.db-wal").stat().st_size == 0
        assert b"FACE-PIXELS-" not in decrypted_pages(clinic.folder)


def keep_an_image(clinic: Clinic) -> UUID:
    screening_id = new_id()
    with clinic.store.unit_of_work() as work:
        work.images.put(screening_id, FaceImages(b"face" * 4000, b"face"), kept=True)
        work.commit()
    return screening_id


def test_a_change_that_is_stored_never_looks_failed_because_the_log_could_not_be_emptied(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening_id = keep_an_image(clinic)
    with monkeypatch.context() as trouble, clinic.store.unit_of_work() as work:
        trouble.setattr(Transaction, "clear_write_ahead_log", no_room)
        work.images.remove(screening_id)
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.images.get(screening_id) is None
    assert (clinic.folder / "clinic.db-wal").stat().st_size > 0
    with clinic.store.unit_of_work() as work:  # another unit, with nothing to do with images
        work.audit.record(AuditKind.READ, None, "patient")
        work.commit()
    assert (clinic.folder / "clinic.db-wal").stat().st_size == 0


def no_room(_: Transaction) -> bool:
    raise StoreFull("The disk is full; the change was not made.")


def test_a_log_that_somebody_is_reading_is_emptied_by_the_next_commit(clinic: Clinic) -> None:
    screening_id = keep_an_image(clinic)
    with raw_connection(clinic.folder) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM image").fetchall()
        with clinic.store.unit_of_work() as work:
            work._transaction.scalar(text("PRAGMA busy_timeout = 0"))
            work.images.remove(screening_id)
            work.commit()
        assert (clinic.folder / "clinic.db-wal").stat().st_size > 0
        reader.execute("ROLLBACK")
    with clinic.store.unit_of_work() as work:
        work.audit.record(AuditKind.READ, None, "patient")
        work.commit()
    assert (clinic.folder / "clinic.db-wal").stat().st_size == 0


def test_every_connection_has_the_safe_settings(clinic: Clinic) -> None:
    with transaction_of(clinic.encrypted) as db:
        found = {
            name: db.scalar(text(f"PRAGMA {name}"))
            for name in (
                "journal_mode",
                "foreign_keys",
                "synchronous",
                "temp_store",
                "secure_delete",
                "recursive_triggers",
                "cipher_version",
            )
        }
    assert found.pop("cipher_version").startswith("4.")
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "temp_store": 2,
        "secure_delete": 1,
        "recursive_triggers": 1,
    }


def test_rows_carry_the_record_time_to_the_microsecond(clinic: Clinic) -> None:
    patient = a_patient(registered_at=NOON + timedelta(microseconds=1))
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
    clinic.store.close()
    with raw_connection(clinic.folder) as connection:
        (stored,) = connection.execute("SELECT registered_at FROM patient").fetchone()
    assert stored == int(NOON.timestamp()) * 1_000_000 + 251


def test_a_persons_place_on_the_worklist_is_worked_out_once_for_all_that_a_commit_says(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[set[UUID]] = []
    real = facts._refresh

    def counted(db: Transaction, persons: Collection[tuple[UUID, ...]]) -> None:
        worked_out.append({one for ids in persons for one in ids})
        real(db, persons)

    monkeypatch.setattr(facts, "_refresh", counted)
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        for number in range(3):
            at = NOON + timedelta(days=number)
            work.screenings.add(a_screening(patient.id, clinic.user.id, finished_at=at))
        work.commit()
    assert worked_out == [{patient.id}]
    with clinic.store.unit_of_work() as work:
        row = work.worklist.of_patient(patient.id)
    assert row is not None
    assert row.last_screened_at == NOON + timedelta(days=2)


def test_the_worklist_tells_what_the_same_unit_has_changed(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        assert work.worklist.of_patient(patient.id) is not None
        work.screenings.add(a_screening(patient.id, clinic.user.id, finished_at=NOON))
        (row,) = work.worklist.page().rows
        assert row.last_screened_at == NOON


def test_what_was_put_off_is_gone_with_a_unit_that_was_not_committed(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
    with clinic.store.unit_of_work() as work:
        work.audit.record(AuditKind.READ, None, "patient")
        work.commit()
        assert work.worklist.of_patient(patient.id) is None

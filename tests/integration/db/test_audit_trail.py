"""The audit trail in the store: edits, holes, cuts and a lost anchor are all seen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic_app.db.files import AUDIT_FILE
from clinic_app.domain.audit import AuditCheck, AuditKind
from clinic_app.domain.errors import StoreDamaged
from clinic_app.domain.ids import new_id
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.storage import OpenStore
from tests.integration.db.raw import raw_connection, transaction_of
from tests.integration.db.records import Clinic, a_note, a_patient, a_screening


def note_down(store: OpenStore, times: int = 1, detail: str = "") -> None:
    with store.unit_of_work() as work:
        for _ in range(times):
            work.audit.record(AuditKind.READ, new_id(), "patient", new_id(), detail)
        work.commit()


def check(store: OpenStore) -> AuditCheck:
    with store.unit_of_work() as work:
        return work.audit.verify()


@pytest.fixture
def audited(clinic: Clinic) -> Clinic:
    """Ten entries, and the walls taken down as an intruder with the key would."""
    note_down(clinic.store, 9)
    clinic.store.close()
    with raw_connection(clinic.folder) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("DROP TRIGGER audit_no_delete")
    return clinic


def tamper(clinic: Clinic, statement: str) -> AuditCheck:
    with raw_connection(clinic.folder) as connection:
        connection.execute(statement)
    store = clinic.vault.unlock("ann.berg", "correct horse battery")
    try:
        return check(store)
    finally:
        store.close()


def test_entries_count_up_and_verify(clinic: Clinic) -> None:
    note_down(clinic.store, 3, "détail 'quoted'")
    clinic.reopen()
    note_down(clinic.store)
    with clinic.store.unit_of_work() as work:
        entries = work.audit.entries()
        assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
        assert work.audit.entries(limit=2, after=2) == entries[2:4]
        assert work.audit.head() == (5, entries[-1].mac)
        assert work.audit.verify() == AuditCheck(5, entries[-1].mac)


def test_the_first_entry_about_a_record_is_found_again(clinic: Clinic) -> None:
    one, other = new_id(), new_id()
    with clinic.store.unit_of_work() as work:
        work.audit.record(AuditKind.READ, None, "screening", one)
        work.audit.record(AuditKind.SIGNED, None, "patient", one)
        work.audit.record(AuditKind.SIGNED, None, "screening", other)
        work.audit.record(AuditKind.SIGNED, None, "screening", one)
        work.audit.record(AuditKind.SIGNED, None, "screening", one)
        work.commit()
        wanted = next(entry for entry in work.audit.entries() if entry.number == 5)
        assert work.audit.entry_of(AuditKind.SIGNED, "screening", one) == (5, wanted.mac)
        assert work.audit.entry_of(AuditKind.SIGNED, "screening", new_id()) is None
        assert work.audit.entry_of(AuditKind.PRINTED, "screening", one) is None


def test_entries_that_are_not_committed_leave_nothing(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        work.audit.record(AuditKind.READ, None, "patient")
        assert work.audit.head()[0] == 2
    with clinic.store.unit_of_work() as work:
        assert work.audit.head()[0] == 1
        assert work.audit.verify().intact


def test_untouched_it_is_intact(audited: Clinic) -> None:
    assert tamper(audited, "SELECT 1") == tamper(audited, "SELECT 1")
    assert tamper(audited, "SELECT 1").intact


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET detail = 'x' WHERE number = 4", 4),
        ("UPDATE audit SET at = at + 1 WHERE number = 10", 10),
        ('UPDATE audit SET "by" = NULL WHERE number = 2', 2),
        ("DELETE FROM audit WHERE number = 6", 6),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("UPDATE audit SET number = 99 WHERE number = 3", 3),
        ("UPDATE audit SET kind = 'invented' WHERE number = 4", 4),
        ("UPDATE audit SET kind = CAST(x'ff' AS TEXT) WHERE number = 4", 4),
        ("UPDATE audit SET at = 'yesterday' WHERE number = 4", 4),
        ("UPDATE audit SET at = 9223372036854775807 WHERE number = 4", 4),
        ("UPDATE audit SET \"by\" = 'nobody' WHERE number = 4", 4),
        ("UPDATE audit SET detail = x'ff' WHERE number = 4", 4),
        ("UPDATE audit SET mac = 'é' WHERE number = 4", 4),
        ("UPDATE audit SET mac = x'00' WHERE number = 4", 4),
    ],
)
def test_an_edit_or_a_hole_is_seen(audited: Clinic, statement: str, broken_at: int) -> None:
    found = tamper(audited, statement)
    assert not found.intact
    assert found.broken_at == broken_at


def test_an_entry_that_cannot_be_read_is_told_in_a_sentence(audited: Clinic) -> None:
    tamper(audited, "UPDATE audit SET kind = 'invented' WHERE number = 4")
    store = audited.vault.unlock("ann.berg", "correct horse battery")
    with pytest.raises(StoreDamaged, match="altered"), store.unit_of_work() as work:
        work.audit.entries()
    with store.unit_of_work() as work:
        assert [entry.number for entry in work.audit.entries(after=4)] == [5, 6, 7, 8, 9, 10]
    store.close()


@pytest.mark.parametrize("kept", [0, 1, 9])
def test_a_cut_tail_is_seen_and_stays_seen(audited: Clinic, kept: int) -> None:
    found = tamper(audited, f"DELETE FROM audit WHERE number > {kept}")
    assert found.entries == kept
    assert found.truncated
    # New entries grow over the cut, but the anchor keeps the evidence.
    store = audited.vault.unlock("ann.berg", "correct horse battery")
    note_down(store, 30)
    assert not check(store).intact
    store.close()


@pytest.mark.parametrize("garbage", [None, b"", b"\0" * 1024, b"x" * 77])
def test_a_lost_or_forged_anchor_is_seen(audited: Clinic, garbage: bytes | None) -> None:
    path = audited.folder / AUDIT_FILE
    path.unlink()
    if garbage is not None:
        path.write_bytes(garbage)
    store = audited.vault.unlock("ann.berg", "correct horse battery")
    assert check(store).truncated
    note_down(store)
    assert check(store).truncated
    store.close()


def test_an_anchor_that_lags_after_a_crash_is_no_alarm(clinic: Clinic, tmp_path: Path) -> None:
    shutil.copy(clinic.folder / AUDIT_FILE, tmp_path / "older")
    note_down(clinic.store, 5)
    clinic.store.close()
    shutil.copy(tmp_path / "older", clinic.folder / AUDIT_FILE)
    store = clinic.vault.unlock("ann.berg", "correct horse battery")
    assert check(store).intact
    note_down(store)
    assert check(store).intact
    store.close()


def test_a_torn_anchor_write_leaves_the_one_before(clinic: Clinic) -> None:
    note_down(clinic.store)
    note_down(clinic.store)
    clinic.store.close()
    path = clinic.folder / AUDIT_FILE
    content = bytearray(path.read_bytes())
    newest = 512 if content[512:520] > content[:8] else 0
    content[newest + 20] ^= 0xFF
    path.write_bytes(content)
    store = clinic.vault.unlock("ann.berg", "correct horse battery")
    assert check(store).intact
    store.close()


def test_the_anchor_of_another_store_is_refused(clinic: Clinic, tmp_path: Path) -> None:
    from tests.integration.db.records import set_up

    other = set_up(tmp_path / "other")
    other.store.close()
    clinic.store.close()
    shutil.copy(other.folder / AUDIT_FILE, clinic.folder / AUDIT_FILE)
    store = clinic.vault.unlock("ann.berg", "correct horse battery")
    assert check(store).truncated
    store.close()


def test_the_trail_is_searched_by_person_staff_action_and_time(clinic: Clinic) -> None:
    user, patient, other = clinic.user.id, a_patient(), a_patient()
    note, screening = a_note(patient.id, user), a_screening(patient.id, user)
    with clinic.store.unit_of_work() as work:
        for one in (patient, other):
            work.patients.add(one)
            work.audit.record(AuditKind.CREATED, user, "patient", one.id)
        work.notes.add(note)
        work.audit.record(AuditKind.SIGNED, user, "note", note.id)
        work.screenings.add(screening)
        work.audit.record(AuditKind.PRINTED, None, "screening", screening.id)
        work.commit()
    with clinic.store.unit_of_work() as work:
        every = work.audit.search(AuditQuery(), 1000)
        assert [one.number for one in every] == list(range(len(every), 0, -1))
        about = work.audit.search(AuditQuery(patient_id=patient.id))
        assert [one.subject_id for one in about] == [screening.id, note.id, patient.id]
        signed = work.audit.search(AuditQuery(kinds=(AuditKind.SIGNED,), by=user))
        assert [one.subject_id for one in signed] == [note.id]
        assert work.audit.search(AuditQuery(subjects=("nothing",))) == []
        newest, last = every[0], every[-1]
        assert work.audit.search(AuditQuery(until=last.at)) == []
        assert newest in work.audit.search(AuditQuery(since=newest.at))
        (before,) = work.audit.search(AuditQuery(before=newest.number), 1)
        assert before.number == newest.number - 1


@pytest.mark.parametrize("query", ["by", "kind", "patient"])
def test_a_search_of_the_trail_reads_an_index(clinic: Clinic, query: str) -> None:
    column = {"by": "by", "kind": "kind", "patient": "subject_id"}[query]
    with transaction_of(clinic.encrypted) as db:
        plan = db.rows(
            text(
                f"EXPLAIN QUERY PLAN SELECT * FROM audit WHERE {column} = 'x'"
                " ORDER BY number DESC LIMIT 100"
            )
        )
    (step,) = [row.detail for row in plan]
    assert "USING INDEX ix_audit_" in step

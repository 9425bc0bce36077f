"""kill -9 between any two steps: what was acknowledged is there, and nothing is half-made."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from clinic_app.db.engine import make_engine
from clinic_app.db.files import make_private_file
from clinic_app.db.log_rows import operation_of
from clinic_app.db.oplog import rebuild
from clinic_app.db.schema import create_schema
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import SCREEN_TABLES, log_head, oplog
from clinic_app.db.transaction import Transaction
from clinic_app.db.vault import FolderVault
from clinic_app.domain.forms import FormKind
from clinic_app.domain.operations import first_break
from clinic_app.services.vault_storage import VaultState
from tests.integration.db.records import PASSWORD, ROUNDS, USER, set_up
from tests.support.children import child, run

CHILD = "tests.faults.db.crash_child"

Check = Callable[[EncryptedStore], None]


@pytest.fixture(scope="module")
def check_rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Checks that log, screens and audit trail of an open store fit together."""
    folder = tmp_path_factory.mktemp("rebuilt")
    make_private_file(folder / "empty.db")
    engine = make_engine(folder / "empty.db", b"e" * 32)
    create_schema(engine)
    engine.dispose()

    def rows(db: Transaction) -> list[list[object]]:
        return [
            sorted(map(tuple, db.rows(text(f"SELECT * FROM {table.name}"))))
            for table in (*SCREEN_TABLES, log_head)
        ]

    def check(store: EncryptedStore) -> None:
        with store.unit_of_work() as work:
            assert work.audit.verify().intact
        shutil.copy(folder / "empty.db", folder / "copy.db")
        target_engine = make_engine(folder / "copy.db", b"e" * 32)
        db = store.begin()
        try:
            with target_engine.connect() as connection:
                rebuild(db, Transaction(connection))
                assert rows(Transaction(connection)) == rows(db)
            operations = [operation_of(row) for row in db.rows(select(oplog).order_by(oplog.c.seq))]
            assert first_break(operations) is None
        finally:
            db.close()
            store.end()
            target_engine.dispose()

    return check


def points(*arguments: str | Path) -> list[tuple[int, str]]:
    return [(int(line.split()[0]), line.split()[1]) for line in run(CHILD, *arguments)]


def test_a_set_up_killed_at_any_step_is_finished_or_can_be_run_again(tmp_path: Path) -> None:
    outcomes = Counter[VaultState]()
    found = points("create", tmp_path)
    for point, _ in found:
        folder = tmp_path / str(point)
        vault = FolderVault(folder, rounds=ROUNDS)
        state = vault.state()
        outcomes[state] += 1
        empty = state is VaultState.EMPTY
        store = set_up(folder).store if empty else vault.unlock(USER, PASSWORD)
        with store.unit_of_work() as work:
            assert work.clinic.get().name == "Harbour clinic"
            assert work.users.by_user_name(USER) is not None
            assert work.audit.verify().intact
        store.close()
        names = {path.name for path in folder.iterdir()}
        assert not [name for name in names if name.endswith((".tmp", ".part"))], point
    assert found[-1][1] == "done"
    assert outcomes[VaultState.EMPTY] > 15
    assert outcomes[VaultState.READY] > 1


def test_a_screening_killed_at_any_step_keeps_what_was_acknowledged(
    tmp_path: Path, check_rebuilt: Check
) -> None:
    set_up(tmp_path / "template").store.close()
    found = points("work", tmp_path / "template", tmp_path)
    assert found[-1][1] == "done"
    assert len(found) > 25
    for point, _ in found:
        written = (tmp_path / f"{point}.acknowledged").read_text().split()
        store = FolderVault(tmp_path / str(point), rounds=ROUNDS).unlock(USER, PASSWORD)
        assert isinstance(store, EncryptedStore)
        with store.unit_of_work() as work:
            steps = [entry.detail for entry in work.audit.entries() if entry.subject == "step"]
            # Killed after the commit but before the word got out: one step more than promised.
            assert steps in (written, [*written, str(len(written) + 1)]), point
            assert work.patients.count() == (len(steps) >= 1)
            assert len(work.drafts.all()) == (len(steps) == 3)
            assert len(work.safety.unfinished()) == (len(steps) >= 3)
            assert work.screenings.count() == (len(steps) == 4)
        expected = 2 + (0, 1, 2, 3, 4)[len(steps)]
        assert store.pending_operations() == expected
        check_rebuilt(store)
        store.close()


def killed_after(patients: int, store: Path) -> list[UUID]:
    """Kill a program that registers patients without end; returns those it told us were kept."""
    first, *lines = told_before_the_kill("endless", patients, store)
    assert first == "open"
    return [UUID(line) for line in lines]


def told_before_the_kill(what: str, lines_at_least: int, store: Path, *more: str) -> list[str]:
    """Kill a program that goes on without end; every whole line it wrote."""
    with child(CHILD, what, store, *more) as running:
        lines = [running.stdout.readline() for _ in range(1 + lines_at_least)]
        running.kill()
        lines += running.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


@pytest.mark.parametrize("form", FormKind)
def test_a_program_killed_while_a_form_is_typed_loses_no_word_that_was_kept(
    tmp_path: Path, check_rebuilt: Check, form: FormKind
) -> None:
    set_up(tmp_path / "store").store.close()
    number = random.Random(form.value).randrange(1, 60)
    subject_id, *told = told_before_the_kill("words", number, tmp_path / "store", form.value)
    store = FolderVault(tmp_path / "store", rounds=ROUNDS).unlock(USER, PASSWORD)
    assert isinstance(store, EncryptedStore)
    with store.unit_of_work() as work:
        user = work.users.all()[0]
        kept = work.forms.get(user.id, form, UUID(subject_id))
    assert kept is not None
    # Killed after the commit but before the word got out: one more than promised.
    assert len(kept.texts["plan"].split()) - int(told[-1]) in (0, 1)
    check_rebuilt(store)
    store.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_program_killed_at_a_random_moment_loses_no_patient(
    tmp_path: Path, check_rebuilt: Check, seed: int
) -> None:
    set_up(tmp_path / "store").store.close()
    acknowledged = killed_after(random.Random(seed).randrange(1, 60), tmp_path / "store")
    store = FolderVault(tmp_path / "store", rounds=ROUNDS).unlock(USER, PASSWORD)
    assert isinstance(store, EncryptedStore)
    with store.unit_of_work() as work:
        for patient_id in acknowledged:
            work.patients.get(patient_id)
        assert work.patients.count() - len(acknowledged) in (0, 1)
        assert work.audit.head()[0] == 1 + work.patients.count()
    check_rebuilt(store)
    store.close()


@pytest.mark.long
def test_a_store_killed_thirty_times_in_a_row_keeps_every_patient_it_promised(
    tmp_path: Path, check_rebuilt: Check
) -> None:
    set_up(tmp_path / "store").store.close()
    chance = random.Random(30)
    acknowledged: list[UUID] = []
    for _ in range(30):
        acknowledged += killed_after(chance.randrange(1, 40), tmp_path / "store")
    store = FolderVault(tmp_path / "store", rounds=ROUNDS).unlock(USER, PASSWORD)
    assert isinstance(store, EncryptedStore)
    with store.unit_of_work() as work:
        for patient_id in acknowledged:
            work.patients.get(patient_id)
        # Each kill may fall between a commit and the word that it happened.
        assert 0 <= work.patients.count() - len(acknowledged) <= 30
        assert work.audit.head()[0] == 1 + work.patients.count()
    check_rebuilt(store)
    store.close()

"""Workstations with real encrypted stores, and the simulated centre between them."""

from __future__ import annotations

import atexit
import contextlib
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from sqlalchemy import delete, text

from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import SCREEN_TABLES, audit
from clinic_app.db.tables.walls import lifted
from clinic_app.db.vault import FolderVault
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, signed
from clinic_app.domain.operations import SCHEMA_VERSION
from clinic_app.domain.people import (
    ClinicProfile,
    CrisisContact,
    DeploymentContext,
    Role,
    StaffUser,
)
from clinic_app.services.sync_data import RoundResult
from clinic_app.sync.desk import CentreDesk
from clinic_app.sync.member import Membership
from tests.fakes.centre import Cut, FakeCentre, uncut
from tests.integration.db.records import PASSWORD, ROUNDS, USER, a_patient


@dataclass(frozen=True)
class _Made:
    """A folder as it was set up, by whom and when."""

    folder: Path
    user: StaffUser
    at: datetime


_MADE: dict[str, _Made] = {}


@functools.cache
def _folder_of_stores() -> str:
    folder = tempfile.mkdtemp(prefix="clinic-app-set-up-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@dataclass
class Workstation:
    """One laptop: its folder, its clock and its open store."""

    centre: FakeCentre
    folder: Path
    name: str
    member: Membership
    clock_off: timedelta = timedelta(0)
    cut: Cut = uncut
    version: int = SCHEMA_VERSION
    user: StaffUser = field(init=False)
    vault: FolderVault = field(init=False)
    store: EncryptedStore = field(init=False)
    desk: CentreDesk = field(init=False)

    def set_up(self) -> Workstation:
        """A store with a clinic of its own, as of a laptop that was used alone. Made once for each
        name of a folder: what later tests get is a copy."""
        kept = _MADE.get(self.folder.name)
        if kept is not None and kept.at == self.now():
            shutil.copytree(kept.folder, self.folder)
            self.open(kept.user)
            return self
        self._make()
        if kept is None:
            copy = Path(_folder_of_stores()) / self.folder.name
            self.copy_folder(copy)
            _MADE[self.folder.name] = _Made(copy, self.user, self.now())
        return self

    def _make(self) -> None:
        self.user = StaffUser(new_id(), USER, f"Ann of {self.name}", Role.ADMINISTRATOR)
        contacts = (CrisisContact("Crisis line", "112", "day and night"),)
        profile = ClinicProfile(new_id(), self.name, contacts, DeploymentContext.CLINIC)

        def furnish(store: Any) -> None:
            with store.unit_of_work() as work:
                work.clinic.add(profile)
                work.users.add(self.user)
                work.commit()

        self._vault()
        created = self.vault.create(USER, PASSWORD, furnish)
        self._opened(created.store)

    def now(self) -> datetime:
        return self.centre.now + self.clock_off

    def _vault(self) -> None:
        def wall() -> int:
            return int(self.now().timestamp() * 1000)

        self.vault = FolderVault(self.folder, rounds=ROUNDS, now=self.now, wall=wall)

    def open(self, user: StaffUser) -> None:
        """Open a folder that is there already."""
        self.user = user
        self._vault()
        self._opened(self.vault.unlock(USER, PASSWORD))

    def _opened(self, store: Any) -> None:
        self.store = store
        self.desk = CentreDesk(store, self.user, self._read)

    def _read(self, _content: bytes) -> Membership:
        def line() -> Any:
            return self.centre.dial(self.member.origin, lambda place: self.cut(place))()

        return replace(self.member, dial=line)

    def join(self) -> Workstation:
        file = self.folder.parent / f"{self.name}.enrolment"
        file.write_bytes(b"a file of the simulated centre")
        self.desk.join(file, lambda progress: None, lambda: False)
        return self

    def sync(self) -> RoundResult:
        with self.running():
            return self.desk.round(lambda progress: None, lambda: False)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The program of this workstation's version."""
        with contextlib.ExitStack() as stack:
            for module in ("domain.operations", "sync.pull", "sync.round"):
                name = f"clinic_app.{module}.SCHEMA_VERSION"
                stack.enter_context(mock.patch(name, self.version))
            yield

    def reopen(self) -> None:
        self.store.close()
        self.open(self.user)

    def copy_folder(self, to: Path) -> None:
        """What somebody copies who does not use backups."""
        self.store.close()
        shutil.copytree(self.folder, to)
        self.open(self.user)

    def put_back(self, copy: Path) -> None:
        """Put an old copy of the folder in the place of this one."""
        self.store.close()
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)
        self.open(self.user)

    # --- what people do -------------------------------------------------------------------------

    def registers(self, family_name: str = "García") -> UUID:
        patient = a_patient(family_name)
        self.do(lambda work: work.patients.add(patient))
        return patient.id

    def renames(self, patient_id: UUID, **fields: str) -> None:
        self.do(lambda work: work.patients.save(replace(work.patients.get(patient_id), **fields)))

    def writes_note(self, patient_id: UUID, words: str) -> UUID:
        note = Note(new_id(), patient_id, self.user.id, self.now(), words)
        self.do(lambda work: work.notes.add(note))
        return note.id

    def edits(self, note_id: UUID, words: str) -> None:
        self.do(lambda work: work.notes.save(replace(work.notes.get(note_id), text=words)))

    def signs(self, note_id: UUID) -> None:
        self.do(
            lambda work: work.notes.save(signed(work.notes.get(note_id), self.user.id, self.now()))
        )

    def clinic(self) -> ClinicProfile:
        with self.store.unit_of_work() as work:
            return work.clinic.get()

    def note(self, note_id: UUID) -> Note:
        with self.store.unit_of_work() as work:
            return work.notes.get(note_id)

    def versions(self, note_id: UUID) -> set[str]:
        """The words of every version that waits for a person, else those that are shown."""
        for conflict in self.desk.conflicts():
            if conflict.record_id == note_id:
                return {dict(version.fields)["text"] for version in conflict.versions}
        return {self.note(note_id).text}

    def do(self, change: Callable[[Any], None]) -> None:
        self.centre.pass_time(seconds=1)
        with self.running(), self.store.unit_of_work() as work:
            change(work)
            work.commit()


def sync_all(*workstations: Workstation) -> None:
    """Twice round: whatever anybody sent has reached everybody."""
    for _ in range(2):
        for one in workstations:
            one.sync()


def rows(one: Workstation) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that the log alone determines, as SQLite holds it."""
    with one.store.transaction() as db:
        return {
            table.name: sorted(
                (tuple(row) for row in db.rows(text(f"SELECT * FROM {table.name}"))), key=repr
            )
            for table in SCREEN_TABLES
        }


def agree(*workstations: Workstation) -> bool:
    """Whether all show the same."""
    found = [rows(one) for one in workstations]
    return all(one == found[0] for one in found)


def cut_trail(store: EncryptedStore, after: int) -> None:
    """With the store's own key and its anchor: what who runs the laptop could do."""
    with store.transaction() as db:
        with lifted(db, audit):
            db.run(delete(audit).where(audit.c.number > after))
        db.commit()
        row = db.row(audit.select().where(audit.c.number == after))
    assert row is not None
    store.anchor.create()
    store.anchor.move((row.number, row.mac))


UNREADABLE = (
    b'{"family_name":NaN}',
    b'{"family_name":1e999}',
    b'{"family_name":"\\ud800","text":"\\ud800","title":"\\ud800"}',
    b'{"family_name":"\xed\xa0\x80"}',
    b'{"family_name":"\xff"}',
    b'{"family_name":' + b"9" * 5000 + b"}",
    b'{"family_name":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"_replaces":[[1e999,1,1]],"text":"x"}',
)


def writes_raw(one: Workstation, kind: int, record_id: UUID, body: bytes) -> None:
    """Put a body into the log that this program would never write."""
    with mock.patch("clinic_app.db.oplog.pack", return_value=body):
        one.do(lambda work: work.log.write(kind, record_id, {}, replaces=()))

"""Workstations with real encrypted stores and a simulated centre, through everything that happens.

The rules are what people and machines do; the invariants are those that the design promises. Every
statement at the centre can fail before it is carried out or after; any two rounds can interleave.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from clinic_app.db import replica
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import ClinicError, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, discarded, signed
from clinic_app.domain.operations import first_break
from clinic_app.services.sync_data import (
    CentreBusy,
    CentreUnreachable,
    VersionTooOld,
    WorkstationRevoked,
)
from tests.fakes.centre import FakeCentre
from tests.integration.db.records import a_patient
from tests.integration.rounds.clinics import Workstation, agree
from tests.integration.rounds.snapshots import take_snapshot
from tests.properties.sync.bookings import book, overlapping_pairs
from tests.properties.sync.joined import Prepared, cut, difference

STATEMENTS = ("facts", "heads", "fetch", "push", "received")
places = st.tuples(
    st.sampled_from(["before", "after"]), st.sampled_from(STATEMENTS), st.integers(1, 3)
)
who = st.integers(0, 5)
which = st.integers(0, 50)


@dataclass
class Wording:
    """Every wording of a note, and those that somebody who saw them wrote over."""

    written: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)


class Convergence(RuleBasedStateMachine):
    template: ClassVar[Prepared]

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="convergence"))
        self.centre = FakeCentre()
        self.centre.log = self.template.centre.log.copy()
        self.centre.keys = dict(self.template.centre.keys)
        self.centre.now = self.template.centre.now
        self.centre.received = set(self.template.centre.received)
        self.all = [self._copied(one) for one in self.template.workstations]
        self.copies: list[tuple[int, Path]] = []
        self.patients: list[UUID] = []
        self.notes: list[UUID] = []
        self.words: dict[UUID, Wording] = {}
        self.thrown_away: set[UUID] = set()
        self.revoked: set[int] = set()
        self.behind: set[int] = set()
        self.count = 0
        self.snapshots = 0
        self.cursors: dict[int, Counter[tuple[int, int]]] = {}

    def _copied(self, one: Workstation) -> Workstation:
        shutil.copytree(one.folder, self.folder / one.name)
        made = Workstation(self.centre, self.folder / one.name, one.name, one.member)
        made.open(one.user)
        return made

    def teardown(self) -> None:
        if not hasattr(self, "all"):
            return
        try:
            self.converge()
        finally:
            for one in self.all:
                one.store.close()
            shutil.rmtree(self.folder)

    # --- what people do -------------------------------------------------------------------------

    def at(self, number: int) -> Workstation:
        return self.all[number % len(self.all)]

    def new_words(self) -> str:
        self.count += 1
        return f"words {self.count}"

    @rule(by=who)
    def register(self, by: int) -> None:
        patient = a_patient(self.new_words())
        self.at(by).do(lambda work: work.patients.add(patient))
        self.patients.append(patient.id)

    @rule(by=who, patient=which)
    def edit(self, by: int, patient: int) -> None:
        if self.patients:
            with contextlib.suppress(ClinicError):  # not here yet
                self.at(by).renames(
                    self.patients[patient % len(self.patients)], phone=self.new_words()
                )

    @rule(by=who)
    def read(self, by: int) -> None:
        """Reading leaves an entry in the audit trail, of which the workstation tells the others."""
        one = self.at(by)
        one.do(lambda work: work.audit.record(AuditKind.READ, one.user.id, "patient", new_id()))

    @rule(by=who, patient=which, hour=st.integers(0, 3))
    def book(self, by: int, patient: int, hour: int) -> None:
        if self.patients:
            with contextlib.suppress(ClinicError):
                book(self.at(by), self.patients[patient % len(self.patients)], hour)

    @rule(by=who, patient=which)
    def write(self, by: int, patient: int) -> None:
        one, words = self.at(by), self.new_words()
        if not self.patients or one.member.origin in self.revoked:
            return
        note = Note(
            new_id(), self.patients[patient % len(self.patients)], one.user.id, one.now(), words
        )
        with contextlib.suppress(ClinicError):
            one.do(lambda work: work.notes.add(note))
            self.notes.append(note.id)
            self.words[note.id] = Wording({words})

    @rule(by=who, note=which, what=st.sampled_from(["edit", "edit", "sign", "discard"]))
    def rewrite(self, by: int, note: int, what: str) -> None:
        if not self.notes:
            return
        one, note_id = self.at(by), self.notes[note % len(self.notes)]
        if one.member.origin in self.revoked:
            return
        try:
            before = one.note(note_id)
        except ClinicError:
            return
        if before.signed_at is not None or before.discarded_at is not None:
            return
        said = self.words[note_id]
        if what == "edit":
            words = self.new_words()
            one.edits(note_id, words)
            said.written.add(words)
            said.over.add(before.text)
        elif what == "sign":
            one.do(lambda work: work.notes.save(signed(before, one.user.id, one.now())))
        else:
            one.do(lambda work: work.notes.save(discarded(before, one.user.id, one.now())))
            self.thrown_away.add(note_id)

    # --- what machines do -----------------------------------------------------------------------

    @rule(by=who, place=st.none() | places, reopen=st.booleans())
    def sync(self, by: int, place: Any, reopen: bool) -> None:
        """A round, perhaps cut at a statement, after which the program may be killed."""
        one = self.at(by)
        with cut(one, place):
            finished = self.round(one)
        if place is not None and reopen:
            one.reopen()
        if finished:
            self.behind.discard(by % len(self.all))

    @rule(by=who, other=who, place=places)
    def sync_two_at_once(self, by: int, other: int, place: Any) -> None:
        one, two = self.at(by), self.at(other)
        if one is two:
            return

        def between() -> None:
            self.round(two)

        with cut(one, place, between):
            self.round(one)

    def round(self, one: Workstation) -> bool:
        try:
            result = one.sync()
        except (CentreUnreachable, CentreBusy, VersionTooOld):
            return False
        except WorkstationRevoked:
            assert one.member.origin in self.revoked
            return False
        assert result.statements >= 2
        return True

    @rule(by=who, years=st.sampled_from([-10, -1, 1, 10]), back=st.booleans())
    def jump_clock(self, by: int, years: int, back: bool) -> None:
        one = self.at(by)
        one.clock_off = timedelta(0) if back else timedelta(days=365 * years)
        one.reopen()

    @rule(by=who)
    def reopen(self, by: int) -> None:
        self.at(by).reopen()

    @rule(minutes=st.integers(1, 30))
    def wait(self, minutes: int) -> None:
        self.centre.pass_time(minutes=minutes)

    @rule(by=who)
    def upgrade(self, by: int) -> None:
        """Operations of the newer program stop whoever has the older one, and nobody else."""
        self.at(by).version = 2

    @precondition(lambda self: not self.revoked and not self.behind and len(self.all) > 2)
    @rule(by=who)
    def revoke(self, by: int) -> None:
        """One workstation, with all its copies, is withdrawn after it has sent everything."""
        origin = self.at(by).member.origin
        copies = [one for one in self.all if one.member.origin == origin]
        for one in (*copies, *copies):
            one.version = 2
            if not self.round(one):
                return
        sent = max(key for key in self.centre.sequences() if key[0] == origin)
        self.centre.revoke(origin, sent[1], len(self.centre.sequences()[sent]))
        self.revoked.add(origin)
        self.centre.backups.clear()  # nobody would send again what an older one lacks

    @rule(by=who)
    def copy_folder(self, by: int) -> None:
        one = self.at(by)
        to = self.folder / f"copy{len(self.copies)}"
        one.copy_folder(to)
        self.copies.append((self.all.index(one), to))

    @precondition(lambda self: self.copies and not self.behind)
    @rule(copy=which)
    def put_back(self, copy: int) -> None:
        """An old copy of the folder in the place of the store; what was never sent is gone."""
        place, path = self.copies[copy % len(self.copies)]
        one = self.all[place]
        if one.member.origin in self.revoked:
            return
        if one.desk.status().pending:
            self.round(one)
        if one.desk.status().pending:
            return
        one.put_back(path)
        self.behind.add(place)

    @precondition(lambda self: self.copies and len(self.all) < 5)
    @rule(copy=which)
    def clone(self, copy: int) -> None:
        """A second laptop from a copy of the folder, under the same name."""
        place, path = self.copies[copy % len(self.copies)]
        if self.all[place].member.origin in self.revoked:
            return
        to = self.folder / f"clone{len(self.all)}"
        shutil.copytree(path, to)
        original = self.all[place]
        made = Workstation(self.centre, to, original.name, original.member)
        made.open(original.user)
        self.all.append(made)

    @precondition(lambda self: not self.behind)
    @rule()
    def back_up_server(self) -> None:
        self.centre.back_up()

    @precondition(lambda self: self.centre.backups and not self.behind)
    @rule(backup=which)
    def restore_server(self, backup: int) -> None:
        self.centre.restore(backup % len(self.centre.backups))
        self.behind = {
            number for number, one in enumerate(self.all) if one.member.origin not in self.revoked
        }
        self.centre.pass_time(seconds=5)

    @precondition(lambda self: self.snapshots < 2)
    @rule()
    def snapshot(self) -> None:
        """The administrator's tool; it makes none while the centre holds less than it did."""
        self.snapshots += 1
        with contextlib.suppress(WrongState):
            take_snapshot(self.centre, folder=self.folder / "tool")

    @precondition(lambda self: self.snapshots and len(self.all) < 5)
    @rule()
    def newcomer(self) -> None:
        """A new laptop, which begins from the snapshot if it fits, else from the log."""
        name = f"newcomer{len(self.all)}"
        one = Workstation(self.centre, self.folder / name, name, self.centre.enrol(name))
        one.version = 2
        with one.running():
            self.all.append(one.set_up().join())

    # --- what is promised -----------------------------------------------------------------------

    def converge(self) -> None:
        """Everybody updates and syncs until nothing moves, and then holds the same."""
        for one in self.all:
            one.version = 2
        writing = [one for one in self.all if one.member.origin not in self.revoked]
        for _ in range(4):
            for one in writing:
                assert self.round(one) or one.member.origin in self.revoked
        assert agree(*writing), difference(writing)
        self.check_sequences(writing)
        self.check_words(writing[0])
        for one in writing:
            one.clock_off = timedelta(0)  # only what is still ahead is shown
        found = [overlapping_pairs(one) for one in writing]
        assert all(one == found[0] for one in found)
        for one in writing:
            assert one.desk.status().pending == 0
            for note_id in self.thrown_away:
                note = one.note(note_id)
                assert note.discarded_at is not None or note.signed_at is not None

    def check_sequences(self, writing: list[Workstation]) -> None:
        centre = {key: len(seqs) for key, seqs in self.centre.sequences().items()}
        for key, seqs in self.centre.sequences().items():
            assert seqs == list(range(1, len(seqs) + 1)), key
        for one in writing:
            with one.store.transaction() as db:
                found = {(r.origin, r.epoch): r.seq for r in replica.reaches(db)}
                for origin, epoch in found:
                    assert first_break(replica.operations(db, origin, epoch, 0)) is None
            assert found == centre

    def check_words(self, one: Workstation) -> None:
        """No words are gone that nobody saw and wrote over."""
        for note_id, said in self.words.items():
            assert said.written - one.versions(note_id) <= said.over

    @invariant()
    def cursors_never_go_back(self) -> None:
        for number, one in enumerate(getattr(self, "all", [])):
            if number in self.behind:
                self.cursors.pop(number, None)
                continue
            with one.store.transaction() as db:
                found = Counter({(r.origin, r.epoch): r.acked for r in replica.reaches(db)})
            before = self.cursors.get(number, Counter())
            assert all(found[key] >= seq for key, seq in before.items()), (before, found)
            self.cursors[number] = found

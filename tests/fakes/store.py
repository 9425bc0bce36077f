"""An in-memory `OpenStore` and `UnitOfWork` with the behaviour of the encrypted store.

A unit of work sees its own copy of the tables; ``commit`` puts the copy in the place of the shared
tables, leaving the block without it changes nothing. One unit of work at a time: a second one
opened by the same thread inside the first fails the test at once, as it could wait for ever on
disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from clinic_app.domain.errors import StoreError
from clinic_app.services.storage import LogSequence
from tests.fakes import calendar, care, learning, people, screening, studio, worklist
from tests.fakes.tables import Tables
from tests.fakes.trail import Audit


class FakeUnitOfWork:
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    def __enter__(self) -> Self:
        self._store.begin()
        tables = self._tables = self._store.tables.copy()
        self.patients = people.Patients(tables)
        self.consents = people.Consents(tables)
        self.drafts = screening.Drafts(tables)
        self.forms = screening.Forms(tables)
        self.screenings = screening.Screenings(tables)
        self.images = screening.Images(tables)
        self.safety = screening.Safety(tables)
        self.notes = screening.Notes(tables)
        self.appointments = calendar.Appointments(tables, tables.appointments)
        self.availability = calendar.Hours(tables, tables.availability)
        self.absences = calendar.Absences(tables, tables.absences)
        self.tasks = care.Tasks(tables, tables.tasks)
        self.interventions = care.Interventions(tables, tables.interventions)
        self.reviews = care.Reviews(tables, tables.reviews)
        self.handovers = care.Handovers(tables, tables.handovers)
        self.ratings = care.ServiceRatings(tables, tables.ratings)
        self.agreements = care.ResultAgreements(tables, tables.agreements)
        self.incidents = care.Incidents(tables, tables.incidents)
        self.merges = care.Merges(tables)
        self.issued = care.IssuedReports(tables, tables.issued)
        self.erasures = care.Erasures(tables, tables.erasures)
        self.worklist = worklist.Worklist(tables)
        self.face_cases = learning.FaceCases(tables)
        self.adjudications = learning.Adjudications(tables)
        self.heads = learning.LocalHeads(tables)
        self.head_events = learning.HeadEvents(tables)
        self.learning_keys = learning.LearningKeys(tables)
        self.site_events = learning.SiteEvents(tables)
        self.site_desk = learning.SiteDesk(tables)
        self.model_choice = learning.ModelChoices(tables)
        self.look_events = studio.LookEvents(tables)
        self.gallery = studio.Gallery(tables)
        self.begun_transfers = studio.BegunTransfers(tables)
        self.begun_exports = screening.BegunExports(tables)
        self.users = people.Users(tables)
        self.clinic = people.Clinic(tables)
        self.audit = Audit(tables, self._store.now)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.end()

    def mark(self) -> object:
        """All that there is, as it is now."""
        return self._tables.copy()

    def commit(self) -> None:
        """Make the changes so far visible to all; fails as ``store.commit_fails_with`` says."""
        if self._store.commit_fails_with is not None:
            raise self._store.commit_fails_with
        self._store.tables = self._tables
        self._tables = self._tables.copy()
        self._store.commits += 1


class FakeStore:
    """An open store. Tests may read ``tables`` and set ``commit_fails_with``."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.tables = Tables()
        self.now = now
        self.closed = False
        self.commits = 0
        self.commit_fails_with: Exception | None = None
        self._turn = threading.Lock()
        self._holder: int | None = None

    def unit_of_work(self) -> FakeUnitOfWork:
        if self.closed:
            raise StoreError("The store is closed.")
        return FakeUnitOfWork(self)

    def sequences(self) -> tuple[LogSequence, ...]:
        return (LogSequence(0, 1, self.commits, 0, self.now(), own=True),)

    def pending_operations(self) -> int:
        return self.commits

    def close(self) -> None:
        self.closed = True

    def begin(self) -> None:
        if self._holder == threading.get_ident():
            raise AssertionError("A unit of work was opened inside another one.")
        self._turn.acquire()
        self._holder = threading.get_ident()

    def end(self) -> None:
        self._holder = None
        self._turn.release()

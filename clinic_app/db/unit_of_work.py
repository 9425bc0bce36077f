"""The unit of work over the encrypted store: all of it becomes durable, or nothing."""

from __future__ import annotations

import contextlib
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from clinic_app.db.audit_trail import StoredAuditTrail
from clinic_app.db.oplog import OperationLog
from clinic_app.db.repositories.appointments import Absences, Appointments, Hours
from clinic_app.db.repositories.care import (
    Interventions,
    IssuedReports,
    Merges,
    ResultAgreements,
    ServiceRatings,
    Tasks,
)
from clinic_app.db.repositories.clinical import Consents, Notes, SafetyFlows, Screenings
from clinic_app.db.repositories.learning import (
    Adjudications,
    FaceCases,
    HeadEvents,
    LearningKeys,
    LocalHeads,
    SiteDesk,
    SiteEvents,
)
from clinic_app.db.repositories.local import (
    BegunExports,
    Drafts,
    Forms,
    Images,
    ModelChoices,
)
from clinic_app.db.repositories.people import Clinics, Patients, TheClinic, Users
from clinic_app.db.repositories.stories import Erasures, Handovers, Incidents, Reviews
from clinic_app.db.repositories.studio import BegunTransfers, Gallery, LookEvents
from clinic_app.db.repositories.worklist import Worklist
from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import StoreError

if TYPE_CHECKING:
    from clinic_app.db.store import EncryptedStore


class StoreUnitOfWork:
    """``with store.unit_of_work() as work: …; work.commit()``; leaving without it rolls back.

    The store lets one thread in at a time, so what a unit has read is still true when it writes.
    A unit may open another one in the same thread as long as it has not written itself.
    """

    def __init__(self, store: EncryptedStore) -> None:
        self._store = store
        self._open: Transaction | None = None

    def __enter__(self) -> Self:
        self._open = self._store.begin()
        self._open.put_off()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # What went wrong inside the block is more telling than a failed roll-back after it.
            with contextlib.suppress(StoreError):
                self._transaction.close()
        finally:
            self._open = None
            self._store.end()

    def commit(self) -> None:
        """Make everything since the last commit durable; the block may go on reading."""
        self._transaction.commit()
        if self.audit.newest is not None:
            self._store.anchor.move(self.audit.newest)
        keepers = (self.images, self.notes, self.forms, self.gallery, self.begun_transfers)
        if any(one.removed for one in keepers):
            for one in keepers:
                one.removed = False
            self._store.log_holds_removed = True
        if self._store.log_holds_removed:
            # The change is in the store already, so trouble here must not look like a failed
            # change. Whichever unit commits next tries again, and so does the next opening.
            with contextlib.suppress(StoreError):
                self._store.log_holds_removed = not self._transaction.clear_write_ahead_log()

    def mark(self) -> object:
        return self._transaction.mark()

    @cached_property
    def patients(self) -> Patients:
        return Patients(self._transaction, self.log)

    @cached_property
    def consents(self) -> Consents:
        return Consents(self._transaction, self.log)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self._transaction)

    @cached_property
    def forms(self) -> Forms:
        return Forms(self._transaction)

    @cached_property
    def screenings(self) -> Screenings:
        return Screenings(self._transaction, self.log)

    @cached_property
    def images(self) -> Images:
        return Images(self._transaction)

    @cached_property
    def safety(self) -> SafetyFlows:
        return SafetyFlows(self._transaction, self.log)

    @cached_property
    def notes(self) -> Notes:
        return Notes(self._transaction, self.log)

    @cached_property
    def appointments(self) -> Appointments:
        return Appointments(self._transaction, self.log)

    @cached_property
    def availability(self) -> Hours:
        return Hours(self._transaction, self.log)

    @cached_property
    def absences(self) -> Absences:
        return Absences(self._transaction, self.log)

    @cached_property
    def tasks(self) -> Tasks:
        return Tasks(self._transaction, self.log)

    @cached_property
    def interventions(self) -> Interventions:
        return Interventions(self._transaction, self.log)

    @cached_property
    def reviews(self) -> Reviews:
        return Reviews(self._transaction, self.log)

    @cached_property
    def handovers(self) -> Handovers:
        return Handovers(self._transaction, self.log)

    @cached_property
    def ratings(self) -> ServiceRatings:
        return ServiceRatings(self._transaction, self.log)

    @cached_property
    def agreements(self) -> ResultAgreements:
        return ResultAgreements(self._transaction, self.log)

    @cached_property
    def incidents(self) -> Incidents:
        return Incidents(self._transaction, self.log)

    @cached_property
    def merges(self) -> Merges:
        return Merges(self._transaction, self.log)

    @cached_property
    def issued(self) -> IssuedReports:
        return IssuedReports(self._transaction, self.log)

    @cached_property
    def erasures(self) -> Erasures:
        return Erasures(self._transaction, self.log)

    @cached_property
    def worklist(self) -> Worklist:
        return Worklist(self._transaction)

    @cached_property
    def face_cases(self) -> FaceCases:
        return FaceCases(self._transaction)

    @cached_property
    def adjudications(self) -> Adjudications:
        return Adjudications(self._transaction, self.log)

    @cached_property
    def heads(self) -> LocalHeads:
        return LocalHeads(self._transaction, self.log)

    @cached_property
    def head_events(self) -> HeadEvents:
        return HeadEvents(self._transaction, self.log)

    @cached_property
    def learning_keys(self) -> LearningKeys:
        return LearningKeys(self._transaction, self.log)

    @cached_property
    def site_events(self) -> SiteEvents:
        return SiteEvents(self._transaction, self.log)

    @cached_property
    def site_desk(self) -> SiteDesk:
        return SiteDesk(self._transaction, self.log.epoch)

    @cached_property
    def model_choice(self) -> ModelChoices:
        return ModelChoices(self._transaction)

    @cached_property
    def begun_exports(self) -> BegunExports:
        return BegunExports(self._transaction)

    @cached_property
    def look_events(self) -> LookEvents:
        return LookEvents(self._transaction, self.log)

    @cached_property
    def gallery(self) -> Gallery:
        return Gallery(self._transaction)

    @cached_property
    def begun_transfers(self) -> BegunTransfers:
        return BegunTransfers(self._transaction)

    @cached_property
    def users(self) -> Users:
        return Users(self._transaction, self.log)

    @cached_property
    def clinic(self) -> TheClinic:
        return TheClinic(Clinics(self._transaction, self.log))

    @cached_property
    def audit(self) -> StoredAuditTrail:
        return self._store.audit_trail(self._transaction)

    @cached_property
    def log(self) -> OperationLog:
        """For records that have no repository of their own."""
        return self._store.operation_log(self._transaction)

    @property
    def db(self) -> Transaction:
        """For what reads across records."""
        return self._transaction

    @property
    def _transaction(self) -> Transaction:
        if self._open is None:
            raise RuntimeError("A unit of work is used inside its `with` block only.")
        return self._open

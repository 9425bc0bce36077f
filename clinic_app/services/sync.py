"""Who may join a centre, sync with it, and settle what two workstations wrote differently."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    ClinicError,
    InvalidInput,
    NotFound,
    WrongState,
)
from clinic_app.domain.notes import Note
from clinic_app.domain.people import StaffUser
from clinic_app.services.erased_elsewhere import carry_out_erasures, take_back_readings
from clinic_app.services.forms import drop_closed
from clinic_app.services.session import Desk
from clinic_app.services.storage import OpenStore, UnitOfWork
from clinic_app.services.studio_consent import remove_left_behind
from clinic_app.services.sync_data import (
    WAYS,
    Alongside,
    CentreRefused,
    CentreUntrusted,
    Conflict,
    ConflictKind,
    OperationsForged,
    Resolution,
    RoundProgress,
    RoundResult,
    StoreDiverged,
    SyncDesk,
    SyncStatus,
    SyncTrouble,
    Watch,
    WorkstationRevoked,
    unnoted,
)

_GRAVE = (CentreRefused, CentreUntrusted, OperationsForged, StoreDiverged, WorkstationRevoked)
"""Troubles that somebody may have caused on purpose; they go to the audit trail."""


def unheard(progress: RoundProgress) -> None:
    """Progress that nobody watches."""


def never() -> bool:
    """Work that nobody stops."""
    return False


class SyncService:
    """Rules over a ``SyncDesk``: roles, re-authentication, audit.

    ``status`` and ``round`` stay open while the window is locked or a patient holds the laptop:
    they show nothing of any record, and a day's work should not wait for a password.
    """

    def __init__(
        self, desk: Desk, sync: SyncDesk, forget_keys: Callable[[UUID], None] = lambda _: None
    ) -> None:
        self._desk = desk
        self._sync = sync
        self._forget_keys = forget_keys
        self._told: type[SyncTrouble] | None = None

    def status(self) -> SyncStatus:
        """What waits, when the last round was, and how it went."""
        self._desk.allow_behind_lock(Action.SYNC)
        return self._sync.status()

    def join(
        self,
        enrolment: Path,
        password: str,
        watch: Watch = unheard,
        stop: Callable[[], bool] = never,
    ) -> RoundResult:
        """Join the centre of an enrolment file, and run the first round.

        ``password`` is the administrator's, asked for again. Raises ``WrongPassword``,
        ``InvalidInput`` (field ``file``), ``WrongState`` when a centre is joined already that does
        not refuse this workstation, ``SyncTrouble``. After a trouble of the first round the centre
        may be joined all the same: ``status`` says so, and the next round goes on.
        """
        user = self._desk.allow(Action.JOIN_CENTRE)
        self._desk.reauthenticate(password)
        if not enrolment.is_file():
            raise InvalidInput("file", "There is no file “{name}”.", name=enrolment.name)

        def note(work: UnitOfWork) -> None:
            # Together with the joining: the first round after it may take hours, and be cut.
            work.audit.record(AuditKind.CHANGED, user.id, "centre", None, "joined")

        try:
            return self._sync.join(enrolment, watch, stop, note)
        except SyncTrouble as trouble:
            self._note_trouble(trouble)
            raise
        finally:
            self._tidy()
            self._follow_account()

    def round(self, watch: Watch = unheard, stop: Callable[[], bool] = never) -> RoundResult:
        """Pull, push, pull until both sides hold the same; raises one ``SyncTrouble``.

        Each change says itself who made it and when, so an ordinary round is not audited; a
        trouble that somebody may have caused is, once. Where the round brings that who is at work
        here was switched off or has another role, the session locks: see ``Session.follow``.
        """
        self._desk.allow_behind_lock(Action.SYNC)
        try:
            result = self._sync.round(watch, stop)
        except SyncTrouble as trouble:
            self._note_trouble(trouble)
            raise
        finally:
            self._tidy()
            self._follow_account()
        self._told = None
        return result

    def marks(self, record_ids: tuple[UUID, ...]) -> dict[UUID, bool]:
        """For each record whether all its changes have reached the centre; empty before joining."""
        self._desk.allow(Action.SYNC)
        return self._sync.marks(record_ids) if record_ids else {}

    def conflicts(self) -> tuple[Conflict, ...]:
        """What two workstations wrote differently; a colleague's draft note without its words, and
        with the reason why somebody else settles it. The reading is audited."""
        user = self._desk.allow(Action.SETTLE_CONFLICT)
        found = self._sync.conflicts()
        if not found:
            return found
        with self._desk.unit_of_work() as work:
            for one in found:
                whose = one.patient_id or one.record_id
                work.audit.record(AuditKind.READ, user.id, "conflict", whose)
            work.commit()
            return tuple(_conflict_for(work, one, user) for one in found)

    def resolve(
        self,
        conflict_id: str,
        how: Resolution,
        chosen: str = "",
        fields: dict[str, str] | None = None,
    ) -> None:
        """Settle a conflict: ``chosen`` is a version's stamp, ``fields`` the merged text.

        A draft note belongs to who wrote it; once that person has left, to whom it was handed.
        Raises ``WrongState`` when it has changed since it was shown, ``InvalidInput``,
        ``AccessDenied``.
        """
        user = self._desk.allow(Action.SETTLE_CONFLICT)
        conflict = next((one for one in self._sync.conflicts() if one.id == conflict_id), None)
        if conflict is None:
            raise WrongState("This has been settled, or has changed, since it was shown.")
        _check_way(conflict, how, chosen, fields or {})
        self._check_author(conflict, user)
        self._sync.resolve(conflict_id, how, chosen, fields)

    def _check_author(self, conflict: Conflict, user: StaffUser) -> None:
        """Raises ``AccessDenied`` for a draft note that is not one's own, nor handed to oneself."""
        with self._desk.unit_of_work() as work:
            draft = _draft(work, conflict)
            barred = None if draft is None else _barred(work, draft, conflict, user)
        if barred is not None:
            self._desk.refuse(Action.SETTLE_CONFLICT, conflict.record_id)
            raise barred

    def _tidy(self) -> None:
        """Remove what lies here alone and what came in has taken the ground from; a round that was
        cut may have brought it as well."""
        # Whatever stands in its way, the round is over and says itself how it went; the next one
        # tries again.
        with suppress(ClinicError), self._desk.unit_of_work() as work:
            by = self._desk.session.user.id
            gone = [drop_closed(work, by), remove_left_behind(work, by)]
            if self._desk.session.patient_at_laptop is None:
                # An answer that calls for the staff must not meet a screening that has just gone:
                # what is being answered ends when the laptop is back in the staff's hands.
                gone += carry_out_erasures(work, by), take_back_readings(work, by)
            if any(gone):
                work.commit()
        with suppress(ClinicError):
            self._forget_keys(self._desk.session.user.id)

    def _follow_account(self) -> None:
        """What came in may have switched off who is at work here, or given another role; a round
        that was cut may have brought it as well."""
        session = self._desk.session
        with suppress(ClinicError), self._desk.unit_of_work() as work:
            session.follow(work.users.get(session.user.id))

    def _note_trouble(self, trouble: SyncTrouble) -> None:
        """A grave trouble goes to the audit trail when it begins, not at every try."""
        kind = type(trouble)
        if isinstance(trouble, _GRAVE) and kind is not self._told:
            self._note(self._desk.session.user, AuditKind.REFUSED, kind.__name__)
        self._told = kind

    def _note(self, user: StaffUser, kind: AuditKind, detail: str) -> None:
        with self._desk.unit_of_work() as work:
            work.audit.record(kind, user.id, "centre", None, detail)
            work.commit()


def _draft(work: UnitOfWork, conflict: Conflict) -> Note | None:
    """The draft note that this is about; ``None`` for what is everybody's: a task, a name, the
    draft of somebody who is not known here."""
    if conflict.kind not in (ConflictKind.TEXT, ConflictKind.DELETED_EDITED):
        return None
    try:
        note = work.notes.get(conflict.record_id)
        work.users.get(note.author)
    except NotFound:
        return None
    return note


def _conflict_for(work: UnitOfWork, conflict: Conflict, reader: StaffUser) -> Conflict:
    note = _draft(work, conflict)
    if note is None or not note.hides_words_from(reader.id):
        return conflict
    unread = tuple(replace(one, fields=()) for one in conflict.versions)
    barred = _barred(work, note, conflict, reader)
    return replace(conflict, versions=unread, barred=barred.sentence if barred else None)


def _barred(
    work: UnitOfWork, draft: Note, conflict: Conflict, user: StaffUser
) -> AccessDenied | None:
    """Why this person cannot settle this draft.

    What somebody discarded before leaving cannot be handed over: anybody settles it, unread, and
    edited words that hold come back as a draft that can.
    """
    if not draft.hides_words_from(user.id):
        return None
    author = work.users.get(draft.author)
    if author.active:
        return AccessDenied(
            "This draft belongs to {name}, who settles it at the next sign-in.",
            name=author.display_name,
        )
    if conflict.kind is ConflictKind.DELETED_EDITED:
        return None
    return AccessDenied(
        "This draft is by {name}, who has left. An administrator can hand it over to somebody"
        " under Administration, Users.",
        name=author.display_name,
    )


class WithoutCentre:
    """The ``SyncDesk`` of a program that was put together without its part for servers."""

    def __init__(self, store: OpenStore, user: StaffUser) -> None:
        self._store = store

    def status(self) -> SyncStatus:
        waiting = self._store.pending_operations()
        return SyncStatus(False, "", "", waiting, 0, None, None, None, (), 0)

    def join(
        self, enrolment: Path, watch: Watch, stop: Callable[[], bool], note: Alongside = unnoted
    ) -> RoundResult:
        raise WrongState("This program has no part for central servers.")

    def round(self, watch: Watch, stop: Callable[[], bool]) -> RoundResult:
        raise WrongState("No central server is joined.")

    def marks(self, record_ids: tuple[UUID, ...]) -> dict[UUID, bool]:
        return {}

    def conflicts(self) -> tuple[Conflict, ...]:
        return ()

    def resolve(
        self,
        conflict_id: str,
        how: Resolution,
        chosen: str = "",
        fields: dict[str, str] | None = None,
    ) -> None:
        raise WrongState("No central server is joined.")


def _check_way(conflict: Conflict, how: Resolution, chosen: str, fields: dict[str, str]) -> None:
    if conflict.kind is ConflictKind.OVERLAP:
        raise InvalidInput("how", "Two bookings at one time are settled by moving one of them.")
    if how not in WAYS[conflict.kind]:
        raise InvalidInput("how", "This cannot be settled in that way.")
    if how is Resolution.CHOOSE and chosen not in {one.stamp for one in conflict.versions}:
        raise InvalidInput("chosen", "Please choose one of the versions.")
    if how is Resolution.MERGE:
        known = {name for one in conflict.versions for name, _ in one.fields}
        if not fields or not fields.keys() <= known:
            raise InvalidInput("fields", "Please write what holds.")
        if not any(text.strip() for text in fields.values()):
            raise InvalidInput("fields", "Please write what holds; it is empty.")

"""The clinic's own settings."""

from __future__ import annotations

from dataclasses import fields, replace
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, NotSignedIn, SignInDue
from clinic_app.domain.people import ClinicProfile, sign_in_name
from clinic_app.services.meanwhile import without_stale
from clinic_app.services.profile import checked_profile
from clinic_app.services.session import SIGN_IN_AGAIN, SWITCHED_OFF, Desk
from clinic_app.services.vault_storage import Vault


class ClinicService:
    def __init__(self, desk: Desk, vault: Vault) -> None:
        self._desk = desk
        self._vault = vault

    def profile(self) -> ClinicProfile:
        """Open to every state of the session: the lock screen shows the clinic's name too."""
        with self._desk.unit_of_work() as work:
            return work.clinic.get()

    def save(
        self, profile: ClinicProfile, password: str, *, over: ClinicProfile | None = None
    ) -> ClinicProfile:
        """Change the clinic's settings: take ``profile()``, replace fields, hand it back. What is
        as in ``over``, the settings that were shown then, stays as it is by now.

        ``password`` is the administrator's, asked for again. Retention has a service of its own
        and stays as it is, and so do identity, demo mark and drill date. Raises ``InvalidInput``
        with the field that needs attention, ``WrongPassword``, ``SignInThrottled``.
        """
        administrator = self._desk.allow(Action.EDIT_CLINIC)
        checked_profile(profile)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            before = work.clinic.get()
            # Cleaned afterwards: what nobody touched is to be known again as it was shown.
            after = replace(
                checked_profile(without_stale(profile, over, before)),
                id=before.id,
                demo=before.demo,
                retention=before.retention,
                restore_drill_at=before.restore_drill_at,
            )
            what = [
                one.name
                for one in fields(after)
                if getattr(before, one.name) != getattr(after, one.name)
            ]
            if what:
                work.clinic.save(after)
                detail = ", ".join(what)
                work.audit.record(AuditKind.CHANGED, administrator.id, "clinic", after.id, detail)
                work.commit()
        return after

    def renew_recovery_key(self, password: str) -> str:
        """A new recovery key, shown once and kept nowhere; the old one opens nothing any more.

        ``password`` is the administrator's, asked for again. Raises ``WrongPassword``,
        ``SignInThrottled`` and what writing the key file raises.
        """
        administrator = self._desk.allow(Action.EDIT_CLINIC)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            # Audited first: a crash in between leaves the old key, never a change unheard of.
            work.audit.record(
                AuditKind.CHANGED,
                administrator.id,
                "clinic",
                work.clinic.get().id,
                "recovery key renewed",
            )
            work.commit()
        return self._vault.renew_recovery_key()

    def prove(self, password: str) -> None:
        """Prove who is at work before a long task is begun with the password; raises
        ``WrongPassword``, ``SignInThrottled``, which are audited as everywhere."""
        self._desk.allow(Action.SEE_PATIENTS)
        self._desk.reauthenticate(password)

    def hand_over(self, patient_id: UUID) -> None:
        """Give the laptop to this patient: from now on it only takes this person's answers."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            work.audit.record(AuditKind.HANDED_TO_PATIENT, user.id, "patient", patient_id)
            work.commit()
        self._desk.session.hand_over(patient_id)

    @property
    def sign_in_due(self) -> bool:
        """Whether unlocking asks for the user name as well; see ``resume``."""
        return self._desk.session.term.due

    def lock(self) -> None:
        """Lock the window; drafts are already in the store."""
        self._desk.session.lock()
        self._desk.note_down(AuditKind.LOCKED, "session")

    def resume(self, password: str, user_name: str | None = None) -> None:
        """Unlock or take the laptop back; raises ``WrongPassword`` or ``SignInThrottled``, and
        ``NotSignedIn`` for an account that was switched off meanwhile, perhaps on another laptop.

        Once the sign-in has ended, or will before long (``SignInTerm.due``), unlocking is a sign-in
        with the ``user_name`` of who is at work: raises ``SignInDue`` without one, ``AccessDenied``
        for somebody else. From a patient the laptop is taken back with the password alone, which
        is that sign-in too: staff with somebody at risk before them is not kept waiting. It is
        taken back with an account that was switched off as well, but stays locked then.
        """
        session = self._desk.session
        due = session.term.due
        if due and session.patient_at_laptop is None:
            self._check_who(password, user_name)
        else:
            self._desk.reauthenticate(password)
        # In one turn: a round that brings that the account was switched off comes before it, and is
        # read, or after it, and the session follows.
        with self._desk.unit_of_work() as work:
            account = work.users.get(session.user.id)
            # Audited first: what cannot be written down does not happen.
            if not account.active:
                work.audit.record(AuditKind.REFUSED, account.id, "session")
            elif due:
                work.audit.record(AuditKind.SIGNED_IN, account.id, "user", account.id, "again")
            else:
                work.audit.record(AuditKind.REAUTHENTICATED, account.id, "session")
            work.commit()
            if account.active or session.patient_at_laptop is not None:
                session.give_back(account, signed_in=due and account.active)
                if not account.active:
                    session.lock()
                return
        raise NotSignedIn(SWITCHED_OFF)

    def _check_who(self, password: str, user_name: str | None) -> None:
        """A whole sign-in, by who is at work: what is open behind the lock is nobody else's."""
        if user_name is None:
            raise SignInDue(SIGN_IN_AGAIN)
        user = self._desk.session.user
        if sign_in_name(user_name) == sign_in_name(user.user_name):
            self._desk.reauthenticate(password)
        else:
            self._desk.check_password(user_name.strip(), password)
            self._desk.note_down(AuditKind.REFUSED, "session")
            raise AccessDenied(
                "{name} is at work here. Please sign out first; what was kept stays.",
                name=user.display_name,
            )

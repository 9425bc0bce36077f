"""Model sets: the one that ships, earlier ones that were kept, and which of them reads pictures.

A set is a folder with ``manifest.json`` and the files it names by hash. Which one is in use is
chosen for this laptop; a set that does not verify is refused, and so is one that was changed later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import ClinicError, ModelRejected, WrongState
from clinic_app.services.session import Desk


@dataclass(frozen=True, slots=True)
class ModelSet:
    """``name`` is the version of the severity net with the beginning of the manifest's hash;
    ``versions`` are the models with theirs. ``shipped`` came with this program; ``kept`` lies
    beside the records, ``active`` reads pictures."""

    name: str
    versions: tuple[tuple[str, str], ...]
    shipped: bool
    active: bool
    kept: bool


class ModelSets(Protocol):
    """Where sets lie; implemented by ``clinic_app.inference``."""

    def known(self) -> Sequence[ModelSet]:
        """The shipped one first, then kept ones by name; one that cannot be read is left out."""

    def card(self, name: str) -> str:
        """The severity card of a set, Markdown; raises ``NotFound``."""

    def keep(self) -> str:
        """Copy the shipped set beside the records, whole and verified; its name. Raises
        ``ModelRejected``, ``StoreError``."""

    def use(self, name: str) -> None:
        """Read pictures with this set from now on. Verified before; raises ``ModelRejected``,
        ``NotFound``, ``StoreError``, and then nothing has changed."""


class ModelSetService:
    """Without ``sets`` (a store without a folder of its own) there is nothing to choose."""

    def __init__(self, desk: Desk, sets: ModelSets | None) -> None:
        self._desk = desk
        self._sets = sets

    def known(self) -> Sequence[ModelSet]:
        self._desk.allow(Action.SEE_MODELS)
        return self._sets.known() if self._sets is not None else ()

    def card(self, name: str) -> str:
        """The card of one set; raises ``NotFound``."""
        self._desk.allow(Action.SEE_MODELS)
        return self._there().card(name)

    def keep(self) -> str:
        """Keep the shipped set, so that a later program can go back to it; its name. Audited."""
        user = self._desk.allow(Action.EDIT_MODELS)
        name = self._there().keep()
        self._note(AuditKind.CHANGED, user.id, f"kept {name}")
        return name

    def use(self, name: str, password: str) -> None:
        """Read pictures with this set, after the password was asked again. Audited, a refusal
        too. Findings that were made keep the versions they were made with."""
        user = self._desk.allow(Action.EDIT_MODELS)
        self._desk.reauthenticate(password)
        sets = self._there()
        before = next((one.name for one in sets.known() if one.active), None)
        try:
            sets.use(name)
        except ModelRejected:
            self._note(AuditKind.REFUSED, user.id, f"set {name}"[:80])
            raise
        try:
            self._note(AuditKind.CHANGED, user.id, f"set {name}")
        except ClinicError:
            if before is not None:
                sets.use(before)  # a change that cannot be audited is not made
            raise

    def _note(self, kind: AuditKind, by: UUID, detail: str) -> None:
        with self._desk.unit_of_work() as work:
            work.audit.record(kind, by, "models", None, detail)
            work.commit()

    def _there(self) -> ModelSets:
        if self._sets is None:
            raise WrongState("There are no other models on this laptop.")
        return self._sets

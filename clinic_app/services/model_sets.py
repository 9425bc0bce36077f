"""Model sets: the one that ships, earlier ones that were kept, and which of them reads pictures.

A set is a folder with ``manifest.json`` and the files it names by hash. Which one is in use is
chosen for this laptop and kept in the encrypted store; a set that does not verify is refused, and
so is one that was changed later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import ModelRejected, NotFound, StoreError, WrongState
from clinic_app.domain.model_choice import SHIPPED, ModelChoice
from clinic_app.services.session import Desk
from clinic_app.services.storage import OpenStore


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

    def check(self, name: str) -> ModelChoice:
        """Verify a set: what has to be kept of choosing it. Raises ``ModelRejected``,
        ``NotFound``."""

    def follow(self, choice: ModelChoice) -> None:
        """Read pictures with this set from now on; until it is told, with the shipped one."""

    def left_in_file(self) -> ModelChoice | None:
        """The choice that a program before this one kept in a plain file beside the records; one
        that cannot be read fits no set."""

    def forget_file(self) -> None:
        """Remove that file, if it can be."""


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
        try:
            choice = sets.check(name)
        except ModelRejected:
            self._note(AuditKind.REFUSED, user.id, f"set {name}"[:80])
            raise
        with self._desk.unit_of_work() as work:
            work.model_choice.put(choice)
            work.audit.record(AuditKind.CHANGED, user.id, "models", None, f"set {name}")
            work.commit()
        sets.follow(choice)

    def _note(self, kind: AuditKind, by: UUID, detail: str) -> None:
        with self._desk.unit_of_work() as work:
            work.audit.record(kind, by, "models", None, detail)
            work.commit()

    def _there(self) -> ModelSets:
        if self._sets is None:
            raise WrongState("There are no other models on this laptop.")
        return self._sets


def follow_choice(store: OpenStore, sets: ModelSets, by: UUID) -> None:
    """Once the store is open: read pictures with the set that was chosen.

    A store that was never asked looks once for the file in which an earlier program kept the
    choice, and keeps what came of it: a file that somebody puts there later counts for nothing. A
    choice that verifies is taken over, any other is refused and the shipped set reads pictures;
    both are audited.
    """
    with store.unit_of_work() as work:
        choice = work.model_choice.get()
    if choice is None:
        left = sets.left_in_file()
        choice = SHIPPED if left is None or not _verifies(sets, left) else left
        try:
            with store.unit_of_work() as work:
                work.model_choice.put(choice)
                if left is not None:
                    taken = choice == left
                    kind = AuditKind.CHANGED if taken else AuditKind.REFUSED
                    detail = "taken over" if taken else "left in a file"
                    work.audit.record(
                        kind, by, "models", None, f"set {left.name}"[:50] + f", {detail}"
                    )
                work.commit()
        except StoreError:  # keeps nobody out; the next sign-in tries again
            sets.follow(SHIPPED)
            return
    sets.follow(choice)
    sets.forget_file()


def _verifies(sets: ModelSets, choice: ModelChoice) -> bool:
    try:
        return sets.check(choice.name) == choice
    except (ModelRejected, NotFound):
        return False

"""The past of a demo clinic: its staff at work at any moment, many steps to one commit.

Every record, operation and audit entry is made by the services, as on any day. The audit trail
tells the true time, which is that of the filling.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import UUID

from clinic_app.domain.people import StaffUser
from clinic_app.services.session import Desk, PasswordCheck, Session
from clinic_app.services.storage import OpenStore, UnitOfWork

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices


class Past:
    """Made by ``FrontDoor.past``, for a demo clinic alone."""

    def __init__(
        self,
        store: OpenStore,
        passwords: PasswordCheck,
        furnish: Callable[[Desk], ClinicServices],
    ) -> None:
        self._store = store
        self._passwords = _Proven(passwords)
        self._furnish = furnish
        self._shared: _Shared | None = None

    def at(self, moment: datetime, user: StaffUser) -> ClinicServices:
        """The services as ``user`` has them at ``moment``."""
        return self._furnish(Desk(Session(user, self._passwords), self._unit, lambda: moment))

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Everything inside becomes durable together, or nothing does; also when the program is
        killed. Raises ``RuntimeError`` where a step failed and that was passed over."""
        with self._store.unit_of_work() as work:
            self._shared = _Shared(work)
            try:
                yield
                if self._shared.failed:
                    raise RuntimeError("A step failed; nothing of this part was kept.")
                work.commit()
            finally:
                self._shared = None

    def _unit(self) -> UnitOfWork:
        if self._shared is None:
            return self._store.unit_of_work()
        return cast(UnitOfWork, _Step(self._shared))


class _Shared:
    """One unit of work for many steps."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work
        self.failed = False


class _Step:
    """A unit of work inside a larger one: what it commits becomes durable with the whole."""

    def __init__(self, shared: _Shared) -> None:
        self._within = shared

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._within.failed = True

    def commit(self) -> None:
        """The whole commits."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._within.work, name)


class _Proven:
    """Asks for each password once: stretching one takes a quarter of a second."""

    def __init__(self, passwords: PasswordCheck) -> None:
        self._passwords = passwords
        self._known: dict[tuple[str, bytes], UUID | None] = {}

    def check_password(self, user_name: str, password: str) -> UUID | None:
        mark = user_name, hashlib.sha256(password.encode()).digest()
        if mark not in self._known:
            self._known[mark] = self._passwords.check_password(user_name, password)
        return self._known[mark]

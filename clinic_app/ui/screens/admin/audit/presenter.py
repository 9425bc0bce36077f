"""Looks things up in the audit trail, page by page; checks the chain; hands extracts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from uuid import UUID

from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.paging import Page
from clinic_app.services.audit import AuditExtract, AuditService
from clinic_app.services.audit_data import EVERYTHING, AuditQuery, AuditRow
from clinic_app.services.audit_file import extract_csv
from clinic_app.services.saving import save_file
from clinic_app.ui.jobs import Jobs, Lane


class AuditView(Protocol):
    def show_actors(self, actors: Mapping[UUID, str]) -> None: ...
    def show_told(self, told: Mapping[str, AuditHead]) -> None:
        """The last that each workstation told the centre of its trail."""

    def show_rows(self, rows: Sequence[AuditRow], page: int, *, more: bool) -> None:
        """``page`` counts from 0; ``more`` says that there is a page after it."""

    def show_looking(self) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_checking(self) -> None: ...
    def show_check(self, check: AuditCheck) -> None: ...
    def show_check_failed(self, error: BaseException) -> None: ...
    def ask_place(self, extract: AuditExtract) -> None:
        """Where to save; ``presenter.save`` follows."""

    def show_saved(self, name: str) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: below this entry's number, ``None`` at the newest."""

    before: int | None


class AuditPresenter:
    def __init__(self, view: AuditView, audit: AuditService, jobs: Jobs) -> None:
        self._view = view
        self._audit = audit
        self._jobs = jobs
        self._query = EVERYTHING
        self._starts: list[_Place] = [_Place(None)]
        self._next: int | None = None
        self._asked = 0
        self._checking = False

    def look(self) -> None:
        """As ``look_around``, and the newest page."""
        self.look_around()
        self.search(self._query)

    def look_around(self) -> None:
        """Who there is to choose from, and what was told of the trails."""
        self._jobs.submit(
            Lane.DATABASE,
            self._audit.actors,
            done=self._view.show_actors,
            failed=self._view.show_failure,
        )
        self._jobs.submit(
            Lane.DATABASE,
            self._audit.told,
            done=self._view.show_told,
            failed=self._view.show_failure,
        )

    def search(self, query: AuditQuery) -> None:
        """The newest page of what is asked for."""
        self._query = query
        self._starts = [_Place(None)]
        self._read()

    def again(self) -> None:
        """The present page once more."""
        self._read()

    def older(self) -> None:
        if self._next is not None:
            self._starts.append(_Place(self._next))
            self._read()

    def newer(self) -> None:
        if len(self._starts) > 1:
            self._starts.pop()
            self._read()

    def _read(self) -> None:
        """Read the page at the top of the stack; an older, slower answer is dropped."""
        self._asked = asked = self._asked + 1
        page = len(self._starts) - 1
        query = replace(self._query, before=self._starts[-1].before)

        def show(found: Page[AuditRow, int]) -> None:
            if asked == self._asked:
                self._next = found.next
                self._view.show_rows(found.rows, page, more=found.next is not None)

        def fail(error: BaseException) -> None:
            if asked == self._asked:
                self._view.show_failure(error)

        self._view.show_looking()
        self._jobs.submit(Lane.DATABASE, lambda: self._audit.browse(query), done=show, failed=fail)

    def verify(self) -> None:
        """Check every link of the chain, beside other work."""
        if self._checking:
            return
        self._checking = True

        def show(check: AuditCheck) -> None:
            self._checking = False
            self._view.show_check(check)

        def fail(error: BaseException) -> None:
            self._checking = False
            self._view.show_check_failed(error)

        self._view.show_checking()
        self._jobs.submit(Lane.FILES, self._audit.verify, done=show, failed=fail)

    def extract(self, password: str) -> AuditExtract:
        """What is filtered for, to be handed out. Runs in a lane; raises ``WrongPassword`` and
        ``InvalidInput`` when there is too much."""
        return self._audit.extract(self._query, password)

    def save(self, extract: AuditExtract, path: Path) -> None:
        """Write the extract as a table."""
        target = path if path.suffix else path.with_suffix(".csv")
        self._jobs.submit(
            Lane.FILES,
            lambda: save_file(extract_csv(extract), target),
            done=lambda _: self._view.show_saved(target.name),
            failed=self._view.show_trouble,
        )

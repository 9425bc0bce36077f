"""Reads the worklist a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from clinic_app.domain.paging import Page
from clinic_app.domain.worklist import WorklistFilter, WorklistMark, WorklistReason, WorklistRow
from clinic_app.services.worklist import EVERYBODY, WorklistService
from clinic_app.ui.jobs import Jobs, Lane

PAGE = 50
LARGEST_PAGE = 1000


class Only(StrEnum):
    """What the buttons above the list keep; one at a time."""

    EVERYBODY = "everybody"
    SAFETY = "safety"
    NOT_ASSESSED = "not_assessed"
    FLAGGED = "flagged"
    UNREVIEWED = "unreviewed"
    REQUESTED = "requested"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Choice:
    """The button that is down, and the lowest questionnaire band (1 mild to 4 severe)."""

    only: Only = Only.EVERYBODY
    lowest_rank: int | None = None


_REASONS = {
    Only.SAFETY: WorklistReason.SAFETY_OPEN,
    Only.NOT_ASSESSED: WorklistReason.NOT_ASSESSED,
}
First = tuple[WorklistFilter, Page[WorklistRow, WorklistMark], int]


class WorklistView(Protocol):
    def show_busy(self) -> None: ...
    def show_first(self, rows: tuple[WorklistRow, ...], total: int, *, more: bool) -> None: ...
    def show_more(self, rows: tuple[WorklistRow, ...], *, more: bool) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException) -> None:
        """The following page could not be read; what is shown stays."""


class WorklistPresenter:
    def __init__(self, view: WorklistView, service: WorklistService, jobs: Jobs) -> None:
        self._view = view
        self._service = service
        self._jobs = jobs
        self._mark: WorklistMark | None = None
        self._latest = 0
        self._asking = False
        self.choice = Choice()
        self.shown = EVERYBODY
        """Whom the list shows, once it has been read."""

    def choose(self, choice: Choice) -> None:
        """Narrow the list, or widen it again."""
        self.choice = choice
        self._view.show_busy()
        self.look()

    def look(self, rows: int = PAGE) -> None:
        """Read from the top, as many ``rows`` as are shown already; an older, slower answer is
        dropped."""
        self._latest = asked = self._latest + 1
        choice, limit = self.choice, min(max(rows, PAGE), LARGEST_PAGE)
        self._mark, self._asking = None, False

        def read() -> First:
            wanted = self._filter(choice)
            return wanted, self._service.page(wanted, limit), self._service.count(wanted)

        def show(answer: First) -> None:
            if asked == self._latest:
                self.shown, page, total = answer
                self._mark = page.next
                self._view.show_first(page.rows, total, more=page.next is not None)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, read, done=show, failed=fail)

    def more(self) -> None:
        """Read the page after the last row; nothing while one is on its way or there is none."""
        mark, asked, choice = self._mark, self._latest, self.choice
        if mark is None or self._asking:
            return
        self._asking = True

        def show(page: Page[WorklistRow, WorklistMark]) -> None:
            if asked == self._latest:
                self._asking = False
                self._mark = page.next
                self._view.show_more(page.rows, more=page.next is not None)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._asking = False
                self._view.show_trouble(error)

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._service.page(self._filter(choice), PAGE, mark),
            done=show,
            failed=fail,
        )

    def _filter(self, choice: Choice) -> WorklistFilter:
        return WorklistFilter(
            reason=_REASONS.get(choice.only),
            flagged=choice.only is Only.FLAGGED,
            unreviewed=choice.only is Only.UNREVIEWED,
            lowest_rank=choice.lowest_rank,
            requested=choice.only is Only.REQUESTED,
            overdue_on=self._service.today() if choice.only is Only.OVERDUE else None,
        )

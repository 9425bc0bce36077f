"""Showing the result: totals first, the estimate only after the own judgement and on request."""

from __future__ import annotations

from typing import Protocol

from clinic_app.domain.finding import FaceImages, Finding
from clinic_app.domain.screening import Draft
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.host import Host
from clinic_app.ui.screens.screening.result.facts import ResultFacts, result_facts


class ResultView(Protocol):
    def show_result(self, facts: ResultFacts, finding: Finding | None) -> None:
        """``finding`` is ``None`` while the estimate is covered or there is none."""

    def show_images(self, images: FaceImages | None) -> None: ...


class ResultPresenter:
    def __init__(self, host: Host, view: ResultView) -> None:
        self._host = host
        self._view = view

    def enter(self) -> None:
        self.refresh()

    def leave(self) -> None:
        """Nothing waits here."""

    def refresh(self) -> None:
        case = self._host.case
        shown = case.draft.finding if case.revealed else None
        self._view.show_result(result_facts(case), shown)
        if shown is not None and case.draft.has_images:
            screenings, draft_id = self._host.services.screenings, case.draft.id
            self._host.ask(lambda: screenings.images(draft_id), self._view.show_images)
        else:
            self._view.show_images(None)

    def reveal(self) -> None:
        """Show the estimate; the service refuses before the own judgement and audits it.

        The judgement is fixed from then on, so its note is kept first.
        """
        host, draft_id = self._host, self._host.case.draft.id

        def work() -> Draft:
            host.services.screenings.reveal(draft_id)
            return host.services.screenings.draft(draft_id)

        def kept(error: BaseException | None) -> None:
            if error is None:  # what went wrong was told where it happened
                host.ask(work, host.keep)

        host.keep_typed(kept)

    def go_on(self) -> None:
        self._host.forward()

    def back(self) -> None:
        self._host.back()

    def go(self, step: Step) -> None:
        self._host.go(step)

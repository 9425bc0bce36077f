"""Reads the figures and the incidents, and carries out what staff do with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.feedback import Author, Incident
from clinic_app.services.feedback import FeedbackService, NewIncident
from clinic_app.services.feedback_analysis import (
    ALWAYS,
    FeedbackAnalysis,
    FeedbackMaterial,
    Months,
    analyse,
)
from clinic_app.services.feedback_table import FeedbackKind
from clinic_app.services.saving import check_place, save_file
from clinic_app.ui.jobs import Jobs, Lane


class Form(StrEnum):
    """What staff fill in on this screen."""

    RATING = "rating"
    INCIDENT = "incident"
    CLOSING = "closing"


class FeedbackView(Protocol):
    def show_analysis(self, found: FeedbackAnalysis) -> None: ...
    def show_incidents(self, found: Sequence[Incident]) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException, form: Form | None = None) -> None:
        """It was refused: this ``form``, or the months that were chosen."""

    def show_sending(self, form: Form, sending: bool) -> None:
        """This form is on its way: it cannot be sent again or changed meanwhile."""

    def show_done(self, form: Form, sentence: str) -> None:
        """It is kept; this form is empty again, the other one is left alone."""


class FeedbackPresenter:
    def __init__(self, view: FeedbackView, feedback: FeedbackService, jobs: Jobs) -> None:
        self._view = view
        self._feedback = feedback
        self._jobs = jobs
        self._asked = 0
        self._sending: set[Form] = set()
        self.months = ALWAYS

    def look(self) -> None:
        """Read figures and incidents again; an older, slower answer is dropped."""
        self._asked = asked = self._asked + 1
        months = self.months

        def read() -> tuple[FeedbackMaterial, tuple[Incident, ...]]:
            return self._feedback.material(months), self._feedback.incidents(100).rows

        def ready(found: tuple[FeedbackMaterial, tuple[Incident, ...]]) -> None:
            material, incidents = found
            if asked != self._asked:
                return
            self._view.show_incidents(incidents)
            # Loading the language library and reading texts takes longer than a window may stand.
            self._jobs.submit(
                Lane.INFERENCE, lambda: analyse(material), done=show, failed=self._view.show_failure
            )

        def show(found: FeedbackAnalysis) -> None:
            if asked == self._asked:
                self._view.show_analysis(found)

        self._jobs.submit(Lane.DATABASE, read, done=ready, failed=self._view.show_failure)

    def choose_months(self, first: str, last: str) -> None:
        """Show this span (``YYYY-MM``, empty for no limit)."""
        try:
            self.months = Months(first.strip(), last.strip())
        except InvalidInput as error:
            self._view.show_trouble(error)
            return
        self.look()

    def rate(self, entry_id: UUID, rating: int, text: str, author: Author, sentence: str) -> None:
        """Keep a rating; ``entry_id`` is the form's, so that it is kept once."""
        rate = self._feedback.rate
        self._do(
            Form.RATING,
            lambda: rate(rating, text, author=author, entry_id=entry_id),
            sentence,
        )

    def report(self, new: NewIncident, sentence: str) -> None:
        self._do(Form.INCIDENT, lambda: self._feedback.report_incident(new), sentence)

    def close(self, incident_id: UUID, text: str, sentence: str) -> None:
        close = self._feedback.close_incident
        self._do(Form.CLOSING, lambda: close(incident_id, text), sentence)

    def export(self, kind: FeedbackKind, path: Path, password: str) -> Path:
        """For the database lane: write the CSV; raises what the service and the disk raise."""
        check_place(path)
        save_file(self._feedback.export(kind, password, self.months), path)
        return path

    def _do(self, form: Form, work: Callable[[], object], sentence: str) -> None:
        if form in self._sending:  # a second press of the same button
            return
        self._sending.add(form)
        self._view.show_sending(form, True)

        def over() -> None:
            self._sending.discard(form)
            self._view.show_sending(form, False)

        def done(_: object) -> None:
            over()
            self._view.show_done(form, sentence)
            self.look()

        def failed(error: BaseException) -> None:
            over()
            self._view.show_trouble(error, form)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=failed)

"""Rendering, leafing through, saving and printing a report; nothing of it in the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from clinic_app.domain.people import Patient
from clinic_app.domain.screening import Screening
from clinic_app.services.reports import save_file
from clinic_app.services.session import SessionState
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.strings import tr
from clinic_app.ui.workspace import Workspace

PRINT_DPI = 300
A4_WIDTH_INCHES = 210 / 25.4


@dataclass(frozen=True, slots=True)
class _Loaded:
    pdf: bytes
    screening: Screening
    patient: Patient


class ReportView(Protocol):
    def show_busy(self) -> None: ...
    def show_failed(self, error: BaseException) -> None: ...
    def show_person(self, patient: Patient) -> None: ...
    def show_page(self, png: bytes, page: int, pages: int) -> None:
        """``page`` counts from 0."""

    def ask_place(self, name: str) -> None:
        """Where to save; ``presenter.save`` follows."""

    def show_printing(self, busy: bool) -> None: ...
    def print_pages(self, pages: list[bytes]) -> None:
        """Paint these PNGs, one a sheet."""


class ReportPresenter:
    def __init__(self, workspace: Workspace, screening_id: UUID, view: ReportView) -> None:
        self._workspace = workspace
        self._screening_id = screening_id
        self._view = view
        self._loaded: _Loaded | None = None
        self._page = 0
        self._pages = 0
        self._width = 0
        self._asked = 0
        self._jobs = ScreenJobs(workspace.jobs)

    def load(self) -> None:
        """Render the report."""
        services, screening_id = self._workspace.services, self._screening_id

        def work() -> _Loaded:
            screening = services.screenings.get(screening_id)
            patient = services.patients.get(screening.patient_id)
            return _Loaded(services.reports.screening(screening_id), screening, patient)

        self._view.show_busy()
        self._jobs.submit(Lane.DATABASE, work, done=self._rendered, failed=self._view.show_failed)

    def close(self) -> None:
        """The screen is gone: answers that still come are dropped."""
        self._jobs.drop()

    def fit(self, width: int) -> None:
        """The page is shown ``width`` pixels wide from now on."""
        if width > 0 and width != self._width:
            self._width = width
            self._draw()

    def turn(self, by: int) -> None:
        """Leaf ``by`` pages on (negative: back)."""
        page = self._page + by
        if 0 <= page < self._pages:
            self._page = page
            self._draw()

    def prove(self, password: str) -> None:
        """Check the password again: a saved report lies outside the encrypted store. Runs in the
        database lane; raises ``WrongPassword`` or ``SignInThrottled``."""
        self._workspace.services.reports.allow_export(self._screening_id, password)

    def choose_place(self) -> None:
        """After the password: where to save."""
        if self._loaded is not None and self._staff_is_here:
            self._view.ask_place(self._file_name())

    def save(self, path: Path) -> None:
        if self._loaded is None:
            return
        pdf = self._loaded.pdf
        target = path if path.suffix else path.with_suffix(".pdf")
        self._jobs.submit(
            Lane.DATABASE,
            lambda: save_file(pdf, target),
            done=lambda _: self._workspace.notices.tell(
                tr("Saved as “{name}”.").format(name=target.name)
            ),
            failed=self._workspace.notices.report,
        )

    def print_all(self) -> None:
        """Render every page at 300 dots an inch, then hand them to the printer."""
        if self._loaded is None:
            return
        pdf, reports = self._loaded.pdf, self._workspace.services.reports
        width = round(PRINT_DPI * A4_WIDTH_INCHES)

        def work() -> list[bytes]:
            count, first = reports.preview(pdf, 0, width)
            return [first, *(reports.preview(pdf, page, width)[1] for page in range(1, count))]

        def ready(pages: list[bytes]) -> None:
            self._view.show_printing(False)
            if self._staff_is_here:
                self._view.print_pages(pages)

        def failed(error: BaseException) -> None:
            self._view.show_printing(False)
            self._workspace.notices.report(error)

        self._view.show_printing(True)
        self._jobs.submit(Lane.INFERENCE, work, done=ready, failed=failed)

    def back_to_patient(self) -> None:
        if self._loaded is not None:
            self._workspace.navigator.show_patient(self._loaded.patient.id)

    def _rendered(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        self._view.show_person(loaded.patient)
        self._draw()

    def _draw(self) -> None:
        if self._loaded is None or self._width == 0:
            return
        self._asked = asked = self._asked + 1
        pdf, page, width = self._loaded.pdf, self._page, self._width
        reports = self._workspace.services.reports

        def drawn(answer: tuple[int, bytes]) -> None:
            if asked == self._asked:  # an older page or size is dropped
                self._pages = answer[0]
                self._view.show_page(answer[1], page, self._pages)

        self._jobs.submit(
            Lane.INFERENCE,
            lambda: reports.preview(pdf, page, width),
            done=drawn,
            failed=self._view.show_failed,
        )

    @property
    def _staff_is_here(self) -> bool:
        """No dialog may come over the lock or in front of a patient, however late it is ready."""
        return self._workspace.services.session.state is SessionState.ACTIVE

    def _file_name(self) -> str:
        """No name of a person in a file's name: the day and the visit."""
        if self._loaded is None:
            return ""
        screening = self._loaded.screening
        return f"screening-{screening.finished_at:%Y-%m-%d}-{screening.id.hex[-8:]}.pdf"

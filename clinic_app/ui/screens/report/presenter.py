"""Rendering, leafing through, saving and printing a report; nothing of it in the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.errors import NotFound
from clinic_app.domain.people import Patient
from clinic_app.domain.worklist import WorklistFilter
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.report_data import PERSON_KINDS, ReportKind
from clinic_app.services.reports import PrintedReport, Verified
from clinic_app.services.saving import save_file
from clinic_app.services.session import SessionState
from clinic_app.services.translations import ENGLISH
from clinic_app.services.worklist import EVERYBODY
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.moments import local
from clinic_app.ui.strings import tr
from clinic_app.ui.workspace import Workspace

PRINT_DPI = 300
A4_WIDTH_INCHES = 210 / 25.4
_RECORDS_CAME = "Records have come in since this report was written."
_RECORDS_CHANGED_IT = "Records have come in since this report was written, and change what it says."
_OF_CLINIC = {
    ReportKind.WORKLIST: Action.SEE_WORKLIST,
    ReportKind.FEEDBACK: Action.SEE_FEEDBACK,
    ReportKind.AUDIT: Action.SEE_AUDIT,
}


@dataclass(frozen=True, slots=True)
class About:
    """Which report: of one screening, about a person, or, with neither, about the clinic; and the
    code of the language it is written in. ``wanted``: whom of the worklist."""

    kind: ReportKind
    patient_id: UUID | None = None
    screening_id: UUID | None = None
    language: str = ENGLISH
    wanted: WorklistFilter = EVERYBODY


@dataclass(frozen=True, slots=True)
class Loaded:
    """A report that was rendered; ``patient`` is ``None`` for one about the clinic."""

    printed: PrintedReport
    patient: Patient | None


class ReportView(Protocol):
    def show_busy(self) -> None: ...
    def show_failed(self, error: BaseException) -> None: ...
    def show_kinds(self, kinds: tuple[ReportKind, ...], chosen: ReportKind, language: str) -> None:
        """What can be chosen here, and what is."""

    def show_loaded(self, kind: ReportKind, patient: Patient | None) -> None: ...
    def ask_audit_password(self) -> None:
        """An extract of the audit trail needs the password; ``presenter.extract`` follows."""

    def show_page(self, png: bytes, page: int, pages: int) -> None:
        """``page`` counts from 0."""

    def show_outdated(self, sentence: str) -> None:
        """The report may not hold any more; empty when it does."""

    def ask_place(self, name: str) -> None:
        """Where to save; ``presenter.save`` follows."""

    def ask_printer(self, pages: int) -> None:
        """Let staff choose the printer and which ``pages``; ``presenter.print_on`` follows."""

    def show_printing(self, done: int, of: int) -> None:
        """``done`` sheets are with the printer; all of them (or ``of`` 0): no longer printing."""


class Sheets(Protocol):
    """A print run. Everything but ``wanted`` is called on one lane, in order."""

    @property
    def wanted(self) -> Sequence[int]:
        """Pages from 0, in the order of printing."""

    def put(self, png: bytes) -> None:
        """One more page, on a sheet of its own."""

    def finish(self) -> None:
        """The last one was put: give the run to the printer."""

    def give_up(self) -> None:
        """Stop the run; what is out of the printer already stays out."""


class ReportPresenter:
    def __init__(self, workspace: Workspace, about: About, view: ReportView) -> None:
        self._workspace = workspace
        self._about = about
        self._view = view
        self._loaded: Loaded | None = None
        self._loads = 0
        self._page = 0
        self._pages = 0
        self._width = 0
        self._asked = 0
        self._jobs = ScreenJobs(workspace.jobs)
        self._closed = self._printing = self._stopped = False

    @property
    def kinds(self) -> tuple[ReportKind, ...]:
        """What can be printed from here by who is signed in."""
        about, role = self._about, self._workspace.services.session.user.role
        own = PERSON_KINDS if about.patient_id or about.screening_id else ()
        return (*own, *(kind for kind, action in _OF_CLINIC.items() if allows(role, action)))

    def load(self) -> None:
        """Render the report; an extract of the audit trail once the password was given."""
        services, about = self._workspace.services, self._about
        self._loaded, self._page, self._pages = None, 0, 0
        self._loads = asked = self._loads + 1
        self._view.show_kinds(self.kinds, about.kind, about.language)
        self._view.show_outdated("")
        self._view.show_busy()
        if about.kind is ReportKind.AUDIT:
            self._view.ask_audit_password()
            return

        def rendered(loaded: Loaded) -> None:
            if asked == self._loads:  # another kind was chosen meanwhile
                self.rendered(loaded)

        def failed(error: BaseException) -> None:
            if asked == self._loads:
                self._view.show_failed(error)

        self._jobs.submit(
            Lane.DATABASE, lambda: _render(services, about), done=rendered, failed=failed
        )

    def look_again(self) -> None:
        """Records came in from another laptop: say so where the report may not hold any more.

        It is not written anew by itself: every writing is a document that is issued and audited,
        and nobody wants a page to change under the eyes.
        """
        loaded, asked = self._loaded, self._loads
        if loaded is None or self._about.kind is ReportKind.AUDIT:  # an extract is of its moment
            return
        if loaded.patient is None:
            self._view.show_outdated(tr(_RECORDS_CAME))
            return
        about, issued = self._about, loaded.printed.issued
        newest = about.kind is ReportKind.SCREENING and about.screening_id is None
        reports = self._workspace.services.reports

        def known(holds: bool) -> None:
            if asked == self._loads:
                self._view.show_outdated("" if holds else tr(_RECORDS_CHANGED_IT))

        self._jobs.submit(
            Lane.DATABASE,
            lambda: reports.still_holds(issued, newest=newest),
            done=known,
            failed=lambda _: known(False),  # the person's record is gone, say: writing tells why
        )

    def choose(self, kind: ReportKind) -> None:
        """Another kind of report about the same person, or about the clinic."""
        if kind is not self._about.kind:
            self._about = replace(self._about, kind=kind)
            self.load()

    def speak(self, language: str) -> None:
        """The same report in the language of this code."""
        if language != self._about.language:
            self._about = replace(self._about, language=language)
            self.load()

    def extract(self, password: str) -> Loaded:
        """The extract of the audit trail: about the person, or all of it. Runs in the database
        lane; raises ``WrongPassword``, ``SignInThrottled``, ``InvalidInput``."""
        services, about = self._workspace.services, self._about
        patient_id = about.patient_id
        query = AuditQuery(patient_id=patient_id)
        printed = services.reports.audit(query, password, about.language)
        patient = services.patients.get(patient_id) if patient_id is not None else None
        return Loaded(printed, patient)

    def verify(self, typed: str) -> tuple[Verified, ...]:
        """What was issued under a printed fingerprint. Runs in the database lane."""
        return self._workspace.services.reports.verify(typed)

    def close(self) -> None:
        """The screen is gone: answers that still come are dropped."""
        self._closed = True
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
        if self._loaded is not None:
            self._workspace.services.reports.allow_copy(self._loaded.printed.issued, password)

    def choose_place(self) -> None:
        """After the password: where to save."""
        if self._loaded is not None and self._staff_is_here:
            self._view.ask_place(self._file_name())

    def save(self, path: Path) -> None:
        if self._loaded is None:
            return
        pdf = self._loaded.printed.pdf
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
        """Ask for the printer."""
        if self._loaded is not None and self._pages and not self._printing and self._staff_is_here:
            self._view.ask_printer(self._pages)

    def print_on(self, sheets: Sheets) -> None:
        """Render and paint page by page at 300 dots an inch, with one of them in memory.

        The run goes on when the screen is left or locked: staff has asked for it.
        """
        if self._loaded is None or self._printing:
            return
        self._printing, self._stopped = True, False
        self._print_page(self._loaded.printed.pdf, sheets, 0)

    def stop_printing(self) -> None:
        """No further page; the run is given up."""
        self._stopped = True

    def _print_page(self, pdf: bytes, sheets: Sheets, place: int) -> None:
        reports, wanted = self._workspace.services.reports, sheets.wanted
        width = round(PRINT_DPI * A4_WIDTH_INCHES)
        self._tell_printing(place, len(wanted))

        def work() -> bool:
            try:
                if place == len(wanted):
                    sheets.finish()
                elif self._stopped:
                    sheets.give_up()
                else:
                    sheets.put(reports.preview(pdf, wanted[place], width)[1])
                    return True
            except Exception:
                sheets.give_up()
                raise
            return False

        def done(more: bool) -> None:
            if more:
                self._print_page(pdf, sheets, place + 1)
                return
            self._end_printing()
            if place < len(wanted):
                self._workspace.notices.tell(tr("Printing was stopped."))

        def failed(error: BaseException) -> None:
            self._end_printing()
            self._workspace.notices.report(error)

        # Not among the jobs of the screen: those are dropped when it is left.
        self._workspace.jobs.submit(Lane.FILES, work, done=done, failed=failed)

    def _tell_printing(self, done: int, of: int) -> None:
        if not self._closed:
            self._view.show_printing(done, of)

    def _end_printing(self) -> None:
        self._printing = False
        self._tell_printing(0, 0)

    def back_to_patient(self) -> None:
        patient_id = self._about.patient_id
        if patient_id is not None:
            self._workspace.navigator.show_patient(patient_id)
        elif self._about.screening_id is None:
            self._workspace.navigator.show_today()

    def rendered(self, loaded: Loaded) -> None:
        """Show what was rendered."""
        self._loaded = loaded
        if loaded.patient is not None:
            self._about = replace(self._about, patient_id=loaded.patient.id)
        self._view.show_loaded(self._about.kind, loaded.patient)
        self._draw()

    def _draw(self) -> None:
        if self._loaded is None or self._width == 0:
            return
        self._asked = asked = self._asked + 1
        pdf, page, width = self._loaded.printed.pdf, self._page, self._width
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
        """No name of a person in a file's name: the kind, the day and the document."""
        if self._loaded is None:
            return ""
        issued = self._loaded.printed.issued
        return f"{issued.kind}-{local(issued.issued_at):%Y-%m-%d}-{issued.id.hex[-8:]}.pdf"


def _render(services: ClinicServices, about: About) -> Loaded:
    """The report of this kind with whom it is about."""
    reports = services.reports
    if about.kind is ReportKind.WORKLIST:
        return Loaded(reports.worklist(about.wanted, language=about.language), None)
    if about.kind is ReportKind.FEEDBACK:
        return Loaded(reports.feedback(language=about.language), None)
    if about.kind is ReportKind.SCREENING and about.screening_id is not None:
        printed = reports.one_screening(about.screening_id, about.language)
        owner = services.screenings.get(about.screening_id).patient_id
    elif about.patient_id is not None:
        printed = reports.person(about.kind, about.patient_id, about.language)
        owner = about.patient_id
    else:
        raise NotFound("Please open the reports from the page of a patient.")
    return Loaded(printed, services.patients.get(owner))

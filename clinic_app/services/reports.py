"""Printing: gather the data of a report, render it, write it safely."""

from __future__ import annotations

import os
import stat
import tempfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

from clinic_app import __version__
from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import ReportFailed, WrongState
from clinic_app.domain.finding import Finding
from clinic_app.domain.notes import Note
from clinic_app.domain.people import ClinicProfile, DeploymentContext, Patient
from clinic_app.domain.screening import Screening, as_it_stands
from clinic_app.services.report_data import (
    ReportRenderer,
    ScreeningReport,
    SignedNote,
    Standing,
)
from clinic_app.services.safety import flows_of_screening
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork


class ReportService:
    def __init__(self, desk: Desk, renderer: ReportRenderer, time_zone: str = "UTC") -> None:
        self._desk = desk
        self._renderer = renderer
        self._time_zone = time_zone

    def screening(self, screening_id: UUID) -> bytes:
        """The PDF of one screening; the printing is audited. Raises ``NotFound``."""
        user = self._desk.allow(Action.PRINT_REPORT)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.PRINTED, user.id, "screening", screening_id)
            report = self._report(work, work.screenings.get(screening_id), Standing.FINISHED)
            work.commit()
        return self._renderer.screening(report)

    def allow_export(self, screening_id: UUID, password: str) -> None:
        """Prove again who saves the report outside the encrypted store; both are audited.

        Raises ``WrongPassword`` or ``SignInThrottled``.
        """
        user = self._desk.allow(Action.PRINT_REPORT)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.EXPORTED, user.id, "screening", screening_id)
            work.commit()

    def draft(self, draft_id: UUID, *, at_capture: bool = False) -> bytes:
        """The PDF of a draft as it stands, marked as one; the printing is audited.

        Raises ``WrongState`` while it holds a picture that was not judged or not shown.
        ``at_capture`` is for the command that has just taken the picture, prints its reading and
        noted in the draft that it was shown: then the page gives nothing away.
        """
        user = self._desk.allow(Action.PRINT_REPORT)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            if draft.hides_estimate and not at_capture:
                raise WrongState("Please record your own judgement first.")
            work.audit.record(AuditKind.PRINTED, user.id, "draft", draft_id)
            report = self._report(work, as_it_stands(draft), Standing.DRAFT)
            work.commit()
        return self._renderer.screening(report)

    def _report(
        self, work: UnitOfWork, screening: Screening, standing: Standing
    ) -> ScreeningReport:
        consent = current_consent(work.consents.of_patient(screening.patient_id))
        keep = screening.images_kept and consent.get(Purpose.KEEP_IMAGES, False)
        others = work.screenings.of_patient(screening.patient_id)
        earlier = [one for one in others if one.finished_at < screening.finished_at]
        later = [one.started_at for one in others if one.finished_at > screening.finished_at]
        safety = flows_of_screening(work, screening.patient_id, screening.id)
        acting = {event.by for flow in safety for event in flow.events}
        return ScreeningReport(
            clinic=work.clinic.get(),
            patient=work.patients.get(screening.patient_id),
            screening=screening,
            taken_by=work.users.get(screening.taken_by).display_name,
            consent=consent,
            safety=safety,
            images=work.images.get(screening.id) if keep else None,
            notes=tuple(
                SignedNote(note, work.users.get(note.signed_by or note.author).display_name)
                for note in reversed(work.notes.of_patient(screening.patient_id))
                if _belongs(note, screening, until=min(later, default=None))
            ),
            previous=tuple(reversed(earlier)),
            program_version=__version__,
            audit_head=_audit_head(work, screening.id),
            time_zone=self._time_zone,
            standing=standing,
            staff={one: work.users.get(one).display_name for one in sorted(acting)},
        )

    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        """(number of pages, PNG of ``page`` from 0 at ``width`` pixels)."""
        return self._renderer.preview(pdf, page, width)


def _belongs(note: Note, screening: Screening, until: datetime | None) -> bool:
    """Signed since this screening began and before the next one did."""
    signed = note.signed_at
    return signed is not None and screening.started_at <= signed and (not until or signed < until)


def _audit_head(work: UnitOfWork, screening_id: UUID) -> str:
    """The audit entry that recorded the screening: on paper it bears witness to the chain up to
    there, and unlike today's head it is the same on every print."""
    entry = work.audit.entry_of(AuditKind.CREATED, "screening", screening_id)
    return f"{entry[0]}:{entry[1][:16]}" if entry else ""


def unstored_report(finding: Finding, at: datetime, time_zone: str = "UTC") -> ScreeningReport:
    """The report of a reading that belongs to no record: nobody is named, no picture is printed."""
    nobody = UUID(int=0)
    return ScreeningReport(
        clinic=ClinicProfile(nobody, "Clinic not recorded", (), DeploymentContext.CLINIC),
        patient=Patient(nobody, "Person not recorded", "", at.date()),
        screening=Screening(nobody, nobody, nobody, at, at, (), None, finding, at),
        taken_by="Not recorded",
        consent={},
        safety=(),
        images=None,
        notes=(),
        previous=(),
        program_version=__version__,
        time_zone=time_zone,
        standing=Standing.NOT_STORED,
    )


def check_place(path: Path) -> None:
    """Raise ``ReportFailed`` when no file can be put there, before any work is done for it.

    The folder is tried for real: rights alone do not tell of a full or read-only disk.
    """
    if is_folder(path):
        raise ReportFailed(f"“{path.name}” is a folder; please name a file in it.")
    if not is_folder(path.parent):
        raise ReportFailed(f"The folder of “{path.name}” cannot be written to.")
    if not _fits(path):
        raise ReportFailed(f"“{path.name[:40]}” cannot be the name of a file here.")
    handle, probe = _temporary(path)
    os.close(handle)
    Path(probe).unlink(missing_ok=True)


def _fits(path: Path) -> bool:
    """Whether the name is a file's, or free and one that the system accepts."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def _temporary(path: Path) -> tuple[int, str]:
    """A new file beside ``path``; raises ``ReportFailed``."""
    try:
        return tempfile.mkstemp(prefix=".clinic-app-", dir=path.parent)
    except OSError as error:
        raise ReportFailed(f"The folder of “{path.name}” cannot be written to.") from error


def is_folder(path: Path) -> bool:
    """Also for a path that the system does not accept."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def save_file(content: bytes, path: Path) -> None:
    """Write a file whole or not at all; raises ``ReportFailed`` with a clear sentence."""
    check_place(path)
    handle, temporary = _temporary(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException as error:  # also an interruption leaves no half file behind
        Path(temporary).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise ReportFailed(
            f"“{path.name}” could not be saved; the disk may be full or the file in use."
        ) from error

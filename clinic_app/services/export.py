"""A person's own records in files: FHIR, the reports as PDF, the kept images, the access log.

The files leave the protection of the encrypted store, so the export asks for the password again,
for one of a few reasons, and for the word that whoever asks has understood that.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app import __version__
from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import ClinicError, InvalidInput
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.schedule import to_local
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.export_place import check_place, write_whole
from clinic_app.services.fhir.bundle import subject_bundle
from clinic_app.services.fhir.care import ExportedFile
from clinic_app.services.fhir.screenings import CAVEAT
from clinic_app.services.record_pictures import leaving
from clinic_app.services.session import Desk
from clinic_app.services.spreadsheet import as_text
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.subject import SubjectRecord, gather
from clinic_app.services.translations import ENGLISH, check_language

WARNING = (
    "These files are not encrypted: whoever has them can read everything in them. Hand them over in"
    " person or through a protected channel, and delete your copy afterwards."
)


class ExportReason(StrEnum):
    """Why somebody's records leave the store; no free text, for the audit trail keeps it."""

    PERSON_ASKED = "person_asked"
    CARE_ELSEWHERE = "care_elsewhere"
    LEGAL_DUTY = "legal_duty"


class ExportStopped(ClinicError):
    """Somebody stopped the export; nothing was left behind."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export would hold, to be shown before it is confirmed."""

    screenings: int
    images: int
    notes: int
    appointments: int
    access_entries: int
    warning: str = WARNING


@dataclass(frozen=True, slots=True)
class ExportResult:
    """``files`` are the names in the export, ``sha256`` that of its list of files."""

    path: Path
    files: tuple[str, ...]
    size: int
    sha256: str


class ExportService:
    """``render`` makes the PDF of a screening in a language."""

    def __init__(self, desk: Desk, render: Callable[[UUID, str], bytes]) -> None:
        self._desk = desk
        self._render = render

    def plan(self, patient_id: UUID) -> ExportPlan:
        """Raises ``NotFound``; the reading is audited."""
        user = self._desk.allow(Action.EXPORT_PATIENT, patient_id)
        with self._desk.unit_of_work() as work:
            record = gather(work, patient_id, user.id)
            images = sum(1 for _ in _images(work, record))
            work.audit.record(AuditKind.READ, user.id, "export", patient_id)
            work.commit()
        return ExportPlan(
            len(record.screenings),
            images,
            len(record.notes),
            len(record.appointments),
            len(record.access_log),
        )

    def write(
        self,
        patient_id: UUID,
        place: Path,
        reason: ExportReason,
        password: str,
        *,
        accepts_unprotected: bool,
        progress: Progress = unheard,
        stop: Stop = never,
        language: str = ENGLISH,
    ) -> ExportResult:
        """Write the export to ``place``: one ZIP when its name ends so, else a new folder.

        ``password`` is asked for again; ``accepts_unprotected`` says that ``WARNING`` was read and
        accepted; ``language`` is that of the reports. Raises ``InvalidInput``, ``WrongPassword``,
        ``NotFound``, ``ExportFailed``, ``ExportStopped``, ``StoreFull``; then nothing is left at
        ``place``.
        """
        user = self._desk.allow(Action.EXPORT_PATIENT, patient_id)
        if not accepts_unprotected:
            raise InvalidInput("accepts_unprotected", WARNING)
        check_language(language)
        check_place(place)
        self._desk.reauthenticate(password)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            # Audited first: the export must not be able to happen unheard of.
            work.audit.record(AuditKind.EXPORTED, user.id, "patient", patient_id, reason.value)
            work.commit()
            record = gather(work, patient_id, user.id)
            images = list(_images(work, record))
        files = [*self._reports(record, language, progress, stop), *images]
        contents = {
            "fhir/bundle.json": _json(subject_bundle(record, files, now)),
            "records.json": _json(_records(record)),
            "access-log.csv": _access_log(record),
            **{file.name: file.content for file in files},
        }
        contents["README.txt"] = _readme(record, contents, now)
        listed = {name: hashlib.sha256(one).hexdigest() for name, one in sorted(contents.items())}
        contents["files.json"] = _json(
            {"made_at": now.astimezone(UTC).isoformat(), "sha256": listed}
        )
        write_whole(place, dict(sorted(contents.items())), now, self._desk.unit_of_work)
        progress(1.0)
        size = sum(map(len, contents.values()))
        digest = hashlib.sha256(contents["files.json"]).hexdigest()
        return ExportResult(place, tuple(sorted(contents)), size, digest)

    def _reports(
        self, record: SubjectRecord, language: str, progress: Progress, stop: Stop
    ) -> Iterator[ExportedFile]:
        for number, screening in enumerate(record.screenings, 1):
            if stop():
                raise ExportStopped("The export was stopped; nothing was left behind.")
            day = to_local(screening.finished_at, record.clinic.time_zone)  # as it stands on paper
            name = f"reports/screening-{day:%Y-%m-%d}-{screening.id}.pdf"
            yield ExportedFile(
                name,
                "application/pdf",
                "Screening report",
                screening.id,
                screening.finished_at,
                self._render(screening.id, language),
            )
            progress(0.9 * number / len(record.screenings))


def _images(work: UnitOfWork, record: SubjectRecord) -> Iterator[ExportedFile]:
    for screening in record.screenings:
        kept = work.images.get(screening.id) if screening.images_kept else None
        if kept is None:
            continue
        for title, name, content in (
            ("Face as taken", "face", kept.face_png),
            ("Face evened out", "normalised", kept.normalised_png),
        ):
            path = f"images/{screening.id}-{name}.png"
            yield ExportedFile(
                path, "image/png", title, screening.id, screening.finished_at, leaving(content)
            )


def _records(record: SubjectRecord) -> dict[str, Any]:
    """All records as they are stored, for what FHIR has no place for."""
    left_out = {"clinic", "staff", "access_log"}
    named = {one.name: getattr(record, one.name) for one in fields(record)}
    return {name: to_plain(value) for name, value in named.items() if name not in left_out}


def _access_log(record: SubjectRecord) -> bytes:
    """Who did what with these records, oldest first; a spreadsheet opens it as text only."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["number", "at", "action", "by", "subject", "subject id", "detail"])
    for entry in record.access_log:
        texts = (record.staff_name(entry.by), entry.subject, str(entry.subject_id or ""))
        at = entry.at.astimezone(UTC).isoformat()
        plain = (*texts, entry.detail)
        rows.writerow([entry.number, at, entry.kind.value, *map(as_text, plain)])
    return out.getvalue().encode("utf-8-sig")


def _readme(record: SubjectRecord, contents: Mapping[str, bytes], now: datetime) -> bytes:
    reports = sum(name.startswith("reports/") for name in contents)
    images = sum(name.startswith("images/") for name in contents)
    lines = [
        f"Records of {record.patient.display_name} ({record.patient.id})",
        f"kept by {record.clinic.name}, exported on {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        f"by clinic-app {__version__}",
        "",
        WARNING,
        "",
        "fhir/bundle.json  all records as HL7 FHIR R4B, for another clinic's system",
        "records.json      the same and the rest, as they are stored",
        f"reports/          {reports} screening reports (PDF)",
        f"images/           {images} face images that were kept with consent (PNG)",
        "access-log.csv    who looked at or changed these records, and when",
        "files.json        SHA-256 of every file",
        "",
        *_left_out(record),
        *_in_the_studio(record),
        CAVEAT,
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def _left_out(record: SubjectRecord) -> list[str]:
    """That unsigned notes of colleagues exist: the record is what was signed."""
    lines = [
        f"Left out, because not signed: {count} {'note' if count == 1 else 'notes'} by"
        f" {record.staff_name(author)}, thrown-away drafts counted too."
        for author, count in sorted(record.unsigned.items())
    ]
    return [*lines, ""] if lines else []


def _in_the_studio(record: SubjectRecord) -> list[str]:
    """That this workstation keeps altered pictures made from theirs, which records.json lists."""
    kept, begun = len(record.studio_pictures), len(record.begun_transfers)
    if not kept and not begun:
        return []
    return [
        "Kept in the style studio of this workstation, and listed in records.json without the"
        f" altered pictures: {kept} made from a picture of this person, {begun} unfinished.",
        "",
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"

"""`clinic-app screen`: the whole pipeline on pictures, videos and folders of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli import doors
from clinic_app.cli.files import expanded, is_folder
from clinic_app.cli.options import Json, Language, Store
from clinic_app.cli.output import OutputLost, ReaderGone, one_line, print_json, say, warn
from clinic_app.cli.words import MEANING, reading_lines
from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.ids import parse_id
from clinic_app.services.saving import check_place, save_file
from clinic_app.services.screen_json import finding_json
from clinic_app.services.translations import ENGLISH, check_language

if TYPE_CHECKING:
    from uuid import UUID

    from clinic_app.domain.screening import Draft
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.reading import FaceReader, Reading


def screen(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Pictures, videos, or folders of them.")
    ],
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="OUT.pdf",
            help="Also print one reading as a PDF: of the draft with --save, otherwise of a person"
            " who is not named, marked as not stored.",
        ),
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the reading in the patient's draft.")
    ] = False,
    patient: Annotated[
        str | None, typer.Option("--patient", metavar="ID", help="Whose draft, with --save.")
    ] = None,
    language: Language = ENGLISH,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Read visible depressive affect from pictures and videos.

    Without --save no store is touched. With --save the patient's consent to capture and analysis
    must be recorded, user and password are read from CLINIC_APP_USER and CLINIC_APP_PASSWORD, and
    the reading becomes part of the patient's draft. A picture without exactly one readable face
    gives "cannot tell"; a file that cannot be read is reported and the exit code is 1.
    """
    _check_usage(paths, report, save, patient)
    check_language(language)
    printed = None if report is None else _Printed(report, language)
    run = _Run(doors.face_reader(), as_json)
    try:
        if save:
            assert patient is not None
            _save(run, paths[0], parse_id(patient, "patient"), store, printed)
        else:
            for path, trouble in expanded(paths):
                run.read(path, trouble)
            if printed is not None and run.last is not None:
                _print_unstored(run.last, printed)
    except (OutputLost, ReaderGone):
        raise
    except Exception:
        run.print_rest()  # what was read already must not be lost with the rest
        raise
    run.close()


def _check_usage(paths: list[str], report: Path | None, save: bool, patient: str | None) -> None:
    single = len(paths) == 1 and not is_folder(paths[0])
    if save and patient is None:
        raise typer.BadParameter("--save needs --patient ID.")
    if patient is not None and not save:
        raise typer.BadParameter("--patient only goes with --save.")
    if save and not single:
        raise typer.BadParameter("--save takes exactly one picture or video.")
    if report is not None and not single:
        raise typer.BadParameter("--report takes exactly one picture or video.")
    if report is not None:
        check_place(report)


@dataclass(frozen=True)
class _Printed:
    """Where a reading is printed to, and in which language."""

    path: Path
    language: str


@dataclass
class _Run:
    """Results and troubles of one call, printed as they come or as one JSON array at the end."""

    reader: FaceReader
    as_json: bool
    results: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    last: Reading | None = None

    def read(self, path: str, trouble: str | None = None) -> Reading | None:
        """The reading of one file, or nothing and a noted trouble."""
        try:
            if trouble is not None:
                raise UnreadableImage(trouble)
            reading = self.reader.read_file(Path(path))
        except UnreadableImage as error:
            self.results.append({"path": path, "error": str(error)})
            self.troubles.append(f"{one_line(path)}: {error}")
            return None
        self.last = reading
        self.results.append(finding_json(path, reading.finding))
        if not self.as_json:
            say(one_line(path))
            for line in reading_lines(reading.finding):
                say(f"  {line}")
        return reading

    def print_rest(self) -> None:
        """Print what stays unprinted of the readings made so far, if there are any."""
        if self.as_json and self.results:
            print_json(self.results)
        elif self.last is not None:
            say(MEANING)

    def close(self) -> None:
        """Print what is left to print; exit code 1 when anything could not be read."""
        self.print_rest()
        if len(self.troubles) > 1:
            warn(
                f"{len(self.troubles)} of {len(self.results)} paths could not be read: "
                + " | ".join(self.troubles)
            )
        elif self.troubles:
            warn(self.troubles[0])
        if self.troubles:
            raise typer.Exit(1)


def _save(
    run: _Run, path: str, patient_id: UUID, store: Path | None, printed: _Printed | None
) -> None:
    """Read one file into the patient's draft; consent is checked before anything is analysed."""
    with doors.signed_in(store) as services:
        services.screenings.check_capture(patient_id)
        run.reader = services.face_reader  # the clinic's own choice of models and its look
        reading = run.read(path)
        if reading is None:
            return
        draft = services.screenings.start(patient_id)
        draft = services.screenings.attach(draft.id, reading, shown=True)
        run.results[-1]["saved"] = {"screening_id": str(draft.id), "patient_id": str(patient_id)}
        run.results[-1]["beside_estimate"] = beside = services.screenings.beside_estimate(draft.id)
        if not run.as_json:
            if beside:
                say(f"  {beside}")
            say(f"  Kept in the draft {draft.id}")
        if printed is not None:
            _print_draft(services, draft, printed)


def _print_draft(services: ClinicServices, draft: Draft, to: _Printed) -> None:
    save_file(services.reports.draft(draft.id, to.language, at_capture=True), to.path)


def _print_unstored(reading: Reading, to: _Printed) -> None:
    from clinic_app.services.reports import unstored_report

    made = unstored_report(reading.finding, reading.finding.captured_at)
    save_file(doors.report_renderer().screening(made, to.language), to.path)

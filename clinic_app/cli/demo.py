"""`clinic-app demo`: the whole path on a made-up clinic, without a window."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clinic_app.cli.display import end_at_once_when_interrupted
from clinic_app.cli.options import Json
from clinic_app.cli.output import print_json, say
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import ReportFailed
from clinic_app.domain.finding import Finding
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity, Draft
from clinic_app.paths import RESOURCES
from clinic_app.services.consent_texts import shown_in
from clinic_app.services.patients import NewPatient
from clinic_app.services.saving import save_file
from clinic_app.services.screen_json import finding_json
from clinic_app.services.translations import ENGLISH

if TYPE_CHECKING:
    from uuid import UUID

    from clinic_app.services.clinic_services import ClinicServices

SAMPLE = RESOURCES / "samples" / "astronaut.png"
_PERSON = NewPatient("Sample", "Portrait", date(1956, 11, 19), local_number="DEMO-PORTRAIT")
_PHQ9 = (1, 1, 2, 2, 1, 1, 1, 0, 0)
_GAD7 = (1, 2, 1, 1, 0, 1, 0)


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("out"),
    seed: Annotated[
        bool,
        typer.Option("--seed-clinic", help="Make a clinic of 300 made-up people instead."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Screen the sample photo in a made-up clinic; leave PDF, JSON and screenshots in a folder.

    With --seed-clinic: fill a clinic of three hundred made-up people over two years, to look around
    in. One that was cut short goes on where it stopped.
    """
    if seed:
        seed_demo_clinic(out, as_json=as_json)
        return
    raise typer.Exit(run_demo(out, as_json=as_json))


def seed_demo_clinic(out: Path, *, as_json: bool = False) -> None:
    """Make or complete the large demo clinic in a folder, and print how to get in."""
    from clinic_app.app import SEEDED_FOLDER, open_seeded

    tell = (lambda text: None) if as_json else say
    tell("Making three hundred people up (encrypted store)…")
    said = 0.0

    def progress(share: float) -> None:
        nonlocal said
        if share >= said + 0.2:
            said = share
            tell(f"  {share:.0%}")

    door, clinic = open_seeded(out, progress)
    try:
        screenings = len(clinic.services.screenings.newest(limit=5000))
        door.sign_out(clinic.services)
    finally:
        door.close()
    store = out / SEEDED_FOLDER
    if as_json:
        print_json(
            {
                "store": str(store),
                "user": clinic.user_name,
                "password": clinic.phrase,
                "patients": clinic.people,
                "screenings": screenings,
            }
        )
        return
    say(f"Patients:     {clinic.people}, with {screenings} screenings")
    say(f"Demo clinic:  {store}")
    say(f"Sign in as:   {clinic.user_name} with the password “{clinic.phrase}”")
    say(f"Window:       CLINIC_APP_STORE={store} clinic-app")


def run_demo(out: Path, *, as_json: bool = False) -> int:
    """Walk the whole path and print where its results are; the exit code."""
    end_at_once_when_interrupted()
    from clinic_app.app import DEMO_FOLDER, open_demo, open_front_door
    from clinic_app.ui.screenshots import desk_scenes, photograph, report_scenes, sign_in_scene
    from clinic_app.ui.shell.doors import Doors, Opened

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportFailed(f"The folder “{out.name}” cannot be made.") from error
    tell = (lambda text: None) if as_json else say
    tell("Opening the demo clinic (made-up people, encrypted store)…")
    door, clinic = open_demo(out)
    services = clinic.services
    try:
        tell("Reading the sample photo…")
        draft, finding = take_screening(services)
        tell("Taking pictures of the window…")
        opened = Opened(door, services)
        doors = Doors(lambda: open_front_door(out / DEMO_FOLDER), lambda: opened)
        scenes = (sign_in_scene(), *desk_scenes(opened, draft.patient_id, draft.id))
        pictures = photograph(doors, scenes, out)
        screening = services.screenings.finish(draft.id)
        pictures += photograph(doors, report_scenes(opened, screening.id), out)
        pdf, record = out / "screening.pdf", out / "screening.json"
        save_file(services.reports.screening(screening.id), pdf)
        text = json.dumps([finding_json(SAMPLE.name, finding)], indent=2)
        save_file(f"{text}\n".encode(), record)
        door.sign_out(services)
    finally:
        door.close()
    if as_json:
        print_json(
            {
                "screening_id": str(screening.id),
                "store": str(out / DEMO_FOLDER),
                "pdf": str(pdf),
                "json": str(record),
                "screenshots": [str(path) for path in pictures],
            }
        )
        return 0
    say(f"Report:       {pdf}")
    say(f"Reading:      {record}")
    for path in pictures:
        say(f"Screenshot:   {path}")
    say(f"Demo clinic:  {out / DEMO_FOLDER}")
    return 0


def take_screening(services: ClinicServices) -> tuple[Draft, Finding]:
    """One complete screening of the sample portrait, step by step as a counselor takes it."""
    patient_id = _patient(services)
    agreed = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)
    services.consents.record(patient_id, dict.fromkeys(agreed, True), shown=shown_in(ENGLISH))
    draft = services.screenings.start(patient_id)
    if draft.judgement is not None or draft.sheets:  # left by a demo that was cut short
        services.screenings.abandon(draft.id)
        draft = services.screenings.start(patient_id)
    services.screenings.attach(draft.id, services.face_reader.read_file(SAMPLE))
    for instrument, answers in ((InstrumentName.PHQ9, _PHQ9), (InstrumentName.GAD7, _GAD7)):
        services.screenings.record_questionnaire(
            patient_id, instrument, answers, AnsweredBy.PATIENT, difficulty=1
        )
    services.screenings.judge(draft.id, ClinicianSeverity.MILD, "Made-up judgement of the demo.")
    return draft, services.screenings.reveal(draft.id)


def _patient(services: ClinicServices) -> UUID:
    """The made-up person, registered once."""
    known = services.patients.search(_PERSON.local_number)
    return known[0].patient.id if known else services.patients.register(_PERSON).id

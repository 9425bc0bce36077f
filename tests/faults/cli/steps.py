"""One screening, step by step, in a program of its own: `python -m tests.faults.cli.steps FOLDER`.

After each step it prints the step's name and the draft's ID and waits for a line on standard input,
so that a test can kill it between any two steps, or let it run on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from clinic_app.db.vault import FolderVault
from clinic_app.domain.cautions import Caution
from clinic_app.domain.consent import Purpose
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.patients import NewPatient
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.reading import FakeFaceReader, FakeModelShelf, reading
from tests.fakes.reports import FakeRenderer
from tests.integration.cli.clinic import QUICK_ROUNDS

PHQ9 = InstrumentName.PHQ9
STEPS = (
    "signed_in",
    "registered",
    "started",
    "cautions",
    "picture",
    "first_answer",
    "item_nine",
    "taken_back",
    "handed_in",
    "judged",
    "revealed",
    "assessed",
    "finished",
)


def sign_in(folder: Path) -> ClinicServices:
    door = FrontDoor(
        FolderVault(folder, rounds=QUICK_ROUNDS),
        FakeFaceReader(),
        FakeModelShelf(),
        FakeRenderer(),
    )
    return door.sign_in(USER, PASSWORD)


def take(services: ClinicServices) -> Iterator[str]:
    """Every step in the order of `STEPS`; yields the draft's ID once there is one."""
    take, agreed = services.screenings, (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)
    yield ""
    patient = services.patients.register(NewPatient("Okafor", "Chidi", date(1990, 5, 17)))
    services.consents.record(patient.id, dict.fromkeys(agreed, True))
    yield ""
    draft = take.start(patient.id).id
    steps: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: take.set_cautions(draft, (Caution.PALSY,)),
        lambda: take.attach(draft, reading()),
        lambda: take.answer(draft, PHQ9, 0, 2, AnsweredBy.PATIENT),
        lambda: take.answer(draft, PHQ9, 8, 2, AnsweredBy.PATIENT),
        lambda: take.answer(draft, PHQ9, 8, 0, AnsweredBy.PATIENT),
        lambda: take.complete(draft, PHQ9),
        lambda: take.judge(draft, ClinicianSeverity.MILD),
        lambda: take.reveal(draft),
        lambda: services.safety.assess(
            services.safety.unfinished()[0].flow.id,
            SafetyAssessment("a", "b", "c", "d", datetime(2099, 12, 1, tzinfo=UTC)),
        ),
        lambda: take.finish(draft),
    )
    for step in steps:
        step()
        yield str(draft)


def main() -> None:
    for name, draft in zip(STEPS, take(sign_in(Path(sys.argv[1]))), strict=True):
        sys.stdout.write(f"{name} {draft}\n")
        sys.stdout.flush()
        if not sys.stdin.readline():
            return


if __name__ == "__main__":
    main()

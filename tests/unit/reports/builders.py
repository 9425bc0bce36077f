"""Report data for tests: one full report, and the changes that make the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from uuid import UUID

from PIL import Image

from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import (
    AbstainReason,
    ActivationMap,
    Asymmetry,
    Band,
    FaceImages,
    Finding,
    FrameStatistics,
    Quality,
    QualityReason,
    SeverityReading,
    SourceKind,
    three_level,
)
from clinic_app.domain.notes import Note
from clinic_app.domain.people import (
    ClinicProfile,
    CrisisContact,
    DeploymentContext,
    Patient,
    SexAtBirth,
)
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Response
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.safety import (
    SafetyAssessment,
    SafetyEvent,
    SafetyEventKind,
    SafetyFlow,
    SafetyTrigger,
    fold_flow,
)
from clinic_app.domain.screening import ClinicianSeverity, Judgement, Screening
from clinic_app.paths import RESOURCES
from clinic_app.services.report_data import ReviewLine, ScreeningReport, SignedNote

START = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
COUNSELOR = UUID("0195789a-0000-7000-8000-00000000c0de")
DOCTOR = UUID("0195789a-0000-7000-8000-00000000d0c7")
PATIENT = UUID("0195789a-3c21-7b52-9d4e-5a6f7b8c9d01")
SCREENING = UUID("019578a1-77e0-7c3a-8f21-2b3c4d5e6f70")
PHQ9_ANSWERS = (2, 2, 1, 3, 1, 2, 1, 0, 0)
GAD7_ANSWERS = (2, 1, 2, 1, 1, 0, 1)


def clinic(**changes: object) -> ClinicProfile:
    profile = ClinicProfile(
        id=UUID(int=1),
        name="Riverside Counselling Centre",
        crisis_contacts=(
            CrisisContact("Crisis line", "0800 111 0 111", "day and night"),
            CrisisContact("Emergency services", "112"),
        ),
        deployment_context=DeploymentContext.CLINIC,
        address="14 Mill Lane, Northbridge NB2 4QT",
        phone="+44 20 7946 0991",
    )
    return replace(profile, **changes)  # type: ignore[arg-type]


def patient(**changes: object) -> Patient:
    person = Patient(
        id=PATIENT,
        family_name="Okafor",
        given_name="Miriam",
        birth_date=date(1987, 6, 2),
        sex=SexAtBirth.FEMALE,
        local_number="R-20418",
    )
    return replace(person, **changes)  # type: ignore[arg-type]


def response(
    name: InstrumentName, answers: tuple[int | None, ...], difficulty: int | None = 2
) -> Response:
    at = START + timedelta(minutes=9)
    return Response(name, answers, AnsweredBy.PATIENT, at, difficulty)


def reading(percent: float = 41.0) -> SeverityReading:
    return SeverityReading(
        Band.MODERATE, (0.14, 0.24, 0.47, 0.15), percent, (31.0, 58.0), 0.9, 0.44
    )


def finding(**changes: object) -> Finding:
    grid = [max(0.0, 1.0 - ((x - 3) ** 2 + (y - 2) ** 2) / 12) for y in range(7) for x in range(7)]
    whole = Finding(
        source=SourceKind.WEBCAM,
        source_sha256="ab" * 32,
        captured_at=START + timedelta(minutes=3),
        quality=Quality(True, (), {"sharpness": 0.82}),
        severity=reading(),
        raw=reading(43.0),
        normalised=reading(),
        three_level=three_level(0.38),
        emotions={"neutral": 0.4, "sadness": 0.44},
        asymmetry=Asymmetry(2.6, -0.4, 1.1, 0.9, 0.8, 0.7),
        activation_map=ActivationMap(7, 7, tuple(grid)),
        embedding=(0.1, 0.2),
        models={"severity": "1.0.0", "style": "1.0.0", "landmarks": "1.0.0", "yunet": "2023mar"},
        timings_ms={"face": 6.0},
        frames=FrameStatistics(10, 9, 41.5, 3.2),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def abstained(reason: AbstainReason = AbstainReason.QUALITY) -> Finding:
    return finding(
        quality=Quality(False, (QualityReason.TOO_DARK, QualityReason.BLURRED), {}),
        severity=None,
        raw=None,
        normalised=None,
        three_level=None,
        asymmetry=None,
        activation_map=None,
        abstained=reason,
        frames=FrameStatistics(10, 1, None, None),
    )


def screening(**changes: object) -> Screening:
    whole = Screening(
        id=SCREENING,
        patient_id=PATIENT,
        taken_by=COUNSELOR,
        started_at=START,
        finished_at=START + timedelta(minutes=24),
        responses=(
            response(InstrumentName.PHQ9, PHQ9_ANSWERS),
            response(InstrumentName.GAD7, GAD7_ANSWERS, None),
        ),
        judgement=Judgement(
            ClinicianSeverity.MODERATE,
            COUNSELOR,
            START + timedelta(minutes=14),
            "Slowed, tearful when speaking about work. Sleep is the main complaint.",
        ),
        finding=finding(),
        estimate_shown_at=START + timedelta(minutes=15),
        images_kept=True,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def earlier(days: int, answers: tuple[int | None, ...]) -> Screening:
    """A finished screening ``days`` before this one."""
    at = START - timedelta(days=days)
    return screening(
        id=UUID(int=1000 + days),
        started_at=at,
        finished_at=at + timedelta(minutes=20),
        responses=(
            replace(response(InstrumentName.PHQ9, answers), completed_at=at),
            replace(response(InstrumentName.GAD7, (2, 2, 2, 2, 1, 1, 1)), completed_at=at),
        ),
    )


def events(*kinds: SafetyEventKind, item_nine: int | None = 1) -> tuple[SafetyEvent, ...]:
    """A flow's events a minute apart, with full documentation where it was assessed."""
    assessment = SafetyAssessment(
        "Passive thoughts since two weeks, no plan, no intent, no earlier attempt.",
        "No access to firearms; the partner keeps the medicines.",
        "Partner (with consent), Dr. Lindqvist.",
        "Safety plan written together; daily contact until Friday.",
        START + timedelta(days=1),
    )
    return tuple(
        SafetyEvent(
            id=UUID(int=10 + index),
            flow_id=UUID(int=9),
            patient_id=PATIENT,
            screening_id=SCREENING,
            kind=kind,
            at=START + timedelta(minutes=10 + index),
            by=DOCTOR if kind is SafetyEventKind.ACKNOWLEDGED else COUNSELOR,
            trigger=SafetyTrigger.ITEM_NINE_POSITIVE if index == 0 else None,
            item_nine=item_nine if index == 0 else None,
            assessment=assessment if kind is SafetyEventKind.ASSESSED else None,
            handed_to="Dr. Lindqvist" if kind is SafetyEventKind.HANDED_OVER else "",
        )
        for index, kind in enumerate(kinds)
    )


def flow(*kinds: SafetyEventKind, item_nine: int | None = 1) -> SafetyFlow:
    return fold_flow(events(*kinds, item_nine=item_nine))


def note(text: str, number: int = 1, *, signed: bool = True) -> SignedNote:
    at = START + timedelta(minutes=20 + number)
    written = Note(
        id=UUID(int=50 + number),
        patient_id=PATIENT,
        author=COUNSELOR,
        written_at=at,
        text=text,
        signed_at=at + timedelta(minutes=1) if signed else None,
        signed_by=COUNSELOR if signed else None,
    )
    return SignedNote(written, "Jonas Weber")


@cache
def face_images() -> FaceImages:
    """The public-domain NASA portrait, cropped to the face."""
    with Image.open(RESOURCES / "samples" / "astronaut.png") as portrait:
        crop = portrait.convert("RGB").crop((150, 20, 300, 170)).resize((112, 112))
    png = BytesIO()
    crop.save(png, "PNG")
    return FaceImages(png.getvalue(), png.getvalue())


def consent(*, images: bool = False) -> dict[Purpose, bool]:
    return {
        Purpose.CAPTURE: True,
        Purpose.ANALYSIS: True,
        Purpose.KEEP_IMAGES: images,
        Purpose.TRAINING_REUSE: False,
    }


def report(**changes: object) -> ScreeningReport:
    """Both questionnaires, a judgement, an estimate, one note; no images, no safety flow."""
    whole = ScreeningReport(
        clinic=clinic(),
        patient=patient(),
        screening=screening(),
        taken_by="Jonas Weber",
        consent=consent(),
        safety=(),
        images=None,
        notes=(note("Agreed on weekly sessions. Sick leave discussed; GP informed."),),
        previous=(),
        program_version="0.1.0",
        audit_head="412:9f3c2b1a0d8e7f65",
        time_zone="Europe/London",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def full_report() -> ScreeningReport:
    """Everything there can be: item 9 positive and documented, images, earlier screenings."""
    answers = (2, 2, 1, 3, 1, 2, 1, 0, 1)
    taken = screening(
        responses=(
            response(InstrumentName.PHQ9, answers),
            response(InstrumentName.GAD7, GAD7_ANSWERS),
        )
    )
    return report(
        screening=taken,
        consent=consent(images=True),
        images=face_images(),
        safety=(
            flow(
                SafetyEventKind.OPENED,
                SafetyEventKind.HANDED_OVER,
                SafetyEventKind.ASSESSED,
                SafetyEventKind.ACKNOWLEDGED,
            ),
        ),
        staff={DOCTOR: "Dr. Lindqvist"},
        previous=(
            earlier(28, (2, 2, 2, 3, 2, 2, 1, 1, 1)),
            earlier(62, (3, 3, 2, 3, 2, 2, 2, 1, 1)),
            earlier(91, (2, 3, 2, 3, 2, 2, 2, 0, 0)),
        ),
        reviews=(
            ReviewLine(
                START + timedelta(days=1),
                "Dr. Lindqvist",
                ClinicianSeverity.SEVERE,
                Verdict.OVERRULE,
                "She smiled out of politeness; the interview says otherwise.",
            ),
        ),
    )

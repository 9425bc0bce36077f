"""Data of the reports over time and about the clinic, for tests: everything there can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.audit import AuditCheck, AuditEntry, AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.feedback import Agreement, IncidentCategory
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.notes import Note, NoteKind, NoteSection
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.safety import SafetyEventKind
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.sentence import Sentence
from clinic_app.services.audit_data import AuditRow
from clinic_app.services.feedback_analysis import FeedbackAnalysis, Group, Months
from clinic_app.services.report_data import (
    AppointmentLine,
    AuditReport,
    Author,
    CourseRow,
    EstimatePoint,
    FeedbackReport,
    InterventionLine,
    Measured,
    PersonReport,
    ReportKind,
    ReviewLine,
    SignedNote,
    TaskLine,
    WorklistLine,
    WorklistReport,
)
from clinic_app.services.sentiment import Tone
from clinic_app.services.themes import Theme
from tests.unit.reports import builders as made

AUTHOR = Author("Dr. Ingrid Lindqvist", "Consultant psychiatrist", "GMC 7012345")
ESTIMATES = (
    EstimatePoint(Band.MODERATE, 52.0, (38.0, 66.0)),
    EstimatePoint(abstained=AbstainReason.QUALITY),
    EstimatePoint(Band.MILD, 31.0, (18.0, 47.0)),
    None,
)


def measured(name: InstrumentName, total: int | None, **changes: object) -> Measured:
    instrument = INSTRUMENTS[name]
    whole = Measured(
        instrument=name,
        scale=instrument.title,
        total=total,
        maximum=instrument.maximum,
        band=None if total is None else instrument.band_of(total).label,
        prorated=False,
        version="en-1",
        language="en",
        item_nine=0 if name is InstrumentName.PHQ9 else None,
        difficulty=2,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def course(totals: tuple[tuple[int | None, int | None], ...], days: int = 28) -> list[CourseRow]:
    """Screenings ``days`` apart, the last one at the builders' start; (PHQ-9, GAD-7) each."""
    rows = []
    for place, (phq, gad) in enumerate(totals):
        at = made.START - timedelta(days=days * (len(totals) - 1 - place))
        review = ReviewLine(
            at + timedelta(hours=3), AUTHOR.name, ClinicianSeverity.MILD, Verdict.OVERRULE, "Tired."
        )
        rows.append(
            CourseRow(
                screening_id=UUID(int=5000 + place),
                at=at,
                taken_by="Jonas Weber",
                phq=measured(InstrumentName.PHQ9, phq),
                gad=measured(InstrumentName.GAD7, gad),
                own=ClinicianSeverity.MODERATE,
                flagged=place % 7 == 3,
                estimate=ESTIMATES[place % len(ESTIMATES)],
                reviews=(review,) if place % 2 else (),
            )
        )
    return rows


COURSE = tuple(course(((19, 14), (17, 15), (16, 12), (11, 11), (13, 9), (8, 7), (9, 6), (6, 6))))


def structured(kind: NoteKind, sections: tuple[tuple[str, str], ...], number: int) -> SignedNote:
    at = made.START + timedelta(minutes=number)
    note = Note(
        id=UUID(int=700 + number),
        patient_id=made.PATIENT,
        author=made.DOCTOR,
        written_at=at,
        text="",
        signed_at=at,
        signed_by=made.DOCTOR,
        kind=kind,
        sections=tuple(NoteSection(*section) for section in sections),
    )
    return SignedNote(note, AUTHOR.name)


PLAN = structured(
    NoteKind.SAFETY_PLAN,
    (
        ("What tells me that a difficult time is coming", "I stop answering messages."),
        ("What I can do on my own", "Walk to the harbour. Call my sister."),
    ),
    5,
)
LETTER = structured(
    NoteKind.REFERRAL,
    (
        ("To whom", "Dr. Anwar Siddiqui, Memory and Mood Clinic"),
        ("Reason for the referral", "Early waking and loss of appetite for four months."),
        ("What is asked for", "Assessment, and advice about medication."),
    ),
    8,
)


def person(kind: ReportKind = ReportKind.HISTORY, **changes: object) -> PersonReport:
    """Eight screenings, a closed safety flow, notes, a plan, a letter, appointments, tasks."""
    kinds = (SafetyEventKind.OPENED, SafetyEventKind.ASSESSED)
    whole = PersonReport(
        kind=kind,
        clinic=made.clinic(),
        patient=made.patient(phone="+44 7700 900123"),
        also=(),
        consent={**made.consent(), Purpose.SHARING: True},
        course=COURSE,
        safety=(made.flow(*kinds),),
        notes=(made.note("Agreed on weekly sessions."), PLAN, LETTER),
        interventions=(
            InterventionLine(date(2026, 1, 12), "Psychoeducation", "Sleep.", "Jonas Weber"),
            InterventionLine(date(2026, 2, 9), "Behavioural activation", "", "Jonas Weber"),
        ),
        appointments=(
            AppointmentLine(
                made.START - timedelta(days=7),
                50,
                AppointmentState.COMPLETED,
                "Jonas Weber",
                "Weekly session",
            ),
        ),
        next_appointment=AppointmentLine(
            made.START + timedelta(days=7), 50, AppointmentState.APPROVED, "Jonas Weber", ""
        ),
        tasks=(
            TaskLine(
                "Ask the GP about thyroid values", "Letter sent", date(2026, 3, 20), "Amina", True
            ),
        ),
        author=AUTHOR,
        at=made.START + timedelta(minutes=24),
        program_version="0.1.0",
        time_zone="Europe/London",
        audit_head="412:9f3c2b1a0d8e7f65",
        staff={made.COUNSELOR: "Jonas Weber", made.DOCTOR: AUTHOR.name},
        letter_headings=("To whom", "Reason for the referral", "What is asked for"),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def many_screenings(count: int = 200) -> tuple[CourseRow, ...]:
    """A long course that goes up and down over the whole of both scales."""
    totals = tuple(((place * 7) % 28, (place * 5) % 22) for place in range(count))
    return tuple(course(totals, days=5))


def worklist(count: int = 40, name: str = "Okafor, Miriam") -> WorklistReport:
    lines = tuple(
        WorklistLine(
            patient_id=UUID(int=800 + place),
            name=name,
            local_number=f"R-{20000 + place}",
            born=date(1987, 6, 2),
            heading=Sentence("By questionnaire"),
            reasons=(
                Sentence(
                    "PHQ-9: {total}, {band}",
                    {"total": 17, "band": Sentence("moderately severe")},
                ),
                Sentence("flagged by the clinician"),
            ),
            waiting_since=made.START - timedelta(days=place),
            last_screened_at=made.START - timedelta(days=place),
            phq9_total=17,
            gad7_total=None,
            flagged=place % 3 == 0,
        )
        for place in range(count)
    )
    return WorklistReport(
        clinic=made.clinic(),
        lines=lines,
        total=count + 3,
        narrowed=(),
        author=AUTHOR,
        at=made.START,
        program_version="0.1.0",
        time_zone="Europe/London",
    )


def audit(count: int = 80, *, intact: bool = True) -> AuditReport:
    rows = tuple(
        AuditRow(
            AuditEntry(
                number=place + 1,
                at=made.START + timedelta(seconds=place),
                kind=AuditKind.READ,
                by=made.DOCTOR,
                subject="patient",
                subject_id=made.PATIENT,
                detail="history" if place % 5 == 0 else "",
                mac=f"{place:064x}",
            ),
            AUTHOR.name,
        )
        for place in range(count)
    )
    return AuditReport(
        clinic=made.clinic(),
        rows=rows,
        check=AuditCheck(count, "ab" * 32, broken_at=None if intact else 12),
        selection=(Sentence("Everything done with the records of one patient"),),
        author=AUTHOR,
        at=made.START,
        program_version="0.1.0",
        patient_id=made.PATIENT,
    )


def feedback(**changes: object) -> FeedbackReport:
    """A year of ratings; one month, two ratings and one answer withheld."""
    months = tuple(
        Group(f"2025-{number:02d}", *((None, None) if number == 4 else (11 + number, 3.9)))
        for number in range(1, 13)
    )
    analysis = FeedbackAnalysis(
        months=Months("2025-01", "2025-12"),
        ratings=190,
        mean=3.8,
        distribution={1: None, 2: None, 3: 41, 4: 80, 5: 62},
        by_month=months,
        by_clinic=(Group("Riverside Counselling Centre", 150, 3.9), Group("Clinic 01957", 40, 3.4)),
        agreement={Agreement.AGREE: 70, Agreement.PARTLY: None, Agreement.DISAGREE: None},
        incidents={IncidentCategory.EQUIPMENT: 6, IncidentCategory.PRIVACY: 1},
        incidents_open=2,
        themes=(Theme("waiting room", 18), Theme("friendly", 9)),
        texts_read=61,
        tones={Tone.POSITIVE: 31, Tone.NEITHER: 18, Tone.NEGATIVE: 12},
        tone_reader="TextBlob 0.19.0",
        cut=True,
    )
    whole = FeedbackReport(
        clinic=made.clinic(),
        analysis=analysis,
        author=AUTHOR,
        at=datetime(2026, 1, 4, 9, 0, tzinfo=UTC),
        program_version="0.1.0",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]

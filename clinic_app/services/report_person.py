"""What the reports about one person over time say, gathered from the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from clinic_app import __version__
from clinic_app.domain.appointments import Appointment, AppointmentState
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import current_consent
from clinic_app.domain.errors import NotFound
from clinic_app.domain.finding import Finding
from clinic_app.domain.interventions import standing
from clinic_app.domain.local_head import base_of
from clinic_app.domain.notes import Note
from clinic_app.domain.people import StaffUser
from clinic_app.domain.questionnaires import ITEM_NINE, InstrumentName
from clinic_app.domain.reviews import Review
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import Screening
from clinic_app.services.notes import REFERRAL_HEADINGS
from clinic_app.services.report_data import (
    AppointmentLine,
    Author,
    CourseRow,
    EstimatePoint,
    InterventionLine,
    Measured,
    PersonReport,
    ReportKind,
    ReviewLine,
    SignedNote,
    TaskLine,
    printed_profile,
)
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.withholding import withheld

_EVERY = 100_000
"""Records of one kind: far more than one person has in a lifetime."""
_BOOKED = 500
_OVER = (AppointmentState.DENIED, AppointmentState.CANCELLED)


def author_of(user: StaffUser) -> Author:
    """Who is signed in, as it stands under a document."""
    return Author(user.display_name, user.title, user.registration_number)


def gather_person(
    work: UnitOfWork,
    patient_id: UUID,
    kind: ReportKind,
    user: StaffUser,
    now: datetime,
) -> PersonReport:
    """The whole person, merged duplicates included; raises ``NotFound``.

    What a doctor must judge first is withheld from the doctor. The version for the patient holds
    reviewed screenings alone, and nothing of the face.
    """
    work.patients.get(patient_id)
    own, *also = work.merges.identities(patient_id)
    names = {one.id: one.display_name for one in work.users.all()}
    plain = kind is ReportKind.PATIENT
    screenings = work.screenings.of_patient(own, _EVERY)[::-1]
    if plain:
        shown = work.reviews.reviewed([one.id for one in screenings])
        screenings = [one for one in screenings if one.id in shown]
    reviews = work.reviews.of_patient(own)
    hidden = withheld(screenings, reviews, user)
    course = tuple(_row(one, reviews, hidden, names, plain=plain) for one in screenings)
    written = work.notes.of_patient(own)
    notes = _signed(written, work.notes.signed_beside(written), names)
    safety = () if plain else tuple(work.safety.of_patient(own)[::-1])
    done = standing(tuple(work.interventions.of_patient(own)))[::-1]
    booked = work.appointments.of_patient(own, _BOOKED).rows[::-1]
    tasks = [] if plain else [one for one in work.tasks.of_patient(own) if not one.cancelled_at]
    patient, clinic = work.patients.get(own), work.clinic.get()
    acting = sorted({event.by for flow in safety for event in flow.events})
    return PersonReport(
        kind=kind,
        clinic=printed_profile(clinic),
        patient=patient,
        also=tuple(also),
        consent=current_consent(work.consents.of_patient(own)),
        course=course,
        safety=safety,
        notes=notes,
        interventions=tuple(
            InterventionLine(one.performed_on, one.kind, one.text, names.get(one.by, ""))
            for one in done
        ),
        appointments=tuple(_appointment(one, names) for one in booked),
        next_appointment=_next(booked, names, now),
        tasks=tuple(
            TaskLine(one.title, one.detail, one.due_on, names.get(one.owner or own, ""), one.open)
            for one in tasks
        ),
        author=author_of(user),
        at=max(
            (
                *_moments(course, notes, safety),
                *(one.recorded_at for one in done),
                *(one.changed_at for one in booked),
            ),
            default=patient.registered_at or now,
        ),
        program_version=__version__,
        time_zone=clinic.time_zone,
        audit_head=_witness(work, screenings),
        staff={one: names.get(one, "") for one in acting},
        letter_headings=REFERRAL_HEADINGS if kind is ReportKind.REFERRAL else (),
    )


def _moments(
    course: Iterable[CourseRow], notes: Iterable[SignedNote], safety: Iterable[SafetyFlow]
) -> Iterator[datetime]:
    """When what a report tells of has happened: its date is the newest, the same on every print."""
    for row in course:
        yield row.at
        yield from (review.at for review in row.reviews)
    yield from (one.note.signed_at for one in notes if one.note.signed_at)
    yield from (event.at for flow in safety for event in flow.events)


def _row(
    screening: Screening,
    reviews: Iterable[Review],
    hidden: frozenset[UUID],
    names: Mapping[UUID, str],
    *,
    plain: bool,
) -> CourseRow:
    judgement = screening.judgement
    own = [one for one in reviews if one.screening_id == screening.id]
    kept_back = screening.id in hidden
    return CourseRow(
        screening_id=screening.id,
        at=screening.finished_at,
        taken_by=names.get(screening.taken_by, ""),
        phq=_measured(screening, InstrumentName.PHQ9),
        gad=_measured(screening, InstrumentName.GAD7),
        own=judgement.severity if judgement is not None and not plain else None,
        flagged=judgement is not None and judgement.flagged and not plain,
        estimate=None if plain else _estimate(screening.finding, kept_back),
        reviews=() if plain or kept_back else review_lines(own, names),
    )


def review_lines(reviews: Iterable[Review], names: Mapping[UUID, str]) -> tuple[ReviewLine, ...]:
    """Those that are concluded, oldest first."""
    lines = [
        ReviewLine(
            one.concluded_at, names.get(one.reviewer, ""), one.own_severity, one.verdict, one.text
        )
        for one in reviews
        if one.concluded_at is not None and one.verdict is not None
    ]
    return tuple(sorted(lines, key=lambda one: one.at))


def _measured(screening: Screening, name: InstrumentName) -> Measured | None:
    response = screening.response(name)
    if response is None:
        return None
    score = response.score
    return Measured(
        instrument=name,
        scale=score.scale,
        total=score.total,
        maximum=score.maximum,
        band=score.band,
        prorated=score.prorated,
        version=response.version,
        language=response.language,
        item_nine=response.answers[ITEM_NINE] if name is InstrumentName.PHQ9 else None,
        difficulty=response.difficulty,
    )


def _estimate(finding: Finding | None, kept_back: bool) -> EstimatePoint | None:
    if finding is None:
        return None
    if kept_back:
        return EstimatePoint(withheld=True)
    reading = finding.severity
    if reading is None:
        return EstimatePoint(abstained=finding.abstained)
    return EstimatePoint(
        reading.band,
        reading.percent,
        reading.interval,
        reading.coverage,
        models=base_of(finding),
    )


def _signed(
    notes: Iterable[Note], beside: Mapping[UUID, Sequence[Note]], names: Mapping[UUID, str]
) -> tuple[SignedNote, ...]:
    """Signed notes, oldest first; drafts are nobody else's yet."""
    kept = [one for one in notes if one.signed_at is not None]
    kept.sort(key=lambda one: (one.signed_at or one.written_at, one.id))
    return tuple(signed_note(one, names, beside.get(one.id, ())) for one in kept)


def signed_note(note: Note, names: Mapping[UUID, str], beside: Sequence[Note] = ()) -> SignedNote:
    """With the names of who signed it and of who wrote the draft it began with, and the other texts
    of one that was signed twice."""
    drafted_by = names.get(note.origin.author, "") if note.origin else ""
    others = tuple(signed_note(one, names) for one in beside)
    return SignedNote(note, names.get(note.signed_by or note.author, ""), drafted_by, others)


def _appointment(one: Appointment, names: Mapping[UUID, str]) -> AppointmentLine:
    slot = one.slot
    clinician = slot.clinician_id if slot is not None else None
    return AppointmentLine(
        start=slot.start if slot is not None else None,
        minutes=slot.minutes if slot is not None else 0,
        state=one.state,
        clinician=names.get(clinician, "") if clinician is not None else "",
        reason=one.reason if one.state not in _OVER else one.state_text or one.reason,
    )


def _next(
    booked: Iterable[Appointment], names: Mapping[UUID, str], now: datetime
) -> AppointmentLine | None:
    """The first booked one that is still to come."""
    coming = (
        one for one in booked if one.holds_time and one.slot is not None and one.slot.start >= now
    )
    first = next(coming, None)
    return _appointment(first, names) if first is not None else None


def _witness(work: UnitOfWork, screenings: list[Screening]) -> str:
    """The audit entry that recorded the newest screening, the same on every print."""
    if not screenings:
        return ""
    entry = work.audit.entry_of(AuditKind.CREATED, "screening", screenings[-1].id)
    return f"{entry[0]}:{entry[1][:16]}" if entry else ""


def newest_screening(work: UnitOfWork, patient_id: UUID) -> UUID:
    """The newest finished screening of this person; raises ``NotFound``."""
    found = work.screenings.of_patient(patient_id, 1)
    if not found:
        raise NotFound("There is no finished screening of this patient yet.")
    return found[0].id

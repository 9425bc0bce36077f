"""Everything that the clinic keeps about one person, gathered for an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from clinic_app.domain.adjudication import Adjudication
from clinic_app.domain.appointments import Appointment
from clinic_app.domain.audit import AuditEntry
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.erasure import Erasure
from clinic_app.domain.feedback import Incident, ResultAgreement, ServiceRating
from clinic_app.domain.handovers import Handover
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.merges import MergeEvent
from clinic_app.domain.notes import Note
from clinic_app.domain.paging import every
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser
from clinic_app.domain.reviews import Review
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import Draft, Screening
from clinic_app.domain.studio import BegunTransfer, StudioPicture
from clinic_app.domain.tasks import Task
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.fhir.values import derived_id
from clinic_app.services.storage import UnitOfWork

_EVERY = 100_000
"""Records of one kind: far more than one person has in a lifetime."""

_AT_ONCE = 500

ABOUT_OTHERS = "(Left out: it was written about other people as well.)"


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """One person's records, newest first where the store lists them so.

    ``also`` are the records of merged duplicates. A draft whose estimate was not shown yet comes
    without it: nobody, the export included, sees an estimate before the own judgement. Ratings are
    those that were given by name. Of a handover about several people the words are left out.
    Unsigned notes are left out unless who reads this has written them; ``unsigned`` counts them. Of
    a note that was signed twice both texts are there. Of the style studio it is told what this
    workstation keeps of them there, without the altered pictures.
    """

    clinic: ClinicProfile
    patient: Patient
    also: tuple[Patient, ...]
    staff: Mapping[UUID, StaffUser]
    consents: tuple[ConsentEvent, ...]
    screenings: tuple[Screening, ...]
    drafts: tuple[Draft, ...]
    notes: tuple[Note, ...]
    unsigned: Mapping[UUID, int]
    safety: tuple[SafetyFlow, ...]
    appointments: tuple[Appointment, ...]
    tasks: tuple[Task, ...]
    interventions: tuple[Intervention, ...]
    reviews: tuple[Review, ...]
    issued: tuple[IssuedReport, ...]
    merges: tuple[MergeEvent, ...]
    erasures: tuple[Erasure, ...]
    ratings: tuple[ServiceRating, ...]
    agreements: tuple[ResultAgreement, ...]
    incidents: tuple[Incident, ...]
    handovers: tuple[Handover, ...]
    adjudications: tuple[Adjudication, ...]
    studio_pictures: tuple[StudioPicture, ...]
    begun_transfers: tuple[BegunTransfer, ...]
    access_log: tuple[AuditEntry, ...]

    def staff_name(self, user_id: UUID | None) -> str:
        user = self.staff.get(user_id) if user_id else None
        return user.display_name if user else ""


def gather(work: UnitOfWork, patient_id: UUID, reader: UUID) -> SubjectRecord:
    """What this reader may see and hand over. A merged duplicate stands for the person that it
    belongs to. Raises ``NotFound``."""
    own, *others = work.merges.identities(patient_id)
    identities = (own, *others)
    notes = work.notes.of_patient(own)
    hidden = Counter(one.author for one in notes if one.is_draft_of_another(reader))
    screenings = tuple(work.screenings.of_patient(own, _EVERY))
    drafts = (draft for draft in work.drafts.all() if draft.patient_id in identities)
    return SubjectRecord(
        clinic=work.clinic.get(),
        patient=work.patients.get(own),
        also=tuple(work.patients.get(one) for one in others),
        staff={user.id: user for user in work.users.all()},
        consents=tuple(work.consents.of_patient(own)),
        screenings=screenings,
        drafts=tuple(
            replace(draft, finding=None) if draft.hides_estimate else draft for draft in drafts
        ),
        notes=(
            *(one for one in notes if not one.is_draft_of_another(reader)),
            *_beside(work, notes),
        ),
        unsigned=hidden,
        safety=tuple(work.safety.of_patient(own)),
        appointments=_appointments(work, own),
        tasks=tuple(work.tasks.of_patient(own, _EVERY)),
        interventions=tuple(work.interventions.of_patient(own, _EVERY)),
        reviews=tuple(work.reviews.of_patient(own)),
        issued=tuple(work.issued.of_patient(own, _EVERY)),
        merges=tuple(work.merges.history(own)),
        erasures=tuple(work.erasures.of_patient(own)),
        ratings=tuple(
            one
            for one in every(lambda after: work.ratings.newest(_AT_ONCE, after))
            if one.patient_id in identities
        ),
        agreements=tuple(
            one for screening in screenings for one in work.agreements.of_screening(screening.id)
        ),
        incidents=tuple(
            one
            for one in every(lambda after: work.incidents.newest(_AT_ONCE, after))
            if one.patient_id in identities
        ),
        handovers=tuple(
            _without_others(one, identities)
            for one in every(lambda after: work.handovers.newest(_AT_ONCE, after))
            if not set(identities).isdisjoint(one.patient_ids)
        ),
        adjudications=tuple(
            one
            for screening in screenings
            if (one := work.adjudications.find(screening.id)) is not None
        ),
        studio_pictures=tuple(one for one in work.gallery.all() if one.patient_id in identities),
        begun_transfers=tuple(
            one for one in work.begun_transfers.all() if one.patient_id in identities
        ),
        access_log=tuple(_access_log(work, own)),
    )


def _beside(work: UnitOfWork, notes: Sequence[Note]) -> Iterator[Note]:
    """The other signed texts of notes, as records of their own: no two have one identifier."""
    for note_id, others in work.notes.signed_beside(notes).items():
        for number, one in enumerate(others, 1):
            yield replace(one, id=derived_id(note_id, f"signed {number}"))


def _appointments(work: UnitOfWork, patient_id: UUID) -> tuple[Appointment, ...]:
    with_time = every(lambda after: work.appointments.of_patient(patient_id, _AT_ONCE, after))
    waiting = every(
        lambda after: work.appointments.requested(_AT_ONCE, after, patient_id=patient_id)
    )
    closed = every(
        lambda after: work.appointments.closed_without_time(_AT_ONCE, after, patient_id=patient_id)
    )
    return tuple({one.id: one for one in (*with_time, *waiting, *closed)}.values())


def _without_others(one: Handover, identities: tuple[UUID, ...]) -> Handover:
    """What was written about several people is not told to one of them: only that it was."""
    others = tuple(patient for patient in one.patient_ids if patient not in identities)
    if not others:
        return one
    own = tuple(patient for patient in one.patient_ids if patient in identities)
    return replace(one, patient_ids=own, text=ABOUT_OTHERS, receipt="")


def _access_log(work: UnitOfWork, patient_id: UUID) -> Iterator[AuditEntry]:
    """Oldest first."""
    query, found = AuditQuery(patient_id=patient_id), list[AuditEntry]()
    while page := work.audit.search(query, _AT_ONCE):
        found += page
        query = replace(query, before=page[-1].number)
    return reversed(found)

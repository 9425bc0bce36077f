"""Steps of the clinic around the screening, for histories that are lived and rebuilt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from clinic_app.domain.appointments import AppointmentEvent, AppointmentEventKind
from clinic_app.domain.erasure import ErasureEvent, ErasureEventKind
from clinic_app.domain.feedback import (
    Agreement,
    DegreeOfHarm,
    IncidentCategory,
    IncidentEvent,
    IncidentEventKind,
    ResultAgreement,
    ServiceRating,
)
from clinic_app.domain.finding import Band
from clinic_app.domain.handovers import HandoverEvent, HandoverEventKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.reviews import ReviewEvent, ReviewEventKind, Verdict
from clinic_app.domain.schedule import Absence, Availability, Slot, availability_id
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.tasks import Task, cancelled, done
from clinic_app.domain.worklist import WorklistFilter, WorklistReason
from clinic_app.services.storage import UnitOfWork

CARE_STEPS = (
    "appointment",
    "appointment_step",
    "appointment_step",
    "hours",
    "absence",
    "task",
    "edit_task",
    "intervention",
    "review",
    "conclude",
    "handover",
    "receive",
    "rating",
    "agreement",
    "incident",
    "incident_step",
    "merge",
    "undo",
    "issue",
    "erasure",
    "decide_erasure",
)
DAY = date(2026, 3, 2)


def care_change(
    world: Any, name: str, number: int, words: str, patient: UUID, at: Any
) -> Callable[[UnitOfWork], Any] | None:
    """The change that a step means now; ``None`` when there is nothing to apply it to."""
    by, kept = world.by, world.told

    def known(kind: str) -> Any:
        own = [one for one in kept if one[0] == kind]
        return own[number % len(own)][1:] if own else None

    clinician = world.clinicians[number % 2]
    slot = Slot(at + timedelta(minutes=number % 90), "Europe/Berlin", 1 + number % 120, clinician)
    day = DAY + timedelta(days=number % 90)
    match name:
        case "appointment":
            kind = AppointmentEventKind.REQUESTED
            asked = AppointmentEvent(
                new_id(), new_id(), patient, kind, at, by, words, slot if number % 3 else None
            )
            kept.append(("appointment", asked.appointment_id, patient))
            return lambda work: work.appointments.add(asked)
        case "appointment_step" if about := known("appointment"):
            step_kind = list(AppointmentEventKind)[number % 7]
            moved = slot if number % 2 else None
            step = AppointmentEvent(new_id(), *about, step_kind, at, by, words, moved)
            return lambda work: work.appointments.add(step)
        case "hours":
            hours = Availability(availability_id(clinician), clinician, words)
            return lambda work: work.availability.put(hours)
        case "absence":
            away = Absence(new_id(), clinician, at, slot.end, by, words, bool(number % 2))
            return lambda work: work.absences.add(away)
        case "task":
            owner = clinician if number % 2 else None
            task = Task(new_id(), words, by, at, owner=owner, due_on=day if number % 3 else None)
            task = replace(task, patient_id=patient if number % 5 else None)
            kept.append(("task", task.id))
            return lambda work: work.tasks.add(task)
        case "edit_task" if found := known("task"):

            def edit(work: UnitOfWork) -> None:
                stored = work.tasks.get(found[0])
                after = replace(stored, title=words, due_on=day)
                if stored.open and number % 3:
                    after = (done if number % 2 else cancelled)(after, by, at)
                work.tasks.save(after)

            return edit
        case "intervention":
            made = Intervention(new_id(), patient, words, day, by, at, words)
            return lambda work: work.interventions.add(made)
        case "review" if world.screenings:
            screening_id = world.screenings[number % len(world.screenings)]
            severity = list(ClinicianSeverity)[number % 5]
            judged = ReviewEvent(
                new_id(), new_id(), screening_id, patient, ReviewEventKind.JUDGED, at, by, severity
            )
            kept.append(("review", judged.review_id, screening_id, patient))
            return lambda work: work.reviews.add(judged)
        case "conclude" if about := known("review"):
            who = by if number % 4 else clinician
            end = ReviewEvent(new_id(), *about, ReviewEventKind.CONCLUDED, at, who)
            band = Band(number % 4) if number % 5 else None
            verdict = list(Verdict)[number % 3]
            end = replace(end, verdict=verdict, text=words, model_version="1.0", estimate_band=band)
            return lambda work: work.reviews.add(end)
        case "handover":
            to = clinician if number % 3 else None
            kind_over = HandoverEventKind.HANDED_OVER
            over = HandoverEvent(new_id(), new_id(), kind_over, at, by, to, words, (patient,))
            kept.append(("handover", over.handover_id))
            return lambda work: work.handovers.add(over)
        case "receive" if about := known("handover"):
            taken = HandoverEvent(new_id(), *about, HandoverEventKind.RECEIVED, at, clinician)
            return lambda work: work.handovers.add(taken)
    return forms(world, name, number, words, patient, at)


def forms(
    world: Any, name: str, number: int, words: str, patient: UUID, at: Any
) -> Callable[[UnitOfWork], Any] | None:
    by, kept = world.by, world.told
    clinic_id = world.clinicians[number % 2]
    day = DAY + timedelta(days=number % 90)

    def known(kind: str) -> Any:
        own = [one for one in kept if one[0] == kind]
        return own[number % len(own)][1:] if own else None

    match name:
        case "rating":
            rating = ServiceRating(new_id(), clinic_id, 1 + number % 5, at, day, by, text=words)
            return lambda work: work.ratings.add(rating)
        case "agreement" if world.screenings:
            screening_id = world.screenings[number % len(world.screenings)]
            agreement = list(Agreement)[number % 3]
            said = ResultAgreement(
                new_id(), clinic_id, patient, screening_id, agreement, at, day, by, text=words
            )
            return lambda work: work.agreements.add(said)
        case "incident":
            opened = IncidentEvent(
                new_id(), new_id(), clinic_id, IncidentEventKind.OPENED, at, day, by, words
            )
            kept.append(("incident", opened.incident_id, clinic_id))
            return lambda work: work.incidents.add(opened)
        case "incident_step" if about := known("incident"):
            kind = list(IncidentEventKind)[number % 4]
            step = IncidentEvent(new_id(), *about, kind, at, day, by, words)
            category = list(IncidentCategory)[number % 6]
            step = replace(step, category=category, harm=list(DegreeOfHarm)[number % 5])
            return lambda work: work.incidents.add(step)
        case "merge":
            into = world.patients[number // 7 % len(world.patients)]
            merged = MergeEvent(new_id(), MergeEventKind.MERGED, patient, into, at, by, words)
            kept.append(("merge", patient, into))
            return lambda work: work.merges.add(merged)
        case "undo" if about := known("merge"):
            undone = MergeEvent(new_id(), MergeEventKind.UNDONE, *about, at, by, words)
            return lambda work: work.merges.add(undone)
        case "issue":
            digest = f"{number % 2**32:08x}" * 8
            issued = IssuedReport(new_id(), "screening", digest, at, by, patient)
            kept.append(("issued", digest))
            return lambda work: work.issued.add(issued)
        case "erasure":
            asked = ErasureEvent(new_id(), new_id(), patient, ErasureEventKind.ASKED, at, by)
            kept.append(("erasure", asked.request_id, patient))
            return lambda work: work.erasures.add(asked)
        case "decide_erasure" if about := known("erasure"):
            decision = list(ErasureEventKind)[number % 3]
            decided = ErasureEvent(new_id(), *about, decision, at, by, words)
            return lambda work: work.erasures.add(decided)
    return None


FILTERS = (
    WorklistFilter(),
    WorklistFilter(reason=WorklistReason.SAFETY_OPEN),
    WorklistFilter(reason=WorklistReason.NOT_ASSESSED),
    WorklistFilter(reason=WorklistReason.QUESTIONNAIRE, unreviewed=True),
    WorklistFilter(flagged=True),
    WorklistFilter(lowest_rank=2),
    WorklistFilter(requested=True),
    WorklistFilter(overdue_on=DAY + timedelta(days=30)),
)


def pages(read: Callable[[Any], Any]) -> list[Any]:
    """All rows, page by page."""
    rows: list[Any] = []
    mark = None
    while True:
        page = read(mark)
        rows += page.rows
        if page.next is None:
            return rows
        mark = page.next


def care_seen(work: UnitOfWork, world: Any) -> list[Any]:
    """Everything that the services can read of the clinic around the screening."""
    start, end = world.span
    every: list[Any] = [
        work.appointments.between(start, end),
        work.absences.between(start, end),
        work.availability.all(),
        work.tasks.open(),
        work.tasks.open(due_before=DAY + timedelta(days=30)),
        work.merges.state(),
        work.reviews.agreement(),
        work.reviews.unfinished(world.by),
        work.reviews.reviewed(world.screenings),
        work.ratings.by_month("2026-03", "2026-04"),
        work.agreements.by_month(),
        work.incidents.by_month(),
        pages(lambda mark: work.appointments.requested(3, mark)),
        pages(lambda mark: work.ratings.with_text(3, mark)),
        pages(lambda mark: work.agreements.newest(3, mark)),
        pages(lambda mark: work.incidents.newest(3, mark, open_only=True)),
        pages(lambda mark: work.incidents.newest(3, mark)),
        pages(lambda mark: work.handovers.newest(3, mark)),
        pages(lambda mark: work.erasures.newest(3, mark)),
        work.notes.unsigned(world.by),
        work.worklist.of_patients(world.patients),
    ]
    for wanted in FILTERS:
        every.append(work.worklist.count(wanted))
        every.append(pages(lambda mark, wanted=wanted: work.worklist.page(wanted, 20, mark)))
    for clinician in world.clinicians:
        every += [
            work.appointments.between(start, end, clinician_id=clinician),
            work.handovers.open_for(clinician),
            work.tasks.open(owner=clinician),
            work.availability.of_clinician(clinician),
        ]
    for patient_id in world.patients:
        every += [
            pages(lambda mark, own=patient_id: work.appointments.of_patient(own, 3, mark)),
            work.tasks.of_patient(patient_id),
            work.interventions.of_patient(patient_id),
            work.reviews.of_patient(patient_id),
            work.merges.identities(patient_id),
            work.issued.of_patient(patient_id),
            work.erasures.of_patient(patient_id),
            work.worklist.of_patient(patient_id),
        ]
    every += [
        work.issued.with_hash(digest[:12]) for kind, digest, *_ in world.told if kind == "issued"
    ]
    return every

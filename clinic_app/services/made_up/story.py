"""One made-up person's two years, step by step as staff would have taken them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.finding import Band
from clinic_app.domain.notes import Note, NoteKind, NoteSection
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.consent_texts import shown_in
from clinic_app.services.made_up import texts
from clinic_app.services.made_up.plan import DOCTORS, VISIT_MINUTES, Person, Visit
from clinic_app.services.made_up.staff import Staff
from clinic_app.services.past import Past
from clinic_app.services.reading import Reading
from clinic_app.services.tasks import NewTask

Pictures = Callable[[int, datetime], Reading]
"""The reading of the sample portrait as changed for this number, taken at this moment."""

_BANDS = {
    ClinicianSeverity.NONE: Band.NONE,
    ClinicianSeverity.MILD: Band.MILD,
    ClinicianSeverity.MODERATE: Band.MODERATE,
    ClinicianSeverity.SEVERE: Band.SEVERE,
}
_REVIEWED = 0.5
_RECENT = timedelta(days=180)
"""Whoever came since then had an appointment; of those before, some did."""


class Story:
    """``last`` is when the plan ends: nothing is recorded after it."""

    def __init__(self, past: Past, staff: Staff, pictures: Pictures, last: datetime) -> None:
        self._past = past
        self._staff = staff
        self._pictures = pictures
        self._last = last
        self._chance = random.Random()

    def tell(self, person: Person) -> UUID:
        """Everything about one person; the ID of the record."""
        self._chance = random.Random(f"story {person.number}")
        first = self._at(person.registered_at, person.number % len(self._staff.clinicians))
        patient = first.patients.register(person.new).id
        adult = (person.registered_at.date() - person.new.birth_date).days >= 18 * 366
        answers = dict.fromkeys(Purpose, False) | dict.fromkeys(person.purposes, True)
        giver = GivenBy.PATIENT if adult else GivenBy.GUARDIAN
        shown = shown_in(person.language)
        first.consents.record(patient, answers, giver, shown=shown)
        for number, visit in enumerate(person.visits):
            self._visit(patient, 1000 * person.number + number, visit)
        self._missed(patient, person)
        if person.withdraws:
            moment = self._later(person.registered_at, 30)
            withdrawn = dict.fromkeys(person.purposes[:1], False)
            self._at(moment, 2).consents.record(
                patient, withdrawn, note="Said so on the telephone; the words were not read out."
            )
        if person.twin is not None:
            self._at(self._later(person.registered_at, 60), 3).patients.register(person.twin)
        if person.visits and self._chance.random() < 0.3:
            self._task(patient, person.visits[-1].start)
        return patient

    # --- a visit ----------------------------------------------------------------------------

    def _visit(self, patient: UUID, number: int, visit: Visit) -> None:
        clinician = self._staff.clinicians[visit.clinician]
        services = self._past.at(visit.start + timedelta(minutes=20), clinician)
        recent = self._last - visit.start < _RECENT
        booked = self._book(patient, visit) if recent or self._chance.random() < 0.15 else None
        screening = self._screen(services, patient, number, visit)
        if booked is not None:
            services.appointments.complete(booked)
        self._write(services, patient, screening)
        if visit.pictured or (visit.clinician >= DOCTORS and self._chance.random() < _REVIEWED):
            self._review(patient, screening, visit)

    def _book(self, patient: UUID, visit: Visit) -> UUID:
        clinician = self._staff.clinicians[visit.clinician].id
        reason = self._chance.choice(texts.APPOINTMENT_REASONS)
        new = NewAppointment(patient, reason, visit.start, VISIT_MINUTES, clinician)
        asked = self._at(visit.start - timedelta(days=self._chance.randrange(1, 7)), 4)
        return asked.appointments.book(new, anyway=True).id

    def _screen(
        self, services: ClinicServices, patient: UUID, number: int, visit: Visit
    ) -> Screening:
        take, chance = services.screenings, self._chance
        moment = visit.start + timedelta(minutes=20)
        by = AnsweredBy.READ_ALOUD if chance.random() < 0.15 else AnsweredBy.PATIENT
        difficulty = min(sum(value or 0 for value in visit.phq9) // 8, 3)
        if visit.pictured:
            take.attach(take.start(patient).id, self._pictures(number, moment))
        draft = take.record_questionnaire(patient, InstrumentName.PHQ9, visit.phq9, by, difficulty)
        if visit.gad7 is not None:
            take.record_questionnaire(patient, InstrumentName.GAD7, visit.gad7, by)
        self._keep_safe(services, draft.id, moment)
        severe = visit.judgement is ClinicianSeverity.SEVERE
        take.judge(draft.id, visit.judgement, chance.choice(texts.JUDGEMENT), flagged=severe)
        if visit.pictured:
            take.reveal(draft.id)
        return take.finish(draft.id)

    def _keep_safe(self, services: ClinicServices, draft_id: UUID, moment: datetime) -> None:
        flow = services.safety.of_screening(draft_id)
        if flow is None or not flow.blocks_finishing:
            return
        doctor = self._staff.clinicians[self._chance.randrange(DOCTORS)]
        if services.session.user.id != doctor.id and self._chance.random() < 0.3:
            services.safety.hand_over(flow.id, doctor.id)
            services.safety.acknowledge(flow.id, doctor.user_name, self._staff.phrase_of(doctor))
            return
        pick = self._chance.choice
        assessment = SafetyAssessment(
            pick(texts.ASSESSED),
            pick(texts.MEANS),
            pick(texts.TOLD),
            pick(texts.PLAN),
            moment + timedelta(days=2),
        )
        services.safety.assess(flow.id, assessment)

    # --- what is written --------------------------------------------------------------------

    def _write(self, services: ClinicServices, patient: UUID, screening: Screening) -> None:
        chance, kinds = self._chance, services.interventions.kinds()
        score = screening.responses[0].answers
        if (score[-1] or 0) >= 1:
            self._sign(services, patient, screening, NoteKind.SAFETY_PLAN)
        elif sum(value or 0 for value in score) >= 18 and chance.random() < 0.4:
            self._sign(services, patient, screening, NoteKind.REFERRAL)
        elif chance.random() < 0.5:
            note = self._sign(services, patient, screening, NoteKind.PROGRESS)
            if chance.random() < 0.15:
                later = self._later(screening.finished_at, 1)
                user = services.session.user
                notes = self._past.at(later, user).notes
                added = notes.add_to(note.id, chance.choice(texts.ADDENDA))
                notes.sign(added.id, self._staff.phrase_of(user))
        if chance.random() < 0.3:
            day = screening.finished_at.date()
            text = chance.choice(texts.INTERVENTION)
            services.interventions.add(
                patient, chance.choice(kinds), day, text, screening_id=screening.id
            )
            if chance.random() < 0.2:
                self._sign(services, patient, screening, NoteKind.INTERVENTION)

    def _sign(
        self, services: ClinicServices, patient: UUID, screening: Screening, kind: NoteKind
    ) -> Note:
        chance, sections = self._chance, tuple[NoteSection, ...]()
        text = chance.choice(
            texts.INTERVENTION if kind is NoteKind.INTERVENTION else texts.PROGRESS
        )
        parts = {NoteKind.SAFETY_PLAN: texts.SAFETY_PLAN, NoteKind.REFERRAL: texts.REFERRAL}
        if kind in parts:
            headings = services.notes.headings(kind)
            sections = tuple(map(NoteSection, headings, parts[kind]))
            text = ""
        note = services.notes.write(patient, text, kind, sections, screening_id=screening.id)
        return services.notes.sign(note.id, self._staff.phrase_of(services.session.user))

    def _review(self, patient: UUID, screening: Screening, visit: Visit) -> None:
        moment = self._later(screening.finished_at, self._chance.randrange(1, 9))
        doctor = self._past.at(moment, self._staff.clinicians[self._chance.randrange(DOCTORS)])
        severity = self._second_opinion(visit.judgement)
        review = doctor.reviews.judge(screening.id, severity)
        reading = screening.finding.severity if screening.finding is not None else None
        if reading is None:
            doctor.reviews.conclude(review.id, Verdict.NO_ESTIMATE)
        elif _BANDS[severity] is reading.band:
            doctor.reviews.reveal(review.id)
            doctor.reviews.conclude(review.id, Verdict.AGREE)
        else:
            doctor.reviews.reveal(review.id)
            why = self._chance.choice(texts.OVERRULED)
            doctor.reviews.conclude(review.id, Verdict.OVERRULE, why)
        if self._chance.random() < 0.2:
            said = self._chance.choice((Agreement.AGREE, Agreement.AGREE, *Agreement))
            self._at(self._later(moment, 3), 4).feedback.agree(
                patient, screening.id, said, self._chance.choice(texts.AGREEMENT)
            )

    def _second_opinion(self, first: ClinicianSeverity) -> ClinicianSeverity:
        """A doctor's own severity: as a rule the same, sometimes one step away."""
        steps = tuple(_BANDS)
        place = steps.index(first) + self._chance.choice((-1, 0, 0, 0, 0, 1))
        return steps[min(max(place, 0), len(steps) - 1)]

    # --- beside the visits ------------------------------------------------------------------

    def _missed(self, patient: UUID, person: Person) -> None:
        """Appointments that came to nothing: missed, cancelled, or refused; at odd times."""
        if self._chance.random() > 0.3:
            return
        start = self._later(person.registered_at, self._chance.randrange(8, 40))
        start = start.replace(hour=18, minute=self._chance.randrange(60), second=0)
        clinician = self._chance.randrange(len(self._staff.clinicians))
        asked = self._at(start - timedelta(days=4), clinician).appointments
        wanted = NewAppointment(patient, "Follow-up", start, VISIT_MINUTES)
        which = self._chance.randrange(3)
        if which == 0:
            asked.deny(asked.request(wanted).id, self._chance.choice(texts.DENIED))
            return
        made = asked.book(wanted, anyway=True)
        if which == 1:
            asked.cancel(made.id, self._chance.choice(texts.CANCELLED))
        elif start < self._last:
            self._at(start + timedelta(minutes=40), clinician).appointments.no_show(made.id)

    def _task(self, patient: UUID, visited: datetime) -> None:
        title, detail = self._chance.choice(texts.TASKS)
        who = self._chance.randrange(len(self._staff.clinicians))
        moment = self._later(visited, 1)
        due = (moment + timedelta(days=self._chance.randrange(2, 21))).date()
        tasks = self._at(moment, who).tasks
        owner = self._staff.clinicians[who].id
        task = tasks.add(NewTask(title, detail, owner, due, patient))
        old = (self._last - visited).days > 40
        if old or self._chance.random() < 0.3:
            self._at(self._later(moment, 6), who).tasks.finish(task.id)

    def _at(self, moment: datetime, who: int) -> ClinicServices:
        return self._past.at(moment, self._staff.clinicians[who])

    def _later(self, moment: datetime, days: int) -> datetime:
        """So many days on, but never after the plan ends."""
        return min(moment + timedelta(days=days), self._last - timedelta(minutes=30))

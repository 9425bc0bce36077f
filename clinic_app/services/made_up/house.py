"""What belongs to the whole made-up clinic: today, open work, feedback, merged records."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from clinic_app.domain.notes import NoteKind
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.schedule import Frequency, to_local, to_utc
from clinic_app.services.appointments import NewAppointment, Repeat
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.feedback import NewIncident
from clinic_app.services.made_up import texts
from clinic_app.services.made_up.plan import DAYS, DUPLICATES, PEOPLE, VISIT_MINUTES
from clinic_app.services.made_up.staff import Staff, open_doors
from clinic_app.services.past import Past
from clinic_app.services.tasks import NewTask

_MORNING = time(9)
_RATINGS = 240


@dataclass(frozen=True, slots=True)
class House:
    """``people`` are IDs in the order of the plan, ``twins`` those of second records with the
    first one's."""

    past: Past
    staff: Staff
    last: datetime
    people: Sequence[UUID]
    twins: Sequence[tuple[UUID, UUID]]

    def furnish(self) -> None:
        """All of it; once."""
        open_doors(self.past, self.staff, self.last - timedelta(days=30))
        self._today()
        self._coming()
        self._waiting()
        self._unfinished()
        self._open_work()
        self._feedback()
        self._merge()

    # --- appointments -----------------------------------------------------------------------

    def _today(self) -> None:
        """Ten appointments of today; who has come by now is seen, one person was not."""
        booked = self._at(self.last - timedelta(days=5), 2).appointments
        for number, patient in enumerate(self._some(20, 10)):
            start = self._clock(0, _MORNING, 45 * number)
            clinician = self.staff.clinicians[number % 3]
            made = booked.book(
                NewAppointment(patient, "Follow-up", start, VISIT_MINUTES, clinician.id),
                anyway=True,
            )
            if start + timedelta(hours=1) > self.last:
                continue
            services = self.past.at(start + timedelta(minutes=35), clinician).appointments
            _ = services.no_show(made.id) if number == 2 else services.complete(made.id)

    def _coming(self) -> None:
        """The next three weeks, some of it moved, and six weekly series."""
        booked = self._at(self.last - timedelta(days=3), 3).appointments
        for number, patient in enumerate(self._some(40, 60)):
            start = self._clock(1 + number // 4, _MORNING, 30 * (number % 4) * 2)
            clinician = self.staff.clinicians[number % len(self.staff.clinicians)].id
            new = NewAppointment(patient, "Follow-up", start, VISIT_MINUTES, clinician)
            made = booked.book(new, anyway=True)
            if number % 7 == 0:
                later = start + timedelta(minutes=30)
                booked.reschedule(made.id, later, text="The bus comes later.", anyway=True)
        for number, patient in enumerate(self._some(110, 6)):
            start = self._clock(3 + number % 5, time(14), 40 * (number // 5))
            clinician = self.staff.clinicians[number % len(self.staff.clinicians)].id
            new = NewAppointment(patient, "Group", start, VISIT_MINUTES, clinician)
            booked.book_series(new, Repeat(Frequency.WEEKLY, 6), anyway=True, leave_out_taken=True)

    def _waiting(self) -> None:
        """Requests without a decision, and the wait list."""
        for number, patient in enumerate(self._some(130, 18)):
            asked = self._at(self.last - timedelta(days=1 + number % 9), 4).appointments
            if number % 2:
                asked.request(NewAppointment(patient, "Earlier if possible", wait_list=True))
            else:
                start = self._clock(8 + number, time(15), 0)
                asked.request(NewAppointment(patient, "Follow-up", start, VISIT_MINUTES))

    # --- work that is open -------------------------------------------------------------------

    def _unfinished(self) -> None:
        """Drafts, three of them with safety steps that wait, one handed to a doctor."""
        for number, patient in enumerate(self._some(150, 7)):
            services = self._at(self.last - timedelta(hours=2 + 20 * number), number % 3 + 2)
            unsafe = number < 4
            answers = (2, 2, 1, 2, 1, 2, 1, 1, 1) if unsafe else (1, 2, 1, 1, 1, 0, 1, 0, 0)
            draft = services.screenings.record_questionnaire(
                patient, InstrumentName.PHQ9, answers, AnsweredBy.PATIENT, 1
            )
            flow = services.safety.of_screening(draft.id)
            if number == 3 and flow is not None:
                services.safety.hand_over(flow.id, self.staff.clinicians[0].id)
        for number, patient in enumerate(self._some(160, 6)):
            services = self._at(self.last - timedelta(days=number), number % 2)
            services.notes.write(patient, texts.PROGRESS[number], NoteKind.PROGRESS)

    def _open_work(self) -> None:
        head = self.past.at(self.last - timedelta(days=9), self.staff.head)
        for number, title in enumerate(texts.HOUSE_TASKS):
            due = (self.last + timedelta(days=3 * number - 4)).date()
            head.tasks.add(NewTask(title, owner=self.staff.head.id, due_on=due))
        for number in range(12):
            moment = self.last - timedelta(days=14 * (11 - number), hours=3)
            giver, taker = number % 4, self.staff.clinicians[(number + 1) % 4]
            people = self._some(170 + number, 2)
            to_user = self.staff.head.id if number == 11 else taker.id
            text = texts.HANDOVERS[number % len(texts.HANDOVERS)]
            made = self._at(moment, giver).handovers.give(text, to_user, people)
            if number < 10:
                later = self.past.at(moment + timedelta(hours=2), taker)
                later.handovers.receive(made.id, "Read." if number % 3 else "")

    # --- feedback and duplicates -------------------------------------------------------------

    def _feedback(self) -> None:
        chance = random.Random("feedback")
        for number in range(_RATINGS):
            moment = self.last - timedelta(days=chance.randrange(1, DAYS - 10))
            rating = chance.choices((5, 4, 3, 2, 1), (46, 30, 13, 7, 4))[0]
            text = chance.choice(texts.RATINGS[rating])
            self._at(moment, number % len(self.staff.clinicians)).feedback.rate(rating, text)
        for number, (category, harm, text, closed) in enumerate(texts.INCIDENTS):
            moment = self.last - timedelta(days=80 * (len(texts.INCIDENTS) - number) - 70)
            made = self._at(moment, number % 4).feedback.report_incident(
                NewIncident(text, category, harm)
            )
            later = min(moment + timedelta(days=5), self.last)
            doctor = self._at(later, 0).feedback
            doctor.note_incident(made.id, "Talked about in the team.")
            if closed:
                doctor.close_incident(made.id, closed)
            if number == 2:
                doctor.reopen_incident(made.id, "It happened once more.")

    def _merge(self) -> None:
        """Half of the second records are merged, one of them undone; the others are suggested."""
        head = self.past.at(self.last - timedelta(days=2), self.staff.head).merges
        for number, (twin, first) in enumerate(self.twins[: len(self.twins) // 2]):
            head.merge(twin, first, texts.MERGE_REASON)
            if number == 0:
                head.undo(twin, texts.UNDO_REASON)

    def _some(self, first: int, count: int) -> Sequence[UUID]:
        """These of three hundred; fewer, and at least four, in a smaller clinic."""
        share = (len(self.people) + DUPLICATES) / PEOPLE
        begins = round(first * share)
        return self.people[begins : begins + max(round(count * share), min(count, 4))]

    def _at(self, moment: datetime, who: int) -> ClinicServices:
        return self.past.at(moment, self.staff.clinicians[who])

    def _clock(self, days: int, begins: time, minutes: int) -> datetime:
        """A wall-clock time of the clinic, so many days after the last day of the plan."""
        zone = self._at(self.last, 0).appointments.zone()
        day = to_local(self.last, zone).date() + timedelta(days=days)
        return to_utc(datetime.combine(day, begins) + timedelta(minutes=minutes), zone)

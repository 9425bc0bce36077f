"""Fill a demo clinic with three hundred made-up people over two years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import ClinicError
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.demo import DEMO_PHRASE, DEMO_USER, demo_answers
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.made_up.house import House
from clinic_app.services.made_up.plan import PEOPLE, Person, last_moment, local_number, plan
from clinic_app.services.made_up.staff import hire
from clinic_app.services.made_up.story import Pictures, Story
from clinic_app.services.vault_storage import VaultState


class FillingStopped(ClinicError):
    """Somebody stopped it; what is there stays, and the next filling goes on with the rest."""


@dataclass(frozen=True, slots=True)
class MadeUpClinic:
    """Signed in as ``user_name``; ``people`` counts the records, duplicates included."""

    services: ClinicServices
    user_name: str
    phrase: str
    people: int


def seed_clinic(
    front_door: FrontDoor,
    pictures: Pictures,
    *,
    people: int = PEOPLE,
    now: Callable[[], datetime] = utc_now,
    progress: Progress = unheard,
    stop: Stop = never,
) -> MadeUpClinic:
    """Sign in to the clinic behind ``front_door``; made and filled the first time.

    Each person is kept whole or not at all, so a filling that was killed goes on with who is
    missing. The same seed gives the same people, days and answers; only identifiers differ. Raises
    ``FillingStopped``, what ``FrontDoor.sign_in`` raises, and ``WrongState`` for a real clinic.
    """
    if front_door.state() is VaultState.EMPTY:
        services = front_door.set_up(demo_answers()).services
    else:
        services = front_door.sign_in(DEMO_USER, DEMO_PHRASE)
    past = front_door.past(services)
    staff = hire(past, services.session.user, now())
    known = _known(services)
    first = services.patients.get(known[local_number(1)]) if local_number(1) in known else None
    last = last_moment(first.registered_at if first else None, now())
    story = Story(past, staff, pictures, last)
    records: list[UUID] = []
    named: list[Person] = []
    for person in plan(last, services.appointments.zone(), people):
        if stop():
            raise FillingStopped("Stopped. The demo clinic goes on from here the next time.")
        found = known.get(person.new.local_number)
        if found is None:
            with past.together():
                found = story.tell(person)
        records.append(found)
        named.append(person)
        progress(person.number / people)
    if not services.handovers.newest(1).rows:
        twins = _twins(services, named, records)
        with past.together():
            House(past, staff, last, records, twins).furnish()
    progress(1.0)
    count = len(services.patients.search("", limit=2 * PEOPLE))
    return MadeUpClinic(services, DEMO_USER, DEMO_PHRASE, count)


def _known(services: ClinicServices) -> dict[str, UUID]:
    rows = services.patients.search("", limit=2 * PEOPLE)
    return {row.patient.local_number: row.patient.id for row in rows}


def _twins(
    services: ClinicServices, named: list[Person], records: list[UUID]
) -> list[tuple[UUID, UUID]]:
    """Second records with the first ones they repeat."""
    found = []
    for person, first in zip(named, records, strict=True):
        if person.twin is not None:
            rows = services.patients.search(f"{person.twin.family_name} {person.twin.given_name}")
            found += [(row.patient.id, first) for row in rows if not row.patient.local_number]
    return found

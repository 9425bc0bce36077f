"""Every method of every service: what it asks for first, and who of the staff is let in."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_app.domain.access import Action, allows
from clinic_app.domain.errors import NotSignedIn
from clinic_app.domain.people import Role
from clinic_app.services.session import Session
from clinic_app.services.sign_in_term import WITH_A_PERSON
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.unit.services.calling import METHODS, refusals, refused
from tests.unit.services.who_may import BEHIND_LOCK, FIRST, FIRST_ASKED, HOLDER, OPEN, THEN_ASKED

STAFF = (Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR)


def test_every_method_is_written_down() -> None:
    assert set(METHODS) == set(FIRST) | OPEN
    assert set(FIRST).isdisjoint(OPEN)
    assert sum(map(len, FIRST_ASKED.values())) == len(FIRST)


@pytest.mark.parametrize("name", sorted(FIRST))
def test_a_method_asks_first_for_the_action_that_is_written_down(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = FakeClinic()
    patient = clinic.add_patient()
    asked: list[Action] = []
    for door in ("require", "require_behind_lock"):
        kept = getattr(Session, door)

        def noted(self: Session, action: Action, kept: Any = kept) -> Any:
            asked.append(action)
            return kept(self, action)

        monkeypatch.setattr(Session, door, noted)
    refused(clinic.services, name, patient.id)
    assert asked[0] is FIRST[name]
    assert name not in THEN_ASKED or THEN_ASKED[name] in asked


KEEPING = {"forms.keep", "notes.add_to", "notes.edit", "notes.write", "screenings.judge"}
"""What was typed may be kept until the window locks."""


@pytest.mark.parametrize("service", sorted({name.split(".")[0] for name in METHODS}))
def test_after_the_sign_in_has_ended_only_what_a_screening_takes_is_open(service: str) -> None:
    for name in (one for one in FIRST if one.startswith(f"{service}.")):
        open_still = BEHIND_LOCK | HOLDER | KEEPING
        patients_own = not allows(Role.ADMINISTRATOR, FIRST[name])
        if name in open_still or patients_own or FIRST[name] in WITH_A_PERSON:
            continue
        clinic = FakeClinic()
        patient = clinic.add_patient()
        clinic.up.advance(hours=12)
        with pytest.raises(NotSignedIn):
            refused(clinic.services, name, patient.id)


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("service", sorted({name.split(".")[0] for name in METHODS}))
def test_the_table_of_access_decides_for_every_role(role: Role, service: str) -> None:
    for name in (one for one in METHODS if one.startswith(f"{service}.")):
        clinic = FakeClinic()
        patient = clinic.add_patient()
        clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
        services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
        needed = [FIRST.get(name), THEN_ASKED.get(name)]
        let_in = all(allows(role, one) for one in needed if one) and name not in HOLDER
        before = refusals(clinic)
        mine = service == "availability"  # the own hours; somebody else's are another action
        about = services.session.user.id if mine else patient.id
        assert refused(services, name, about) is not let_in, name
        assert (refusals(clinic) > before) is not let_in, name


@pytest.mark.parametrize("service", sorted({name.split(".")[0] for name in METHODS}))
def test_behind_the_lock_every_door_is_shut(service: str) -> None:
    for name in (one for one in FIRST if one.startswith(f"{service}.")):
        if name in BEHIND_LOCK:
            continue
        clinic = FakeClinic()
        patient = clinic.add_patient()
        clinic.services.clinic.lock()
        with pytest.raises(NotSignedIn):
            refused(clinic.services, name, patient.id)

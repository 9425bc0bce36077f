"""The clinic's settings: cleaned, audited by name, guarded by the password."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import CrisisContact, Role
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.schedule import WeeklyHours
from clinic_app.domain.site import BandText, PasswordPolicy, ReliableChange, Retention
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic


def save(clinic: FakeClinic, **changes: Any) -> Any:
    wanted = replace(clinic.services.clinic.profile(), **changes)
    return clinic.services.clinic.save(wanted, PASSWORD)


def test_what_changed_is_audited_by_name_and_never_by_value(clinic: FakeClinic) -> None:
    after = save(
        clinic,
        name="  Quay   Clinic ",
        time_zone="Europe/Berlin",
        page_size="Letter",
        instruments=(InstrumentName.GAD7,),
        intervention_kinds=("Talk", " ", "Talk"),
    )
    assert (after.name, after.intervention_kinds) == ("Quay Clinic", ("Talk",))
    assert clinic.services.clinic.profile() == after
    detail = clinic.store.tables.audit[-1].detail
    assert detail == "name, page_size, time_zone, instruments, intervention_kinds"
    entries = len(clinic.store.tables.audit)
    save(clinic)
    assert len(clinic.store.tables.audit) == entries


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("crisis_contacts", ()),
        ("crisis_contacts", (CrisisContact("Night line", ""),)),
        ("idle_lock_minutes", 0),
        ("idle_lock_minutes", 61),
        ("appointment_minutes", 4),
        ("safety_escalation_minutes", 0),
        ("page_size", "A5"),
        ("time_zone", "Mars/Olympus"),
        ("opening_hours", (WeeklyHours(0, time(9), time(9)),)),
        ("password_policy", PasswordPolicy(8)),
        ("password_policy", PasswordPolicy(65)),
        ("reliable_change", ReliableChange(0, 4)),
        ("languages", ("Klingon!",)),
        ("intervention_kinds", ()),
        ("band_texts", (BandText(InstrumentName.PHQ9, "very bad", "x", "y"),)),
    ],
)
def test_settings_that_cannot_be_kept_are_refused(
    clinic: FakeClinic, field: str, value: Any
) -> None:
    before = clinic.services.clinic.profile()
    with pytest.raises(InvalidInput):
        save(clinic, **{field: value})
    assert clinic.services.clinic.profile() == before


def test_identity_demo_mark_and_retention_stay(clinic: FakeClinic) -> None:
    before = clinic.services.clinic.profile()
    save(
        clinic,
        id=new_id(),
        demo=True,
        retention=Retention(1, 1, 1),
        restore_drill_at=clinic.clock(),
    )
    assert clinic.services.clinic.profile() == before


def test_settings_need_the_password_and_the_right(clinic: FakeClinic) -> None:
    wanted = replace(clinic.services.clinic.profile(), name="Other")
    with pytest.raises(WrongPassword):
        clinic.services.clinic.save(wanted, "not the password")
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    with pytest.raises(AccessDenied):
        clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).clinic.save(wanted, COLLEAGUE_PASSWORD)


def test_what_came_from_elsewhere_while_a_form_lay_open_stays(clinic: FakeClinic) -> None:
    seen = clinic.services.clinic.profile()
    contacts = (CrisisContact("Night line", "0800 1", "at night"), *seen.crisis_contacts)
    with clinic.store.unit_of_work() as work:  # as a round brings it from another laptop
        work.clinic.save(replace(work.clinic.get(), crisis_contacts=contacts))
        work.commit()
    wanted = replace(seen, phone="0123")
    after = clinic.services.clinic.save(wanted, PASSWORD, over=seen)
    assert (after.phone, after.crisis_contacts) == ("0123", contacts)
    assert clinic.store.tables.audit[-1].detail == "phone"


def test_what_was_stored_in_another_form_than_today_s_is_no_change(clinic: FakeClinic) -> None:
    """An older program kept blanks that are taken away today: the form shows them as they are."""
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), address=" Hill Road 1 "))
        work.commit()
    seen = clinic.services.clinic.profile()
    with clinic.store.unit_of_work() as work:  # as a round brings it from another laptop
        work.clinic.save(replace(work.clinic.get(), address="Lake Road 2"))
        work.commit()
    after = clinic.services.clinic.save(replace(seen, phone="0123"), PASSWORD, over=seen)
    assert (after.phone, after.address) == ("0123", "Lake Road 2")

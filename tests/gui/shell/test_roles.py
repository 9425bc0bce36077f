"""What each role finds in the window: what the table allows, and nothing that is then refused."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from clinic_app.domain.access import Action, allows
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.people import Role
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.report.view import ReportScreen
from clinic_app.ui.shell.keymap import KEYS
from clinic_app.ui.shell.navigation import PLACES
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.gui.conftest import Driver

STAFF = (Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR)


def signed_in(driver: Driver, role: Role) -> FakeClinic:
    clinic = driver.clinic
    assert clinic is not None
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    driver.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    driver.until(lambda: driver.window.desk is not None)
    driver.settle()
    services = driver.window._services
    assert services is not None
    clinic.services = services
    return clinic


def refusals(clinic: FakeClinic) -> list[str]:
    return [entry.detail for entry in clinic.store.tables.audit if entry.kind is AuditKind.REFUSED]


@pytest.mark.parametrize("role", STAFF)
def test_a_role_is_offered_what_it_may_do_and_is_refused_nowhere(
    outside: Driver, role: Role
) -> None:
    clinic = signed_in(outside, role)
    desk = outside.desk
    patient = clinic.add_patient()
    for name, _words, _drawing, action, keys in PLACES:
        assert desk.navigation.offers(name) is allows(role, action), name
        before = desk.present
        desk.go_to(name)
        outside.settle()
        assert (desk.present is not before) or name == "today" or not allows(role, action), name
        assert any(keys in key.keys for key in KEYS), name
    desk.show_patient(patient.id)
    outside.settle()
    page = desk.present
    assert isinstance(page, PatientScreen)
    rights = {
        made.text(): made.isVisibleTo(page.rights) for made in page.rights.findChildren(QPushButton)
    }
    offered = [allows(role, one) for one in (Action.EXPORT_PATIENT, Action.ASK_ERASURE)]
    assert list(rights.values()) == offered
    desk.show_reports(patient.id)
    outside.settle()
    assert isinstance(desk.present, ReportScreen)
    assert refusals(clinic) == []


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR])
def test_no_key_and_no_call_leads_others_into_the_administration(
    outside: Driver, role: Role
) -> None:
    clinic = signed_in(outside, role)
    for key in KEYS:
        outside.window._press(key.name)
        outside.settle()
        sheet = outside.desk.sheet
        if sheet is not None:
            sheet.dismiss()
        assert not isinstance(outside.desk.present, AdminScreen)
        if outside.window.locked:
            break
    outside.desk.go_to("admin")
    outside.settle()
    assert not isinstance(outside.desk.present, AdminScreen)
    assert refusals(clinic) == []

"""Choosing a model set: administrators, with their password, audited; a refusal too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, ModelRejected, WrongPassword, WrongState
from clinic_app.domain.people import Role
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.model_sets import ModelSet, ModelSetService
from clinic_app.services.session import Desk
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic


class FakeSets:
    """Two sets, of which ``bad`` does not verify."""

    def __init__(self) -> None:
        new = ModelSet("new", (("severity", "2"),), shipped=True, active=True, kept=False)
        self.sets = [new, replace(new, name="old", shipped=False, active=False, kept=True)]

    def known(self) -> Sequence[ModelSet]:
        return tuple(self.sets)

    def card(self, name: str) -> str:
        return f"# {name}"

    def keep(self) -> str:
        return "new"

    def use(self, name: str) -> None:
        if name == "bad":
            raise ModelRejected("The file of the model was changed.")
        self.sets = [replace(one, active=one.name == name) for one in self.sets]


@pytest.fixture
def sets() -> FakeSets:
    return FakeSets()


def service_of(clinic: FakeClinic, sets: FakeSets | None) -> ModelSetService:
    desk = Desk(clinic.services.session, clinic.store.unit_of_work, clinic.clock)
    return ModelSetService(desk, sets)


def noted(clinic: FakeClinic) -> list[tuple[AuditKind, str]]:
    rows = clinic.services.audit.browse(AuditQuery(subjects=("models",))).rows
    return [(row.entry.kind, row.entry.detail) for row in rows]


def test_a_choice_asks_for_the_password_and_is_audited(clinic: FakeClinic, sets: FakeSets) -> None:
    service = service_of(clinic, sets)
    with pytest.raises(WrongPassword):
        service.use("old", "not this one at all")
    assert sets.known()[0].active
    service.use("old", PASSWORD)
    assert [one.name for one in service.known() if one.active] == ["old"]
    assert noted(clinic) == [(AuditKind.CHANGED, "set old")]


def test_a_set_that_does_not_verify_is_refused_and_that_is_audited(
    clinic: FakeClinic, sets: FakeSets
) -> None:
    with pytest.raises(ModelRejected):
        service_of(clinic, sets).use("bad", PASSWORD)
    assert sets.known()[0].active
    assert noted(clinic) == [(AuditKind.REFUSED, "set bad")]


def test_keeping_the_shipped_set_is_audited(clinic: FakeClinic, sets: FakeSets) -> None:
    assert service_of(clinic, sets).keep() == "new"
    assert noted(clinic) == [(AuditKind.CHANGED, "kept new")]


def test_only_administrators_choose_and_everybody_reads(clinic: FakeClinic, sets: FakeSets) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    service = service_of(clinic, sets)
    assert service.card("old") == "# old"
    for refused in (lambda: service.use("old", COLLEAGUE_PASSWORD), service.keep):
        with pytest.raises(AccessDenied):
            refused()
    assert sets.known()[0].active


def test_without_sets_there_is_nothing_to_choose(clinic: FakeClinic) -> None:
    service = service_of(clinic, None)
    assert service.known() == ()
    with pytest.raises(WrongState):
        service.use("old", PASSWORD)

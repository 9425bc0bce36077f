"""Choosing a model set: administrators, with their password, audited; a refusal too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    ModelRejected,
    NotFound,
    StoreFull,
    WrongPassword,
    WrongState,
)
from clinic_app.domain.model_choice import SHIPPED, ModelChoice
from clinic_app.domain.people import Role
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.model_sets import ModelSet, ModelSetService, follow_choice
from clinic_app.services.session import Desk
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic

OLD = ModelChoice("old", "ab" * 32)


class FakeSets:
    """Two sets, of which ``bad`` does not verify."""

    def __init__(self) -> None:
        new = ModelSet("new", (("severity", "2"),), shipped=True, active=True, kept=False)
        self.file: ModelChoice | None = None
        self.sets = [new, replace(new, name="old", shipped=False, active=False, kept=True)]

    def known(self) -> Sequence[ModelSet]:
        return tuple(self.sets)

    def card(self, name: str) -> str:
        return f"# {name}"

    def keep(self) -> str:
        return "new"

    def check(self, name: str) -> ModelChoice:
        if name == "bad":
            raise ModelRejected("The file of the model was changed.")
        if name == "?":
            raise NotFound("There is no model set of this name.")
        return SHIPPED if name == "new" else ModelChoice(name, "ab" * 32)

    def follow(self, choice: ModelChoice) -> None:
        chosen = choice.name or "new"
        self.sets = [replace(one, active=one.name == chosen) for one in self.sets]

    def left_in_file(self) -> ModelChoice | None:
        return self.file

    def forget_file(self) -> None:
        self.file = None


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
    with clinic.store.unit_of_work() as work:
        assert work.model_choice.get() == ModelChoice("old", "ab" * 32)


def test_a_choice_that_cannot_be_audited_is_not_made(
    clinic: FakeClinic, sets: FakeSets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFull("The disk is full.")

    service = service_of(clinic, sets)
    monkeypatch.setattr("tests.fakes.trail.Audit.record", full)
    with pytest.raises(StoreFull):
        service.use("old", PASSWORD)
    monkeypatch.undo()
    assert sets.known()[0].active
    with clinic.store.unit_of_work() as work:
        assert work.model_choice.get() is None


def test_the_choice_is_followed_once_the_store_is_open(clinic: FakeClinic, sets: FakeSets) -> None:
    service_of(clinic, sets).use("old", PASSWORD)
    sets.follow(SHIPPED)
    follow_choice(clinic.store, sets, clinic.services.session.user.id)
    assert [one.active for one in sets.known()] == [False, True]


def test_a_choice_in_a_file_is_taken_over_once_and_the_file_goes(
    clinic: FakeClinic, sets: FakeSets
) -> None:
    """As programs before this one left it."""
    by = clinic.services.session.user.id
    sets.file = OLD
    follow_choice(clinic.store, sets, by)
    assert (sets.known()[1].active, sets.file) == (True, None)
    assert noted(clinic) == [(AuditKind.CHANGED, "set old, taken over")]
    service_of(clinic, sets).use("new", PASSWORD)
    sets.file = OLD  # put there by somebody else since
    follow_choice(clinic.store, sets, by)
    assert (sets.known()[0].active, sets.file) == (True, None)


def test_a_file_that_is_put_there_later_is_never_taken_over(
    clinic: FakeClinic, sets: FakeSets
) -> None:
    """Though nobody has chosen a set: choosing one takes an administrator and the password."""
    by = clinic.services.session.user.id
    follow_choice(clinic.store, sets, by)
    sets.file = OLD
    follow_choice(clinic.store, sets, by)
    assert (sets.known()[0].active, sets.file) == (True, None)
    assert noted(clinic) == []


@pytest.mark.parametrize(
    "left", [ModelChoice("?", ""), ModelChoice("bad", "ab" * 32), replace(OLD, manifest_sha256="")]
)
def test_a_file_that_names_no_set_that_verifies_leaves_the_shipped_one_reading(
    clinic: FakeClinic, sets: FakeSets, left: ModelChoice
) -> None:
    by = clinic.services.session.user.id
    sets.file = left
    follow_choice(clinic.store, sets, by)
    assert (sets.known()[0].active, sets.file) == (True, None)
    assert noted(clinic) == [(AuditKind.REFUSED, f"set {left.name}, left in a file")]
    sets.file = OLD
    follow_choice(clinic.store, sets, by)
    assert sets.known()[0].active


def test_a_file_whose_choice_cannot_be_audited_is_not_followed(
    clinic: FakeClinic, sets: FakeSets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFull("The disk is full.")

    sets.file = OLD
    monkeypatch.setattr("tests.fakes.trail.Audit.record", full)
    follow_choice(clinic.store, sets, clinic.services.session.user.id)
    assert (sets.known()[0].active, sets.file) == (True, OLD)


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

"""How long images and drafts stay, and what a dry run tells."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.site import Retention
from clinic_app.services.retention import RetentionItem, RetentionKind
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.reading import reading

AGREED = (Purpose.CAPTURE, Purpose.ANALYSIS)


@pytest.mark.parametrize(
    ("days", "consent", "stays"),
    [(6, AGREED, True), (8, AGREED, False), (8, (*AGREED, Purpose.KEEP_IMAGES), True)],
)
def test_images_nobody_agreed_to_keep_go_at_the_first_sign_in_after_a_week(
    clinic: FakeClinic, days: int, consent: tuple[Purpose, ...], stays: bool
) -> None:
    draft = clinic.services.screenings.start(clinic.add_patient(consent=consent).id)
    clinic.services.screenings.attach(draft.id, reading())
    clinic.front_door.sign_out(clinic.services)
    clinic.clock.advance(days=days)
    clinic.sign_in()
    now = clinic.store.tables.drafts[draft.id]
    assert now.finding is not None
    assert now.has_images is stays
    assert (draft.id in clinic.store.tables.images) is stays
    kinds = [entry.kind for entry in clinic.store.tables.audit]
    assert (AuditKind.IMAGES_REMOVED in kinds) is not stays


def kept_screening(clinic: FakeClinic) -> UUID:
    """A finished screening whose images are kept."""
    patient = clinic.add_patient(consent=(*AGREED, Purpose.KEEP_IMAGES))
    take = clinic.services.screenings
    draft = take.start(patient.id).id
    take.attach(draft, reading())
    take.judge(draft, ClinicianSeverity.MILD)
    take.reveal(draft)
    take.finish(draft)
    return draft


def test_a_dry_run_tells_what_would_go_and_changes_nothing(clinic: FakeClinic) -> None:
    old = kept_screening(clinic)
    clinic.clock.advance(days=366)
    new = kept_screening(clinic)
    plan = clinic.services.retention.dry_run()
    assert [(one.kind, one.record_id) for one in plan.items] == [(RetentionKind.KEPT_IMAGES, old)]
    assert set(clinic.store.tables.images) == {old, new}
    stricter = clinic.services.retention.dry_run(replace(plan.settings, kept_image_days=None))
    assert stricter.items == ()


def test_a_run_removes_what_is_due_once_and_is_audited(clinic: FakeClinic) -> None:
    old = kept_screening(clinic)
    clinic.clock.advance(days=366)
    new = kept_screening(clinic)
    with pytest.raises(WrongPassword):
        clinic.services.retention.run("not the password")
    assert clinic.services.retention.run(PASSWORD).count(RetentionKind.KEPT_IMAGES) == 1
    assert set(clinic.store.tables.images) == {new}
    assert old in clinic.store.tables.screenings
    removed, whole = clinic.store.tables.audit[-2:]
    assert (removed.kind, removed.subject_id) == (AuditKind.IMAGES_REMOVED, old)
    assert (whole.subject, "kept_images 1" in whole.detail) == ("retention", True)
    assert clinic.services.retention.run(PASSWORD).items == ()


def test_what_was_shown_is_looked_up_and_not_searched_for(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can save anything while a run of a whole clinic goes on."""
    for _ in range(12):
        kept_screening(clinic)
    clinic.clock.advance(days=366)
    shown = clinic.services.retention.dry_run()
    equal, compared = RetentionItem.__eq__, 0

    def count(self: RetentionItem, other: object) -> bool:
        nonlocal compared
        compared += 1
        return equal(self, other)

    monkeypatch.setattr(RetentionItem, "__eq__", count)
    assert clinic.services.retention.run(PASSWORD, shown).count(RetentionKind.KEPT_IMAGES) == 12
    assert 12 <= compared <= 24


def test_forgotten_drafts_go_only_when_the_clinic_says_so_and_never_with_open_safety_steps(
    clinic: FakeClinic,
) -> None:
    take = clinic.services.screenings
    plain = take.start(clinic.add_patient().id).id
    worrying = take.start(clinic.add_patient("Silva").id).id
    take.answer(worrying, InstrumentName.PHQ9, 8, 2, AnsweredBy.PATIENT)
    clinic.clock.advance(days=40)
    retention = clinic.services.retention
    assert retention.run(PASSWORD).items == ()
    retention.save(replace(retention.settings(), draft_days=30), PASSWORD)
    plan = retention.run(PASSWORD)
    assert [(one.kind, one.record_id) for one in plan.items] == [(RetentionKind.DRAFTS, plain)]
    assert set(clinic.store.tables.drafts) == {worrying}


@pytest.mark.parametrize(
    ("field", "days"),
    [("kept_image_days", 0), ("draft_image_days", None), ("draft_days", -1), ("draft_days", 10**6)],
)
def test_settings_that_make_no_sense_are_refused(
    clinic: FakeClinic, field: str, days: int | None
) -> None:
    retention = clinic.services.retention
    wanted = replace(retention.settings(), **{field: days})
    with pytest.raises(InvalidInput) as caught:
        retention.save(wanted, PASSWORD)
    assert caught.value.field == field
    with pytest.raises(InvalidInput):
        retention.dry_run(wanted)


def test_retention_is_the_administrators(clinic: FakeClinic) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    retention = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).retention
    for work in (
        retention.settings,
        retention.dry_run,
        lambda: retention.run(COLLEAGUE_PASSWORD),
        lambda: retention.save(Retention(), COLLEAGUE_PASSWORD),
    ):
        with pytest.raises(AccessDenied):
            work()

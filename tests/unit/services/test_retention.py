"""Face images of drafts that are left alone do not stay for ever."""

from __future__ import annotations

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from tests.fakes.clinic import FakeClinic
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

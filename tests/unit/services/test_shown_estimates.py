"""When an estimate counts as shown, and what a draft gives away before the own judgement."""

from __future__ import annotations

import pytest

from clinic_app.cli.shapes import HIDDEN, draft_json
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import WrongState
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.screening import ClinicianSeverity, Draft
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading


def shown(clinic: FakeClinic) -> int:
    kinds = [entry.kind for entry in clinic.store.tables.audit]
    return kinds.count(AuditKind.ESTIMATE_SHOWN)


@pytest.mark.parametrize("reason", AbstainReason)
def test_cannot_tell_is_no_estimate_so_another_picture_may_follow(
    clinic: FakeClinic, draft: Draft, reason: AbstainReason
) -> None:
    take = clinic.services.screenings
    failed = take.attach(draft.id, reading(abstained=reason), shown=True)
    assert (failed.revealed_at, shown(clinic)) == (None, 0)
    take.check_capture(draft.patient_id)
    second = take.attach(draft.id, reading(Band.MILD), shown=True)
    assert second.revealed_at is not None
    assert shown(clinic) == 1
    with pytest.raises(WrongState, match="finish or abandon"):
        take.attach(draft.id, reading(), shown=True)


def test_cannot_tell_looked_at_after_the_judgement_does_not_block_another_picture(
    clinic: FakeClinic, draft: Draft
) -> None:
    take = clinic.services.screenings
    take.attach(draft.id, reading(abstained=AbstainReason.NO_FACE))
    take.judge(draft.id, ClinicianSeverity.MILD)
    take.reveal(draft.id)
    take.check_capture(draft.patient_id)
    assert take.attach(draft.id, reading()).revealed_at is not None
    with pytest.raises(WrongState, match="stays as it is"):
        take.judge(draft.id, ClinicianSeverity.SEVERE)


def test_a_draft_gives_its_estimate_only_after_the_own_judgement(
    clinic: FakeClinic, draft: Draft
) -> None:
    take = clinic.services.screenings
    saved = take.attach(draft.id, reading(Band.SEVERE), shown=True)
    hidden = draft_json(saved, ())
    assert (hidden["picture_taken"], hidden["finding"], hidden["estimate"]) == (True, None, HIDDEN)
    assert hidden["quality"]["accepted"] is True
    assert "severe" not in str(hidden)
    with pytest.raises(WrongState, match="own judgement first"):
        clinic.services.reports.draft(draft.id)
    assert clinic.renderer.rendered == []
    judged = draft_json(take.judge(draft.id, ClinicianSeverity.MILD), ())
    assert judged["finding"]["severity"]["class"] == "severe"
    assert (judged["estimate"], judged["judged_after_estimate"]) == ("shown", True)
    clinic.services.reports.draft(draft.id)
    assert len(clinic.renderer.rendered) == 1


def test_a_judgement_before_the_estimate_is_marked_as_that(
    clinic: FakeClinic, draft: Draft
) -> None:
    take = clinic.services.screenings
    assert draft_json(draft, ())["judged_after_estimate"] is None
    take.attach(draft.id, reading())
    assert draft_json(take.judge(draft.id, ClinicianSeverity.MILD), ())["finding"] is None
    clinic.clock.advance(minutes=1)
    take.reveal(draft.id)
    told = draft_json(take.draft(draft.id), ())
    assert (told["estimate"], told["judged_after_estimate"]) == ("shown", False)


def test_whoever_takes_the_picture_may_print_the_reading_with_it(
    clinic: FakeClinic, draft: Draft
) -> None:
    clinic.services.screenings.attach(draft.id, reading(), shown=True)
    clinic.services.reports.draft(draft.id, at_capture=True)
    (report,) = clinic.renderer.rendered
    assert report.screening.finding is not None
    assert report.screening.judgement is None


def test_who_has_not_seen_the_reading_gets_no_page_of_it_as_if_at_capture(
    clinic: FakeClinic, draft: Draft
) -> None:
    clinic.services.screenings.attach(draft.id, reading())
    with pytest.raises(WrongState, match="own judgement first"):
        clinic.services.reports.draft(draft.id, at_capture=True)
    clinic.services.screenings.attach(draft.id, reading(abstained=AbstainReason.NO_FACE))
    clinic.services.reports.draft(draft.id, at_capture=True)
    assert len(clinic.renderer.rendered) == 1

"""Transfers are put away as they run: nothing that stops one loses it, at its end it is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import ConsentMissing, NotFound, StoreFull, WrongState
from clinic_app.domain.people import Role
from clinic_app.domain.studio import BegunTransfer
from clinic_app.services import studio_transfers
from clinic_app.services.retention import RetentionKind
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import TransferNews, TransferWish
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.studio import shaded
from tests.unit.services.test_studio import ALL, noted, screened

STYLE = shaded(40)
WISH = TransferWish(steps=10, outputs=5)


@pytest.fixture
def studio(clinic: FakeClinic) -> StudioService:
    return clinic.services.studio


@pytest.fixture
def at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put away after every step, however fast they are."""
    monkeypatch.setattr(studio_transfers, "PUT_AWAY_SECONDS", 0.0)
    monkeypatch.setattr(studio_transfers, "_SHARE", 0.0)


def after(steps: int) -> Callable[[], bool]:
    """Stops once so many steps were asked for."""
    left = iter(range(steps))
    return lambda: next(left, None) is None


def stopped(studio: StudioService, steps: int = 5) -> BegunTransfer:
    """A transfer that was stopped after so many steps."""
    list(studio.transfer(studio.sample(), STYLE, WISH, "Waves").run(after(steps)))
    begun = studio.begun()
    assert begun is not None
    return begun


def steps_of(news: list[TransferNews]) -> list[int]:
    return [one.step for one in news]


def test_a_stopped_transfer_is_gone_on_with_where_it_stood(studio: StudioService) -> None:
    begun = stopped(studio)
    assert (begun.step, begun.style_name, begun.wish) == (5, "Waves", WISH)
    taken = studio.take_up(begun.id)
    assert [step for step, _ in taken.outputs] == [2, 4]
    assert taken.content.source is studio.sample().source
    rest = list(studio.resumed(taken).run(lambda: False))
    assert steps_of(rest) == [6, 7, 8, 9, 10]


def test_nothing_stays_of_a_transfer_that_has_come_to_its_end(
    clinic: FakeClinic, studio: StudioService, at_every_step: None
) -> None:
    list(studio.transfer(studio.sample(), STYLE, WISH).run(lambda: False))
    assert studio.begun() is None
    assert not clinic.store.tables.begun_transfers


def test_outputs_are_put_away_once_however_often_it_is_gone_on_with(
    studio: StudioService, at_every_step: None
) -> None:
    begun = stopped(studio, 3)
    list(studio.resumed(studio.take_up(begun.id)).run(after(4)))
    assert [step for step, _ in studio.take_up(begun.id).outputs] == [2, 4, 6]


def test_a_crash_loses_no_more_than_the_steps_since_it_was_last_put_away(
    studio: StudioService, at_every_step: None
) -> None:
    steps = studio.transfer(studio.sample(), STYLE, WISH).run(lambda: False)
    for _ in range(4):
        next(steps)
    begun = studio.begun()  # as another start of the program would find it
    assert begun is not None
    assert begun.step == 4
    steps.close()


def test_before_anything_was_put_away_it_begins_anew_with_all_that_was_asked_for(
    studio: StudioService,
) -> None:
    studio.transfer(studio.sample(), STYLE, WISH, "Waves")
    begun = studio.begun()
    assert begun is not None
    assert begun.step == 0
    assert steps_of(list(studio.resumed(studio.take_up(begun.id)).run(after(2)))) == [1, 2]


def test_another_transfer_takes_the_place_of_the_one_before(studio: StudioService) -> None:
    first = stopped(studio)
    second = stopped(studio, 2)
    assert second.id != first.id
    with pytest.raises(NotFound):
        studio.take_up(first.id)


def test_a_transfer_is_forgotten_when_that_is_asked_for(studio: StudioService) -> None:
    begun = stopped(studio)
    studio.forget(begun.id)
    studio.forget(begun.id)
    assert studio.begun() is None


def test_each_member_of_staff_has_a_transfer_of_their_own(
    clinic: FakeClinic, studio: StudioService
) -> None:
    begun = stopped(studio)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    other = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).studio
    assert other.begun() is None
    with pytest.raises(NotFound):
        other.take_up(begun.id)
    other.forget(begun.id)
    assert stopped(other).id != begun.id
    again = clinic.sign_in().studio.begun()
    assert again is not None
    assert again.id == begun.id


def test_what_somebody_who_left_has_not_finished_goes_with_the_clean_up_and_tells_of_nobody(
    clinic: FakeClinic,
) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    patient, screening = screened(clinic, *ALL)
    other = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).studio
    list(other.transfer(other.picture_of(screening), STYLE, WISH).run(after(5)))
    services = clinic.sign_in()
    mine = stopped(services.studio)
    retention = services.retention
    assert retention.dry_run().items == ()
    leaves = next(one for one in services.staff.everybody() if one.user_name == COLLEAGUE)
    services.staff.disable(leaves.id, PASSWORD)
    (due,) = retention.dry_run().items
    assert (due.kind, due.patient_id) == (RetentionKind.TRANSFERS, None)
    assert retention.run(PASSWORD).items == (due,)
    assert set(clinic.store.tables.begun_transfers) == {mine.id}
    assert noted(clinic, patient)[-1] == (AuditKind.IMAGES_REMOVED, "studio, left alone")
    assert retention.run(PASSWORD).items == ()


def test_a_transfer_left_alone_goes_with_the_drafts_of_its_age(clinic: FakeClinic) -> None:
    retention = clinic.services.retention
    begun = stopped(clinic.services.studio)
    clinic.clock.advance(days=31)
    assert retention.dry_run().items == ()  # nothing goes where drafts stay
    retention.save(replace(retention.settings(), draft_days=30), PASSWORD)
    (due,) = retention.dry_run().items
    assert (due.record_id, due.since) == (begun.id, begun.changed_at)
    studio = clinic.services.studio
    list(studio.resumed(studio.take_up(begun.id)).run(after(2)))
    assert retention.run(PASSWORD).items == ()  # it is worked on
    begun = studio.begun()
    assert begun is not None
    clinic.clock.advance(days=31)
    (due,) = retention.run(PASSWORD).items
    assert (due.record_id, due.since) == (begun.id, begun.changed_at)
    assert clinic.services.studio.begun() is None


def test_a_transfer_that_was_just_taken_up_again_is_not_left_alone(
    clinic: FakeClinic, at_every_step: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    retention, studio = clinic.services.retention, clinic.services.studio
    retention.save(replace(retention.settings(), draft_days=30), PASSWORD)
    begun = stopped(studio)
    clinic.clock.advance(days=31)
    monkeypatch.setattr(studio_transfers, "PUT_AWAY_SECONDS", 3600.0)  # its step takes long
    steps = studio.resumed(studio.take_up(begun.id)).run(lambda: False)
    next(steps)
    assert retention.run(PASSWORD).items == ()
    steps.close()
    begun = studio.begun()
    assert begun is not None
    assert begun.step == 6


def test_a_full_disk_keeps_nobody_from_going_on(clinic: FakeClinic, studio: StudioService) -> None:
    taken = studio.take_up(stopped(studio).id)
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    assert steps_of(list(studio.resumed(taken).run(after(2)))) == [6, 7]


@pytest.mark.parametrize("taken_back", ALL)
def test_consent_taken_back_removes_a_stopped_transfer(
    clinic: FakeClinic, studio: StudioService, taken_back: Purpose
) -> None:
    patient, screening = screened(clinic, *ALL)
    made = studio.transfer(studio.picture_of(screening), STYLE, WISH)
    list(made.run(after(5)))
    begun = studio.begun()
    assert begun is not None
    assert begun.patient_id == patient
    taken = studio.take_up(begun.id)
    assert noted(clinic, patient)[-1] == (AuditKind.READ, "studio transfer")
    clinic.services.consents.record(patient, {taken_back: False})
    assert noted(clinic, patient)[-1] == (AuditKind.IMAGES_REMOVED, "studio")
    assert studio.begun() is None
    assert not clinic.store.tables.begun_transfers
    for ask in (lambda: studio.resumed(taken), lambda: next(made.run(lambda: False))):
        with pytest.raises(ConsentMissing):
            ask()


def test_consent_taken_back_ends_a_transfer_that_runs_and_nothing_of_it_is_put_away(
    clinic: FakeClinic, studio: StudioService, at_every_step: None
) -> None:
    patient, screening = screened(clinic, *ALL)
    steps = studio.transfer(studio.picture_of(screening), STYLE, WISH).run(lambda: False)
    next(steps)
    clinic.services.consents.record(patient, {ALL[-1]: False})
    with pytest.raises(ConsentMissing):
        list(steps)
    assert not clinic.store.tables.begun_transfers


def test_a_full_disk_stops_no_transfer_and_what_was_put_away_before_stays(
    clinic: FakeClinic, studio: StudioService, at_every_step: None
) -> None:
    steps = studio.transfer(studio.sample(), STYLE, WISH).run(lambda: False)
    next(steps)
    next(steps)
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    assert next(steps).step == 3
    clinic.store.commit_fails_with = None
    begun = studio.begun()
    assert begun is not None
    assert begun.step == 2
    steps.close()
    begun = studio.begun()
    assert begun is not None
    assert begun.step == 3


def test_what_cannot_be_read_any_more_is_refused_with_a_sentence(
    clinic: FakeClinic, studio: StudioService
) -> None:
    begun = stopped(studio)
    with clinic.store.unit_of_work() as work:
        work.begun_transfers.put_away(begun.id, 5, b"\x00", [], START)
        work.commit()
    with pytest.raises(WrongState, match="cannot be read"):
        studio.resumed(studio.take_up(begun.id))


def test_signing_out_breaks_off_the_step_that_runs_and_puts_the_transfer_away_first(
    clinic: FakeClinic, studio: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_transfers, "WAIT_SECONDS", 60.0)
    reached, broken_off = threading.Event(), threading.Event()

    def gate(step: int) -> None:
        if step == 4:
            reached.set()
            assert broken_off.wait(20)  # it would never end by itself

    clinic.engine.gate, clinic.engine.broken_off = gate, broken_off
    made = studio.transfer(studio.sample(), STYLE, WISH)
    with ThreadPoolExecutor(1) as lane:
        running = lane.submit(lambda: list(made.run(lambda: False)))
        assert reached.wait(20)
        studio.put_away()
        ((begun, _),) = clinic.store.tables.begun_transfers.values()
        assert begun.step == 4
        assert steps_of(running.result(20)) == [1, 2, 3, 4]


def test_a_transfer_goes_on_behind_the_lock(clinic: FakeClinic, studio: StudioService) -> None:
    steps = studio.transfer(studio.sample(), STYLE, WISH).run(after(6))
    next(steps)
    clinic.services.clinic.lock()
    assert steps_of(list(steps))[-1] == 6
    clinic.services.clinic.resume(PASSWORD)
    begun = studio.begun()
    assert begun is not None
    assert begun.step == 6

"""From the lobby to an accepted picture of the camera, and every way in which none comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.cautions import Caution
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import CameraTrouble, CameraUnavailable, ModelRejected, StoreFull
from clinic_app.domain.finding import AbstainReason, QualityReason
from clinic_app.services.reading import CameraDevice
from clinic_app.ui.screens.screening.capture import words
from clinic_app.ui.screens.screening.capture.ports import Stage
from clinic_app.ui.screens.screening.capture.presenter import HINT_SECONDS
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.strings import HINTS
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading
from tests.fakes.steps import Bench
from tests.unit.ui.screening.lobby import DARK, live, look, rejected


def test_the_exclusion_questions_come_before_the_camera_opens(bench: Bench) -> None:
    assert bench.capture.stage is Stage.BEFORE
    assert not bench.feed.started
    bench.capture.mark(Caution.PALSY, True)
    bench.capture.mark(Caution.EYELID, True)
    bench.capture.mark(Caution.EYELID, False)
    bench.capture.cautions_asked()
    assert bench.feed.running
    assert bench.draft.cautions == (Caution.PALSY,)


def test_every_tick_is_in_the_store_at_once_and_shown_again_after_a_crash(
    clinic: FakeClinic, bench: Bench
) -> None:
    bench.capture.mark(Caution.EYELID, True)
    bench.capture.mark(Caution.PALSY, True)
    assert bench.draft.cautions == (Caution.PALSY, Caution.EYELID)
    again = Bench(clinic, bench.patient)
    assert again.capture.stage is Stage.BEFORE
    shown = again.views[Step.PICTURE].last("show_before")[0]
    assert shown == {Caution.PALSY, Caution.EYELID}
    commits = clinic.store.commits
    for caution in Caution:  # the view repeats what it is told to show
        again.capture.mark(caution, caution in shown)
    assert clinic.store.commits == commits


def test_ticks_set_faster_than_the_store_answers_are_all_kept(bench: Bench) -> None:
    bench.jobs.held = True
    bench.capture.mark(Caution.PALSY, True)
    bench.capture.mark(Caution.EYELID, True)
    bench.capture.mark(Caution.PALSY, False)
    bench.capture.mark(Caution.AUTISM, True)
    bench.jobs.release()
    assert bench.draft.cautions == (Caution.EYELID, Caution.AUTISM)
    assert bench.screen.case.draft.cautions == bench.draft.cautions


def test_a_tick_that_is_not_stored_is_taken_back_and_told(clinic: FakeClinic, bench: Bench) -> None:
    bench.capture.mark(Caution.PALSY, True)
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    bench.capture.mark(Caution.EYELID, True)
    clinic.store.commit_fails_with = None
    assert len(bench.notices.reported) == 1
    assert bench.views[Step.PICTURE].last("show_before")[0] == {Caution.PALSY}
    assert bench.draft.cautions == (Caution.PALSY,)


def test_no_picture_is_offered_in_place_of_one_that_was_shown_and_withdrawn(
    clinic: FakeClinic, bench: Bench
) -> None:
    bench.screenings.attach(bench.draft_id, reading(), shown=True)
    for agreed in (False, True):
        clinic.services.consents.record(bench.patient.id, {Purpose.ANALYSIS: agreed})
    again = Bench(clinic, bench.patient)
    again.screen.go(Step.PICTURE)
    assert again.views[Step.PICTURE].named("show_unavailable") == {"consent": False}
    assert not again.feed.started


def test_the_first_real_camera_is_opened_and_virtual_ones_are_not(
    clinic: FakeClinic, bench: Bench
) -> None:
    virtual = CameraDevice(0, "Beauty Cam", virtual=True)
    real = CameraDevice(1, "USB camera")
    clinic.reader.devices = [virtual, real]
    bench.capture.cautions_asked()
    assert bench.views[Step.PICTURE].last("show_cameras") == ([virtual, real], real)
    assert len(bench.feed.started) == 1
    bench.capture.choose(virtual)
    assert bench.capture.stage is Stage.TROUBLE
    assert not bench.feed.running


def test_only_a_virtual_camera_is_named_and_refused(clinic: FakeClinic, bench: Bench) -> None:
    clinic.reader.devices = [CameraDevice(0, "Beauty Cam", virtual=True)]
    bench.capture.cautions_asked()
    assert bench.views[Step.PICTURE].last("show_trouble") == words.VIRTUAL_ONLY
    assert not bench.feed.started


def test_no_camera_says_so_and_what_to_do(clinic: FakeClinic, bench: Bench) -> None:
    clinic.reader.devices = []
    bench.capture.cautions_asked()
    assert bench.views[Step.PICTURE].last("show_trouble") == words.TROUBLES[CameraTrouble.MISSING]


@pytest.mark.parametrize("trouble", list(CameraTrouble))
def test_every_trouble_of_the_camera_has_its_words_and_lets_go_of_it(
    bench: Bench, trouble: CameraTrouble
) -> None:
    view = live(bench)
    bench.capture.failed(CameraUnavailable(trouble, "No picture."))
    assert view.last("show_trouble") == words.TROUBLES[trouble]
    assert view.named("show_trouble") == {"retry": True}
    assert not bench.feed.running


def test_exactly_one_hint_is_shown_and_it_does_not_flicker(bench: Bench) -> None:
    view = live(bench)
    look(bench, DARK)
    assert view.last("show_hint") == (HINTS[DARK],)
    look(bench, QualityReason.MOVING, after=0.04)
    look(bench, DARK, after=0.04)
    assert view.names.count("show_hint") == 1
    look(bench, QualityReason.MOVING)
    look(bench, QualityReason.MOVING, after=HINT_SECONDS + 0.01)
    assert view.last("show_hint") == (HINTS[QualityReason.MOVING],)


def test_a_steady_face_is_counted_down_and_taken(bench: Bench) -> None:
    view = live(bench)
    look(bench, None, steady=0.5)
    assert bench.capture.stage is Stage.LIVE
    look(bench, None)
    shown = [view.last("show_countdown")[0]]
    for _ in range(2):
        look(bench, None, after=1.0)
        shown.append(view.last("show_countdown")[0])
    assert shown == [3, 2, 1]
    assert bench.feed.taken == 0
    look(bench, None, after=1.0)
    assert bench.feed.taken == 1
    assert bench.capture.stage is Stage.TAKING


def test_a_hint_that_stays_stops_the_countdown_but_not_the_forced_one(bench: Bench) -> None:
    view = live(bench)
    look(bench, None)
    look(bench, None)
    assert bench.capture.stage is Stage.COUNTDOWN
    look(bench, DARK)
    look(bench, DARK, after=HINT_SECONDS + 0.01)
    assert bench.capture.stage is Stage.LIVE
    assert view.last("show_countdown") == (None,)
    bench.capture.take_now()
    for _ in range(4):
        look(bench, DARK, after=1.0)
    assert bench.feed.taken == 1


def test_an_accepted_picture_is_stored_at_once_and_says_nothing_of_the_result(
    bench: Bench,
) -> None:
    view = live(bench)
    look(bench)
    for _ in range(4):
        look(bench, after=1.0)
    taken = reading()
    bench.capture.taken(taken)
    assert bench.draft.finding == taken.finding
    assert view.last("show_accepted") == (taken.images,)
    assert view.named("show_accepted") == {"note": "", "locked": False}
    assert not bench.feed.running


def test_a_bad_picture_is_not_stored_until_cannot_tell_is_kept(bench: Bench) -> None:
    view = live(bench)
    look(bench)
    for _ in range(4):
        look(bench, after=1.0)
    bench.capture.taken(rejected())
    assert view.last("show_retake") == (HINTS[DARK],)
    assert bench.draft.finding is None
    bench.capture.keep_rejected()
    assert bench.draft.finding.abstained is AbstainReason.QUALITY
    assert view.named("show_accepted")["note"].startswith("Cannot tell")


def test_rejected_models_leave_the_questionnaires(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reject() -> None:
        raise ModelRejected("The model file “severity.onnx” has been altered.")

    monkeypatch.setattr(clinic.reader, "warm_up", reject)
    bench = Bench(clinic, clinic.add_patient())
    view = bench.views[Step.PICTURE]
    assert view.last("show_trouble")[0] == words.MODELS[0]
    assert view.named("show_trouble") == {"retry": False}
    bench.capture.go_on()
    assert bench.screen.step is Step.PHQ9


def test_a_picture_whose_estimate_was_shown_stays(clinic: FakeClinic, tmp_path: Path) -> None:
    from clinic_app.domain.screening import ClinicianSeverity

    bench = Bench(clinic, clinic.add_patient(), load=False)
    bench.screenings.attach(bench.draft_id, reading())
    bench.screenings.judge(bench.draft_id, ClinicianSeverity.NONE)
    bench.screenings.reveal(bench.draft_id)
    bench.screen.load()
    bench.screen.go(Step.PICTURE)
    assert bench.views[Step.PICTURE].named("show_accepted")["locked"] is True
    photo = tmp_path / "other.png"
    photo.write_bytes(b"x")
    before = bench.draft.finding
    bench.capture.open_file(photo)
    assert bench.draft.finding == before


def test_without_consent_there_is_no_camera_and_a_way_forward(clinic: FakeClinic) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    bench.screen.go(Step.PICTURE)
    assert bench.views[Step.PICTURE].named("show_unavailable") == {"consent": True}
    assert not bench.feed.started
    bench.capture.go_on()
    assert bench.screen.step is Step.PHQ9

"""From the lobby to an accepted picture, and every way in which none comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clinic_app.domain.cautions import Caution
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import (
    CameraTrouble,
    CameraUnavailable,
    ModelRejected,
    StoreFull,
    UnreadableImage,
)
from clinic_app.domain.finding import AbstainReason, QualityReason
from clinic_app.domain.picture import Picture
from clinic_app.services.reading import CameraDevice, LiveView, Reading
from clinic_app.ui.screens.screening.capture import words
from clinic_app.ui.screens.screening.capture.ports import Stage
from clinic_app.ui.screens.screening.capture.presenter import HINT_SECONDS
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.strings import HINTS
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading
from tests.fakes.steps import Bench, RecordedView

FRAME = Picture(2, 2, bytes(12))
DARK = QualityReason.TOO_DARK


@pytest.fixture
def clinic() -> FakeClinic:
    return FakeClinic()


@pytest.fixture
def bench(clinic: FakeClinic) -> Bench:
    return Bench(clinic, clinic.add_patient())


def _live(bench: Bench) -> RecordedView:
    bench.capture.cautions_asked()
    bench.capture.opened()
    assert bench.capture.stage is Stage.LIVE
    return bench.views[Step.PICTURE]


def _look(
    bench: Bench,
    hint: QualityReason | None = None,
    *,
    steady: float = 1.0,
    after: float = 0.04,
) -> None:
    bench.ticks.now += after
    bench.capture.looked(LiveView(FRAME, None, hint, steady))


def _counted_down(bench: Bench) -> RecordedView:
    """The burst is being taken."""
    view = _live(bench)
    _look(bench)
    for _ in range(4):
        _look(bench, after=1.0)
    assert bench.capture.stage is Stage.TAKING
    return view


def _rejected() -> Reading:
    found = reading(abstained=AbstainReason.QUALITY, reasons=(DARK,)).finding
    return Reading(found, None)


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
    view = _live(bench)
    bench.capture.failed(CameraUnavailable(trouble, "No picture."))
    assert view.last("show_trouble") == words.TROUBLES[trouble]
    assert view.named("show_trouble") == {"retry": True}
    assert not bench.feed.running


def test_exactly_one_hint_is_shown_and_it_does_not_flicker(bench: Bench) -> None:
    view = _live(bench)
    _look(bench, DARK)
    assert view.last("show_hint") == (HINTS[DARK],)
    _look(bench, QualityReason.MOVING, after=0.04)
    _look(bench, DARK, after=0.04)
    assert view.names.count("show_hint") == 1
    _look(bench, QualityReason.MOVING)
    _look(bench, QualityReason.MOVING, after=HINT_SECONDS + 0.01)
    assert view.last("show_hint") == (HINTS[QualityReason.MOVING],)


def test_a_steady_face_is_counted_down_and_taken(bench: Bench) -> None:
    view = _live(bench)
    _look(bench, None, steady=0.5)
    assert bench.capture.stage is Stage.LIVE
    _look(bench, None)
    shown = [view.last("show_countdown")[0]]
    for _ in range(2):
        _look(bench, None, after=1.0)
        shown.append(view.last("show_countdown")[0])
    assert shown == [3, 2, 1]
    assert bench.feed.taken == 0
    _look(bench, None, after=1.0)
    assert bench.feed.taken == 1
    assert bench.capture.stage is Stage.TAKING


def test_a_hint_that_stays_stops_the_countdown_but_not_the_forced_one(bench: Bench) -> None:
    view = _live(bench)
    _look(bench, None)
    _look(bench, None)
    assert bench.capture.stage is Stage.COUNTDOWN
    _look(bench, DARK)
    _look(bench, DARK, after=HINT_SECONDS + 0.01)
    assert bench.capture.stage is Stage.LIVE
    assert view.last("show_countdown") == (None,)
    bench.capture.take_now()
    for _ in range(4):
        _look(bench, DARK, after=1.0)
    assert bench.feed.taken == 1


def test_an_accepted_picture_is_stored_at_once_and_says_nothing_of_the_result(
    bench: Bench,
) -> None:
    view = _live(bench)
    _look(bench)
    for _ in range(4):
        _look(bench, after=1.0)
    taken = reading()
    bench.capture.taken(taken)
    assert bench.draft.finding == taken.finding
    assert view.last("show_accepted") == (taken.images,)
    assert view.named("show_accepted") == {"note": "", "locked": False}
    assert not bench.feed.running


def test_a_bad_picture_is_not_stored_until_cannot_tell_is_kept(bench: Bench) -> None:
    view = _live(bench)
    _look(bench)
    for _ in range(4):
        _look(bench, after=1.0)
    bench.capture.taken(_rejected())
    assert view.last("show_retake") == (HINTS[DARK],)
    assert bench.draft.finding is None
    bench.capture.keep_rejected()
    assert bench.draft.finding.abstained is AbstainReason.QUALITY
    assert view.named("show_accepted")["note"].startswith("Cannot tell")


def test_a_file_takes_the_place_of_the_camera(bench: Bench, tmp_path: Path) -> None:
    _live(bench)
    photo = tmp_path / "face.png"
    photo.write_bytes(b"x")
    bench.capture.open_file(photo)
    assert not bench.feed.running
    assert bench.draft.finding is not None


def test_waiting_for_a_long_video_can_be_cancelled(bench: Bench, tmp_path: Path) -> None:
    view = _live(bench)
    video = tmp_path / "long.mp4"
    video.write_bytes(b"x")
    bench.jobs.held = True
    bench.capture.open_file(video)
    bench.capture.cancel_reading()
    bench.jobs.release()
    assert bench.capture.stage is Stage.BEFORE
    assert view.names[-1] == "show_before"
    assert bench.draft.finding is None


def test_cancelling_another_file_leads_back_to_the_picture_that_is_held(
    bench: Bench, tmp_path: Path
) -> None:
    view = _live(bench)
    photo = tmp_path / "face.png"
    photo.write_bytes(b"x")
    bench.capture.open_file(photo)
    held = bench.draft.finding
    bench.capture.open_lobby()
    bench.jobs.held = True
    bench.capture.open_file(photo)
    bench.capture.cancel_reading()
    bench.jobs.release()
    assert bench.capture.stage is Stage.ACCEPTED
    assert view.names[-1] == "show_accepted"
    assert bench.draft.finding == held


@pytest.mark.parametrize("way", ["cancel", "leave", "close", "another"])
def test_a_file_nobody_waits_for_is_no_longer_read(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    stops: list[Callable[[], bool]] = []
    fake = bench.clinic.reader.read_file

    def read_file(path: Path, stop: Callable[[], bool]) -> Reading:
        stops.append(stop)
        assert not stop()
        ways[way]()
        return fake(path, stop)

    def close() -> None:
        bench.screen.leave()
        bench.screen.close()

    def another() -> None:
        bench.jobs.held = True
        bench.capture.open_file(tmp_path / "other.mp4")

    ways = {
        "cancel": bench.capture.cancel_reading,
        "leave": bench.screen.leave,
        "close": close,
        "another": another,
    }
    monkeypatch.setattr(bench.clinic.reader, "read_file", read_file)
    view = _live(bench)
    video = tmp_path / "long.mp4"
    video.write_bytes(b"x")
    bench.capture.open_file(video)
    assert stops[0]()
    assert bench.draft.finding is None
    assert bench.notices.reported == []
    assert "show_trouble" not in view.names


def test_a_picture_being_stored_cannot_be_cancelled_or_walked_past(
    bench: Bench, tmp_path: Path
) -> None:
    view = _counted_down(bench)
    bench.jobs.held = True
    bench.capture.taken(reading())
    assert bench.capture.stage is Stage.KEEPING
    assert view.names[-1] == "show_keeping"
    bench.capture.cancel_reading()
    bench.capture.open_file(tmp_path / "other.png")
    bench.capture.go_on()
    assert bench.screen.step is Step.PICTURE
    assert view.names[-1] == "show_keeping"
    bench.jobs.release()
    assert bench.capture.stage is Stage.ACCEPTED
    assert view.names[-1] == "show_accepted"


@pytest.mark.parametrize("full", [False, True])
def test_a_page_left_while_the_picture_is_stored_stays_left(
    clinic: FakeClinic, bench: Bench, full: bool
) -> None:
    view = _counted_down(bench)
    bench.jobs.held = True
    bench.capture.taken(reading())
    bench.screen.leave()
    clinic.store.commit_fails_with = StoreFull("The disk is full.") if full else None
    bench.jobs.release()
    clinic.store.commit_fails_with = None
    assert bench.capture.stage is Stage.CLOSED
    assert not {"show_accepted", "show_trouble"} & set(view.names)
    assert len(bench.notices.reported) == full
    assert bench.screen.case.draft.finding == bench.draft.finding
    assert (bench.draft.finding is None) is full


def test_an_unreadable_file_is_told_in_its_own_words(
    clinic: FakeClinic, bench: Bench, tmp_path: Path
) -> None:
    view = _live(bench)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"x")
    clinic.reader.readings["broken.png"] = UnreadableImage("“broken.png” is cut short.")
    bench.capture.open_file(broken)
    title, advice = view.last("show_trouble")
    assert title == words.UNREADABLE[0]
    assert advice.startswith("“broken.png” is cut short.")
    assert bench.draft.finding is None


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


def test_leaving_lets_go_of_the_camera_and_of_late_answers(bench: Bench, tmp_path: Path) -> None:
    view = _live(bench)
    photo = tmp_path / "face.png"
    photo.write_bytes(b"x")
    bench.jobs.held = True
    bench.capture.open_file(photo)
    bench.screen.leave()
    bench.jobs.release()
    assert bench.draft.finding is None
    assert "show_accepted" not in view.names


def test_coming_back_after_a_lock_opens_the_camera_again(clinic: FakeClinic, bench: Bench) -> None:
    _live(bench)
    bench.screen.leave()
    assert not bench.feed.running
    clinic.services.clinic.lock()
    bench.screen.come_back()
    assert not bench.feed.running
    clinic.services.clinic.resume("quiet-harbour-lamp")
    bench.screen.come_back()
    assert bench.feed.running


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

"""While a file is read or a picture stored: what can be cancelled, left, and come back to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import StoreFull, UnreadableImage
from clinic_app.domain.finding import AbstainReason
from clinic_app.services.reading import Reading
from clinic_app.ui.screens.screening.capture import words
from clinic_app.ui.screens.screening.capture.ports import Stage
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.strings import HINTS
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading
from tests.fakes.steps import Bench
from tests.unit.ui.screening.lobby import DARK, counted_down, live, rejected


def test_a_file_takes_the_place_of_the_camera(bench: Bench, tmp_path: Path) -> None:
    live(bench)
    photo = tmp_path / "face.png"
    photo.write_bytes(b"x")
    bench.capture.open_file(photo)
    assert not bench.feed.running
    assert bench.draft.finding is not None


def test_waiting_for_a_long_video_can_be_cancelled(bench: Bench, tmp_path: Path) -> None:
    view = live(bench)
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
    view = live(bench)
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
    view = live(bench)
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
    view = counted_down(bench)
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
    view = counted_down(bench)
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
    view = live(bench)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"x")
    clinic.reader.readings["broken.png"] = UnreadableImage("“broken.png” is cut short.")
    bench.capture.open_file(broken)
    title, advice = view.last("show_trouble")
    assert title == words.UNREADABLE[0]
    assert advice.startswith("“broken.png” is cut short.")
    assert bench.draft.finding is None


def test_leaving_lets_go_of_the_camera_and_of_late_answers(bench: Bench, tmp_path: Path) -> None:
    view = live(bench)
    photo = tmp_path / "face.png"
    photo.write_bytes(b"x")
    bench.jobs.held = True
    bench.capture.open_file(photo)
    bench.screen.leave()
    bench.jobs.release()
    assert bench.draft.finding is None
    assert "show_accepted" not in view.names


def test_coming_back_after_a_lock_opens_the_camera_again(clinic: FakeClinic, bench: Bench) -> None:
    live(bench)
    bench.screen.leave()
    assert not bench.feed.running
    clinic.services.clinic.lock()
    bench.screen.come_back()
    assert not bench.feed.running
    clinic.services.clinic.resume("quiet-harbour-lamp")
    bench.screen.come_back()
    assert bench.feed.running


# --- "cannot tell" is offered until it is answered ------------------------------------------------


def _lock_and_unlock(clinic: FakeClinic, bench: Bench) -> None:
    bench.screen.leave()
    clinic.services.clinic.lock()
    clinic.services.clinic.resume("quiet-harbour-lamp")
    bench.screen.come_back()


def test_cannot_tell_can_still_be_kept_after_a_lock(clinic: FakeClinic, bench: Bench) -> None:
    view = counted_down(bench)
    bench.capture.taken(rejected())
    opened = len(bench.feed.started)
    _lock_and_unlock(clinic, bench)
    assert bench.capture.stage is Stage.RETAKE
    assert view.names[-1] == "show_retake"
    assert view.last("show_retake") == (HINTS[DARK],)
    assert len(bench.feed.started) == opened  # the lock does not open the camera
    bench.capture.keep_rejected()
    assert bench.draft.finding is not None
    assert bench.draft.finding.abstained is AbstainReason.QUALITY


def test_a_look_at_the_consent_does_not_answer_for_the_refused_picture(bench: Bench) -> None:
    counted_down(bench)
    bench.capture.taken(rejected())
    bench.capture.change_consent()
    bench.screen.forward()
    assert bench.screen.step is Step.PICTURE
    assert bench.capture.stage is Stage.RETAKE


def test_going_on_without_a_picture_answers_for_it(bench: Bench) -> None:
    counted_down(bench)
    bench.capture.taken(rejected())
    bench.capture.go_on()
    bench.screen.go(Step.PICTURE)
    assert bench.capture.stage is not Stage.RETAKE


def test_without_consent_a_refused_picture_is_not_offered_again(
    clinic: FakeClinic, bench: Bench
) -> None:
    view = counted_down(bench)
    bench.capture.taken(rejected())
    clinic.services.consents.record(bench.screen.case.patient.id, {Purpose.CAPTURE: False})
    _lock_and_unlock(clinic, bench)
    bench.screen.go(Step.PICTURE)
    assert view.names[-1] == "show_unavailable"
    bench.capture.keep_rejected()
    assert bench.draft.finding is None


def test_cannot_tell_that_is_not_stored_is_told_and_offered_again(
    clinic: FakeClinic, bench: Bench
) -> None:
    view = counted_down(bench)
    bench.capture.taken(rejected())
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    bench.capture.keep_rejected()
    clinic.store.commit_fails_with = None
    assert len(bench.notices.reported) == 1
    assert view.names[-1] == "show_retake"
    bench.capture.keep_rejected()
    assert bench.draft.finding is not None

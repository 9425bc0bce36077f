"""A file that is opened in the studio while kept pictures are still to be compared with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from clinic_app.domain.ids import new_id
from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.styles import StyleCard
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from tests.fakes.clinic import FakeClinic
from tests.fakes.jobs import HeldJobs
from tests.fakes.reading import face_images
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import open_studio_screen

COMPARING = "Comparing with the pictures in the records, this once…"


def keep(clinic: FakeClinic, count: int) -> None:
    with clinic.store.unit_of_work() as work:
        for _ in range(count):
            work.images.put(new_id(), face_images(), kept=True)
        work.commit()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    made = tmp_path / "photo.png"
    made.write_bytes(b"of nobody")
    return made


@pytest.fixture
def slow(
    inside: Driver, transfer: TransferPage, monkeypatch: pytest.MonkeyPatch
) -> Iterator[threading.Event]:
    """Pictures that were kept since the studio was opened; the second one waits."""
    monkeypatch.setattr("clinic_app.services.record_pictures._AT_ONCE", 1)
    keep(inside.clinic, 4)
    may_go_on, decode, seen = threading.Event(), inside.clinic.engine.decoded, []

    def held(data: bytes):
        seen.append(data)
        if len(seen) == 3:
            assert may_go_on.wait(20)
        return decode(data)

    monkeypatch.setattr(inside.clinic.engine, "decoded", held)
    yield may_go_on
    may_go_on.set()


def test_kept_pictures_are_got_to_know_when_the_studio_is_opened(
    inside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.record_pictures._AT_ONCE", 2)
    keep(inside.clinic, 5)
    open_studio_screen(inside)
    assert len(inside.clinic.store.tables.image_pixels) == 5


@pytest.mark.parametrize("place", ["content", "styles"])
def test_who_waits_for_a_file_sees_how_far_it_is_and_can_stop_it_by_keyboard(
    inside: Driver, transfer: TransferPage, slow: threading.Event, photo: Path, place: str
) -> None:
    part = transfer.content if place == "content" else transfer.styles
    opener = transfer.content.file if place == "content" else transfer.styles.own
    before = transfer.content.content, transfer.styles.picture
    part.open_file(photo)
    inside.until(lambda: COMPARING in inside.words(part))
    assert part.opening.bar.value() == 250
    part.opening.stop.setFocus()
    slow.set()
    inside.press(Qt.Key.Key_Space, part.opening.stop)
    assert (transfer.content.content, transfer.styles.picture) == before
    assert COMPARING not in inside.words(part)
    assert opener.hasFocus()
    part.open_file(photo)
    inside.settle()
    assert (transfer.content.content, transfer.styles.picture) != before


def test_another_picture_takes_the_place_of_a_file_that_is_still_compared(
    inside: Driver, transfer: TransferPage, slow: threading.Event, photo: Path
) -> None:
    transfer.content.open_file(photo)
    inside.until(lambda: COMPARING in inside.words(transfer.content))
    transfer.content.sample.click()
    slow.set()
    inside.settle()
    assert "From the sample portrait" in inside.words(transfer.content)
    assert COMPARING not in inside.words(transfer.content)


def test_an_own_style_that_was_opened_before_the_others_were_read_is_taken(
    inside: Driver, photo: Path
) -> None:
    jobs = HeldJobs()
    styles = StyleCard(inside.desk.workspace, jobs)
    styles.load()
    styles.open_file(photo)
    jobs.run_all()
    assert styles.buttons
    assert styles.name == "own picture"


def test_a_camera_that_is_started_takes_the_place_of_a_file_that_is_still_compared(
    inside: Driver, slow: threading.Event, live: LivePage, photo: Path
) -> None:
    """The comparison may take minutes, and would hold the camera up and then turn it away."""
    live.content.open_file(photo)
    inside.until(lambda: COMPARING in inside.words(live.content))
    live.start.click()
    slow.set()
    inside.until(lambda: live.content.opening.isHidden())
    inside.until(lambda: live.take.isEnabled() or live.content.content is not None)
    assert live.live
    assert live.content.content is None

"""Live styles through the window: what is shown is what is kept, nobody is filmed unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QScrollArea

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable, ModelRejected
from clinic_app.domain.studio import StudioSource
from clinic_app.services.reading import CameraDevice, LiveCamera, LiveView
from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.look.view import LookPage
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import go_to, one_picture_was_printed, open_studio_screen


def test_a_still_follows_the_sliders_and_the_face(inside: Driver, live: LivePage) -> None:
    engine = inside.clinic.engine
    inside.click("Sample", live)
    assert engine.asked[-1] == ({"brush": 1.0}, 1.0)
    live.dials["ink"].slider.setValue(20)
    live.strength.slider.setValue(10)
    inside.settle()
    assert engine.asked[-1] == ({"brush": 1.0, "ink": 1.0}, 0.5)
    assert "Brush 50 %, Ink 50 %, 50 %" in inside.words(live)
    inside.press(Qt.Key.Key_Space, live.follow)
    assert engine.asked[-1] == ({"dots": 1.0}, 0.5)
    inside.click("Put into the gallery", live)
    ((made, _),) = inside.clinic.store.tables.gallery.values()
    assert made.made_with == "Dots, 50 %"
    inside.click("Use in a transfer", live)
    page = inside.desk.present
    assert isinstance(page, StudioScreen)
    taken = page.page("transfer")
    assert isinstance(taken, TransferPage)
    assert taken.content.content is not None


def test_the_picture_stays_in_view_while_the_last_slider_is_set(
    inside: Driver, live: LivePage
) -> None:
    inside.window.resize(1280, 800)
    inside.settle()
    area = inside.desk.present.findChild(QScrollArea)
    assert area is not None
    last = list(live.dials.values())[-1]
    area.ensureWidgetVisible(last)
    inside.settle()
    assert area.verticalScrollBar().value() > 0
    seen = QRect(area.viewport().mapToGlobal(QPoint(0, 0)), area.viewport().size())
    shown = QRect(live.compare.mapToGlobal(QPoint(0, 0)), live.compare.size())
    assert seen.contains(shown)
    assert seen.intersects(QRect(last.mapToGlobal(QPoint(0, 0)), last.size()))


def test_without_a_face_a_still_says_so_and_keeps_the_styles_that_are_set(
    inside: Driver, live: LivePage
) -> None:
    engine = inside.clinic.engine
    engine.seen = {}
    inside.click("Sample", live)
    inside.press(Qt.Key.Key_Space, live.follow)
    assert engine.asked[-1] == ({"brush": 1.0}, 1.0)
    assert "No face to be read: Brush, 100 %" in inside.words(live)
    live.dials["brush"].slider.setValue(0)
    inside.settle()
    assert "no face to be read, 100 %" in inside.words(live)
    engine.seen = {"happiness": 1.0, "neutral": 0.0}
    live.strength.slider.setValue(0)
    inside.settle()
    assert engine.asked[-1] == ({"dots": 1.0}, 0.0)
    assert "Dots, 0 %" in inside.words(live)
    assert "No face" not in inside.words(live)


def test_a_camera_says_when_the_face_has_gone_and_goes_on_with_its_styles(
    inside: Driver, live: LivePage
) -> None:
    engine = inside.clinic.engine
    live.follow.setChecked(True)
    live.start_camera()
    inside.until(lambda: "Dots" in live.said.text())
    assert "No face" not in live.said.text()
    engine.seen = {}
    inside.until(lambda: live.said.text().startswith("No face to be read: "))
    assert "Dots" in live.said.text()
    engine.seen = {"happiness": 1.0, "neutral": 0.0}
    inside.until(lambda: "No face" not in live.said.text())
    live.follow.setChecked(False)
    inside.until(lambda: engine.asked[-1][0] == {"brush": 1.0})


def test_the_camera_is_drawn_live_taken_and_let_go(inside: Driver, live: LivePage) -> None:
    engine, camera = inside.clinic.engine, inside.clinic.reader.camera
    live.start_camera()
    inside.until(lambda: "pictures a second" in inside.words(live))
    assert engine.asked[-1] == ({"brush": 1.0}, 1.0)
    live.dials["chalk"].slider.setValue(20)
    inside.until(lambda: engine.asked[-1] == ({"brush": 1.0, "chalk": 1.0}, 1.0))
    live.follow.setChecked(True)
    inside.until(lambda: set(engine.asked[-1][0]) >= {"dots"})
    live.take.click()
    inside.until(lambda: not live.camera.running)
    inside.settle()
    assert camera.closed
    assert live.outcome.keep.isEnabled()


def test_a_look_is_measured_on_a_colleague_before_the_camera(
    inside: Driver, screen: StudioScreen, live: LivePage
) -> None:
    """A clinic needs no photo files for it."""
    inside.click("Sample", live.content)
    assert not live.outcome.measure.isVisible()
    live.start_camera()
    inside.until(live.take.isEnabled)
    live.take.click()
    inside.until(lambda: not live.camera.running)
    inside.settle()
    inside.press(Qt.Key.Key_Space, live.outcome.measure)
    look = screen.page("look")
    assert isinstance(look, LookPage)
    assert look.isVisible()
    assert "Chosen beside the sample portrait: 1" in inside.words(look)
    inside.press(Qt.Key.Key_Return, look.measure)
    assert len(inside.clinic.bench.asked[-1][2]) == 1
    assert "is measured." in inside.words()


def test_going_elsewhere_frees_the_camera(inside: Driver, live: LivePage) -> None:
    camera = inside.clinic.reader.camera
    live.start_camera()
    inside.until(lambda: "pictures a second" in inside.words(live))
    inside.desk.show_today()
    inside.until(lambda: not live.camera.running)
    assert camera.closed


LEAVING: dict[str, Callable[[Driver, StudioScreen], object]] = {
    "another screen": lambda driver, screen: driver.desk.show_today(),
    "another page": lambda driver, screen: screen.open("gallery"),
    "the lock": lambda driver, screen: driver.window.lock(),
    "signing out": lambda driver, screen: driver.window.sign_out(),
}


@pytest.mark.parametrize("leave", LEAVING)
def test_no_camera_opens_once_its_page_is_out_of_sight(
    inside: Driver,
    screen: StudioScreen,
    live: LivePage,
    leave: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = inside.clinic.reader
    asked, may_answer = threading.Event(), threading.Event()
    opened: list[CameraDevice] = []

    def cameras() -> list[CameraDevice]:
        asked.set()
        assert may_answer.wait(20)
        return reader.devices

    def open_camera(device: CameraDevice) -> LiveCamera:
        opened.append(device)
        return reader.camera

    monkeypatch.setattr(reader, "cameras", cameras)
    monkeypatch.setattr(reader, "open_camera", open_camera)
    live.start.click()
    inside.until(asked.is_set)
    camera = live.camera
    LEAVING[leave](inside, screen)
    may_answer.set()
    inside.settle()
    inside.until(lambda: not camera.running)
    assert opened == []


def test_somebody_who_left_and_came_back_starts_the_camera_anew(
    inside: Driver, screen: StudioScreen, live: LivePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = inside.clinic.reader
    may_answer = threading.Event()

    def cameras() -> list[CameraDevice]:
        assert may_answer.wait(20)
        return reader.devices

    monkeypatch.setattr(reader, "cameras", cameras)
    live.start.click()
    screen.open("gallery")
    screen.open("live")
    may_answer.set()
    inside.settle()
    assert not live.camera.running
    assert "The camera is off." in inside.words(live)
    live.start.click()
    inside.until(live.take.isEnabled)


def test_only_a_frame_of_this_run_that_was_shown_can_be_taken(
    inside: Driver, live: LivePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera, may_look = inside.clinic.reader.camera, threading.Event()
    live.start.click()
    inside.until(live.take.isEnabled)
    live.stop.click()
    inside.until(lambda: not live.camera.running)
    look = camera.look

    def waiting() -> LiveView:
        assert may_look.wait(20)
        return look()

    monkeypatch.setattr(camera, "look", waiting)
    live.start.click()
    inside.until(lambda: "The camera runs." in inside.words(live))
    assert live.take.isVisible()
    assert not live.take.isEnabled()
    assert live.box.newest is None
    may_look.set()
    inside.until(live.take.isEnabled)


def seen_on(live: LivePage) -> QImage:
    QApplication.processEvents()
    return live.compare.grab().toImage()


def test_after_the_camera_the_screen_shows_what_can_be_kept(inside: Driver, live: LivePage) -> None:
    def run_the_camera() -> None:
        live.start.click()
        inside.until(live.take.isEnabled)

    empty = seen_on(live)
    run_the_camera()
    filmed = seen_on(live)
    assert filmed != empty
    live.stop.click()
    inside.settle()
    assert seen_on(live) == empty
    assert not live.outcome.save.isEnabled()
    inside.click("Sample", live)
    still = seen_on(live)
    assert still not in (filmed, empty)
    run_the_camera()
    live.strength.slider.setValue(10)
    live.stop.click()
    inside.settle()
    assert seen_on(live) == still
    assert "Brush, 50 %" in inside.words(live)
    run_the_camera()
    live.take.click()
    inside.settle()
    taken = seen_on(live)
    run_the_camera()
    live.stop.click()
    inside.settle()
    assert seen_on(live) == taken != still
    inside.click("Put into the gallery", live)
    ((made, _),) = inside.clinic.store.tables.gallery.values()
    assert made.source is StudioSource.WEBCAM


def test_a_camera_that_fails_leaves_nothing_of_it_on_the_screen(
    inside: Driver, live: LivePage
) -> None:
    empty = seen_on(live)
    live.start.click()
    inside.until(live.take.isEnabled)
    inside.clinic.reader.camera.trouble = CameraUnavailable(
        CameraTrouble.MISSING, "The camera was unplugged."
    )
    inside.until(lambda: not live.camera.running)
    inside.until(lambda: live.start.isVisible())
    assert "The camera was unplugged." in inside.words(live)
    assert seen_on(live) == empty
    assert not live.live


def test_what_was_made_of_the_still_before_cannot_be_saved_as_the_new_one(
    inside: Driver, live: LivePage
) -> None:
    inside.click("Sample", live)
    assert live.outcome.save.isEnabled()
    inside.clinic.engine.trouble = ModelRejected("The file of the model was changed.")
    inside.click("Sample", live)
    assert "The file of the model was changed." in inside.words(live)
    for one in (live.outcome.save, live.outcome.keep, live.outcome.further):
        assert not one.isEnabled()


def test_a_still_is_printed_without_the_gallery(
    inside: Driver, live: LivePage, printed: Path
) -> None:
    assert not live.outcome.print.isEnabled()
    inside.click("Sample", live)
    inside.press(Qt.Key.Key_Space, live.outcome.print)
    one_picture_was_printed(inside, printed)


def test_coming_back_while_the_styles_are_read_asks_for_them_once(
    inside: Driver, screen: StudioScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, may_answer = inside.clinic.engine, threading.Event()
    real, asked = engine.styles, []

    def styles() -> tuple[str, ...]:
        asked.append(1)
        assert may_answer.wait(20)
        return real()

    monkeypatch.setattr(engine, "styles", styles)
    for name in ("live", "gallery", "live"):
        screen.open(name)
    may_answer.set()
    inside.settle()
    assert len(asked) == 1
    assert inside.button("Start the camera").isEnabled()


def test_models_without_styles_are_told(inside: Driver) -> None:
    inside.clinic.engine.trouble = ModelRejected("The list of models names no styles.")
    screen = open_studio_screen(inside)
    go_to(inside, "Live styles")
    assert "names no styles" in inside.words(screen)
    assert "Reading…" not in inside.words(screen)
    assert not inside.button("Start the camera").isEnabled()

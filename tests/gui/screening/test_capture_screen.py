"""The lobby on the screen: preview, trouble, lock, files; the camera is let go of in time."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStackedWidget

from clinic_app.domain.cautions import Caution
from clinic_app.domain.errors import CameraTrouble
from clinic_app.domain.finding import AbstainReason, QualityReason
from clinic_app.domain.people import Patient
from clinic_app.services.reading import Reading
from clinic_app.ui.screens.screening.capture import words
from clinic_app.ui.screens.screening.capture.ports import Stage
from clinic_app.ui.screens.screening.capture.view import CaptureStep
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.strings import HINTS
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.reader import BUILT_IN, VIRTUAL, PlayedReader
from tests.fakes.reading import png, reading
from tests.gui.screening.conftest import Window


@pytest.fixture
def capture(window: Window, clinic: FakeClinic, patient: Patient) -> CaptureStep:
    """The picture step with the exclusion questions in view."""
    draft = clinic.services.screenings.start(patient.id)
    screen = window.open(draft.id)
    assert screen.presenter.step is Step.PICTURE
    return screen.capture


def _go_live(window: Window, capture: CaptureStep) -> None:
    with window.qtbot.waitSignal(capture.camera.seen):
        QTest.mouseClick(capture.open_camera, Qt.MouseButton.LeftButton)


def _stage(capture: CaptureStep) -> Stage:
    return capture.presenter.stage


def test_a_steady_face_is_taken_by_itself_and_the_result_is_not_shown(
    window: Window, capture: CaptureStep, clinic: FakeClinic, reader: PlayedReader
) -> None:
    _go_live(window, capture)
    window.until(lambda: _stage(capture) is Stage.ACCEPTED)
    window.settle()
    assert reader.opened[0].bursts == 1
    window.until(lambda: reader.opened[0].closed.is_set())
    assert len(clinic.services.screenings.drafts()[0].finding.models) > 0
    assert capture.compare.isVisibleTo(window.page)
    assert "mild" not in _visible_text(capture)


def test_looking_for_another_picture_never_says_that_none_is_held(
    window: Window, capture: CaptureStep, clinic: FakeClinic, reader: PlayedReader
) -> None:
    _go_live(window, capture)
    assert capture.next.text() == "Continue without a picture"
    window.until(lambda: _stage(capture) is Stage.ACCEPTED)
    window.settle()
    reader.hint = QualityReason.MOVING
    window.click(capture.other if capture.other.isVisible() else capture.other_alone)
    window.until(lambda: _stage(capture) is Stage.LIVE)
    assert capture.next.text() == "Continue with the earlier picture"
    window.click(capture.next)
    assert clinic.services.screenings.drafts()[0].finding is not None


def _visible_text(capture: CaptureStep) -> str:
    from PySide6.QtWidgets import QLabel

    labels = capture.findChildren(QLabel)
    return " ".join(one.text() for one in labels if one.isVisibleTo(capture)).lower()


def test_one_hint_stands_below_the_picture(
    window: Window, reader: PlayedReader, capture: CaptureStep
) -> None:
    reader.hint = QualityReason.TOO_DARK
    _go_live(window, capture)
    window.until(lambda: capture.hint.text() == HINTS[QualityReason.TOO_DARK])
    assert capture.hint.accessibleName() == HINTS[QualityReason.TOO_DARK]
    assert _stage(capture) is Stage.LIVE


def test_the_own_picture_can_be_hidden_while_the_camera_goes_on(
    window: Window, reader: PlayedReader, capture: CaptureStep
) -> None:
    reader.hint = QualityReason.MOVING
    _go_live(window, capture)
    shown = capture.preview.grab().toImage()
    window.click(capture.hide_preview)
    with window.qtbot.waitSignal(capture.camera.seen):
        pass
    assert capture.preview.grab().toImage() != shown


def test_the_preview_is_a_mirror(
    window: Window, reader: PlayedReader, capture: CaptureStep
) -> None:
    from clinic_app.domain.picture import Picture

    row = b"\xff\x00\x00" * 32 + b"\x00\x00\xff" * 32  # red on the left, blue on the right
    reader.pictures = [Picture(64, 36, row * 36)]
    reader.hint = QualityReason.MOVING
    _go_live(window, capture)
    middle = capture.preview.height() // 2
    image = capture.preview.grab().toImage()
    left = image.pixelColor(capture.preview.width() // 2 - 40, middle)
    right = image.pixelColor(capture.preview.width() // 2 + 40, middle)
    assert left.blue() > 150 > left.red()
    assert right.red() > 150 > right.blue()


@pytest.mark.parametrize("trouble", [CameraTrouble.BUSY, CameraTrouble.BLACK])
def test_a_camera_that_does_not_open_says_what_to_do_and_the_way_forward_stays(
    window: Window, reader: PlayedReader, capture: CaptureStep, trouble: CameraTrouble
) -> None:
    reader.trouble_on_open = trouble
    QTest.mouseClick(capture.open_camera, Qt.MouseButton.LeftButton)
    window.until(lambda: _stage(capture) is Stage.TROUBLE)
    title, advice = words.TROUBLES[trouble]
    text = _visible_text(capture)
    assert title.lower() in text
    assert advice.lower() in text
    window.click(capture.next)
    assert window.screen.presenter.step is Step.PHQ9


def test_unplugged_in_the_middle_and_plugged_in_again(
    window: Window, reader: PlayedReader, capture: CaptureStep
) -> None:
    _go_live(window, capture)
    reader.opened[0].trouble = CameraTrouble.UNPLUGGED
    window.until(lambda: _stage(capture) is Stage.TROUBLE)
    assert words.TROUBLES[CameraTrouble.UNPLUGGED][0].lower() in _visible_text(capture)
    with window.qtbot.waitSignal(capture.camera.seen):
        QTest.mouseClick(capture.again, Qt.MouseButton.LeftButton)
    window.until(lambda: _stage(capture) is Stage.ACCEPTED)


def test_locking_while_the_camera_runs_stops_it_and_loses_nothing(
    window: Window,
    clinic: FakeClinic,
    reader: PlayedReader,
    capture: CaptureStep,
    qtbot: object,
) -> None:
    reader.hint = QualityReason.MOVING
    _go_live(window, capture)
    draft = clinic.services.screenings.drafts()[0]
    window.desk.hide()  # the lock page covers the desk
    clinic.services.clinic.lock()
    window.until(lambda: reader.opened[0].closed.is_set())
    window.until(lambda: not capture.camera.running)
    clinic.services.clinic.resume(PASSWORD)
    window.desk.show()
    window.until(lambda: len(reader.opened) == 2)
    assert clinic.services.screenings.draft(draft.id) == draft
    assert window.screen.presenter.step is Step.PICTURE


def test_going_to_another_place_lets_go_of_the_camera(
    window: Window, reader: PlayedReader, capture: CaptureStep
) -> None:
    reader.hint = QualityReason.MOVING
    _go_live(window, capture)
    window.desk.show_patients()
    window.until(lambda: reader.opened[0].closed.is_set())
    assert isinstance(window.desk.stack, QStackedWidget)


def test_a_bad_picture_can_be_taken_again_or_kept_as_cannot_tell(
    window: Window, clinic: FakeClinic, reader: PlayedReader, capture: CaptureStep
) -> None:
    bad = reading(abstained=AbstainReason.QUALITY, reasons=(QualityReason.BLURRED,))
    reader.answer = Reading(bad.finding, None)
    _go_live(window, capture)
    window.until(lambda: _stage(capture) is Stage.RETAKE)
    assert HINTS[QualityReason.BLURRED].lower() in _visible_text(capture)
    window.click(capture.keep)
    kept = clinic.services.screenings.drafts()[0].finding
    assert kept is not None
    assert kept.abstained is AbstainReason.QUALITY
    window.click(capture.forward)
    assert window.screen.presenter.step is Step.PHQ9


def test_a_file_can_be_dropped(
    window: Window, reader: PlayedReader, capture: CaptureStep, tmp_path: Path
) -> None:
    photo = tmp_path / "face.png"
    photo.write_bytes(png())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    capture.dropEvent(event)
    window.until(lambda: _stage(capture) is Stage.ACCEPTED)
    assert reader.files == [photo]
    assert capture.forward.hasFocus()  # Enter goes on, not back


def test_a_virtual_camera_is_named_and_cannot_be_chosen(
    window: Window, reader: PlayedReader, capture: CaptureStep
) -> None:
    reader.devices = [VIRTUAL, BUILT_IN]
    reader.hint = QualityReason.MOVING
    _go_live(window, capture)
    assert "Beauty Cam" in capture.picker.itemText(0)
    model = capture.picker.model()
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert capture.picker.currentData() == BUILT_IN


def test_ticks_before_the_camera_are_stored_at_once_and_shown_when_reopened(
    window: Window, capture: CaptureStep, clinic: FakeClinic, patient: Patient
) -> None:
    for caution in (Caution.AUTISM, Caution.PALSY):
        window.click(capture.cautions[caution])
    kept = clinic.services.screenings.drafts()[0]
    assert kept.cautions == (Caution.PALSY, Caution.AUTISM)
    window.desk.show_patient(patient.id)
    window.settle()
    again = window.open(kept.id).capture
    assert again is not capture
    ticked = {caution for caution, box in again.cautions.items() if box.isChecked()}
    assert ticked == {Caution.PALSY, Caution.AUTISM}
    window.click(again.cautions[Caution.PALSY])
    assert clinic.services.screenings.drafts()[0].cautions == (Caution.AUTISM,)

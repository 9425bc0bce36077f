"""Optimised transfer through the window: by keyboard, beside everything else."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from clinic_app.domain.errors import ModelRejected
from clinic_app.inference.studio import open_studio
from clinic_app.paths import MODELS
from clinic_app.ui.screens.studio.gallery import GalleryPage
from clinic_app.ui.screens.studio.transfer.presenter import State
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import clinic_of, go_to, open_studio_screen


def test_a_picture_is_made_kept_compared_and_deleted_by_keyboard(
    inside: Driver, transfer: TransferPage
) -> None:
    assert "Choose a picture and a style." in inside.words(transfer)
    assert not transfer.start.isEnabled()
    inside.press(Qt.Key.Key_Space, transfer.content.sample)
    transfer.settings.steps.slider.setFocus()
    inside.press(Qt.Key.Key_Home)
    inside.press(Qt.Key.Key_Right, transfer.settings.outputs.slider)
    inside.press(Qt.Key.Key_Return, transfer.start)
    assert transfer.presenter.state is State.DONE
    assert [step for step, _ in transfer.presenter.outputs] == [5, 10]
    assert transfer.chart.points[-1].step == 10
    assert "Step 10 of 10" in transfer.log.toPlainText()
    assert "Step 10" in transfer.chart.accessibleDescription()
    inside.type(transfer.title, "Harbour")
    inside.press(Qt.Key.Key_Return, transfer.keep)
    go_to(inside, "Gallery")
    page = transfer.window().findChild(GalleryPage)
    assert page is not None
    assert (page.list.count(), page.title.text()) == (1, "Harbour")
    assert "from the sample portrait" in page.about.text()
    inside.press(Qt.Key.Key_Home, page.compare)
    assert page.compare.place == 0
    inside.press(Qt.Key.Key_Return, page.delete)
    inside.click("Delete", inside.desk.sheet)
    assert "The gallery is empty" in inside.words(page)


def test_a_transfer_is_cancelled_gone_on_with_and_holds_up_nothing(
    inside: Driver, transfer: TransferPage
) -> None:
    clinic = clinic_of(inside)
    reached, may_go_on = threading.Event(), threading.Event()

    def gate(step: int) -> None:
        if step == 4:
            reached.set()
            assert may_go_on.wait(20)

    clinic.engine.gate = gate
    inside.click("Sample", transfer)
    transfer.settings.steps.slider.setValue(0)
    transfer.start.click()
    inside.until(reached.is_set)
    inside.until(lambda: transfer.bar.value() == 4)
    assert "Step 4 of 10, about 1 s left" in inside.words(transfer)
    # Meanwhile the window answers, and the store too.
    patient = clinic.services.patients.search("")
    assert patient == []
    transfer.cancel.click()
    assert transfer.presenter.state is State.STOPPING
    may_go_on.set()
    inside.settle()
    assert transfer.presenter.state is State.STOPPED
    assert "You can go on" in inside.words(transfer)
    assert transfer.presenter.newest is not None
    inside.click("Go on", transfer)
    assert transfer.presenter.state is State.DONE
    assert [step for step, _ in transfer.presenter.outputs] == [10]


def test_trouble_in_the_middle_is_told_and_what_was_made_stays(
    inside: Driver, transfer: TransferPage
) -> None:
    engine = clinic_of(inside).engine
    inside.click("Sample", transfer)
    transfer.settings.steps.slider.setValue(0)
    trouble = ModelRejected("The file of the model was changed.")

    def gate(step: int) -> None:
        if step == 3:
            raise trouble

    engine.gate = gate
    inside.click("Start", transfer)
    assert "The file of the model was changed." in inside.words(transfer)
    assert transfer.presenter.newest is not None
    engine.gate = lambda step: None
    inside.click("Start", transfer)
    assert transfer.presenter.state is State.DONE


def test_what_is_set_is_what_is_asked_for(inside: Driver, transfer: TransferPage) -> None:
    settings = transfer.settings
    for dial, step in ((settings.content, 0), (settings.side, 0), (settings.outputs, 9)):
        dial.slider.setValue(step)
    settings.steps.slider.setValue(1)
    settings.start.setCurrentIndex(1)
    settings.colour.setCurrentIndex(1)
    settings.matching.setCurrentIndex(2)
    inside.click("Layer weights", transfer)
    settings.layers[0].slider.setValue(0)
    wish = settings.wish()
    assert (wish.content_weight, wish.style_weight, wish.longest_side) == (0.0, 10.0, 64)
    assert (wish.steps, wish.outputs, wish.start) == (20, 10, "noise")
    assert (wish.colour, wish.matching) == ("content", "after")
    assert wish.layer_weights == (0.0, 1.0, 1.0, 1.0, 1.0)


def test_the_real_engine_makes_a_small_picture_through_the_window(
    inside: Driver, clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = open_studio(lambda: MODELS)
    monkeypatch.setattr(clinic_of(inside).services.studio, "_open", lambda: real)
    page = open_studio_screen(inside).page("transfer")
    assert isinstance(page, TransferPage)
    inside.until(lambda: "waves" in page.styles.buttons)
    inside.click("Sample", page)
    inside.click("Waves", page)
    page.settings.side.slider.setValue(0)
    page.settings.steps.slider.setValue(0)
    inside.click("Start", page)
    assert page.presenter.state is State.DONE
    (_, picture), *_ = page.presenter.outputs
    assert (picture.width, picture.height) == (64, 64)
    first, last = page.chart.points[0], page.chart.points[-1]
    assert last.style < first.style


def test_every_slider_has_a_name_and_says_its_value(inside: Driver, transfer: TransferPage) -> None:
    dials = [transfer.settings.content, transfer.settings.steps, *transfer.settings.layers]
    for one in dials:
        assert one.slider.accessibleName() == one.caption
        assert one.slider.accessibleDescription()
    transfer.settings.steps.slider.setValue(3)
    assert transfer.settings.steps.slider.accessibleDescription() == "100"
    assert QApplication.focusWidget() is not None
    assert transfer.findChildren(QLineEdit)

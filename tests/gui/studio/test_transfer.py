"""Optimised transfer through the window: by keyboard, beside everything else."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from clinic_app.domain.errors import ConsentMissing, ModelRejected
from clinic_app.domain.picture import Picture
from clinic_app.inference.studio import open_studio
from clinic_app.inference.style.settings import SIDES
from clinic_app.paths import MODELS
from clinic_app.services.record_pictures import leaving
from clinic_app.ui.screens.studio.gallery import GalleryPage
from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.pictures import PictureView, write_picture
from clinic_app.ui.screens.studio.transfer.presenter import State, TransferPresenter
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import png
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import (
    Gate,
    go_to,
    one_picture_was_printed,
    open_studio_screen,
)


@pytest.mark.parametrize("place", ["content", "styles"])
def test_a_crop_that_left_a_record_is_refused_beside_the_button_that_opened_it(
    inside: Driver, transfer: TransferPage, tmp_path: Path, place: str
) -> None:
    crop = tmp_path / "case.png"
    crop.write_bytes(leaving(png(30, 30, 7)))
    inside.settle()
    inside.click("Sample", transfer)
    before = transfer.content.content, transfer.styles.picture
    part = transfer.content if place == "content" else transfer.styles
    part.open_file(crop)
    inside.until(lambda: "This picture is in a record; take it" in inside.words(part))
    assert (transfer.content.content, transfer.styles.picture) == before


def test_the_largest_size_of_the_engine_can_be_asked_for_by_keyboard(
    inside: Driver, transfer: TransferPage
) -> None:
    inside.press(Qt.Key.Key_End, transfer.settings.side.slider)
    assert transfer.settings.wish().longest_side == SIDES[1]
    inside.click("Sample", transfer)
    transfer.settings.steps.slider.setValue(0)
    transfer.start.click()
    inside.settle()
    assert inside.clinic.engine.transfers[-1].wish.longest_side == SIDES[1]


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


def test_a_finished_transfer_is_printed_without_the_gallery(
    inside: Driver, transfer: TransferPage, printed: Path
) -> None:
    assert not transfer.print.isEnabled()
    inside.click("Sample", transfer)
    transfer.settings.steps.slider.setValue(0)
    inside.click("Start", transfer)
    inside.click("Print…", transfer)
    one_picture_was_printed(inside, printed)


def test_ten_pictures_along_the_way_fit_beside_the_settings(
    inside: Driver, transfer: TransferPage
) -> None:
    inside.window.resize(1280, 800)
    inside.settle()
    width = transfer.compare.width()
    inside.press(Qt.Key.Key_Space, transfer.content.sample)
    inside.press(Qt.Key.Key_End, transfer.settings.outputs.slider)
    inside.press(Qt.Key.Key_Return, transfer.start)
    assert len(transfer.presenter.outputs) == 10
    assert transfer.compare.width() == width
    chips = [one for one in transfer.findChildren(QPushButton) if one.text().startswith("Step ")]
    assert len(chips) == 10
    assert all(one.width() >= one.sizeHint().width() for one in chips)
    assert len({one.pos().toTuple() for one in chips}) == 10


def test_a_transfer_is_cancelled_and_gone_on_with(
    inside: Driver, transfer: TransferPage, held: Gate
) -> None:
    inside.until(lambda: transfer.bar.value() == 4)
    assert "Step 4 of 10, about 1 s left" in inside.words(transfer)
    transfer.cancel.click()
    assert transfer.presenter.state is State.STOPPING
    held.may_go_on.set()
    inside.settle()
    assert transfer.presenter.state is State.STOPPED
    assert "You can go on" in inside.words(transfer)
    assert transfer.presenter.newest is not None
    inside.click("Go on", transfer)
    assert transfer.presenter.state is State.DONE
    assert [step for step, _ in transfer.presenter.outputs] == [10]


def test_a_transfer_holds_up_nothing_else_of_the_studio(
    inside: Driver, screen: StudioScreen, transfer: TransferPage, held: Gate, tmp_path: Path
) -> None:
    before = transfer.content.content
    transfer.content.sample.click()
    inside.until(lambda: transfer.content.content is not before)
    screen.open("live")
    live = screen.page("live")
    assert isinstance(live, LivePage)
    inside.until(lambda: bool(live.dials))
    live.content.sample.click()
    inside.until(live.outcome.keep.isEnabled)
    live.outcome.keep.click()
    inside.until(lambda: len(inside.clinic.store.tables.gallery) == 1)
    live.start.click()
    inside.until(live.take.isEnabled)
    path, notices = tmp_path / "out.png", inside.desk.workspace.notices
    write_picture(inside.jobs, notices, lambda: b"a picture", path)
    inside.until(path.exists)
    screen.open("look")
    look = screen.page("look")
    inside.until(lambda: "The look that ships with the program" in inside.words(look))
    inside.until(lambda: all(view.image is not None for view in look.findChildren(PictureView)))
    inside.until(lambda: not live.camera.running)
    assert transfer.presenter.state is State.RUNNING


def test_a_transfer_whose_page_has_gone_ends_without_trouble(
    inside: Driver, transfer: TransferPage, held: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[object] = []
    run = TransferPresenter._run

    def noted(*arguments: Any) -> bool:
        try:
            ended.append(run(*arguments))
        except BaseException as error:
            ended.append(error)
            raise
        return False

    monkeypatch.setattr(TransferPresenter, "_run", noted)
    held.may_go_on.set()
    inside.settle()
    held.reached.clear()
    held.may_go_on.clear()
    transfer.start.click()
    inside.until(held.reached.is_set)
    inside.window.sign_out()
    inside.until(lambda: not shiboken6.isValid(transfer))
    held.may_go_on.set()
    inside.settle()
    assert ended == [False]


def test_coming_back_while_the_styles_are_read_asks_for_them_once(
    inside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, may_answer = inside.clinic.engine, threading.Event()
    real, asked = engine.style_pictures, []

    def style_pictures() -> Mapping[str, Picture]:
        asked.append(1)
        assert may_answer.wait(20)
        return real()

    monkeypatch.setattr(engine, "style_pictures", style_pictures)
    inside.desk.go_to("studio")
    screen = inside.desk.present
    assert isinstance(screen, StudioScreen)
    for name in ("gallery", "transfer"):
        screen.open(name)
    may_answer.set()
    inside.settle()
    assert len(asked) == 1


def test_trouble_in_the_middle_is_told_and_what_was_made_stays(
    inside: Driver, transfer: TransferPage
) -> None:
    engine = inside.clinic.engine
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


def test_of_a_picture_that_may_not_be_used_any_more_nothing_stays_in_view(
    inside: Driver, transfer: TransferPage, held: Gate
) -> None:
    inside.until(lambda: transfer.bar.value() == 4)
    (running,) = inside.clinic.engine.transfers
    running.trouble, running.trouble_at = ConsentMissing("This transfer has ended."), 6
    held.may_go_on.set()
    inside.settle()
    assert transfer.presenter.state is State.FAILED
    assert "This transfer has ended." in inside.words(transfer)
    assert (transfer.presenter.newest, transfer.presenter.outputs) == (None, [])
    assert (transfer.content.content, transfer.content.view.image) == (None, None)
    assert not transfer.keep.isEnabled()
    assert not transfer.start.isEnabled()


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
    monkeypatch.setattr(inside.clinic.services.studio, "_open", lambda: real)
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

"""The style studio through the window: by keyboard, beside everything else, into no record."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLineEdit

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import ModelRejected
from clinic_app.domain.people import Role
from clinic_app.domain.reference_look import Stability
from clinic_app.domain.studio import StudioSource
from clinic_app.inference.studio import open_studio
from clinic_app.paths import MODELS
from clinic_app.ui.screens.studio.gallery import GalleryPage
from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.look.view import LookPage
from clinic_app.ui.screens.studio.pictures import write_picture
from clinic_app.ui.screens.studio.transfer.presenter import State
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.studio import STEADY, shaded
from tests.gui.conftest import Driver
from tests.unit.services.test_studio import ALL, screened


def clinic_of(driver: Driver) -> FakeClinic:
    assert driver.clinic is not None
    return driver.clinic


def open_studio_screen(driver: Driver) -> StudioScreen:
    driver.shortcut(Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    screen = driver.desk.present
    assert isinstance(screen, StudioScreen)
    return screen


@pytest.fixture
def screen(inside: Driver) -> StudioScreen:
    return open_studio_screen(inside)


@pytest.fixture
def transfer(inside: Driver, screen: StudioScreen) -> TransferPage:
    page = screen.page("transfer")
    assert isinstance(page, TransferPage)
    return page


def go_to(driver: Driver, name: str) -> None:
    driver.click(name)


# --- optimised transfer -------------------------------------------------------------------------


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


def test_small_pictures_are_made_beside_the_window_and_once(
    inside: Driver, screen: StudioScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = clinic_of(inside)
    studio, drawn_in = clinic.services.studio, clinic.engine.thumbnails
    decoded: list[int] = []
    monkeypatch.setattr(QImage, "fromData", lambda *_: decoded.append(1))
    for title in ("Harbour", "Boat", "Lamp"):
        studio.keep(studio.sample(), shaded(200), title, "ink")
    go_to(inside, "Gallery")
    page = screen.page("gallery")
    assert isinstance(page, GalleryPage)
    assert page.list.count() == 3
    inside.until(lambda: all(not page.list.item(n).icon().isNull() for n in range(3)))
    assert drawn_in == [drawn_in[0]] * 3
    assert drawn_in[0].startswith("lane-")
    studio.keep(studio.sample(), shaded(200), "Fourth", "ink")
    page.arrive()
    inside.until(lambda: page.list.count() == 4)
    inside.until(lambda: all(not page.list.item(n).icon().isNull() for n in range(4)))
    assert len(drawn_in) == 4
    assert decoded == []


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


# --- patients -----------------------------------------------------------------------------------


def choose_patient(driver: Driver, page: TransferPage) -> None:
    driver.click("A patient's…", page)
    sheet = page.content.sheet
    assert sheet is not None
    driver.type(sheet.search, "Okafor")
    driver.settle()
    sheet.people.setCurrentRow(0)
    sheet.people.itemActivated.emit(sheet.people.item(0))
    driver.settle()


def test_a_patients_picture_comes_with_consent_and_goes_into_the_gallery_on_purpose_alone(
    inside: Driver, transfer: TransferPage
) -> None:
    clinic = clinic_of(inside)
    patient, _ = screened(clinic, *ALL)
    choose_patient(inside, transfer)
    inside.click("Use this picture", inside.desk.sheet)
    content = transfer.content.content
    assert content is not None
    assert (content.source, content.patient_id) == (StudioSource.PATIENT, patient)
    transfer.settings.steps.slider.setValue(0)
    inside.click("Start", transfer)
    inside.click("Put into the gallery", transfer)
    assert clinic.store.tables.gallery == {}
    inside.click("Leave it out", inside.desk.sheet)
    assert clinic.store.tables.gallery == {}
    inside.click("Put into the gallery", transfer)
    inside.click("Put it into the gallery", inside.desk.sheet)
    ((made, _),) = clinic.store.tables.gallery.values()
    assert made.patient_id == patient


def test_without_consent_the_sheet_says_so(inside: Driver, transfer: TransferPage) -> None:
    screened(clinic_of(inside), *ALL[:3])
    choose_patient(inside, transfer)
    sheet = transfer.content.sheet
    assert sheet is not None
    assert "has not agreed" in sheet.said.text()
    assert not sheet.use.isEnabled()


def test_a_file_that_leaves_says_that_it_is_altered(
    inside: Driver, screen: StudioScreen, tmp_path: Path
) -> None:
    clinic = clinic_of(inside)
    studio, path = clinic.services.studio, tmp_path / "out.png"
    content = studio.sample()
    write_picture(
        inside.jobs, inside.desk.workspace.notices, lambda: studio.marked(content, shaded(9)), path
    )
    inside.settle()
    assert path.read_bytes().endswith(b"altered")
    assert "marked as altered" in inside.words()


# --- live styles --------------------------------------------------------------------------------


@pytest.fixture
def live(inside: Driver, screen: StudioScreen) -> LivePage:
    go_to(inside, "Live styles")
    page = screen.page("live")
    assert isinstance(page, LivePage)
    return page


def test_a_still_follows_the_sliders_and_the_face(inside: Driver, live: LivePage) -> None:
    engine = clinic_of(inside).engine
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
    ((made, _),) = clinic_of(inside).store.tables.gallery.values()
    assert made.made_with == "Dots, 50 %"
    inside.click("Use in a transfer", live)
    page = inside.desk.present
    assert isinstance(page, StudioScreen)
    taken = page.page("transfer")
    assert isinstance(taken, TransferPage)
    assert taken.content.content is not None


def test_the_camera_is_drawn_live_taken_and_let_go(inside: Driver, live: LivePage) -> None:
    engine, camera = clinic_of(inside).engine, clinic_of(inside).reader.camera
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
    assert live.keep.isEnabled()


def test_going_elsewhere_frees_the_camera(inside: Driver, live: LivePage) -> None:
    camera = clinic_of(inside).reader.camera
    live.start_camera()
    inside.until(lambda: "pictures a second" in inside.words(live))
    inside.desk.show_today()
    inside.until(lambda: not live.camera.running)
    assert camera.closed


def test_models_without_styles_are_told(inside: Driver) -> None:
    clinic_of(inside).engine.trouble = ModelRejected("The list of models names no styles.")
    screen = open_studio_screen(inside)
    go_to(inside, "Live styles")
    assert "names no styles" in inside.words(screen)
    assert "Reading…" not in inside.words(screen)
    assert not inside.button("Start the camera").isEnabled()


# --- the reference look -------------------------------------------------------------------------


def sign(driver: Driver, page: LookPage, reason: str) -> None:
    assert page.asked is not None
    driver.type(page.asked.reason, reason)
    driver.type(page.asked.password.edit, PASSWORD)
    driver.press(Qt.Key.Key_Return, page.asked.password.edit)


def test_a_look_is_blended_measured_adopted_and_taken_back(
    inside: Driver, screen: StudioScreen, tmp_path: Path
) -> None:
    clinic = clinic_of(inside)
    go_to(inside, "Reference look")
    page = screen.page("look")
    assert isinstance(page, LookPage)
    assert "The look that ships with the program" in inside.words(page)
    page.dials["daylight"].slider.setValue(20)
    page.add_faces([tmp_path / "a.png", tmp_path / "b.png", tmp_path / "a.png"])
    assert "Chosen beside the sample portrait: 2" in inside.words(page)
    inside.press(Qt.Key.Key_Return, page.measure)
    recipe, present, pictures = clinic.bench.asked[-1]
    assert recipe.weights == {"daylight": 0.5, "soft window": 0.5}
    assert (recipe.strength, present, len(pictures)) == (0.5, None, 2)
    words = inside.words(page)
    for figure in ("0.024", "0.020", "0.018", "0.060"):
        assert figure in words
    look = clinic.services.looks.state().rows[0].look
    inside.click(f"Adopt {look.version}", page)
    sign(inside, page, "Steadier in our rooms.")
    assert f"{look.version}: " in inside.words(page)
    assert clinic.services.looks.state().in_use == look
    inside.click("One step back…", page)
    sign(inside, page, "As it was.")
    assert clinic.services.looks.state().in_use is None
    kinds = [one.kind for one in clinic.store.tables.audit if one.subject == "look"]
    assert kinds == [AuditKind.CREATED, AuditKind.SIGNED, AuditKind.SIGNED]


def test_a_look_that_is_worse_cannot_be_adopted_and_says_why(
    inside: Driver, screen: StudioScreen
) -> None:
    clinic_of(inside).bench.found = replace(STEADY, candidate=Stability(0.03, 0.3, 0.2))
    go_to(inside, "Reference look")
    page = screen.page("look")
    assert isinstance(page, LookPage)
    inside.click("Measure", page)
    assert "The reading spreads more" in inside.words(page)
    assert not inside.button("Adopt…", page).isEnabled()


def test_a_measurement_can_be_stopped(inside: Driver, screen: StudioScreen) -> None:
    go_to(inside, "Reference look")
    page = screen.page("look")
    assert isinstance(page, LookPage)
    reached, go_on = threading.Event(), threading.Event()
    bench = clinic_of(inside).bench
    real = bench.measure

    def slow(*args: object, **named: object) -> object:
        reached.set()
        assert go_on.wait(20)
        return real(*args, **named)  # type: ignore[arg-type]

    bench.measure = slow  # type: ignore[method-assign, assignment]
    page.measure.click()
    inside.until(reached.is_set)
    page.stop.click()
    go_on.set()
    inside.settle()
    assert "The measurement was stopped." in inside.words(page)
    assert clinic_of(inside).services.looks.state().rows == ()


def test_a_counselor_has_the_studio_without_the_look(outside: Driver) -> None:
    clinic_of(outside).add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    open_studio_screen(outside)
    assert outside.button("Gallery").isVisible()
    with pytest.raises(AssertionError):
        outside.button("Reference look")


def test_every_slider_has_a_name_and_says_its_value(inside: Driver, transfer: TransferPage) -> None:
    dials = [transfer.settings.content, transfer.settings.steps, *transfer.settings.layers]
    for one in dials:
        assert one.slider.accessibleName() == one.caption
        assert one.slider.accessibleDescription()
    transfer.settings.steps.slider.setValue(3)
    assert transfer.settings.steps.slider.accessibleDescription() == "100"
    assert QApplication.focusWidget() is not None
    assert transfer.findChildren(QLineEdit)

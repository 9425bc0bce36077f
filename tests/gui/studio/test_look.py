"""The reference look through the window: blended, measured, adopted, taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.reference_look import (
    Ablation,
    LookEvent,
    LookEventKind,
    Recipe,
    Stability,
)
from clinic_app.services.backup_data import Progress, Stop
from clinic_app.services.look_data import LookPreview, LookStopped
from clinic_app.ui.screens.studio.look.view import LookPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD
from tests.fakes.clock import START
from tests.fakes.studio import STEADY
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import go_to, open_studio_screen


def sign(driver: Driver, page: LookPage, reason: str) -> None:
    assert page.asked is not None
    driver.type(page.asked.reason, reason)
    driver.type(page.asked.password.edit, PASSWORD)
    driver.press(Qt.Key.Key_Return, page.asked.password.edit)


def photo(folder: Path, name: str) -> Path:
    path = folder / f"{name}.png"
    path.write_bytes(name.encode())
    return path


def test_a_look_is_blended_measured_adopted_and_taken_back(
    inside: Driver, screen: StudioScreen, tmp_path: Path
) -> None:
    clinic = inside.clinic
    go_to(inside, "Reference look")
    page = screen.page("look")
    assert isinstance(page, LookPage)
    words = inside.words(page)
    assert "The look that ships with the program" in words
    assert "Own light\n" in words
    assert "Light from the side\n" in words
    page.dials["daylight"].slider.setValue(20)
    page.add_faces([tmp_path / "a.png", tmp_path / "b.png", tmp_path / "a.png"])
    assert "Chosen beside the sample portrait: 2" in inside.words(page)
    missing = "Photos still needed before what is measured can be adopted"
    assert f"{missing}: 2" in inside.words(page)
    page.different.setChecked(True)
    page.add_faces([tmp_path / "c.png", tmp_path / "d.png"])
    assert missing not in inside.words(page)
    assert not page.different.isChecked()  # it was said of other faces
    assert not page.measure.isEnabled()
    page.different.setChecked(True)
    assert page.measure.isEnabled()
    inside.click("Remove all", page)
    assert f"{missing}: 4" in inside.words(page)
    page.add_faces([photo(tmp_path, "a"), photo(tmp_path, "b")])
    inside.press(Qt.Key.Key_Space, page.different)
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


def test_every_look_and_why_one_was_chosen_can_be_read(inside: Driver, look: LookPage) -> None:
    """Who signed for it and with what reason, also for looks that are older than the newest."""
    looks, name = inside.clinic.services.looks, inside.clinic.services.session.user.display_name
    made = [
        looks.measure({"soft window": 1.0}, 0.1 * number, (), different_people=True)
        for number in range(1, 10)
    ]
    for one in made[:2]:
        looks.adopt(one.id, f"Steadier with {one.version}.", PASSWORD)
        looks.take_back("As it was.", PASSWORD)
    go_to(inside, "Reference look")
    assert f"{made[1].version} adopted by {name}, " in inside.words(look)
    assert f"Back to the look that ships with the program by {name}, " in inside.words(look)
    assert f"Steadier with {made[1].version}." in inside.words(look)
    for hidden in (f"{made[0].version}, measured", f"Steadier with {made[0].version}."):
        assert hidden not in inside.words(look)
    inside.press(Qt.Key.Key_Space, look.all)
    for shown in (f"{made[0].version}, measured", f"Steadier with {made[0].version}."):
        assert shown in inside.words(look)
    assert not look.all.isVisible()
    inside.click(f"Adopt {made[0].version}", look)


def taken_back_elsewhere(inside: Driver) -> None:
    """A round brings what another administrator signed on another laptop."""
    with inside.clinic.store.unit_of_work() as work:
        event = LookEvent(new_id(), LookEventKind.TAKEN_BACK, START, new_id(), None, text="there")
        work.look_events.add(event)
        work.commit()


def test_a_look_that_was_taken_back_elsewhere_is_shown_after_a_round_and_not_taken_back_twice(
    inside: Driver, screen: StudioScreen
) -> None:
    looks = inside.clinic.services.looks
    first = looks.measure({"soft window": 1.0}, 0.5, (), different_people=True)
    looks.adopt(first.id, "steadier", PASSWORD)
    go_to(inside, "Reference look")
    page = screen.page("look")
    assert isinstance(page, LookPage)
    page.back.setFocus()
    inside.click("One step back…", page)
    taken_back_elsewhere(inside)
    sign(inside, page, "the camera was changed")
    assert page.asked is not None
    assert "in use already" in inside.words(page.asked.sheet)
    inside.press(Qt.Key.Key_Escape, page.asked.sheet)
    inside.click("Leave without it")  # a reason is written in it
    assert page.back.isHidden()
    adopt = inside.button(f"Adopt {first.version}", page)
    looks.adopt(first.id, "steadier", PASSWORD)
    adopt.setFocus()
    screen.renew()
    inside.settle()
    assert not page.back.isHidden()
    taken_back_elsewhere(inside)
    screen.renew()
    inside.settle()
    adopt = inside.button(f"Adopt {first.version}", page)
    adopt.setFocus()
    screen.renew()
    inside.settle()
    assert page.focusWidget() is adopt  # nothing has changed, so nothing was made anew


def test_a_look_that_is_worse_cannot_be_adopted_and_says_why(
    inside: Driver, screen: StudioScreen
) -> None:
    inside.clinic.bench.found = replace(STEADY, candidate=Stability(0.03, 0.3, 0.2))
    go_to(inside, "Reference look")
    page = screen.page("look")
    assert isinstance(page, LookPage)
    inside.click("Measure", page)
    assert "The reading spreads more" in inside.words(page)
    assert not inside.button("Adopt…", page).isEnabled()


def test_a_look_of_other_models_is_named_as_not_used(inside: Driver, look: LookPage) -> None:
    clinic = inside.clinic
    made = clinic.services.looks.measure({"daylight": 1.0}, 0.5, (), different_people=True)
    clinic.services.looks.adopt(made.id, "steadier", PASSWORD)
    clinic.bench.in_use = "severity 9.0.0 style 0.1.0"
    go_to(inside, "Gallery")
    go_to(inside, "Reference look")
    words = inside.words(look)
    assert f"{made.version} is adopted, but was measured with other models" in words
    assert "The look that ships with the program" in words
    assert look.back.isVisible()
    clinic.bench.in_use = STEADY.models
    go_to(inside, "Gallery")
    go_to(inside, "Reference look")
    assert "is adopted, but" not in inside.words(look)


@pytest.fixture
def held(inside: Driver, look: LookPage) -> Iterator[threading.Event]:
    """A measurement is under way, and stays there until the event is set."""
    reached, go_on = threading.Event(), threading.Event()
    bench = inside.clinic.bench
    real = bench.measure

    def slow(*args: object, **named: object) -> object:
        reached.set()
        assert go_on.wait(20)
        return real(*args, **named)  # type: ignore[arg-type]

    bench.measure = slow  # type: ignore[method-assign, assignment]
    look.measure.click()
    inside.until(reached.is_set)
    yield go_on
    go_on.set()


def test_a_measurement_can_be_stopped(
    inside: Driver, look: LookPage, held: threading.Event
) -> None:
    look.stop.click()
    held.set()
    inside.settle()
    assert "The measurement was stopped." in inside.words(look)
    assert inside.clinic.services.looks.state().rows == ()
    look.strength.slider.setValue(5)
    inside.settle()
    assert "The measurement was stopped." in inside.words(look)


def test_a_preview_that_fails_leaves_the_measurement_its_bar_and_its_way_to_stop(
    inside: Driver, look: LookPage, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, trouble = inside.clinic.bench, UnreadableImage("There is no face to be found.")

    def failing(*_: object) -> LookPreview:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(bench, "preview", failing)
        look.strength.slider.setValue(5)
        inside.until(lambda: "There is no face to be found." in inside.words(look))
    assert look.bar.isVisible()
    assert look.stop.isVisible()
    assert not look.measure.isEnabled()
    look.strength.slider.setValue(6)
    inside.until(lambda: "There is no face to be found." not in inside.words(look))
    held.set()
    inside.settle()
    assert not look.bar.isVisible()
    assert look.measure.isEnabled()
    assert len(inside.clinic.services.looks.state().rows) == 1


def test_a_measurement_whose_page_has_gone_is_stopped_without_trouble(
    inside: Driver, look: LookPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on, told = threading.Event(), threading.Event(), threading.Event()

    def measure(
        recipe: Recipe, present: Recipe | None, pictures: object, progress: Progress, stop: Stop
    ) -> Ablation:
        reached.set()
        assert go_on.wait(20)
        progress(0.5)
        told.set()
        assert stop()
        raise LookStopped("The measurement was stopped.")

    monkeypatch.setattr(inside.clinic.bench, "measure", measure)
    look.measure.click()
    inside.until(reached.is_set)
    inside.window.sign_out()
    inside.until(lambda: not shiboken6.isValid(look))
    go_on.set()
    inside.settle()
    assert told.is_set()


def test_a_counselor_has_the_studio_without_the_look(outside: Driver) -> None:
    outside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    open_studio_screen(outside)
    assert outside.button("Gallery").isVisible()
    with pytest.raises(AssertionError):
        outside.button("Reference look")

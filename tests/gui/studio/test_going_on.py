"""What was not finished is offered when the studio opens; what waits says for what and how long."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from clinic_app.domain.errors import ModelRejected
from clinic_app.domain.studio import TransferWish
from clinic_app.ui.screens.studio.look.view import LookPage
from clinic_app.ui.screens.studio.transfer.presenter import State
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import Gate, go_to, open_studio_screen

WISH = TransferWish(steps=10, outputs=5, longest_side=64, start="noise")


def begin(driver: Driver, steps: int = 5) -> None:
    """A transfer that was stopped, as another start of the program left it."""
    studio = driver.clinic.services.studio
    left = iter(range(steps))
    made = studio.transfer(studio.sample(), studio.style_pictures()["chalk"], WISH, "Chalk")
    list(made.run(lambda: next(left, None) is None))


def opened(driver: Driver) -> TransferPage:
    page = open_studio_screen(driver).page("transfer")
    assert isinstance(page, TransferPage)
    driver.settle()
    return page


def test_a_transfer_that_was_not_finished_is_gone_on_with_by_keyboard(inside: Driver) -> None:
    begin(inside)
    page = opened(inside)
    told = "Chalk on the sample portrait, at step 5 of 10, begun 2 Mar 2026, 09:00"
    assert told in inside.words(page)
    page.offer.go_on.setFocus()
    inside.press(Qt.Key.Key_Space)
    inside.settle()
    assert page.presenter.state is State.DONE
    assert not page.offer.isVisible()
    assert [step for step, _ in page.presenter.outputs] == [2, 4, 6, 8, 10]
    assert [one.step for one in page.chart.points] == [6, 7, 8, 9, 10]
    assert page.settings.wish() == WISH
    assert page.styles.buttons["chalk"].isChecked()
    assert QApplication.focusWidget() is page.start
    assert inside.clinic.services.studio.begun() is None


def test_it_is_started_again_from_its_beginning(inside: Driver) -> None:
    begin(inside)
    page = opened(inside)
    inside.click("Start again", page)
    assert page.presenter.state is State.DONE
    assert [one.step for one in page.chart.points] == list(range(1, 11))
    assert [step for step, _ in page.presenter.outputs] == [2, 4, 6, 8, 10]


def test_it_is_discarded(inside: Driver) -> None:
    begin(inside)
    page = opened(inside)
    page.offer.discard.setFocus()
    inside.press(Qt.Key.Key_Space)
    inside.settle()
    assert not page.offer.isVisible()
    assert inside.clinic.services.studio.begun() is None
    assert page.isAncestorOf(QApplication.focusWidget())


def test_the_keyboard_stays_where_it_is_needed_from_the_start_to_the_end(
    inside: Driver, transfer: TransferPage, held: Gate
) -> None:
    inside.until(lambda: transfer.bar.value() == 4)
    transfer.cancel.setFocus()
    transfer.cancel.click()  # as the space bar does; the driver would wait for the end
    assert transfer.presenter.state is State.STOPPING
    assert QApplication.focusWidget() is transfer.cancel
    held.may_go_on.set()
    inside.settle()
    assert QApplication.focusWidget() is transfer.go_on
    inside.press(Qt.Key.Key_Space)
    inside.settle()
    assert transfer.presenter.state is State.DONE
    assert QApplication.focusWidget() is transfer.start


def test_nothing_is_offered_where_nothing_was_begun(transfer: TransferPage) -> None:
    assert not transfer.offer.isVisible()


def test_what_cannot_be_gone_on_with_says_so_and_can_still_be_started_again(
    inside: Driver,
) -> None:
    begin(inside)
    clinic = inside.clinic
    begun = clinic.services.studio.begun()
    assert begun is not None
    with clinic.store.unit_of_work() as work:
        work.begun_transfers.put_away(begun.id, 5, b"cut", [], begun.begun_at)
        work.commit()
    page = opened(inside)
    inside.click("Go on", page.offer)
    assert page.presenter.state is State.FAILED
    assert "What was kept of this transfer cannot be read." in inside.words(page)
    inside.click("Start again", page.offer)
    assert page.presenter.state is State.DONE


def test_one_that_failed_in_the_middle_is_offered_at_once(
    inside: Driver, transfer: TransferPage
) -> None:
    engine = inside.clinic.engine

    def gate(step: int) -> None:
        if step == 3:
            raise ModelRejected("The file of the model was changed.")

    engine.gate = gate
    inside.click("Sample", transfer)
    transfer.settings.steps.slider.setValue(0)
    inside.click("Start", transfer)
    assert "at step 3 of 10" in inside.words(transfer)
    engine.gate = lambda step: None
    inside.click("Go on", transfer.offer)
    assert transfer.presenter.state is State.DONE


def test_closing_the_window_puts_away_what_runs(
    inside: Driver, transfer: TransferPage, held: Gate
) -> None:
    clinic = inside.clinic
    inside.until(lambda: transfer.bar.value() == 4)
    inside.window.sign_out()
    inside.until(clinic.engine.broken_off.is_set)
    held.may_go_on.set()
    inside.settle()
    (begun,) = (one for one, _ in clinic.store.tables.begun_transfers.values())
    assert begun.step == 4  # the fifth was broken off
    inside.sign_in()
    inside.settle()
    page = opened(inside)
    assert "at step 4 of 10" in inside.words(page)
    inside.click("Go on", page.offer)
    assert page.presenter.state is State.DONE


def test_the_lock_takes_nothing_from_a_transfer(
    inside: Driver, transfer: TransferPage, held: Gate
) -> None:
    inside.window.lock()
    held.may_go_on.set()
    inside.settle()
    assert transfer.presenter.state is State.DONE


def test_a_measurement_behind_a_transfer_says_what_it_waits_for_and_begins_by_itself(
    inside: Driver, screen: StudioScreen, transfer: TransferPage, held: Gate
) -> None:
    inside.until(lambda: transfer.bar.value() == 4)
    screen.open("look")
    look = screen.page("look")
    assert isinstance(look, LookPage)
    inside.until(lambda: look.measure.isVisible() and look.measure.isEnabled())
    look.measure.click()
    waiting = "Begins by itself when the optimised transfer has ended, about 1 s left."
    assert waiting in inside.words(look)
    assert look.stop.isVisible()
    assert inside.clinic.bench.asked == []
    look.stop.click()  # at once, though the transfer still runs
    assert look.measure.isEnabled()
    assert waiting not in inside.words(look)
    look.measure.click()
    held.may_go_on.set()
    inside.settle()
    assert transfer.presenter.state is State.DONE
    assert len(inside.clinic.bench.asked) == 1
    assert not look.bar.isVisible()


def test_a_transfer_behind_a_measurement_waits_and_is_given_up_at_once(
    inside: Driver, screen: StudioScreen, transfer: TransferPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    bench = inside.clinic.bench
    real = bench.measure

    def measure(*asked: object) -> object:
        gate(4)
        return real(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(bench, "measure", measure)
    go_to(inside, "Reference look")
    look = screen.page("look")
    assert isinstance(look, LookPage)
    look.measure.click()
    inside.until(gate.reached.is_set)
    screen.open("transfer")
    transfer.content.sample.click()
    inside.until(transfer.start.isEnabled)
    transfer.settings.steps.slider.setValue(0)
    transfer.start.setFocus()
    transfer.start.click()
    assert transfer.presenter.state is State.WAITING
    words = "Begins by itself when the measurement of a look has ended."
    assert words in inside.words(transfer)
    assert QApplication.focusWidget() is transfer.cancel
    transfer.cancel.click()
    assert transfer.presenter.state is State.IDLE
    assert words not in inside.words(transfer)
    assert QApplication.focusWidget() is transfer.start
    transfer.start.click()
    gate.may_go_on.set()
    inside.settle()
    assert transfer.presenter.state is State.DONE


def test_a_studio_that_has_gone_leaves_nobody_waiting(
    inside: Driver, transfer: TransferPage, held: Gate
) -> None:
    inside.window.sign_out()
    held.may_go_on.set()
    inside.settle()
    inside.sign_in()
    inside.settle()
    page = opened(inside)
    assert page.presenter.state is State.IDLE
    inside.click("Sample", page)
    inside.click("Start", page)
    assert page.presenter.state is State.DONE

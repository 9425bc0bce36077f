"""Learning in the settings: what is missing, a fit, a comparison, a promotion and one step back."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel

from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import HeadEvent, HeadEventKind, LocalHead
from clinic_app.training.clinic_set import load_clinic_set
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.admin.learning.presenter import LearningPresenter, Work
from clinic_app.ui.screens.admin.learning.view import LearningSection
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.labelled import add_case, fill, withdraw
from tests.gui.admin.conftest import open_section, prove
from tests.gui.conftest import Driver


@pytest.fixture
def filled(inside: Driver) -> FakeClinic:
    fill(inside.clinic.store.unit_of_work, new_id())
    return inside.clinic


def in_use(clinic: FakeClinic) -> LocalHead:
    """A head that was fitted, compared and promoted."""
    learning = clinic.services.learning
    head = learning.fit()
    learning.compare(head.id)
    learning.promote(head.id, "Closer to us.", PASSWORD)
    return head


def opened(driver: Driver, settings: AdminScreen) -> LearningSection:
    return open_section(driver, settings, "learning", LearningSection)


def test_a_small_clinic_sees_what_is_missing(inside: Driver, settings: AdminScreen) -> None:
    section = opened(inside, settings)
    assert "0 of 20 people to fit on" in inside.words(section)
    assert not section.export.isEnabled()
    inside.click("Fit a new head", section)
    assert "too few people to fit on" in inside.words(section)


def test_from_a_fit_to_a_head_in_use_and_back(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    section = opened(inside, settings)
    inside.click("Fit a new head", section)
    (row,) = filled.services.learning.state().rows
    head = row.head.version
    assert not inside.button(f"Promote… {head}", section).isEnabled()
    inside.click(f"Compare {head}", section)
    assert "better than the shipped head beyond the interval" in inside.words(section)
    inside.click(f"Promote… {head}", section)
    inside.type(section.asked.reason, "Closer to us.")
    inside.type(section.asked.password.edit, "not the password")
    inside.press(Qt.Key.Key_Return, section.asked.password.edit)
    assert filled.services.learning.state().in_use is None
    inside.type(section.asked.password.edit, PASSWORD)
    inside.press(Qt.Key.Key_Return, section.asked.password.edit)
    assert filled.services.learning.state().in_use == row.head
    assert "in use" in inside.words(section)
    inside.click("Roll back…", section)
    inside.type(section.asked.password.edit, PASSWORD)
    inside.press(Qt.Key.Key_Return, section.asked.password.edit)
    assert "write down why" in inside.words(section.asked.sheet)
    inside.type(section.asked.reason, "New camera.")
    inside.press(Qt.Key.Key_Return, section.asked.password.edit)
    assert filled.services.learning.state().in_use is None


def test_new_models_are_told_with_what_they_leave_of_head_and_cases(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    """As after an update of the program, once a picture was read."""
    learning = filled.services.learning
    head, settled = in_use(filled), learning.state().settled
    with filled.store.unit_of_work() as work:
        add_case(work, new_id(), label=None, number=900, version="9.0.0")
        work.commit()
    section = opened(inside, settings)
    words = inside.words(section)
    assert f"{head.version}, which reads no picture now: it is for other models" in words
    assert f"Settled cases that other models have read do not count: {settled}." in words
    assert "0 settled" in words


def test_a_head_stands_beside_the_one_in_use_too(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    learning = filled.services.learning
    first = in_use(filled)
    same = learning.fit()
    section = opened(inside, settings)
    assert "not been compared" in inside.words(section)
    inside.click(f"Compare {same.version}", section)
    words = inside.words(section)
    assert words.count("It is not better than the head in use beyond the interval.") == 2
    assert f"{first.version}, in use then" in words
    assert not inside.button(f"Promote… {same.version}", section).isEnabled()
    told = [one.accessibleName() for one in section.findChildren(QLabel)]
    gain = f"better by · {first.version}, in use then: 0.00 (0.00 to 0.00)"
    assert f"Weighted kappa with the doctors, {gain}" in told


def test_a_compared_head_is_called_better_when_it_may_be_promoted_alone(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    learning = filled.services.learning
    in_use(filled)
    found = learning.compare(learning.fit().id)
    assert found.champion is not None
    section = opened(inside, settings)
    better = replace(found.champion, kappa_gain=found.kappa_gain)
    section.show_compared(replace(found, champion=better))
    told = "It is better than the shipped head and than the head in use beyond the interval."
    assert told in inside.words(section)
    section.show_compared(
        replace(
            found,
            champion=better,
            score_loss_gain=replace(found.score_loss_gain, value=-0.01),
        )
    )
    words = inside.words(section)
    assert "Its probabilities fit worse than those of the shipped head." in words
    assert "It is better than" not in words


def test_a_head_with_a_withdrawn_case_is_not_offered_for_comparing(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    head, other = filled.services.learning.fit(), filled.services.learning.fit()
    section = opened(inside, settings)
    compare = inside.button(f"Compare {head.version}", section)
    assert compare.isEnabled()
    gone = filled.store.tables.screenings[head.cases[0]]
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, filled.services.session.user.id)
        work.commit()
    inside.press(Qt.Key.Key_Space, compare)  # the page does not know yet
    assert "It contains withdrawn cases (1); please fit again." in inside.words(section)
    assert filled.services.learning.state().looks == 0
    for one in (head, other):
        assert not inside.button(f"Compare {one.version}", section).isEnabled()
    inside.click("Fit a new head", section)
    (newest, *_) = filled.services.learning.state().rows
    inside.click(f"Compare {newest.head.version}", section)
    assert filled.services.learning.state().looks == 1


def test_card_and_cases_of_a_head_are_read_and_withdrawn_ones_marked(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    head = filled.services.learning.fit()
    gone = filled.store.tables.screenings[head.cases[0]]
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, filled.services.session.user.id)
        work.commit()
    section = opened(inside, settings)
    assert "It contains withdrawn cases (1)" in inside.words(section)
    inside.click(f"Cases {head.version}", section)
    assert "withdrawn" in inside.words(section.sheet)
    inside.click("Close", section.sheet)
    inside.click(f"Card {head.version}", section)
    assert section.sheet.isVisible()
    inside.press(Qt.Key.Key_Escape, section.sheet)
    assert inside.desk.sheet is None


def promoted_elsewhere(clinic: FakeClinic, head: LocalHead) -> None:
    """A round brings what another administrator signed on another laptop."""
    with clinic.store.unit_of_work() as work:
        work.head_events.add(
            HeadEvent(new_id(), HeadEventKind.PROMOTED, START, new_id(), head.id, "Elsewhere.")
        )
        work.commit()


def test_nothing_else_is_begun_while_a_comparison_runs(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    """What is pressed meanwhile would be passed over without a word."""
    learning = filled.services.learning
    head, other = learning.fit(), learning.fit()
    section = opened(inside, settings)
    pressed = inside.button(f"Compare {head.version}", section)
    pressed.setFocus()
    section.show_working(Work.COMPARE)
    for name in (f"Compare {head.version}", f"Compare {other.version}", "Fit a new head"):
        assert not inside.button(name, section).isEnabled()
    assert not section.export.isEnabled()
    section.show_compared(learning.compare(head.id))
    assert section.focusWidget() is pressed
    for name in (f"Compare {head.version}", f"Compare {other.version}", "Fit a new head"):
        assert inside.button(name, section).isEnabled()
    assert section.export.isEnabled()


def test_a_round_shows_the_head_that_came_into_use_elsewhere_and_leaves_the_keyboard_alone(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    head = filled.services.learning.fit()
    section = opened(inside, settings)
    assert section.roll_back.isHidden()
    inside.button(f"Card {head.version}", section).setFocus()
    promoted_elsewhere(filled, head)
    settings.renew()
    inside.settle()
    assert not section.roll_back.isHidden()
    assert f"Promote… {head.version}" not in inside.words(section)
    focused = section.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == f"Card {head.version}"
    settings.renew()
    inside.settle()
    assert section.focusWidget() is focused  # nothing has changed, so nothing was made anew
    elsewhere = inside.button("Users", settings)
    elsewhere.setFocus()
    promoted_elsewhere(filled, filled.services.learning.fit())
    settings.renew()
    inside.settle()
    assert elsewhere.hasFocus()


def test_a_step_back_that_leads_elsewhere_by_now_is_refused_and_shown_anew(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    learning = filled.services.learning
    first, second = in_use(filled), learning.fit()
    section = opened(inside, settings)
    inside.click("Roll back…", section)
    assert "In use afterwards: no local head" in inside.words(section.asked.sheet)
    promoted_elsewhere(filled, second)
    inside.type(section.asked.reason, "New camera.")
    inside.type(section.asked.password.edit, PASSWORD)
    inside.press(Qt.Key.Key_Return, section.asked.password.edit)
    assert "Another decision came in between" in inside.words(section.asked.sheet)
    assert learning.state().in_use == second
    inside.press(Qt.Key.Key_Escape, section.asked.sheet)
    inside.click("Leave without it")  # a reason is written in it
    inside.click("Roll back…", section)
    assert f"In use afterwards: {first.version}" in inside.words(section.asked.sheet)


def test_the_first_screen_says_that_the_head_in_use_holds_a_withdrawn_case(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    learning = filled.services.learning
    head = learning.fit()
    learning.compare(head.id)
    learning.promote(head.id, "Closer to us.", PASSWORD)
    inside.desk.show_today()
    inside.settle()
    assert "withdrawn cases" not in inside.words()
    gone = filled.store.tables.screenings[head.cases[0]]
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, filled.services.session.user.id)
        work.commit()
    inside.desk.show_today()
    inside.settle()
    words = inside.words()
    assert f"The local head in use, {head.version}, holds withdrawn cases (1)." in words
    assert "Nothing is waiting" not in words
    inside.click("Open the local heads, to replace the one in use")
    section = inside.desk.present.findChild(LearningSection)
    assert section is not None
    assert section.isVisible()
    learning.roll_back("Somebody has withdrawn.", PASSWORD)
    inside.desk.show_today()
    inside.settle()
    words = inside.words()
    assert "withdrawn cases" not in words
    assert "Nothing is waiting" in words


def test_the_first_screen_says_that_the_head_in_use_reads_no_picture_any_more(
    inside: Driver, settings: AdminScreen, filled: FakeClinic
) -> None:
    head = in_use(filled)
    inside.desk.show_today()
    inside.settle()
    assert "reads no new picture" not in inside.words()
    with filled.store.unit_of_work() as work:
        add_case(work, new_id(), label=None, number=900, version="9.0.0")
        work.commit()
    inside.desk.show_today()
    inside.settle()
    words = inside.words()
    assert f"The local head in use, {head.version}, reads no new picture" in words
    assert "Nothing is waiting" not in words
    inside.click("Open the local heads, to replace the one in use")
    section = inside.desk.present.findChild(LearningSection)
    assert section is not None
    assert section.isVisible()
    filled.services.learning.roll_back("Other models read now.", PASSWORD)
    inside.desk.show_today()
    inside.settle()
    words = inside.words()
    assert "reads no new picture" not in words
    assert "Nothing is waiting" in words


def test_the_training_set_is_written_after_the_warning_and_the_password(
    inside: Driver, settings: AdminScreen, filled: FakeClinic, tmp_path: Path
) -> None:
    section = opened(inside, settings)
    section.ask_export(tmp_path / "set")
    inside.settle()
    assert "not encrypted" in inside.words(inside.desk.sheet)
    prove(inside, PASSWORD)
    assert len(load_clinic_set(tmp_path / "set")) == 220
    assert "220 cases" in inside.words(section)
    assert "person does not agree any more" not in inside.words(section)
    gone = next(iter(filled.store.tables.screenings.values()))
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, filled.services.session.user.id)
        work.commit()
    section.arrive()
    inside.settle()
    words = inside.words(section)
    assert "person does not agree any more: 1 in all, with those dropped already." in words
    assert "learning export --withdrawn" in words


def test_the_window_goes_on_while_a_head_is_fitted_on_thousands_of_cases(
    inside: Driver, settings: AdminScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real arithmetic in its lane: the window's own loop turns between its steps."""
    fill(inside.clinic.store.unit_of_work, new_id(), 1_600)
    section = opened(inside, settings)
    turns = [0]

    def turn() -> None:
        turns[0] += 1

    timer = QTimer(inside.window)
    timer.timeout.connect(turn)
    timer.start(1)
    learner = inside.clinic.services.learning._learner
    fit, seen = learner.fit, []

    def watched(cases, progress, stop):
        begun = turns[0]
        head = fit(cases, progress, stop)
        seen.append((len(cases), threading.current_thread().name, turns[0] - begun))
        return head

    monkeypatch.setattr(learner, "fit", watched)
    inside.click("Fit a new head", section)
    timer.stop()
    ((cases, thread, while_it_ran),) = seen
    assert cases > 1_000
    assert thread.startswith("lane-files")
    assert while_it_ran >= 10
    assert "is fitted on" in inside.words(section)


def test_a_fit_runs_beside_the_records_and_can_be_stopped(filled: FakeClinic) -> None:
    jobs, view = HeldJobs(), RecordedView()
    services = filled.services
    presenter = LearningPresenter(view, services.learning, services.training_export, jobs)
    presenter.fit()
    presenter.fit()
    assert [one.lane for one in jobs.held] == [Lane.FILES]
    assert view.last("show_working") == (Work.FIT,)
    presenter.stop()
    jobs.run()
    assert "show_ended" in view.names()
    assert services.learning.state().rows == ()

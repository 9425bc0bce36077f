"""Reading pictures blind by hand, settling together, and the page of drift."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLineEdit

from clinic_app.domain.adjudication import AdjudicationEvent, AdjudicationEventKind
from clinic_app.domain.drift import DriftMonth, DriftVersion, Figure, Shift
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.screening import ClinicianSeverity as Severity
from clinic_app.services.backup_data import Stop
from clinic_app.services.learning_data import LearningStopped
from clinic_app.ui.screens.learning.drift_panel import HEADS, month_cells
from clinic_app.ui.screens.learning.view import LearningScreen
from clinic_app.ui.widgets.sheet import host_of, sheet_over
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.jobs import HeldJobs
from tests.fakes.labelled import READERS, add_case, fill, withdraw
from tests.gui.conftest import Driver


def open_learning(driver: Driver) -> LearningScreen:
    driver.shortcut(Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    screen = driver.desk.present
    assert isinstance(screen, LearningScreen)
    return screen


@pytest.fixture
def cases(inside: Driver) -> list[UUID]:
    """Three pictures that somebody else took."""
    with inside.clinic.store.unit_of_work() as work:
        made = [add_case(work, READERS[0], label=None, number=one).id for one in range(3)]
        work.commit()
    return made


def test_pictures_are_read_one_after_another_from_the_keyboard(
    inside: Driver, cases: list[UUID]
) -> None:
    screen = open_learning(inside)
    assert "3 left for you" in inside.words(screen)
    assert not screen.confirm.isEnabled()
    for key in (Qt.Key.Key_2, Qt.Key.Key_4, Qt.Key.Key_5):
        inside.press(key, screen.choices.buttons[0])
        inside.press(Qt.Key.Key_Return, screen.confirm)
    assert "No picture waits for you" in inside.words(screen)
    told = inside.clinic.store.tables.adjudications
    assert {one.screening_id for one in told} == set(cases)
    seen = [one.severity for one in told]
    assert seen == [Severity.MILD, Severity.SEVERE, Severity.CANNOT_TELL]


def test_nothing_but_the_picture_is_shown(inside: Driver, cases: list[UUID]) -> None:
    screen = open_learning(inside)
    words = inside.words(screen)
    tables = inside.clinic.store.tables
    names = {one.family_name for one in tables.patients.values()}
    assert not any(name in words for name in names)
    assert "Visible depressive affect:" not in words
    assert not screen.picture.pixmap().isNull()


def test_who_knows_a_result_passes_it_over_and_is_told_what_is_not_known_here(
    inside: Driver, cases: list[UUID]
) -> None:
    screen = open_learning(inside)
    assert "saw on another laptop is not known here" in inside.words(screen)
    for left in ("2 left for you", "1 left for you", "3 more wait for somebody else"):
        inside.press(Qt.Key.Key_Space, screen.know)
        inside.press(Qt.Key.Key_Tab)
        inside.press(Qt.Key.Key_Return)
        inside.settle()
        assert left in inside.words(screen)
    assert inside.clinic.store.tables.adjudications == []


def test_a_slip_takes_no_picture_from_a_reader(inside: Driver, cases: list[UUID]) -> None:
    screen = open_learning(inside)
    inside.press(Qt.Key.Key_3, screen.choices.buttons[0])
    inside.press(Qt.Key.Key_Space, screen.know)
    sheet = sheet_over(host_of(screen))
    assert sheet is not None
    assert "not be given to you again" in inside.words(sheet)
    inside.press(Qt.Key.Key_Return)  # the safe answer has the keyboard
    inside.settle()
    assert sheet_over(host_of(screen)) is None
    assert "3 left for you" in inside.words(screen)
    assert screen.confirm.isEnabled()  # what was chosen is still chosen


def test_a_refusal_is_said_beside_the_picture(inside: Driver, cases: list[UUID]) -> None:
    screen = open_learning(inside)
    clinic = inside.clinic
    clinic.store.commit_fails_with = OSError("disk")
    inside.press(Qt.Key.Key_1, screen.choices.buttons[0])
    inside.press(Qt.Key.Key_Return, screen.confirm)
    clinic.store.commit_fails_with = None
    assert clinic.store.tables.adjudications == []
    assert screen._trouble.isVisible()
    assert screen.confirm.isEnabled()


def read_elsewhere(clinic: FakeClinic, case: UUID) -> None:
    """Two doctors on another laptop have settled it."""
    with clinic.store.unit_of_work() as work:
        patient_id = work.screenings.get(case).patient_id
        for by in READERS:
            work.adjudications.add(
                AdjudicationEvent(
                    new_id(), case, patient_id, AdjudicationEventKind.READ, START, by, Severity.MILD
                )
            )
        work.commit()


def in_view(screen: LearningScreen) -> UUID | None:
    return screen.presenter._case


def test_a_case_that_others_settled_meanwhile_gives_way_to_the_next_one(
    inside: Driver, cases: list[UUID]
) -> None:
    screen = open_learning(inside)
    shown = in_view(screen)
    assert shown in cases
    read_elsewhere(inside.clinic, shown)
    inside.press(Qt.Key.Key_3, screen.choices.buttons[0])
    inside.press(Qt.Key.Key_Return, screen.confirm)
    assert "This case is settled" in inside.words()
    assert in_view(screen) not in (None, shown)
    assert "2 left for you" in inside.words(screen)
    inside.press(Qt.Key.Key_3, screen.choices.buttons[0])
    inside.press(Qt.Key.Key_Return, screen.confirm)
    assert "1 left for you" in inside.words(screen)


def test_the_picture_of_who_withdraws_goes_with_the_round_that_says_so(
    inside: Driver, cases: list[UUID]
) -> None:
    screen, clinic = open_learning(inside), inside.clinic
    shown = in_view(screen)
    assert shown is not None
    with clinic.store.unit_of_work() as work:
        withdraw(work, work.screenings.get(shown).patient_id, clinic.services.session.user.id)
        work.commit()
    screen.renew()
    inside.settle()
    assert in_view(screen) not in (None, shown)
    assert "2 left for you" in inside.words(screen)


def test_a_round_leaves_what_is_being_read_and_written_alone(
    inside: Driver, cases: list[UUID]
) -> None:
    clinic = inside.clinic
    add_three_opinions(clinic)
    screen = open_learning(inside)
    shown = in_view(screen)
    inside.press(Qt.Key.Key_3, screen.choices.buttons[0])
    inside.type(reason_of(screen), "Looked again together.")
    with clinic.store.unit_of_work() as work:
        for number in range(3, 9):
            add_case(work, READERS[0], label=None, number=number)
        work.commit()
    add_three_opinions(clinic)
    screen.renew()
    inside.settle()
    assert in_view(screen) == shown
    assert screen.confirm.isEnabled()
    words = inside.words(screen)
    assert "9 left for you" in words
    assert "read in three different ways: 2" in words
    assert reason_of(screen).text() == "Looked again together."


def test_a_case_that_colleagues_settled_together_meanwhile_is_offered_no_more(
    inside: Driver,
) -> None:
    clinic = inside.clinic
    add_three_opinions(clinic)
    screen = open_learning(inside)
    inside.click("Agreed on: Mild", screen)
    inside.type(reason_of(screen), "Looked again together.")
    told = clinic.store.tables.adjudications
    agreed = AdjudicationEventKind.AGREED
    told.append(replace(told[-1], id=new_id(), kind=agreed, text="Elsewhere."))
    inside.click("Keep what we agreed on", screen)
    assert "This case is settled" in inside.words()
    assert "To be settled together" not in inside.words(screen)


def add_three_opinions(clinic: FakeClinic) -> None:
    """A case that the signed-in doctor and two others read in three ways."""
    me = clinic.services.session.user.id
    with clinic.store.unit_of_work() as work:
        case = add_case(work, READERS[0], label=None)
        said = ((me, Severity.NONE), (READERS[1], Severity.MILD), (new_id(), Severity.SEVERE))
        for by, severity in said:
            event = AdjudicationEvent(
                new_id(),
                case.id,
                case.patient_id,
                AdjudicationEventKind.READ,
                START,
                by,
                severity,
            )
            work.adjudications.add(event)
        work.commit()


def reason_of(screen: LearningScreen) -> QLineEdit:
    return next(
        one
        for one in screen.findChildren(QLineEdit)
        if one.accessibleName() == "How you came to it"
    )


def test_a_reason_stays_while_pictures_are_read_and_the_page_is_left(
    inside: Driver, cases: list[UUID]
) -> None:
    add_three_opinions(inside.clinic)
    screen = open_learning(inside)
    inside.click("Agreed on: Mild", screen)
    inside.type(reason_of(screen), "Looked again together.")
    inside.press(Qt.Key.Key_1, screen.choices.buttons[0])
    inside.press(Qt.Key.Key_Return, screen.confirm)
    inside.desk.show_today()
    inside.settle()
    screen = open_learning(inside)
    assert reason_of(screen).text() == "Looked again together."
    inside.click("Keep what we agreed on", screen)
    told = inside.clinic.store.tables.adjudications[-1]
    assert (told.severity, told.text) == (Severity.MILD, "Looked again together.")


def test_a_case_of_three_opinions_is_settled_with_a_reason(inside: Driver) -> None:
    clinic = inside.clinic
    add_three_opinions(clinic)
    screen = open_learning(inside)
    assert "To be settled together" in inside.words(screen)
    shown = screen.together_picture  # which picture it is about
    assert not shown.pixmap().isNull()
    inside.until(lambda: shown.height() >= shown.pixmap().height())
    inside.click("Agreed on: Mild", screen)
    inside.click("Keep what we agreed on", screen)
    assert "write down how the readers came" in inside.words(screen)
    inside.type(reason_of(screen), "Looked again together, 2 of 3.")
    inside.click("Keep what we agreed on", screen)
    assert clinic.store.tables.adjudications[-1].kind is AdjudicationEventKind.AGREED
    assert clinic.store.tables.adjudications[-1].text == "Looked again together, 2 of 3."
    assert "To be settled together" not in inside.words(screen)


def test_pictures_are_read_on_after_a_case_was_settled(inside: Driver, cases: list[UUID]) -> None:
    add_three_opinions(inside.clinic)
    screen = open_learning(inside)
    inside.click("Agreed on: Mild", screen)
    inside.type(reason_of(screen), "Looked again together.")
    inside.click("Keep what we agreed on", screen)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for left in ("2 left for you", "1 left for you"):
        inside.press(Qt.Key.Key_1, screen.choices.buttons[0])
        inside.press(Qt.Key.Key_Return, screen.confirm)
        assert left in inside.words(screen)


def test_a_case_to_be_settled_whose_picture_has_gone_says_so(inside: Driver) -> None:
    clinic = inside.clinic
    add_three_opinions(clinic)
    clinic.store.tables.images.clear()
    screen = open_learning(inside)
    assert "not kept any more" in inside.words(screen)
    inside.click("Agreed on: Mild", screen)


def test_drift_is_worked_out_beside_everything_else(inside: Driver) -> None:
    fill(inside.clinic.store.unit_of_work, new_id(), people=410, hours=4)
    screen = open_learning(inside)
    inside.click("Drift", screen)
    words = inside.words(screen)
    assert "Compared with the first 200 readings" in words
    assert "within" in words


def test_leaving_the_page_of_drift_stops_it_and_coming_back_shows_the_newest(
    inside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Stop] = []

    def drift(stop: Stop) -> tuple[DriftVersion, ...]:
        asked.append(stop)
        if stop():
            raise LearningStopped("Looking for drift was stopped.")
        return ()

    screen, jobs = open_learning(inside), HeldJobs()
    monkeypatch.setattr(inside.clinic.services.learning, "drift", drift)
    monkeypatch.setattr(screen.drift, "_jobs", jobs)
    inside.click("Drift", screen)
    inside.click("Pictures to read", screen)
    inside.click("Drift", screen)
    jobs.run_all()
    words = inside.words(screen)
    assert "Nothing to compare yet" in words
    assert "stopped" not in words
    assert [stop() for stop in asked] == [True, False]
    inside.click("Pictures to read", screen)
    assert asked[-1]()


def test_a_clinic_without_pictures_has_nothing_to_compare(inside: Driver) -> None:
    screen = open_learning(inside)
    assert "No picture waits for you" in inside.words(screen)
    inside.click("Drift", screen)
    assert "Nothing to compare yet" in inside.words(screen)


def test_counselors_are_not_offered_the_place(outside: Driver) -> None:
    outside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    assert not outside.desk.navigation.offers("learning")


def test_small_months_are_withheld_and_shifts_marked_in_words() -> None:
    withheld = month_cells(DriftMonth("2026-03", None, in_reference=False))
    assert len(withheld) == len(HEADS)
    assert {words for words, _ in withheld[1:]} == {"withheld"}
    figure, shift = Figure(0.9, 0.8, 0.95), Shift(0.4, 0.2, beyond=True)
    cells = month_cells(
        DriftMonth("2026-04", 60, False, figure, figure, shift, None, shift, figure, None)
    )
    assert cells[4] == ("0.40, beyond 0.20", "caution")
    assert cells[5] == ("too few", "small")
    assert cells[2][0] == "90 % (80–95)"


def test_a_correlation_of_nought_has_no_sign() -> None:
    none = Figure(-0.001, -0.3, 0.004)
    cells = month_cells(DriftMonth("2026-04", 60, in_reference=True, phq9=none))
    assert cells[7][0] == "0.00 (-0.30 to 0.00)"

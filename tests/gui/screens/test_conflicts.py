"""Settling in the window what two workstations wrote differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Event

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit

from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.sync_data import Conflict, ConflictKind, Resolution, Version
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.conflicts.card import ConflictCard
from clinic_app.ui.screens.conflicts.merge_sheet import MergeSheet
from clinic_app.ui.screens.conflicts.view import ConflictsScreen
from clinic_app.ui.screens.today.view import TodayScreen
from tests.fakes.clinic import PASSWORD
from tests.fakes.sync import AT, conflict
from tests.gui.conftest import Driver
from tests.gui.screens.centre import centre_of, to_settle

TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SETTLE = "Settle what two workstations wrote differently"


def test_today_tells_of_conflicts_and_leads_to_them(joined: Driver) -> None:
    today = joined.desk.present
    assert isinstance(today, TodayScreen)
    assert "written differently" not in joined.words(today)
    centre_of(joined).found = [conflict(), conflict()]
    joined.desk.look_at_waiting()
    joined.settle()
    assert "2 records were written differently" in joined.words(today)
    joined.click(SETTLE)
    assert isinstance(joined.desk.present, ConflictsScreen)
    assert joined.desk.navigation.state.text() == "2 things to settle"


def test_open_safety_steps_stand_above_what_has_to_be_settled(joined: Driver) -> None:
    somebody = joined.clinic.add_patient()
    joined.clinic.services.screenings.record_questionnaire(
        somebody.id, InstrumentName.PHQ9, (1,) * 9, AnsweredBy.PATIENT
    )
    centre_of(joined).found = [conflict()]
    joined.desk.show_today()
    joined.settle()
    buttons = [joined.button(name) for name in ("Open the safety steps for Okafor, Chidi", SETTLE)]
    steps, settle = (one.mapTo(joined.window, one.rect().topLeft()).y() for one in buttons)
    assert steps < settle


def test_rivals_stand_side_by_side_and_what_was_written_is_never_markup(joined: Driver) -> None:
    centre_of(joined).found = [conflict(texts=("Better <b>today</b>", "Worse <b>today</b>"))]
    screen = to_settle(joined)
    words = joined.words(screen)
    assert "Better" in words
    assert "&lt;b&gt;today&lt;/b&gt;" in words
    assert "<b>" not in words
    assert "workstation south-2" in words
    described = [one.accessibleDescription() for one in screen.findChildren(QLabel)]
    assert "Differs: Better" in described


def test_one_version_is_chosen_after_asking(joined: Driver) -> None:
    centre_of(joined).found = [one := conflict()]
    screen = to_settle(joined)
    joined.click(f"This holds: Tomas, south-2, {one.patient_name} · {one.title}")
    assert centre_of(joined).settled == []
    joined.click("It holds")
    assert centre_of(joined).settled == [(one.id, Resolution.CHOOSE, "1", None)]
    assert "Nothing to settle" in joined.words(screen)


def begin_to_write(joined: Driver) -> tuple[Conflict, MergeSheet, QPlainTextEdit]:
    """The sheet in which is written what holds of one conflict, and its words."""
    centre_of(joined).found = [one := conflict()]
    screen = to_settle(joined)
    joined.click(f"Write what holds… {one.patient_name} · {one.title}")
    assert screen.merge is not None
    return one, screen.merge, screen.merge.fields["text"][1]


def test_what_holds_is_written_from_any_version(joined: Driver) -> None:
    one, merge, edit = begin_to_write(joined)
    assert edit.toPlainText() == "Sleeping badly. Walks daily."
    joined.click("Amina Diallo, north-1")
    assert edit.toPlainText() == "Sleeping better. Walks daily."
    joined.click("All, one below the other")
    assert edit.toPlainText() == "Sleeping better. Walks daily.\n\nSleeping badly. Walks daily."
    edit.clear()
    joined.click("These words hold")
    assert merge.fields["text"][0].message == "Please write what holds."
    joined.type(edit, "Sleep varies.")
    joined.click("These words hold")
    assert centre_of(joined).settled == [(one.id, Resolution.MERGE, "", {"text": "Sleep varies."})]


def test_words_that_hold_stay_until_they_are_stored(joined: Driver) -> None:
    one, merge, edit = begin_to_write(joined)
    edit.clear()
    joined.type(edit, "Sleep varies.")
    centre_of(joined).found = []  # it was settled elsewhere meanwhile
    joined.click("These words hold")
    assert joined.desk.sheet is merge.sheet
    assert "since it was shown." in joined.words(joined.sheet)
    assert edit.toPlainText() == "Sleep varies."
    centre_of(joined).found = [one]
    joined.click("These words hold")
    assert joined.desk.sheet is None
    assert centre_of(joined).settled == [(one.id, Resolution.MERGE, "", {"text": "Sleep varies."})]


@pytest.mark.parametrize("refused", [False, True])
def test_words_that_hold_stay_while_another_one_is_settled(
    joined: Driver, *, refused: bool
) -> None:
    first, second = conflict(title="First"), conflict(title="Second")
    centre_of(joined).found = [first, second]
    screen = to_settle(joined)
    other, written = Event(), Event()
    for gate, press in (
        (other, partial(screen.keep_both, first)),
        (written, partial(screen.write, second)),
    ):
        wait = partial(gate.wait, 20)
        joined.jobs.submit(Lane.DATABASE, wait, done=lambda _: None, failed=lambda _: None)
        press()
    assert screen.merge is not None
    sheet, (_, edit) = screen.merge.sheet, screen.merge.fields["text"]
    edit.setPlainText("Sleep varies.")
    screen.merge.confirm.click()
    if refused:
        centre_of(joined).found = [second]  # the first one was settled elsewhere meanwhile
    other.set()
    board, told = joined.window.notices, "since it was shown." if refused else "It is settled."
    joined.until(lambda: told in "".join((*board.texts, board.toast_text)))
    assert joined.desk.sheet is sheet
    assert screen.merge.sending
    written.set()
    joined.settle()
    assert joined.desk.sheet is None
    assert centre_of(joined).settled[-1][0] == second.id


def test_a_note_signed_twice_gets_an_addendum_or_stands(joined: Driver) -> None:
    first, second = (conflict(ConflictKind.DOUBLE_SIGNED, title=title) for title in "ab")
    centre_of(joined).found = [first, second]
    screen = to_settle(joined)
    with pytest.raises(AssertionError):
        joined.button(f"Write what holds… {first.patient_name} · a")
    joined.click(f"Write an addendum… {first.patient_name} · a")
    assert screen.merge is not None
    _, edit = screen.merge.fields["text"]
    assert edit.toPlainText() == ""
    joined.type(edit, "The first text holds.")
    joined.click("Add it")
    joined.click(f"Let both stand {second.patient_name} · b")
    assert [how for _, how, _, _ in centre_of(joined).settled] == [
        Resolution.MERGE,
        Resolution.KEEP_BOTH,
    ]


def test_an_overlap_is_settled_by_moving_one(joined: Driver) -> None:
    clinic = joined.clinic
    somebody = clinic.add_patient()
    booked = clinic.services.appointments.request(NewAppointment(somebody.id, start=TEN))
    made = conflict(ConflictKind.OVERLAP, record_id=booked.id)
    version = Version(str(booked.id), "Amina Diallo", AT, "north-1", (("time", "10:00"),))
    centre_of(joined).found = [replace(made, versions=(version,))]
    to_settle(joined)
    joined.click(
        f"Move or cancel this one…: Amina Diallo, north-1, {made.patient_name} · {made.title}"
    )
    sheet = joined.sheet
    assert sheet.accessibleName() == "Appointment"
    assert "Okafor, Chidi" in joined.words(sheet)


def test_who_settles_a_colleagues_draft_is_said_in_place_of_the_ways(joined: Driver) -> None:
    clinic = joined.clinic
    somebody = clinic.add_patient()
    clinic.add_staff("rosa", "amber-window-tide", Role.COUNSELOR)
    hers = clinic.front_door.sign_in("rosa", "amber-window-tide")
    draft = hers.notes.write(somebody.id, "Hers")
    centre_of(joined).found = [one := conflict(record_id=draft.id)]
    screen = to_settle(joined)
    words = joined.words(screen)
    assert "This draft belongs to Rosa, who settles it at the next sign-in." in words
    assert "please say which hold" not in words
    assert "Underlined words differ." not in words
    shown = [button.text() for button in screen.findChildren(QAbstractButton) if button.isVisible()]
    assert not {"This holds", "Keep both", "Write what holds…"} & set(shown)
    clinic.services.staff.disable(hers.session.user.id, PASSWORD)
    discarded = replace(one, kind=ConflictKind.DELETED_EDITED)
    centre_of(joined).found = [discarded]
    screen.renew()
    joined.settle()
    joined.click(f"Leave it discarded {one.patient_name} · {one.title}")
    assert centre_of(joined).settled == [(one.id, Resolution.KEEP_BOTH, "", None)]


@pytest.mark.parametrize("kind", ConflictKind)
def test_tab_reaches_every_way_of_settling(joined: Driver, kind: ConflictKind) -> None:
    others = [conflict(one, title=one.value) for one in ConflictKind if one is not kind]
    centre_of(joined).found = [conflict(kind, title="This one"), *others]
    screen = to_settle(joined)
    wanted = {one for one in screen.findChildren(QAbstractButton) if one.isVisible()}
    names = [one.accessibleName() for one in wanted]
    assert len(set(names)) == len(names) > 4
    reached, widget = set(), screen.nextInFocusChain()
    while widget is not None and widget is not screen:
        reached.add(widget)
        widget = widget.nextInFocusChain()
    assert wanted <= reached


def test_one_is_open_and_the_others_are_a_line_each(joined: Driver) -> None:
    first, second = conflict(title="First"), conflict(title="Second")
    centre_of(joined).found = [first, second, *(conflict(title=f"{n}") for n in range(20))]
    screen = to_settle(joined)
    assert "and 14 more" in joined.words(screen)
    joined.click(f"Open: {second.patient_name} · Second")
    card = screen.findChild(ConflictCard)
    assert card is not None
    assert card.accessibleName().endswith("Second")
    focused = QApplication.focusWidget()
    assert focused is not None
    assert card.isAncestorOf(focused)
    joined.click(f"Keep both {second.patient_name} · Second")
    assert [one for one, *_ in centre_of(joined).settled] == [second.id]
    joined.button(f"Keep both {first.patient_name} · First")

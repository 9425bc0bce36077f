"""Learning with other clinics in the window: the group, a round from agreement to end, a stop."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from clinic_app.domain.joint_learning import RoundState
from clinic_app.domain.people import Role
from clinic_app.domain.sentence import sentence
from clinic_app.services.sites import SitesService
from clinic_app.services.sites_data import SitesTrouble
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.admin.learning.view import LearningSection
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screens.learning.view import LearningScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD
from tests.fakes.clock import START
from tests.fakes.sites import GROUP, NORTH, OWN, SOUTH, FakeSites, a_round
from tests.gui.conftest import Driver
from tests.gui.screens.sites.page import opened, sign


def test_without_a_group_the_page_leads_from_the_card_to_the_group(
    inside: Driver, sites: FakeSites, tmp_path: Path
) -> None:
    sites.card, sites.group = None, None
    panel = opened(inside)
    assert not inside.button("Join a group…", panel).isEnabled()
    panel.presenter.write_card(tmp_path / "card.json")
    inside.settle()
    assert "ABCD-EFGH-2345-6723" in inside.words(panel)
    inside.click("Join a group…", panel)
    sheet = panel.asked_group
    inside.click("Join the group", sheet.sheet)
    assert sheet.file.message == "Please choose the file of the group."
    other, right = tmp_path / "other.json", tmp_path / "group.json"
    other.write_text("a letter")
    right.write_text("group")
    sheet.take_file(other)
    inside.settle()
    assert sheet.file.message == "This is no file of a group."
    sheet.take_file(right)
    inside.settle()
    words = inside.words(sheet.sheet)
    assert NORTH in words
    assert GROUP.code not in words, "the code has to come from another clinic"
    inside.type(sheet.code.editor, "qrst uvwx 4567 2346")
    inside.type(sheet.password.edit, PASSWORD)
    inside.press(Qt.Key.Key_Return, sheet.password.edit)
    assert "not the code of the group" in sheet.code.message
    inside.type(sheet.code.editor, "\b\b\b\b2345")
    inside.press(Qt.Key.Key_Return, sheet.password.edit)
    assert inside.desk.sheet is None
    assert sites.group is GROUP
    assert GROUP.code in inside.words(panel)
    assert "No round was begun yet" in inside.words(panel)


def test_the_page_says_what_leaves_and_who_takes_part(inside: Driver, sites: FakeSites) -> None:
    sites.rounds = [a_round(RoundState.FITTING, waiting_for=(SOUTH,), steps=3, withdrawn=2)]
    panel = opened(inside)
    words = inside.words(panel)
    for expected in (
        "no picture, no name, no single person's numbers",
        "240 cases of 120 people",
        "7 people more could take part but have not agreed to it.",
        "Fitting together, 3 steps done",
        f"{OWN} (this clinic)",
        "how many people of each band",
        "Consent to 2 of these cases was taken back: this clinic ends the round when it goes on.",
        "Amina Diallo agreed",
        "MNOP-2345-MNOP-2345",
    ):
        assert expected in words
    names = [one.accessibleName() for one in panel.findChildren(QLabel)]
    assert f"{SOUTH}: sums awaited" in names
    assert f"{NORTH}: sums sent" in names


def test_since_when_a_clinic_is_awaited_is_said_and_what_can_be_done_about_it(
    inside: Driver, sites: FakeSites
) -> None:
    silence = sentence("Nothing has come from {clinics} for 4 days.", clinics=SOUTH)
    late = a_round(RoundState.FITTING, waiting_for=(SOUTH,), waiting_since=START, silence=silence)
    asked = a_round(RoundState.AGREEING, waiting_for=(NORTH,), waiting_since=START)
    sites.rounds = [late, asked]
    panel = opened(inside)
    names = [one.accessibleName() for one in panel.findChildren(QLabel)]
    assert f"{SOUTH}: sums awaited since {moment_text(START)}" in names
    assert f"{NORTH}: agreement awaited since {moment_text(START)}" in names
    assert f"Nothing has come from {SOUTH} for 4 days." in inside.words(panel)
    sites.away = True
    panel.look()
    inside.settle()
    assert "awaited since" not in inside.words(panel)
    assert "Nothing has come" not in inside.words(panel)


def test_a_round_is_begun_with_chosen_clinics_a_reason_and_the_password(
    inside: Driver, sites: FakeSites
) -> None:
    panel = opened(inside)
    inside.click("Begin a round…", panel)
    words = inside.words(panel.asked.sheet)
    assert "240 cases of 120 people take part." in words
    assert "Once one of these people has taken the consent back and this laptop knows it" in words
    assert "at once" not in words
    assert "What was sent cannot be taken back. Nobody's numbers are joined a second time." in words
    inside.click(SOUTH, panel.asked.sheet)
    sign(inside, panel, "The camera is new.")
    assert "at least 3 clinics" in inside.words(panel.asked.sheet)
    inside.click(SOUTH, panel.asked.sheet)
    sign(inside, panel, "The camera is new.", "not the password")
    assert panel.asked.password.message == "This password is not right."
    panel.asked.password.edit.clear()
    sign(inside, panel, "")
    assert "write down why" in inside.words(panel.asked.sheet)
    panel.asked.password.edit.clear()
    sign(inside, panel, "The camera is new.")
    assert inside.desk.sheet is None
    assert sites.done == [("agree", None, (0, 1, 2), "The camera is new.")]
    assert "Waiting for agreements" in inside.words(panel)


def test_an_invitation_is_agreed_to_or_declined(inside: Driver, sites: FakeSites) -> None:
    first, second = (a_round(RoundState.INVITED, waiting_for=(OWN, SOUTH)) for _ in range(2))
    sites.rounds = [first]
    panel = opened(inside)
    inside.click("Agree…", panel)
    sign(inside, panel, "With the others.")
    assert sites.done == [("agree", first.id, (), "With the others.")]
    sites.rounds = [second]
    panel.look()
    inside.settle()
    inside.click("Decline…", panel)
    sign(inside, panel, "Not this year.")
    assert sites.done[-1] == ("stop", second.id, "Not this year.")
    assert f"Stopped by {OWN}." in inside.words(panel)


def test_an_agreement_that_could_not_be_sent_is_not_said_to_be(
    inside: Driver, sites: FakeSites
) -> None:
    sites.agreed_with = sentence("No central server answers. The agreement is kept.")
    panel = opened(inside)
    inside.click("Begin a round…", panel)
    sign(inside, panel, "The camera is new.")
    assert inside.desk.sheet is None
    assert "Agreed. No central server answers. The agreement is kept." in inside.words()
    assert "Agreed and sent." not in inside.words()


def test_what_stands_against_a_round_is_said_and_nothing_can_be_agreed(
    inside: Driver, sites: FakeSites
) -> None:
    sites.against = (sentence("Only {n} people may take part.", n=12),)
    sites.rounds = [a_round(RoundState.INVITED)]
    panel = opened(inside)
    assert "Only 12 people may take part." in inside.words(panel)
    assert not inside.button("Begin a round…", panel).isEnabled()
    assert not inside.button("Agree…", panel).isEnabled()


def test_beside_a_round_under_way_those_in_it_are_told_apart_from_those_for_the_next(
    inside: Driver, sites: FakeSites
) -> None:
    sites.against = (sentence("A round is under way."),)
    sites.rounds = [a_round(RoundState.FITTING, people=208)]
    panel = opened(inside)
    words = inside.words(panel)
    assert "A round is under way." in words
    assert "240 cases of 120 people" in words
    assert "Not counted: 208 people in the round under way." in words
    sites.rounds = [a_round(RoundState.STOPPED, people=208)]
    sites.against = (sentence("There are 0 of 200 people."),)
    panel.look()
    inside.settle()
    assert "0 of 200" in inside.words(panel)
    assert "Not counted" not in inside.words(panel)


def test_a_round_goes_on_by_hand_and_what_stands_in_its_way_is_told(
    inside: Driver, sites: FakeSites
) -> None:
    sites.rounds = [a_round(RoundState.FITTING, waiting_for=(OWN,), steps=1)]
    panel = opened(inside)
    inside.click("Go on now", panel)
    assert sites.done == [("advance",)]
    assert "Everything that this clinic owes is sent." in inside.words()
    sites.trouble = SitesTrouble("Sums of another clinic do not fit.")
    inside.click("Go on now", panel)
    assert "Sums of another clinic do not fit." in inside.words()
    assert inside.button("Go on now", panel).isEnabled()


def test_a_broken_round_says_why_and_can_only_be_stopped(inside: Driver, sites: FakeSites) -> None:
    broken = a_round(RoundState.FITTING, trouble=sentence("A message was forged."), sent=True)
    sites.rounds = [broken]
    panel = opened(inside)
    assert "A message was forged." in inside.words(panel)
    assert not inside.button("Go on now", panel).isEnabled()
    inside.click("Stop…", panel)
    assert "the people in them cannot take part in another round" in inside.words(panel.asked.sheet)
    inside.press(Qt.Key.Key_Escape, panel.asked.sheet)
    assert sites.done == []
    inside.click("Stop…", panel)
    sign(inside, panel, "It was forged.")
    assert sites.done == [("stop", broken.id, "It was forged.")]


def test_a_round_that_was_stopped_here_alone_is_told_to_be_so(
    inside: Driver, sites: FakeSites
) -> None:
    sites.rounds = [a_round(RoundState.FITTING)]
    sites.stopped_with = sentence("The other clinics are not told yet.")
    panel = opened(inside)
    inside.click("Stop…", panel)
    sign(inside, panel, "Enough.")
    assert "The round is stopped. The other clinics are not told yet." in inside.words()


def test_without_the_centre_the_records_are_shown_and_others_are_not_guessed_at(
    inside: Driver, sites: FakeSites
) -> None:
    sites.rounds = [a_round(RoundState.FITTING, waiting_for=(SOUTH,), steps=3)]
    sites.away = True
    panel = opened(inside)
    words = inside.words(panel)
    assert "No server of the centre answers." in words
    assert "this clinic's own records say" in words
    assert "not known without the centre" in words
    assert "sums sent" not in words
    inside.click("Stop…", panel)
    sign(inside, panel, "Enough.")
    assert "No server of the centre answers." in inside.words(panel.asked.sheet)
    assert panel.asked.reason.toPlainText() == "Enough.", "what was typed stays for another try"
    inside.press(Qt.Key.Key_Escape, panel.asked.sheet)
    inside.click("Leave without it")
    sites.away = False
    inside.click("Ask again", panel)
    assert "sums awaited" in inside.words(panel)
    assert "No server" not in inside.words(panel)


def test_where_another_laptop_takes_part_the_records_are_shown_and_nothing_can_be_done(
    inside: Driver, sites: FakeSites
) -> None:
    sites.card, sites.group, sites.elsewhere = None, None, True
    sites.rounds = [a_round(RoundState.FITTING)]
    panel = opened(inside)
    words = inside.words(panel)
    assert "Another laptop takes part" in words
    assert "A round is under way" in words
    for name in ("Write the card…", "Join a group…", "Begin a round…", "Go on now", "Stop…"):
        with pytest.raises(AssertionError, match="no button"):
            inside.button(name, panel)


def test_records_that_cannot_be_read_can_be_tried_again(
    inside: Driver, sites: FakeSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(SitesService, "standing", sites._reach)
        sites.away = True
        panel = opened(inside)
        assert "No server of the centre answers." in inside.words(panel)
    sites.away = False
    inside.click("Try again", panel)
    assert GROUP.code in inside.words(panel)


def test_the_head_of_a_round_leads_to_its_comparison(inside: Driver, sites: FakeSites) -> None:
    sites.rounds = [a_round(RoundState.FINISHED, head="local head 3")]
    panel = opened(inside)
    inside.click("Compare local head 3", panel)
    screen = inside.desk.present
    assert isinstance(screen, AdminScreen)
    assert isinstance(screen.section, LearningSection)


def test_a_doctor_looks_and_an_administrator_acts(outside: Driver, sites: FakeSites) -> None:
    clinic = outside.clinic
    assert clinic is not None
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    sites.rounds = [
        a_round(RoundState.INVITED),
        a_round(RoundState.FITTING),
        a_round(RoundState.FINISHED, head="local head 3"),
    ]
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    panel = opened(outside)
    words = outside.words(panel)
    assert "An administrator joins, agrees, sends and stops." in words
    for name in ("Begin a round…", "Agree…", "Go on now", "Stop…", "Compare local head 3"):
        with pytest.raises(AssertionError, match="no button"):
            outside.button(name, panel)


def test_a_round_of_sync_leaves_the_keyboard_where_it_was(inside: Driver, sites: FakeSites) -> None:
    sites.rounds = [a_round(RoundState.INVITED, waiting_for=(OWN,))]
    panel = opened(inside)
    screen = inside.desk.present
    assert isinstance(screen, LearningScreen)
    for name in ("Decline…", "Join another group…"):
        inside.button(name, panel).setFocus()
        screen.renew()
        inside.settle()
        assert inside.button(name, panel).hasFocus()

"""Setting up: what each page must hold, and the recovery key at the end."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import InvalidInput, StoreFull
from clinic_app.domain.people import CrisisContact, DeploymentContext, check_password
from clinic_app.services.front_door import FrontDoor, SetUpDone
from clinic_app.ui.screens.setup.presenter import SetUpPresenter, Step, password_rules
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.fakes.vault import FakeVault

LINE = CrisisContact("Night line", "0800 111 222")
PASSWORD = "quiet harbour lamp"


class SetUp:
    """A presenter at work on an empty vault."""

    def __init__(self) -> None:
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.finished: list[SetUpDone] = []
        self.door = FrontDoor(
            FakeVault(FakeClock()), FakeFaceReader(), FakeModelShelf(), FakeRenderer()
        )
        self.presenter = SetUpPresenter(
            self.view, self.jobs, self.door.set_up, self.finished.append, choose=lambda count: 2
        )

    def up_to_account(self, context: DeploymentContext = DeploymentContext.CLINIC) -> None:
        self.presenter.take_clinic(" Harbour  Clinic ", "", "")
        self.presenter.take_contacts([LINE])
        self.presenter.take_context(context)

    def up_to_key(self) -> None:
        self.up_to_account()
        self.presenter.take_account("amina", "Amina Diallo", PASSWORD, PASSWORD)
        self.jobs.run_all()

    def error(self) -> InvalidInput:
        return self.view.last("show_error")[0]


@pytest.fixture
def setup() -> SetUp:
    return SetUp()


def test_the_pages_come_in_order_and_the_clinic_is_made_at_the_end(setup: SetUp) -> None:
    setup.up_to_key()
    shown = [arguments[0] for name, arguments in setup.view.calls if name == "show_step"]
    assert shown == [Step.CONTACTS, Step.CONTEXT, Step.ACCOUNT, Step.KEY]
    services = setup.presenter.done.services
    assert services.clinic.profile().name == "Harbour Clinic"
    assert services.session.user.display_name == "Amina Diallo"


def test_the_recovery_key_is_shown_in_groups_and_one_of_them_is_asked_for(setup: SetUp) -> None:
    setup.up_to_key()
    groups, asked = setup.view.last("show_key")
    assert "-".join(groups) == FakeVault.RECOVERY_KEY
    setup.presenter.confirm_group(groups[0])
    assert setup.error().field == "group"
    assert setup.finished == []
    setup.presenter.confirm_group(f" {groups[asked].lower()} ")
    assert [done.recovery_key for done in setup.finished] == [FakeVault.RECOVERY_KEY]


def test_there_is_no_way_back_from_the_recovery_key(setup: SetUp) -> None:
    setup.up_to_key()
    setup.presenter.back()
    assert setup.presenter.step is Step.KEY


def test_a_clinic_without_a_name_is_asked_for_one(setup: SetUp) -> None:
    setup.presenter.take_clinic("   ", "1 Quay", "")
    assert setup.error().field == "clinic_name"
    assert setup.presenter.step is Step.CLINIC


def test_what_was_entered_stays_when_going_back(setup: SetUp) -> None:
    setup.up_to_account()
    setup.presenter.back()
    setup.presenter.back()
    assert setup.presenter.step is Step.CONTACTS
    assert setup.presenter.entered.clinic_name == "Harbour Clinic"


@pytest.mark.parametrize(
    ("contacts", "index", "field"),
    [
        ([], 0, "crisis_contact_name"),
        ([CrisisContact("", "")], 0, "crisis_contact_name"),
        ([CrisisContact("Line", "")], 0, "crisis_contact_phone"),
        ([LINE, CrisisContact("", "", "nights")], 1, "crisis_contact_name"),
        ([CrisisContact("", ""), CrisisContact("Line", " ")], 1, "crisis_contact_phone"),
    ],
)
def test_an_incomplete_crisis_contact_is_named(
    setup: SetUp, contacts: list[CrisisContact], index: int, field: str
) -> None:
    setup.presenter.take_clinic("Harbour", "", "")
    setup.presenter.take_contacts(contacts)
    assert setup.view.last("show_contact_error")[0] == index
    assert setup.view.last("show_contact_error")[1].field == field
    assert setup.presenter.step is Step.CONTACTS


def test_empty_lines_of_contacts_are_passed_over(setup: SetUp) -> None:
    setup.presenter.take_clinic("Harbour", "", "")
    setup.presenter.take_contacts([CrisisContact("", ""), LINE, CrisisContact(" ", " ")])
    assert setup.presenter.entered.contacts == (LINE,)


@pytest.mark.parametrize(
    ("user", "password", "repeated", "field"),
    [
        ("a b", PASSWORD, PASSWORD, "user_name"),
        ("amina", "short", "short", "password"),
        ("amina", "amina-amina-amina", "amina-amina-amina", "password"),
        ("amina", PASSWORD, PASSWORD + "!", "repeated"),
    ],
)
def test_an_account_that_cannot_be_made_is_refused_before_anything_is(
    setup: SetUp, user: str, password: str, repeated: str, field: str
) -> None:
    setup.up_to_account()
    setup.presenter.take_account(user, "", password, repeated)
    assert setup.error().field == field
    assert setup.jobs.held == []


def test_pressing_twice_makes_one_clinic(setup: SetUp) -> None:
    setup.up_to_account()
    for _ in range(2):
        setup.presenter.take_account("amina", "", PASSWORD, PASSWORD)
    assert len(setup.jobs.held) == 1


def test_trouble_with_the_disk_is_told_and_can_be_tried_again(setup: SetUp) -> None:
    trouble = StoreFull("The disk is full.")

    def refuse(_answers: object) -> SetUpDone:
        raise trouble

    setup.up_to_account()
    setup.presenter.make = refuse
    setup.presenter.take_account("amina", "", PASSWORD, PASSWORD)
    setup.jobs.run_all()
    assert setup.view.last("show_failure") == (trouble,)
    assert setup.presenter.step is Step.ACCOUNT
    setup.presenter.make = setup.door.set_up
    setup.presenter.take_account("amina", "", PASSWORD, PASSWORD)
    setup.jobs.run_all()
    assert setup.presenter.step is Step.KEY


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaa", "amina-at-the-quay", PASSWORD, "abcdeabcdeab"]
)
def test_the_rules_shown_while_typing_are_the_rules_that_count(password: str) -> None:
    shown = all(rule.kept for rule in password_rules(password, "Amina"))
    try:
        check_password(password, "Amina")
    except InvalidInput:
        assert not shown
    else:
        assert shown

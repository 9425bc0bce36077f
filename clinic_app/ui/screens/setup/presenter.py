"""The order of the pages and what each of them must hold before the next."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import (
    MINIMUM_PASSWORD_LENGTH,
    CrisisContact,
    DeploymentContext,
    check_password,
    checked_contacts,
    clean_name,
    clean_text,
)
from clinic_app.services.staff import check_user_name
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import tr

if TYPE_CHECKING:
    from clinic_app.services.front_door import SetUpAnswers, SetUpDone


class Step(IntEnum):
    CLINIC = 0
    CONTACTS = 1
    CONTEXT = 2
    ACCOUNT = 3
    KEY = 4


@dataclass(frozen=True, slots=True)
class Entered:
    """What has been entered so far; ``address`` and ``phone`` may stay empty."""

    clinic_name: str = ""
    address: str = ""
    phone: str = ""
    contacts: tuple[CrisisContact, ...] = ()
    context: DeploymentContext = DeploymentContext.CLINIC


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the password and whether what is typed keeps it."""

    words: str
    kept: bool


def password_rules(
    password: str, user_name: str, least: int = MINIMUM_PASSWORD_LENGTH
) -> tuple[Rule, ...]:
    """The rules of ``check_password``, one by one, for feedback while typing; ``least`` is the
    clinic's minimum."""
    name = user_name.strip().casefold()
    return (
        Rule(
            tr("At least {least} characters ({number} now)").format(
                least=least, number=len(password)
            ),
            len(password) >= least,
        ),
        Rule(
            tr("Does not contain the user name"),
            bool(password) and not (name and name in password.casefold()),
        ),
        Rule(tr("At least five different characters"), len(set(password)) >= 5),
    )


class SetUpView(Protocol):
    def show_step(self, step: Step) -> None: ...
    def show_error(self, error: InvalidInput) -> None: ...
    def show_contact_error(self, index: int, error: InvalidInput) -> None: ...
    def show_busy(self, busy: bool) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_key(self, groups: Sequence[str], asked: int) -> None:
        """The recovery key in groups; group ``asked`` (from 0) has to be typed."""


@dataclass
class SetUpPresenter:
    """``make`` sets the clinic up (on the database lane); ``finished`` goes on to the clinic."""

    view: SetUpView
    jobs: Jobs
    make: Callable[[SetUpAnswers], SetUpDone]
    finished: Callable[[SetUpDone], None]
    choose: Callable[[int], int] = secrets.randbelow
    step: Step = Step.CLINIC
    entered: Entered = field(default_factory=Entered)
    done: SetUpDone | None = None
    _asked: int = 0
    _under_way: bool = False

    def back(self) -> None:
        """One page back; the recovery key's page has no way back."""
        if self.step in (Step.CLINIC, Step.KEY) or self._under_way:
            return
        self._go(Step(self.step - 1))

    def take_clinic(self, name: str, address: str, phone: str) -> None:
        def check() -> Entered:
            return replace(
                self.entered,
                clinic_name=clean_name(name, "clinic_name", required=True),
                address=clean_text(address, 200, "address"),
                phone=clean_text(phone, 40, "phone"),
            )

        self._take(check, Step.CONTACTS)

    def take_contacts(self, contacts: Sequence[CrisisContact]) -> None:
        """Empty lines are passed over; at least one contact must be complete."""
        filled = [
            (index, one)
            for index, one in enumerate(contacts)
            if one.name.strip() or one.phone.strip() or one.hours.strip()
        ]
        for index, contact in filled or [(0, CrisisContact("", ""))]:
            try:
                if not contact.name.strip():
                    raise InvalidInput("crisis_contact_name", "Please enter whom to call.")
                if not contact.phone.strip():
                    raise InvalidInput("crisis_contact_phone", "Please enter the phone number.")
                checked_contacts((contact,))
            except InvalidInput as error:
                self.view.show_contact_error(index, error)
                return
        kept = checked_contacts(tuple(one for _, one in filled))
        self._take(lambda: replace(self.entered, contacts=kept), Step.CONTEXT)

    def take_context(self, context: DeploymentContext) -> None:
        self._take(lambda: replace(self.entered, context=context), Step.ACCOUNT)

    def take_account(self, user_name: str, display_name: str, password: str, repeated: str) -> None:
        """Check the administrator's account, then make the clinic."""
        try:
            name = check_user_name(user_name)
            shown = clean_name(display_name, "display_name", required=False)
            check_password(password, name)
            if password != repeated:
                raise InvalidInput("repeated", "The two passwords are not the same.")
        except InvalidInput as error:
            self.view.show_error(error)
            return
        if self._under_way:
            return
        from clinic_app.services.front_door import SetUpAnswers

        answers = SetUpAnswers(
            clinic_name=self.entered.clinic_name,
            crisis_contacts=self.entered.contacts,
            deployment_context=self.entered.context,
            user_name=name,
            password=password,
            display_name=shown,
            address=self.entered.address,
            phone=self.entered.phone,
        )
        self._under_way = True
        self.view.show_busy(True)
        self.jobs.submit(
            Lane.DATABASE, lambda: self.make(answers), done=self._made, failed=self._not_made
        )

    def confirm_group(self, typed: str) -> None:
        """Go on when the asked group of the recovery key was typed right."""
        if self.done is None:
            return
        wanted = self.groups[self._asked]
        if typed.strip().upper() != wanted.upper():
            self.view.show_error(
                InvalidInput(
                    "group", "This does not match. Please read it from your paper or file again."
                )
            )
            return
        self.finished(self.done)

    @property
    def groups(self) -> tuple[str, ...]:
        """The recovery key in its printed groups; empty before the clinic is made."""
        return tuple(self.done.recovery_key.split("-")) if self.done else ()

    def _take(self, check: Callable[[], Entered], then: Step) -> None:
        try:
            self.entered = check()
        except InvalidInput as error:
            self.view.show_error(error)
            return
        self._go(then)

    def _go(self, step: Step) -> None:
        self.step = step
        self.view.show_step(step)

    def _made(self, done: SetUpDone) -> None:
        self._under_way = False
        self.view.show_busy(False)
        self.done = done
        self._asked = self.choose(len(self.groups))
        self.view.show_key(self.groups, self._asked)
        self._go(Step.KEY)

    def _not_made(self, error: BaseException) -> None:
        self._under_way = False
        self.view.show_busy(False)
        if isinstance(error, InvalidInput):
            self.view.show_error(error)
        else:
            self.view.show_failure(error)

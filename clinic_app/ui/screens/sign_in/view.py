"""Signing in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.setup.pages import RuleList
from clinic_app.ui.screens.sign_in.presenter import SignInPresenter
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, column, label, row
from clinic_app.ui.widgets.containers import Pages
from clinic_app.ui.widgets.entry_frame import EntryFrame
from clinic_app.ui.widgets.fields import Field, Fields, PasswordField, text_edit
from clinic_app.ui.widgets.progress import Progress, time_left_text
from clinic_app.ui.widgets.states import picture

if TYPE_CHECKING:
    from clinic_app.services.backup_data import Progress as Told
    from clinic_app.services.clinic_services import ClinicServices

_ONCE = (
    "This happens once after an update. Nothing is lost when it is stopped; it then begins again at"
    " the next sign-in."
)


class SignInScreen(QWidget):
    """The sign-in card; behind it the card for the recovery key."""

    def __init__(
        self,
        jobs: Jobs,
        sign_in: Callable[[str, str, Told], ClinicServices],
        recover: Callable[[str, str, str, Told], ClinicServices],
        entered: Callable[[ClinicServices], None],
    ) -> None:
        super().__init__()
        self.presenter = SignInPresenter(self, jobs, sign_in, recover, entered)
        self._stack = Pages()
        self.sign_in = _SignInCard(self.presenter, self.show_recovery)
        self.recovery = _RecoveryCard(self.presenter, self.show_sign_in)
        self._stack.add(self.sign_in)
        self._stack.add(self.recovery)
        self._frame = EntryFrame(self._stack, width=480, languages=True)
        column(self).addWidget(self._frame)
        self.setFocusProxy(self.sign_in.user_name)

    def show_sign_in(self) -> None:
        self._stack.show_page(self.sign_in)
        self.sign_in.user_name.setFocus()

    def show_recovery(self) -> None:
        self._stack.show_page(self.recovery)
        self.recovery.user_name.setText(self.sign_in.user_name.text())
        self.recovery.user_name.setFocus()

    def show_busy(self, busy: bool) -> None:
        self._card.show_busy(busy)
        self._frame.allow_languages(not busy)

    def show_renewal(self, share: float, seconds_left: float | None) -> None:
        self._card.renewal.tell(share, seconds_left)

    def stop(self) -> None:
        """Let nothing run on that nobody waits for."""
        self.presenter.stop()

    def show_error(self, error: BaseException) -> None:
        self._card.show_error(explain(error))

    def show_field_error(self, error: InvalidInput) -> None:
        self._card.clear_errors()
        if not self._card.fields.show_error(error):
            self._card.show_error(sentence_of(error))

    def show_wait(self, seconds: int) -> None:
        self._card.show_wait(seconds)

    def show_store_trouble(self, title: str, error: BaseException, advice: str) -> None:
        self._card.trouble.show_trouble(tr(title), explain(error), tr(advice))

    @property
    def _card(self) -> _Card:
        return self.recovery if self._stack.current is self.recovery else self.sign_in


class _Trouble(QWidget):
    """What is wrong with the store and what to do about it."""

    def __init__(self) -> None:
        super().__init__()
        holder, box = card(role="warning", margin=2, gap=1)
        top = row(gap=1)
        top.addWidget(picture("alert", 20, "warning"))
        self.title = label("", "strong")
        top.addWidget(self.title, 1)
        box.addLayout(top)
        self.sentence = label("")
        self.advice = label("")
        box.addWidget(self.sentence)
        box.addWidget(self.advice)
        column(self).addWidget(holder)
        self.hide()

    def show_trouble(self, title: str, sentence: str, advice: str) -> None:
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.show()


class _Renewal(Progress):
    """How far the records are with this version of the program, the first time it opens them."""

    def __init__(self, stop: Callable[[], object]) -> None:
        super().__init__(stop)
        self._left = label("", "small")
        self.box.addWidget(self._left)
        self.box.addWidget(label(tr(_ONCE), "small"))

    def tell(self, share: float, seconds_left: float | None) -> None:
        if self.isHidden():
            self.begin(tr("Bringing the records up to date with this version"))
        self.show_share(share)
        done = tr("{percent} % done").format(percent=round(100 * share))
        still = time_left_text(seconds_left)
        self._left.setText(f"{done} · {still}" if still else done)


class _Card(QWidget):
    """What both cards do: busy, errors, waiting. ``other`` leads to the other card, not while
    something runs on this one."""

    def __init__(
        self,
        title: str,
        text: str,
        confirm: str,
        presenter: SignInPresenter,
        other: QPushButton,
    ) -> None:
        super().__init__()
        self.other = other
        self.box = column(self, gap=2)
        self.box.addWidget(label(title, "display"))
        self.box.addWidget(label(text, "muted"))
        self.trouble = _Trouble()
        self.box.addWidget(self.trouble)
        self.fields = Fields({})
        self.confirm = button(confirm, "primary", self.try_now)
        self._words = confirm
        self._error = label("", "error")
        self._error.hide()
        self.renewal = _Renewal(presenter.stop)
        self._seconds = 0
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._tick)

    def try_now(self) -> None:
        """Send what was typed."""

    def forget(self) -> None:
        """Empty the password."""

    def clear_errors(self) -> None:
        self.fields.clear_errors()
        self._error.hide()

    def show_busy(self, busy: bool) -> None:
        if busy:
            self.clear_errors()
            self.trouble.hide()
        self.confirm.setEnabled(not busy)
        self.confirm.setText(tr("Opening…") if busy else self._words)
        self.other.setEnabled(not busy)
        self.renewal.hide()

    def show_error(self, sentence: str) -> None:
        self._error.setText(sentence)
        self._error.show()
        self.forget()

    def show_wait(self, seconds: int) -> None:
        self._seconds = seconds
        self.confirm.setEnabled(False)
        self.forget()
        self._countdown.start()
        self._say_wait()

    def _tick(self) -> None:
        self._seconds -= 1
        if self._seconds > 0:
            self._say_wait()
            return
        self._countdown.stop()
        self._error.hide()
        self.confirm.setEnabled(True)

    def _say_wait(self) -> None:
        self._error.setText(
            tr("Too many failed attempts. You can try again in {seconds} s.").format(
                seconds=self._seconds
            )
        )
        self._error.show()


class _SignInCard(_Card):
    def __init__(self, presenter: SignInPresenter, forgot: Callable[[], object]) -> None:
        super().__init__(
            tr("Sign in"),
            tr("Your password opens the encrypted records."),
            tr("Sign in"),
            presenter,
            button(tr("Forgot the password?"), "link", forgot),
        )
        self._presenter = presenter
        self.user_name = text_edit(limit=60)
        self.password = PasswordField(tr("Password"))
        self.fields.add("user_name", Field(tr("User name"), self.user_name))
        self.fields.add("password", self.password)
        self.user_name.returnPressed.connect(self._step_on)
        self.password.edit.returnPressed.connect(self.try_now)
        for widget in (self.fields["user_name"], self.password, self._error, self.renewal):
            self.box.addWidget(widget)
        line = row()
        line.addWidget(self.other)
        line.addStretch(1)
        line.addWidget(self.confirm)
        self.box.addSpacing(UNIT)
        self.box.addLayout(line)

    def try_now(self) -> None:
        if self.confirm.isEnabled():
            self.clear_errors()
            self._presenter.try_password(self.user_name.text(), self.password.edit.text())

    def forget(self) -> None:
        self.password.edit.clear()
        self.password.edit.setFocus()

    def _step_on(self) -> None:
        if self.password.edit.text():
            self.try_now()
        else:
            self.password.edit.setFocus()


class _RecoveryCard(_Card):
    def __init__(self, presenter: SignInPresenter, back: Callable[[], object]) -> None:
        super().__init__(
            tr("Use the recovery key"),
            tr(
                "For administrators who forgot their password: the key was printed when the clinic"
                " was set up. Everybody else asks the administrator."
            ),
            tr("Set password and sign in"),
            presenter,
            button(tr("Back"), "", back),
        )
        self._presenter = presenter
        self.user_name = text_edit(limit=60)
        self.key = text_edit(tr("six groups of letters and digits"), limit=80)
        self.password = PasswordField(tr("New password"))
        self.repeated = PasswordField(tr("New password again"))
        self.fields.add("user_name", Field(tr("User name"), self.user_name))
        self.fields.add("recovery_key", Field(tr("Recovery key"), self.key))
        self.fields.add("password", self.password)
        self.fields.add("repeated", self.repeated)
        rules = RuleList()
        self.box.addWidget(self.fields["user_name"])
        self.box.addWidget(self.fields["recovery_key"])
        self.box.addWidget(self.password)
        self.box.addWidget(rules)
        self.box.addWidget(self.repeated)
        self.box.addWidget(self._error)
        self.box.addWidget(self.renewal)
        line = row()
        line.addWidget(self.other)
        line.addStretch(1)
        line.addWidget(self.confirm)
        self.box.addLayout(line)

        def judge() -> None:
            rules.show_rules(self.password.edit.text(), self.user_name.text())

        self.password.edit.textChanged.connect(judge)
        self.user_name.textChanged.connect(judge)
        judge()
        for edit in (self.user_name, self.key, self.password.edit, self.repeated.edit):
            edit.returnPressed.connect(self.try_now)

    def try_now(self) -> None:
        if self.confirm.isEnabled():
            self.clear_errors()
            self._presenter.try_recovery(
                self.user_name.text(),
                self.key.text(),
                self.password.edit.text(),
                self.repeated.edit.text(),
            )

"""The page that covers everything while the window is locked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.errors import SignInDue, SignInThrottled, WrongPassword
from clinic_app.domain.people import ClinicProfile
from clinic_app.services.clinic import ClinicService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain_refusal
from clinic_app.ui.widgets.basics import button, card, column, label, row
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.fields import Field, PasswordField, text_edit
from clinic_app.ui.widgets.states import picture


class LockPage(QWidget):
    """Asks the signed-in member of staff for the password; shows nothing of any record.

    Attributes:
        warned: it was said that signing out would lose something.

    Signals:
        unlocked: the password was right.
        sign_out_asked: somebody else wants to sign in.
    """

    unlocked = Signal()
    sign_out_asked = Signal()

    def __init__(
        self, jobs: Jobs, clinic: ClinicService, profile: ClinicProfile, name: str
    ) -> None:
        super().__init__()
        self.setObjectName("cover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("The window is locked"))
        self._jobs = jobs
        self._clinic = clinic
        self.warned = self._shut = False
        holder, box = card(margin=4, gap=2)
        top = row(gap=2)
        top.addWidget(picture("lock", 36, "accent"))
        words = column()
        words.setSpacing(2)
        words.addWidget(label(tr("The window is locked"), "heading"))
        words.addWidget(label(profile.name, "muted"))
        top.addLayout(words, 1)
        box.addLayout(top)
        self._staff_text = tr(
            "{name}, everything is as you left it. Enter your password to go on."
        ).format(name=name)
        self._again_text = tr(
            "{name}, everything is as you left it. A sign-in holds for twelve hours; please sign in"
            " again to go on."
        ).format(name=name)
        self._text = label(self._staff_text)
        box.addWidget(self._text)
        self.user_name = text_edit(limit=60)
        self._who = Field(tr("User name"), self.user_name)
        box.addWidget(self._who)
        self.password = PasswordField(tr("Password"))
        box.addWidget(self.password)
        line = row()
        self.other = button(tr("Sign out"), "link", self.sign_out_asked.emit)
        self.unlock = button(tr("Unlock"), "primary", self.try_password)
        line.addWidget(self.other)
        line.addStretch(1)
        line.addWidget(self.unlock)
        box.addSpacing(UNIT)
        box.addLayout(line)
        self.user_name.returnPressed.connect(self.password.edit.setFocus)
        self.password.edit.returnPressed.connect(self.try_password)
        column(self, margin=4).addWidget(Centred(holder, 440, vertically=True))

    def lock(self, *, in_patient_mode: bool) -> None:
        """Get ready to cover the window."""
        self.password.edit.clear()
        self.password.edit.hide_text()
        self.password.show_error("")
        self.user_name.clear()
        self._who.hide()
        for part in (self.password, self.unlock):
            part.show()
        self.unlock.setText(tr("Unlock"))
        self._shut = False
        self.other.setVisible(not in_patient_mode)
        to_patient = tr("Please hand the laptop back to the staff of the clinic.")
        self._text.setText(to_patient if in_patient_mode else self._staff_text)
        self.other.setText(tr("Sign out"))
        self.warned = False
        self.password.edit.setFocus()
        if not in_patient_mode and self._clinic.sign_in_due:
            self.ask_user_name()

    def ask_user_name(self) -> None:
        """The sign-in has ended, or will before long: unlocking takes all of it."""
        if self._shut or not self._who.isHidden():
            return
        self._who.show()
        self.unlock.setText(tr("Sign in"))
        if self._text.text() == self._staff_text:
            self._text.setText(self._again_text)
        if not self.password.edit.text():
            self.user_name.setFocus()

    def tell(self, reason: str, *, shut: bool = False) -> None:
        """Say why the window is locked, where that is not the usual lock. ``shut``: no password
        opens it any more, so none is asked for."""
        if shut:
            self._shut = True
            for part in (self._who, self.password, self.unlock):
                part.hide()
            self.password.edit.clear()
            self.other.show()
            if not self.warned:
                self.other.setText(tr("Sign in as somebody else"))
                self.other.setFocus()
        if reason and not self.warned:
            self._text.setText(reason)

    def warn(self, sentence: str) -> None:
        """Signing out would lose what ``sentence`` names: say so, and let it be asked for again."""
        self.warned = True
        meaning = (
            tr("Signing out would lose it; notes, answers and begun forms that are kept stay.")
            if self._shut
            else tr(
                "Signing out would lose it; notes, answers and begun forms that are kept stay."
                " Whoever was at work can go on after entering the password."
            )
        )
        self._text.setText(f"{sentence} {meaning}")
        self.other.setText(tr("Sign out all the same"))

    def try_password(self) -> None:
        """Check what was typed."""
        password, name = self.password.edit.text(), self.user_name.text().strip()
        if not self._who.isHidden() and not name:
            self.user_name.setFocus()
            return
        if not password or not self.unlock.isEnabled():
            self.password.edit.setFocus()
            return
        self.unlock.setEnabled(False)
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._clinic.resume(password, name or None),
            done=lambda _: self._open(),
            failed=self._refuse,
        )

    def _open(self) -> None:
        self.unlock.setEnabled(True)
        self.password.edit.clear()
        self.user_name.clear()
        self.unlocked.emit()

    def _refuse(self, error: BaseException) -> None:
        self.unlock.setEnabled(True)
        self.password.edit.clear()
        if isinstance(error, SignInDue):  # it came while the password was being checked
            self.ask_user_name()
            return
        sentence = explain_refusal(error)
        if isinstance(error, SignInThrottled):
            sentence = tr("Too many failed attempts. Please wait {seconds} s.").format(
                seconds=error.seconds
            )
        elif isinstance(error, WrongPassword) and not self._who.isHidden():
            sentence = tr("User name or password is wrong.")
        self.password.show_error(sentence)
        self.password.edit.setFocus()

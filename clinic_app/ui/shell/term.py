"""A sign-in ends twelve hours after it was made: said beforehand, and the window locks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from clinic_app.domain.clock import utc_now
from clinic_app.services.session import SessionState
from clinic_app.services.sign_in_term import TO_FINISH_S
from clinic_app.ui.moments import clock_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.shell.lock import LockPage
from clinic_app.ui.shell.notices import NoticeBoard
from clinic_app.ui.strings import tr
from clinic_app.ui.workspace import Act

if TYPE_CHECKING:
    from clinic_app.ui.shell.desk import Desk

_LOOK_MS = 5_000
"""Looked at again and again, for no timer of Qt goes on while the laptop sleeps."""


class TermWatch(QObject):
    """Locks the window when the sign-in has ended, as the idle time does: with everything kept.

    Not amid a screening or safety steps, with a person in front. A screening has an hour more and
    the safety steps as long as they are not left; leaving either locks before anything else comes,
    and what was asked for follows the new sign-in. From a patient's hands nothing is locked: taking
    the laptop back is the sign-in.
    """

    def __init__(
        self,
        desk: Desk,
        page: LockPage,
        notices: NoticeBoard,
        lock: Callable[[], None],
        locked: Callable[[], bool],
    ) -> None:
        super().__init__(desk)
        self._session = desk.workspace.services.session
        self._desk, self._page = desk, page
        self._notices, self._lock, self._locked = notices, lock, locked
        self._words = self._said = ""
        self._then: Callable[[], object] | None = None
        self._role = self._session.user.role
        desk.leaving.hold = self._hold
        page.unlocked.connect(self._go_on)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """See how long the sign-in still holds."""
        term = self._session.term
        if self._session.state is SessionState.ENDED or self._desk.patient_at_laptop is not None:
            return
        if self._locked():
            if term.due:
                self._page.ask_user_name()
        elif not term.due:
            self._say("", 0.0)
        elif term.left > 0:
            self._say_beforehand(term.left)
        elif not self._with_a_person(term.left):
            self._end(self._look_again)
        else:
            self._say_over(term.left + TO_FINISH_S)

    def _hold(self, go_on: Callable[[], object]) -> bool:
        """Whether ``go_on`` has to wait for a new sign-in, after which it is done."""
        over = self._session.term.left <= 0 and not self._locked()
        if over:
            self._end(go_on)
        return over

    def _end(self, then: Callable[[], object]) -> None:
        self._then, self._role = then, self._session.user.role
        self._lock()

    def _look_again(self) -> None:
        """What was read while the services refused is read again, leaving place and words alone."""
        screen = self._desk.present
        if self._desk.sheet is None and isinstance(screen, Screen):
            screen.renew()
        self._desk.look_at_waiting()

    def _go_on(self) -> None:
        then, self._then = self._then, None
        # Another role begins at its own first page; what was asked for may not be one of its pages.
        same = self._session.user.role is self._role
        if then is not None and same and self._session.state is SessionState.ACTIVE:
            then()
        self.look()

    def _with_a_person(self, left: float) -> bool:
        from clinic_app.ui.screens.screening.view import ScreeningScreen

        if self._amid_steps:
            return True
        return left > -TO_FINISH_S and isinstance(self._desk.present, ScreeningScreen)

    @property
    def _amid_steps(self) -> bool:
        from clinic_app.ui.screens.safety.view import SafetySteps

        steps = self._desk.findChildren(SafetySteps)
        return any(one.isVisibleTo(self._desk) for one in steps)

    def _say_beforehand(self, left: float) -> None:
        words = tr(
            "A sign-in holds for twelve hours. At {time} the window locks and asks for your user"
            " name and password; nothing that you wrote is lost. You can do it before then."
        )
        self._say(words, left, (tr("Lock and sign in again"), self._lock))

    def _say_over(self, left: float) -> None:
        steps = tr(
            "Twelve hours have passed since you signed in. Please finish the safety steps with the"
            " person in front of you. When you leave them, the window asks you to sign in again."
        )
        words = tr(
            "Twelve hours have passed since you signed in. Please finish with the person in front"
            " of you. When you leave this page, and at {time} at the latest, the window asks you to"
            " sign in again."
        )
        self._say(steps if self._amid_steps else words, max(left, 0.0))

    def _say(self, words: str, left: float, act: Act | None = None) -> None:
        """Once, in the place of what was said before; nothing with no words."""
        if words == self._words:
            return
        self._notices.take_back(self._said)
        self._words, self._said = words, ""
        if words:
            time = clock_text(utc_now() + timedelta(seconds=left))
            self._said = words.format(time=time)
            self._notices.warn(self._said, act)

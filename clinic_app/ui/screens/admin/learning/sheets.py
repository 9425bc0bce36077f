"""What is asked and shown over the page: a signed reason, a card, the cases of a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from clinic_app.domain.errors import InvalidInput, SignInThrottled, WrongPassword
from clinic_app.domain.local_head import LocalHead
from clinic_app.services.learning_data import Member
from clinic_app.ui.jobs import Jobs, Lane, ScreenJobs
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.models.browser import CardBrowser
from clinic_app.ui.screens.models.view import calm_headings
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import (
    answer_row,
    button,
    column,
    label,
    restyle,
    row,
    scrolling,
)
from clinic_app.ui.widgets.fields import Field, PasswordField, long_text
from clinic_app.ui.widgets.sheet import Sheet

_CARD_WIDTH = 560
"""Of a card's text, in pixels at 100 % text size: narrower than the sheet, so that it is whole."""
_SHOWN = 200
"""Cases on the sheet, which is made at once."""


class AskSignedReason:
    """A reason and the password; stays until ``work(reason, password)`` succeeds or Cancel.

    ``more`` stands above the reason; ``working`` is said while ``work`` runs in its lane.
    """

    def __init__(
        self,
        above: QWidget,
        jobs: Jobs,
        *,
        title: str,
        text: str,
        confirm: str,
        work: Callable[[str, str], Any],
        done: Callable[[Any], object],
        more: QWidget | None = None,
        lane: Lane = Lane.DATABASE,
        working: str = "",
        width: int = 480,
    ) -> None:
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(title, "heading"))
        box.addWidget(label(text, "muted"))
        if more is not None:
            box.addWidget(more)
        self.reason = long_text(lines=3 if more is None else 1)
        self.reason.setFixedHeight(self.reason.minimumHeight())
        self._reason = Field(tr("Reason"), self.reason, hint=tr("Kept with your name."))
        box.addWidget(self._reason)
        self.password = PasswordField(tr("Your password"))
        box.addWidget(self.password)
        self._said = label("", "small")
        self._said.hide()
        box.addWidget(self._said)
        self.sheet = Sheet(above, content, name=title, width=width)
        self.accept = button(confirm, "primary", self._check)
        self.refuse = button(tr("Cancel"), "", self.sheet.dismiss)
        self._answers = ScreenJobs(jobs)
        self.sheet.closed.connect(self._answers.drop)
        self.sheet.destroyed.connect(self._answers.drop)
        self._work, self._done = work, done
        self._lane, self._working = lane, working
        self.password.edit.returnPressed.connect(self._check)
        box.addLayout(answer_row(self.refuse, self.accept))
        self.sheet.open(self.reason)

    def _check(self) -> None:
        if not self.accept.isEnabled():
            return
        self._reason.show_error("")
        self.password.show_error("")
        reason, password = self.reason.toPlainText(), self.password.edit.text()
        if not password:
            self.password.show_error(tr("Please enter your password."))
            return
        self._allow(False)
        self._say(self._working, "small")
        self._answers.submit(
            self._lane,
            lambda: self._work(reason, password),
            done=self._succeed,
            failed=self._fail,
        )

    def _succeed(self, answer: Any) -> None:
        self.sheet.dismiss()
        self._done(answer)

    def _fail(self, error: BaseException) -> None:
        self._allow(True)
        self._say("", "small")
        if isinstance(error, InvalidInput) and error.field == "text":
            self._reason.show_error(explain(error))
            self.reason.setFocus()
        elif isinstance(error, (WrongPassword, SignInThrottled)):
            self.password.edit.clear()
            self.password.show_error(explain_refusal(error))
            self.password.edit.setFocus()
        else:
            self._say(explain(error), "error")
            self.accept.setFocus()
        self.sheet.fit()

    def _say(self, text: str, role: str) -> None:
        self._said.setText(text)
        self._said.setProperty("role", role)
        restyle(self._said)
        self._said.setVisible(bool(text))

    def _allow(self, allowed: bool) -> None:
        self.accept.setEnabled(allowed)
        self.refuse.setEnabled(allowed)
        self.sheet.set_dismissible(allowed)


def show_card(above: QWidget, head: LocalHead, text: str) -> Sheet:
    """The card of a head."""
    browser = CardBrowser()
    browser.setAccessibleName(tr("Card of {head}").format(head=head.version))
    browser.show_markdown(text, {})
    calm_headings(browser.document())
    browser.document().setTextWidth(scaled(_CARD_WIDTH))
    browser.setFixedHeight(round(browser.document().size().height()) + 8)
    area = scrolling(browser)
    area.setMinimumHeight(scaled(360))
    return _sheet(above, head.version, area)


def show_members(above: QWidget, head: LocalHead, members: tuple[Member, ...]) -> Sheet:
    """The cases that a head was fitted on, and those it was judged on."""
    holder = QWidget()
    lines = column(holder, gap=1)
    fitted = [one for one in members if not one.judged]
    lines.addWidget(label(tr("Cases in the fit of {head}").format(head=head.version), "heading"))
    about = tr("{n} screenings; by withdrawing, a person leaves the next fit and every export.")
    lines.addWidget(label(about.format(n=len(fitted)), "muted"))
    _list(lines, head, fitted)
    judged = [one for one in members if one.judged]
    if judged:
        text = tr("Cases that {head} was judged on").format(head=head.version)
        lines.addWidget(label(text, "heading"))
        _list(lines, head, judged)
    lines.addStretch(1)
    area = scrolling(holder)
    area.setMinimumHeight(scaled(360))
    area.setAccessibleName(tr("Cases of {head}").format(head=head.version))
    return _sheet(above, tr("Cases of {head}").format(head=head.version), area)


def _list(lines: QVBoxLayout, head: LocalHead, members: Sequence[Member]) -> None:
    """Those withdrawn since first."""
    ordered = sorted(members, key=lambda one: (not one.withdrawn, one.finished_at))
    for one in ordered[:_SHOWN]:
        words = f"{str(one.screening_id)[:13]}… · {moment_text(one.finished_at)}"
        if one.withdrawn:
            lines.addWidget(label(f"{words} · {tr('withdrawn')}", "caution"))
        else:
            lines.addWidget(label(words, "small"))
    if len(ordered) > _SHOWN:
        more = tr("{n} more; “clinic-app learning members {head}” lists them all.")
        words = more.format(n=len(ordered) - _SHOWN, head=head.version)
        lines.addWidget(label(words, "muted", selectable=True))


def _sheet(above: QWidget, name: str, inside: QWidget) -> Sheet:
    content = QWidget()
    box = column(content, margin=3, gap=2)
    box.addWidget(inside)
    sheet = Sheet(above, content, name=name, width=720)
    close = button(tr("Close"), "primary", sheet.dismiss)
    across = row()
    across.addStretch(1)
    across.addWidget(close)
    box.addLayout(across)
    sheet.open(close)
    return sheet

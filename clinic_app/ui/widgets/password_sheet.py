"""Asking for a password: to sign, to take the laptop back, to take over a safety flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from clinic_app.ui.jobs import Jobs, Lane, ScreenJobs
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain_refusal
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.fields import PasswordField
from clinic_app.ui.widgets.sheet import Sheet


def ask_password(
    above: QWidget,
    jobs: Jobs,
    *,
    title: str,
    text: str,
    confirm: str,
    work: Callable[[str], Any],
    done: Callable[[Any], None],
    cancel: str = "",
    caption: str = "",
) -> Sheet:
    """Ask until ``work(password)`` succeeds on the database lane, then call ``done`` with its
    answer. A wrong password is told beside the field; Cancel changes nothing; it
    rests while a password is being checked, since the work goes on by then."""
    content = QWidget()
    box = column(content, margin=3, gap=2)
    box.addWidget(label(title, "heading"))
    box.addWidget(label(text, "muted"))
    field = PasswordField(caption or tr("Your password"))
    box.addWidget(field)
    sheet = Sheet(above, content, name=title, width=440)
    accept = button(confirm, "primary")
    refuse = button(cancel or tr("Cancel"), "", sheet.dismiss)
    answers = ScreenJobs(jobs)
    sheet.closed.connect(answers.drop)
    sheet.destroyed.connect(answers.drop)

    def allow(allowed: bool) -> None:
        accept.setEnabled(allowed)
        refuse.setEnabled(allowed)
        sheet.set_dismissible(allowed)

    def succeed(answer: Any) -> None:
        sheet.dismiss()
        done(answer)

    def fail(error: BaseException) -> None:
        allow(True)
        field.edit.clear()
        field.show_error(explain_refusal(error))
        field.edit.setFocus()

    def check() -> None:
        if not accept.isEnabled():
            return
        password = field.edit.text()
        if not password:
            field.show_error(tr("Please enter your password."))
            return
        allow(False)
        field.show_error("")
        answers.submit(Lane.DATABASE, lambda: work(password), done=succeed, failed=fail)

    accept.clicked.connect(check)
    field.edit.returnPressed.connect(check)
    box.addLayout(answer_row(refuse, accept))
    sheet.open(field.edit)
    return sheet

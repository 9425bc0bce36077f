"""The sheet of who hands over: to whom, about whom, and what there is to know."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.forms import PERSON, FormKind
from clinic_app.domain.handovers import Handover
from clinic_app.domain.people import StaffUser
from clinic_app.services.handovers import Suggestion
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.screens.base import read_then_open
from clinic_app.ui.screens.kept_words import KeptWords
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.fields import Field, Fields, choice, long_text
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.tick import Tick
from clinic_app.ui.workspace import Workspace

NAME_SHOWN = 40
"""Letters of a name beside its tick; all of them stand in the tool tip."""
Ready = tuple[list[StaffUser], list[Suggestion]]


def open_handover(
    above: QWidget, workspace: Workspace, given: Callable[[Handover], object]
) -> None:
    """Read who is there and whom it is about, then show the sheet; ``given`` gets the handover."""
    handovers = workspace.services.handovers

    def read() -> Ready:
        return handovers.colleagues(), handovers.suggestions()

    def show(ready: Ready) -> None:
        HandoverSheet(above, workspace, ready, given)

    read_then_open(above, workspace, read, show)


class HandoverSheet:
    """What is typed is kept, for who types it alone, until it is handed over or discarded."""

    def __init__(
        self,
        above: QWidget,
        workspace: Workspace,
        ready: Ready,
        given: Callable[[Handover], object],
    ) -> None:
        colleagues, suggestions = ready
        self._service = workspace.services.handovers
        self._jobs = ScreenJobs(workspace.jobs)
        self._given = given
        heading = tr("Hand over")
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(heading, "title"))
        box.addWidget(
            label(
                tr("The handover stays open, for everybody to see, until it is received."), "muted"
            )
        )
        people = [(user.display_name, user.id) for user in colleagues]
        self.to_user = choice([(tr("Whoever takes over next"), None), *people])
        self.text = long_text(
            tr("What has been done, what is still to do, what to look out for"), lines=6
        )
        self.fields = Fields(
            {
                "to_user": Field(tr("To", "a person"), self.to_user),
                "text": Field(tr("What there is to know"), self.text),
            }
        )
        offered = column()
        box.addLayout(offered)
        box.addWidget(self.fields["to_user"])
        self.people: dict[UUID, Tick] = {}
        if suggestions:
            box.addWidget(label(tr("About whom"), "strong"))
            for one in suggestions:
                box.addWidget(self._person(one))
        box.addWidget(self.fields["text"])
        self.trouble = label("", "error")
        self.trouble.hide()
        box.addWidget(self.trouble)
        ticks = {f"{PERSON}{one}": tick for one, tick in self.people.items()}
        self.kept = KeptWords(
            workspace.services.forms,
            self._jobs,
            FormKind.HANDOVER,
            workspace.services.session.user.id,
            {"text": self.text, "to_user": self.to_user, **ticks},
        )
        offered.addWidget(self.kept.offer)
        box.addWidget(self.kept)
        self.sheet = Sheet(above, content, name=heading, width=600)
        self.sheet.keeps = True
        self.sheet.closed.connect(self.kept.keep)
        self.sheet.closed.connect(self._jobs.drop)
        self.confirm = button(tr("Hand over"), "primary", self._send)
        self.close = button(tr("Close"), "", self.sheet.dismiss)
        box.addLayout(answer_row(self.close, self.confirm))
        self.sheet.open(self.to_user)
        self.kept.restore()

    def _person(self, one: Suggestion) -> Tick:
        name = one.patient.display_name
        shown = name if len(name) <= NAME_SHOWN else f"{name[: NAME_SHOWN - 1]}…"
        made = Tick(f"{shown} · {suggestion_text(one)}")
        made.setToolTip(name)
        made.setAccessibleName(f"{name}, {suggestion_text(one)}")
        made.setChecked(one.safety_open)
        self.people[one.patient.id] = made
        return made

    def _send(self) -> None:
        if not self.confirm.isEnabled():
            return
        self.fields.clear_errors()
        self.trouble.hide()
        text = self.text.toPlainText()
        if not text.strip():
            self.fields.show_error(
                InvalidInput("text", tr("Please write what the colleague has to know."))
            )
            return
        to_user = self.to_user.currentData()
        people = [one for one, box in self.people.items() if box.isChecked()]
        self.confirm.setEnabled(False)
        self.sheet.hold(True, self.close)
        self.kept.hold()
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._service.give(text, to_user, people, from_form=True),
            done=self._done,
            failed=self._refused,
        )

    def _done(self, handover: Handover) -> None:
        self.kept.end()
        self.sheet.dismiss()
        self._given(handover)

    def _refused(self, error: BaseException) -> None:
        self.confirm.setEnabled(True)
        self.sheet.hold(False, self.close)
        self.kept.go_on()
        if not (isinstance(error, InvalidInput) and self.fields.show_error(error)):
            self.trouble.setText(explain(error))
            self.trouble.show()


def suggestion_text(one: Suggestion) -> str:
    """Why this person is suggested."""
    words = [tr("safety steps open")] if one.safety_open else []
    if one.tasks == 1:
        words.append(tr("1 open task of yours"))
    elif one.tasks:
        words.append(tr("{number} open tasks of yours").format(number=one.tasks))
    return ", ".join(words)

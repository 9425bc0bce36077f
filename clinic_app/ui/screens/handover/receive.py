"""The sheet of who takes over: everything that was written, the people, and the receipt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.handovers import Handover
from clinic_app.services.handovers import HandoverRow
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.moments import near_text
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, card, column, label
from clinic_app.ui.widgets.fields import Field, text_edit
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import Sheet, ask
from clinic_app.ui.workspace import Workspace


class ReceiptSheet:
    """Read, open a record, and confirm with a word if there is one to say."""

    def __init__(
        self,
        above: QWidget,
        workspace: Workspace,
        handed: HandoverRow,
        received: Callable[[Handover], object],
    ) -> None:
        self._workspace = workspace
        self._service = workspace.services.handovers
        self._jobs = ScreenJobs(workspace.jobs)
        self._handed = handed
        self._received = received
        heading = tr("Handover from {name}").format(name=handed.from_name)
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(heading, "title"))
        given = near_text(handed.handover.given_at, utc_now())
        to = handed.to_name or tr("whoever takes over next")
        box.addWidget(label(tr("{when}, to {name}").format(when=given, name=to), "muted"))
        made, inside = card(role="sunken", margin=2)
        inside.addWidget(label(words_of(handed), selectable=True))
        box.addWidget(made)
        self._people = [
            button(patient.display_name, "chip", partial(self._ask_to_open, patient.id))
            for patient in handed.patients
        ]
        if self._people:
            box.addWidget(label(tr("About"), "strong"))
            people = Flow()
            for made_for in self._people:
                people.add(made_for)
            box.addWidget(people)
        self.word = text_edit(tr("such as: seen, I call her tomorrow"))
        box.addWidget(Field(tr("Your answer"), self.word, optional=True))
        self.trouble = label("", "error")
        self.trouble.hide()
        box.addWidget(self.trouble)
        self.sheet = Sheet(above, content, name=heading, width=600)
        self.sheet.closed.connect(self._jobs.drop)
        self.confirm = button(tr("I have received this"), "primary", self._send)
        self.later = button(tr("Not now"), "", self.sheet.dismiss)
        box.addLayout(answer_row(self.later, self.confirm))
        self.word.returnPressed.connect(self._send)
        self.sheet.open(self.confirm)

    def _ask_to_open(self, patient_id: UUID) -> None:
        """The record instead of the answer; one that is typed does not go unasked."""
        if not self.sheet.would_lose:
            self._open(patient_id)
            return
        ask(
            self.sheet,
            title=tr("What you entered would be lost"),
            text=tr("A form that lies open below is not handed in yet."),
            yes=tr("Leave without it"),
            no=tr("Stay here"),
            danger=True,
            on_yes=partial(self._open, patient_id),
        )

    def _open(self, patient_id: UUID) -> None:
        self.sheet.dismiss()
        self._workspace.navigator.show_patient(patient_id)

    def _send(self) -> None:
        if not self.confirm.isEnabled():
            return
        self._hold(True)
        word, handover_id = self.word.text(), self._handed.handover.id
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._service.receive(handover_id, word),
            done=self._done,
            failed=self._refused,
        )

    def _hold(self, held: bool) -> None:
        self.word.setReadOnly(held)
        self.sheet.hold(held, self.later, self.confirm, *self._people)

    def _done(self, handover: Handover) -> None:
        self.sheet.dismiss()
        self._received(handover)

    def _refused(self, error: BaseException) -> None:
        self._hold(False)
        self.trouble.setText(explain(error))
        self.trouble.show()


def words_of(handed: HandoverRow) -> str:
    """What was written for the colleague; of notes that somebody has left, whose they are too."""
    if not handed.left_name:
        return handed.handover.text
    title = tr("Unsigned notes of {name}").format(name=handed.left_name)
    return f"{title}: {handed.handover.text}"

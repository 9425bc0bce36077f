"""Two records side by side, which of them stays, and why; and taking a merge back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import REASON_LIMIT, Patient
from clinic_app.services.merges import MergeService, Side
from clinic_app.ui.jobs import Jobs, Lane, ScreenJobs
from clinic_app.ui.moments import day_text, local_day, moment_text
from clinic_app.ui.screens.patients.rows import born_text
from clinic_app.ui.strings import SEX_LABELS, sentence_of, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, clear, column, frame, label
from clinic_app.ui.widgets.fields import Field, text_edit
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.states import Busy, Failure

Merged = Callable[[Patient], None]


def facts_of(side: Side) -> list[tuple[str, str]]:
    """(caption, text) of one record, the same captions for both."""
    patient = side.patient
    today = local_day(utc_now())
    registered, last = patient.registered_at, side.last_screening_at
    marks = [
        words
        for words, holds in (
            (tr("Safety steps open"), side.safety_open),
            (tr("Screening to finish"), side.has_draft),
        )
        if holds
    ]
    return [
        (tr("Family name"), patient.family_name),
        (tr("Given name"), patient.given_name),
        (tr("Born"), born_text(patient.birth_date, patient.age_on(today))),
        (tr("Sex at birth"), tr(SEX_LABELS[patient.sex])),
        (tr("Phone"), patient.phone),
        (tr("Clinic number"), patient.local_number),
        (tr("Registered"), moment_text(registered) if registered else ""),
        (tr("Screenings"), str(side.screenings)),
        (tr("Last screening"), day_text(local_day(last)) if last else ""),
        (tr("Notes"), str(side.notes)),
        (tr("To do"), ", ".join(marks)),
    ]


class CompareSheet:
    """Reads both records, then asks. The older record is proposed as the one that stays."""

    def __init__(
        self,
        above: QWidget,
        merges: MergeService,
        jobs: Jobs,
        first_id: UUID,
        second_id: UUID,
        merged: Merged,
    ) -> None:
        self._merges = merges
        self._merged = merged
        self._sides: tuple[Side, Side] | None = None
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Is this the same person?"), "heading"))
        box.addWidget(
            label(
                tr(
                    "Merging hides one record behind the other and shows both as one person."
                    " Nothing is moved or lost, and it can be undone."
                ),
                "muted",
            )
        )
        self._body = column(gap=2)
        self._body.addWidget(Busy(tr("Reading both records…")))
        box.addLayout(self._body)
        self.sheet = Sheet(above, content, name=tr("Compare two records"), width=860)
        self._answers = ScreenJobs(jobs)
        self.sheet.closed.connect(self._answers.drop)
        self.sheet.destroyed.connect(self._answers.drop)
        self.merge = button(tr("Merge"), "primary", self._merge)
        self.merge.setEnabled(False)
        self.refuse = button(tr("They are two people"), "", self.sheet.dismiss)
        box.addLayout(answer_row(self.refuse, self.merge))
        self.sheet.open()
        self._answers.submit(
            Lane.DATABASE,
            lambda: merges.compare(first_id, second_id),
            done=self._show,
            failed=self._fail,
        )

    def _show(self, sides: tuple[Side, Side]) -> None:
        self._sides = sides
        clear(self._body)
        holder = frame("sunken")
        grid = QGridLayout(holder)
        grid.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        grid.setHorizontalSpacing(3 * UNIT)
        grid.setVerticalSpacing(UNIT)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        older = min(sides, key=lambda side: side.patient.id)
        self.stays: list[QPushButton] = []
        self._group = QButtonGroup(self.sheet)
        for place, side in enumerate(sides):
            choice = button(tr("This record stays"), "choice")
            choice.setCheckable(True)
            self._group.addButton(choice)
            choice.setAccessibleName(
                tr("The record of {name} stays").format(name=side.patient.display_name)
            )
            choice.setChecked(side is older)
            self.stays.append(choice)
            grid.addWidget(choice, 0, place + 1)
        left, right = map(facts_of, sides)
        for number, ((caption, one), (_, other)) in enumerate(zip(left, right, strict=True), 1):
            grid.addWidget(label(caption, "muted", wrap=False), number, 0, _TOP)
            same = one == other
            for place, text in ((1, one), (2, other)):
                cell = label(text or "–", "" if same else "strong", selectable=True)
                if not same:
                    cell.setAccessibleDescription(tr("differs"))
                grid.addWidget(cell, number, place, _TOP)
        self._body.addWidget(holder)
        self._body.addWidget(label(tr("What differs stands in bold."), "small"))
        self.reason = text_edit(limit=REASON_LIMIT)
        self._reason = Field(
            tr("Why is it the same person?"), self.reason, hint=tr("As in: same identity card")
        )
        self.reason.returnPressed.connect(self._merge)
        self._body.addWidget(self._reason)
        self._trouble = label("", "error")
        self._trouble.hide()
        self._body.addWidget(self._trouble)
        self.merge.setEnabled(True)
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        self.sheet.fit()

    def _fail(self, error: BaseException) -> None:
        clear(self._body)
        self._body.addWidget(Failure(explain(error)))

    def _merge(self) -> None:
        if self._sides is None or not self.merge.isEnabled():
            return
        first, second = (side.patient.id for side in self._sides)
        into, gone = (first, second) if self.stays[0].isChecked() else (second, first)
        reason = self.reason.text()
        self.merge.setEnabled(False)
        self.sheet.hold(True, self.refuse)
        self._reason.show_error("")
        self._trouble.hide()
        self._answers.submit(
            Lane.DATABASE,
            lambda: self._merges.merge(gone, into, reason),
            done=self._done,
            failed=self._refused,
        )

    def _done(self, patient: Patient) -> None:
        self.sheet.dismiss()
        self._merged(patient)

    def _refused(self, error: BaseException) -> None:
        self.merge.setEnabled(True)
        self.sheet.hold(False, self.refuse)
        if isinstance(error, InvalidInput) and error.field == "reason":
            self._reason.show_error(sentence_of(error))
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._trouble.setText(explain(error))
            self._trouble.show()


class UndoSheet:
    """Asks why two records are two people after all."""

    def __init__(
        self, above: QWidget, merges: MergeService, jobs: Jobs, other: Patient, undone: Merged
    ) -> None:
        self._merges = merges
        self._other = other
        self._undone = undone
        content = QWidget()
        box = column(content, margin=3, gap=2)
        title = tr("Undo the merge")
        box.addWidget(label(title, "heading"))
        box.addWidget(
            label(
                tr(
                    "The record of {name} stands for itself again, with what was entered in it."
                ).format(name=other.display_name),
                "muted",
            )
        )
        self.reason = text_edit(limit=REASON_LIMIT)
        self._reason = Field(tr("Why are these two people?"), self.reason)
        box.addWidget(self._reason)
        self.sheet = Sheet(above, content, name=title, width=520)
        self._answers = ScreenJobs(jobs)
        self.sheet.closed.connect(self._answers.drop)
        self.sheet.destroyed.connect(self._answers.drop)
        self.undo = button(tr("Undo the merge"), "primary", self._undo)
        self.cancel = button(tr("Cancel"), "", self.sheet.dismiss)
        box.addLayout(answer_row(self.cancel, self.undo))
        self.reason.returnPressed.connect(self._undo)
        self.sheet.open(self.reason)

    def _undo(self) -> None:
        if not self.undo.isEnabled():
            return
        reason = self.reason.text()
        self.undo.setEnabled(False)
        self.sheet.hold(True, self.cancel)
        self._answers.submit(
            Lane.DATABASE,
            lambda: self._merges.undo(self._other.id, reason),
            done=self._done,
            failed=self._refused,
        )

    def _done(self, patient: Patient) -> None:
        self.sheet.dismiss()
        self._undone(patient)

    def _refused(self, error: BaseException) -> None:
        self.undo.setEnabled(True)
        self.sheet.hold(False, self.cancel)
        self._reason.show_error(explain(error))


_TOP = Qt.AlignmentFlag.AlignTop

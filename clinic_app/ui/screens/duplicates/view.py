"""Likely duplicates of the clinic, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.duplicates import Reason
from clinic_app.domain.people import Patient
from clinic_app.services.merges import Suggestion
from clinic_app.ui.jobs import Lane
from clinic_app.ui.moments import local_day
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.duplicates.compare import CompareSheet
from clinic_app.ui.screens.patients.rows import born_text
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, label, row, scrolling
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

LIMIT = 50
REASON_LABELS = {
    Reason.SAME_BIRTH_DATE_AND_SIMILAR_NAME: "same birth date, similar name",
    Reason.SAME_PHONE: "same phone",
}


class DuplicatesScreen(Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Possible duplicates"))
        self.back_text = tr("Patients")
        self._workspace = workspace
        self._list = column(gap=2)
        self._list.addWidget(Busy(tr("Looking for records of the same person…")))
        content = QWidget()
        box = column(content, gap=2)
        box.addWidget(
            label(
                tr(
                    "Suggestions only: families share a phone, and twins a birth date. Compare the"
                    " two records before you merge them."
                ),
                "muted",
            )
        )
        box.addLayout(self._list)
        box.addStretch(1)
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(content, 1100))
        column(self).addWidget(scrolling(holder))

    def arrive(self) -> None:
        merges = self._workspace.services.merges
        self.jobs.submit(
            Lane.DATABASE,
            lambda: merges.suggestions(LIMIT),
            done=self._show,
            failed=self._fail,
        )

    def renew(self) -> None:
        self.arrive()

    def go_back(self) -> None:
        self._workspace.navigator.show_patients()

    def _show(self, found: Sequence[Suggestion]) -> None:
        with kept_focus(self):
            clear(self._list)
            for one in found:
                self._list.addWidget(self._card(one))
        if not found:
            self._list.addWidget(
                Emptiness(
                    "check",
                    tr("No likely duplicates"),
                    tr("No two records share a phone, or a birth date and a similar name."),
                )
            )

    def _fail(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.arrive))

    def _card(self, one: Suggestion) -> QFrame:
        made, box = card(margin=2, gap=1)
        across = row(gap=3)
        for patient in (one.first, one.second):
            across.addLayout(_person(patient), 1)
        compare = button(tr("Compare…"), "", self._comparer(one))
        compare.setAccessibleName(
            tr("Compare {first} with {second}").format(
                first=one.first.display_name, second=one.second.display_name
            )
        )
        across.addWidget(compare)
        box.addLayout(across)
        reasons = ", ".join(tr(REASON_LABELS[reason]) for reason in one.reasons)
        box.addWidget(label(reasons, "small"))
        return made

    def _comparer(self, one: Suggestion) -> Callable[[], None]:
        def compare() -> None:
            merges = self._workspace.services.merges
            CompareSheet(self, merges, self.jobs, one.first.id, one.second.id, self._merged)

        return compare

    def _merged(self, patient: Patient) -> None:
        self._workspace.notices.tell(
            tr("The two records are one person now: {name}.").format(name=patient.display_name)
        )
        self.arrive()


def _person(patient: Patient) -> QVBoxLayout:
    words = column()
    words.setSpacing(2)
    words.addWidget(label(patient.display_name, "strong"))
    age = patient.age_on(local_day(utc_now()))
    facts = [born_text(patient.birth_date, age), patient.phone, patient.local_number]
    words.addWidget(label(" · ".join(fact for fact in facts if fact), "muted"))
    words.addStretch(1)  # the names of both stand on one line, however long the facts are
    return words

"""The worklist: filters over a table that grows by pages, all of it from the keyboard."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QTableView, QWidget

from clinic_app.domain.worklist import PHQ_RANKS, WorklistRow
from clinic_app.ui.language import number_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.worklist.presenter import Choice, Only, WorklistPresenter
from clinic_app.ui.screens.worklist.rows import NAME, NEEDS_WIDTH, WHY, WorklistTable
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, label, row
from clinic_app.ui.widgets.containers import framed
from clinic_app.ui.widgets.fields import choice
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.row_table import row_table
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

ONLY_LABELS = {
    Only.EVERYBODY: "Everybody",
    Only.SAFETY: "Safety steps open",
    Only.NOT_ASSESSED: "Not assessed",
    Only.FLAGGED: "Flagged",
    Only.UNREVIEWED: "Not reviewed",
    Only.REQUESTED: "Appointment asked for",
    Only.OVERDUE: "Task overdue",
}
_BANDS = (
    ("Every band", None),
    ("Mild or above", PHQ_RANKS["mild"]),
    ("Moderate or above", PHQ_RANKS["moderate"]),
    ("Moderately severe or above", PHQ_RANKS["moderately severe"]),
    ("Severe", PHQ_RANKS["severe"]),
)
_BUTTONS_NEED = 760
"""Least width of the page for a row of buttons (pixels at 100% text size)."""


class WorklistScreen(Fitted, Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Worklist"))
        self.record = tr("Ordered by facts: safety steps, not assessed, questionnaires, waiting")
        self._workspace = workspace
        self.presenter = WorklistPresenter(self, workspace.services.worklist, self.jobs)
        self.rows = WorklistTable(self.presenter.more)
        self.table = self._make_table()
        self.band = choice((tr(words), rank) for words, rank in _BANDS)
        self.band.setAccessibleName(tr("Questionnaire band"))
        self.band.currentIndexChanged.connect(lambda _: self._choose())
        self._others = QWidget()
        self._others_box = column(self._others)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._others)
        self._listed = self.presenter.choice
        self.count = label("", "small")
        content = QWidget()
        box = column(content, gap=2)
        top = row(gap=2)
        top.addWidget(self._filters(), 1)
        top.addWidget(self.narrow, 1, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.band, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(top)
        box.addWidget(self._stack, 1)
        below = row(gap=2)
        below.addWidget(self.count, 1)
        self.print_list = button(tr("Print…"), "", self._print)
        below.addWidget(self.print_list)
        box.addLayout(below)
        column(self, margin=4).addWidget(content)
        self.show_busy()

    # --- for the shell -----------------------------------------------------------------------

    def arrive(self) -> None:
        self.renew()
        self.table.setFocus()

    def renew(self) -> None:
        self.presenter.look(self.rows.rowCount())  # whoever has read on stays at that place

    def show_only(self, only: Only) -> None:
        """Narrow the list from elsewhere."""
        self.only[only].setChecked(True)
        self._choose()

    # --- for the presenter -------------------------------------------------------------------

    def show_busy(self) -> None:
        if self.rows.rowCount() == 0:
            self._show_other(Busy(tr("Looking…")))

    def show_first(self, rows: tuple[WorklistRow, ...], total: int, *, more: bool) -> None:
        before, row_before = self._chosen(), max(self.table.currentIndex().row(), 0)
        scrolled = self.table.verticalScrollBar().value()
        if self.presenter.choice != self._listed:  # another list, to be read from the most urgent
            self._listed = self.presenter.choice
            row_before = scrolled = 0
        self.rows.show(rows, more=more)
        self.count.setText(count_text(total))
        if not rows:
            self._show_other(self._nobody())
            return
        self._stack.setCurrentWidget(self.table)
        place = self.rows.place_of(before) if before is not None else 0
        self.table.selectRow(min(row_before, len(rows) - 1) if place is None else place)
        if before is not None:
            self.table.verticalScrollBar().setValue(scrolled)
            self.table.scrollTo(self.table.currentIndex())  # in view, wherever it went

    def show_more(self, rows: tuple[WorklistRow, ...], *, more: bool) -> None:
        self.rows.extend(rows, more=more)

    def show_failure(self, error: BaseException) -> None:
        self.count.setText("")
        self._show_other(Failure(explain(error), self.presenter.look))

    def show_trouble(self, error: BaseException) -> None:
        self._workspace.notices.report(error)

    # --- inside ------------------------------------------------------------------------------

    def _print(self) -> None:
        """Whom the list shows, and nobody else."""
        self._workspace.navigator.show_reports(wanted=self.presenter.shown)

    def _filters(self) -> QWidget:
        holder = Flow()
        holder.setAccessibleName(tr("Whom to show"))
        self._group = QButtonGroup(self)
        self.only: dict[Only, QPushButton] = {}
        for only, words in ONLY_LABELS.items():
            made = button(tr(words), "chip", self._choose)
            made.setCheckable(True)
            made.setChecked(only is Only.EVERYBODY)
            self._group.addButton(made)
            self.only[only] = made
            holder.add(made)
        # The same choice where there is too little room for a row of buttons.
        self.narrow = choice((tr(words), only) for only, words in ONLY_LABELS.items())
        self.narrow.setAccessibleName(tr("Whom to show"))
        self.narrow.activated.connect(lambda _: self.show_only(Only(self.narrow.currentData())))
        self._buttons = holder
        return holder

    def _choose(self) -> None:
        only = next(one for one, made in self.only.items() if made.isChecked())
        self.narrow.setCurrentIndex(self.narrow.findData(only))
        wanted = Choice(only, self.band.currentData())
        if wanted != self.presenter.choice:
            self.presenter.choose(wanted)

    def _make_table(self) -> QTableView:
        table = row_table(self.rows, tr("Worklist"), widest=WHY)
        table.setWordWrap(True)
        table.doubleClicked.connect(self._open)
        table.activated.connect(self._open)
        return table

    def _chosen(self) -> UUID | None:
        found = self.rows.row_at(self.table.currentIndex())
        return found.patient_id if found is not None else None

    def _open(self, index: QModelIndex) -> None:
        found = self.rows.row_at(index)
        if found is not None:
            self._workspace.navigator.show_patient(found.patient_id)

    def _nobody(self) -> Emptiness:
        if self.presenter.choice == Choice():
            return Emptiness(
                "patients",
                tr("Nobody is on the list"),
                tr("Everybody who is registered here stands on it."),
                (tr("Register a patient"), partial(self._workspace.navigator.show_register)),
            )
        return Emptiness(
            "check",
            tr("Nobody fits"),
            tr("Nobody on the list fits what was chosen above."),
            (tr("Show everybody"), self._widen),
        )

    def _widen(self) -> None:
        self.band.setCurrentIndex(0)
        self.show_only(Only.EVERYBODY)

    def fit(self) -> None:
        """The reason keeps its room; what matters least goes first."""
        roomy = self.width() >= scaled(_BUTTONS_NEED)
        self._buttons.setVisible(roomy)
        self.narrow.setVisible(not roomy)
        self.table.verticalHeader().setDefaultSectionSize(scaled(60))
        self.table.setColumnWidth(NAME, min(scaled(230), self.width() // 3))
        for number, (wide, least) in NEEDS_WIDTH.items():
            self.table.setColumnWidth(number, scaled(wide))
            self.table.setColumnHidden(number, self.width() < scaled(least))

    def _show_other(self, page: QWidget) -> None:
        clear(self._others_box)
        self._others_box.addWidget(framed(page))
        self._stack.setCurrentWidget(self._others)


def count_text(total: int) -> str:
    """As in "1,204 people"; empty for nobody."""
    if not total:
        return ""
    if total == 1:
        return tr("1 person")
    return tr("{number} people").format(number=number_text(total))

"""The chart of the course with a line that says what is chosen, and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from clinic_app.domain.cautions import NOT_FOR_MINORS, OF_DIFFERENT_MODELS
from clinic_app.domain.site import ReliableChange
from clinic_app.ui.meanings import Meaning
from clinic_app.ui.screens.patient.course import rows_of
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.widgets.basics import button, column, label, row
from clinic_app.ui.widgets.course_chart import CourseChart, Lane
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.meaning import meaning_button
from clinic_app.ui.widgets.states import Emptiness

_COLUMNS = ("Day", "Scale", "Value", "In words")
_TALL = 10
"""Rows of the table in view at once."""


class CoursePanel(QWidget):
    def __init__(self) -> None:
        super().__init__()
        box = column(self, gap=1)
        top = row()
        top.addWidget(label(tr("Course"), "heading"), 1)
        self.switch = button(tr("Show as a table"), "quiet", self._turn)
        top.addWidget(self.switch)
        box.addLayout(top)
        self._empty = Emptiness(
            "clock",
            tr("No course yet"),
            tr("With the first finished questionnaire its total stands here."),
        )
        self.chart = CourseChart()
        self.chart.chosen.connect(self._say)
        self.said = label("", "muted")
        self.table = self._make_table()
        self._left_out = label("", "small")
        self._caution = label("", "small")
        self._rule = label("", "small")
        self.meanings = Flow()
        for one in (Meaning.PHQ9, Meaning.GAD7, Meaning.CHANGE):
            self.meanings.add(meaning_button(one, spelled=True))
        for widget in (
            self._empty,
            self.chart,
            self.said,
            self.table,
            self._left_out,
            self._caution,
            self._rule,
            self.meanings,
        ):
            box.addWidget(widget)
        self._rows = 0
        self._as_table = False
        self._arrange()

    def show_course(
        self,
        lanes: Sequence[Lane],
        rule: ReliableChange,
        *,
        all_shown: bool,
        minor: bool,
        mixed: bool = False,
        left_out: int = 0,
    ) -> None:
        """``all_shown`` is false while older screenings are not read yet; ``minor``: the person was
        under 18 when an estimate that is shown was made; ``mixed``: these are of different models.
        ``left_out`` questionnaires were answered
        and have no total on these scales."""
        self.chart.show_lanes(lanes)
        self._say("")
        self._fill(lanes)
        parts = [
            tr(
                "▼ fewer and ▲ more symptoms by a reliable change: PHQ-9 at least {phq9} points,"
                " GAD-7 at least {gad7} (set by the clinic)."
            ).format(phq9=rule.phq9, gad7=rule.gad7)
        ]
        if mixed:
            parts.append(tr(OF_DIFFERENT_MODELS))
        if not all_shown:
            parts.append(tr("Older screenings are not in the chart yet; show them below."))
        self._rule.setText(" ".join(parts))
        self._caution.setText(tr(NOT_FOR_MINORS) if minor else "")
        missing = tr(
            "Answered and not in the chart: {count}. Question 9 or too many answers were left out;"
            " the timeline below shows them."
        )
        self._left_out.setText(missing.format(count=left_out) if left_out else "")
        self._arrange()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setAccessibleName(tr("Course as a table"))
        table.setHorizontalHeaderLabels([tr(one) for one in _COLUMNS])
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(True)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        return table

    def _fill(self, lanes: Sequence[Lane]) -> None:
        rows = rows_of(lanes)
        self._rows = len(rows)
        self.table.setRowCount(len(rows))
        for number, one in enumerate(rows):
            short = one.scale.partition(":")[0]
            for place, text in enumerate((one.day, short, one.value, one.remark)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{tr(_COLUMNS[place])}: {text}")
                self.table.setItem(number, place, item)
        line = scaled(40)
        self.table.verticalHeader().setDefaultSectionSize(line)
        self.table.setFixedHeight(line * (min(len(rows), _TALL) + 1) + 4)

    def _turn(self) -> None:
        self._as_table = not self._as_table
        self._arrange()
        (self.table if self._as_table else self.chart).setFocus()

    def _arrange(self) -> None:
        filled = self._rows > 0
        self._empty.setVisible(not filled)
        self.switch.setVisible(filled)
        self.chart.setVisible(filled and not self._as_table)
        self.said.setVisible(filled and not self._as_table)
        self.table.setVisible(filled and self._as_table)
        self._caution.setVisible(filled and bool(self._caution.text()))
        self._left_out.setVisible(bool(self._left_out.text()))
        self._rule.setVisible(filled)
        self.meanings.setVisible(filled)
        self.switch.setText(tr("Show as a chart") if self._as_table else tr("Show as a table"))

    def _say(self, text: str) -> None:
        self.said.setText(text or tr("Choose a point with the arrow keys or the mouse."))

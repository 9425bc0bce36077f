"""What stands behind the estimate, folded away until somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from clinic_app.domain.finding import Finding
from clinic_app.ui.icons import icon
from clinic_app.ui.meanings import Meaning
from clinic_app.ui.screens.screening.result.facts import (
    Fact,
    about_lines,
    asymmetry_facts,
    emotion_facts,
    model_facts,
    quality_facts,
    raw_and_normalised_facts,
    three_level_facts,
)
from clinic_app.ui.screens.screening.result.side_by_side import SideBySide
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import button, clear, column, label, row
from clinic_app.ui.widgets.heatmap import HeatmapPanel
from clinic_app.ui.widgets.meaning import meaning_button


class Fold(QWidget):
    """A button that shows and hides what is below it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.button: QPushButton = button(title, "quiet", self._turn)
        self.button.setCheckable(True)
        self.button.setStyleSheet("text-align: left; padding-left: 4px;")
        self.button.setIconSize(QSize(scaled(16), scaled(16)))
        self._body = QWidget()
        self.inside: QVBoxLayout = column(self._body, gap=2)
        self.inside.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        layout = column(self, gap=0)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._body)
        self._turn()

    def set_open(self, is_open: bool) -> None:
        self.button.setChecked(is_open)
        self._turn()

    def _turn(self) -> None:
        shown = self.button.isChecked()
        self._body.setVisible(shown)
        self.button.setIcon(icon("down" if shown else "forward", "accent"))
        state = tr("open") if shown else tr("closed")
        self.button.setAccessibleName(f"{self._title}: {state}")


class DetailsPanel(QWidget):
    """Three folds: about this result, the activation map, and the details."""

    def __init__(self) -> None:
        super().__init__()
        self._finding: Finding | None = None
        self._face: QImage | None = None
        self.about = Fold(tr("About this result"))
        self.map = Fold(tr("Where the model looked"))
        self.details = Fold(tr("Details"))
        self._heatmap = HeatmapPanel()
        self.map.inside.addWidget(self._heatmap)
        self._about = column(gap=1)
        self.about.inside.addLayout(self._about)
        self._details = column(gap=2)
        self.details.inside.addLayout(self._details)
        layout = column(self, gap=0)
        for fold in (self.about, self.map, self.details):
            layout.addWidget(fold)

    def show_finding(self, finding: Finding) -> None:
        self._finding = finding
        clear(self._about)
        self._about.addWidget(_table(about_lines(finding)))
        clear(self._details)
        columns = SideBySide(gap=4)
        half, other_half = QWidget(), QWidget()
        columns.add(half)
        columns.add(other_half)
        left, right = column(half, gap=2), column(other_half, gap=2)
        self._section(left, tr("Reading in three levels"), three_level_facts(finding))
        self._section(left, tr("As taken and evened out"), raw_and_normalised_facts(finding))
        self._section(
            left,
            tr("Asymmetry: a matter of muscles and nerves, not of mood"),
            asymmetry_facts(finding),
            Meaning.ASYMMETRY,
        )
        self._section(right, tr("Expression"), emotion_facts(finding))
        self._section(right, tr("Picture quality"), quality_facts(finding), Meaning.GATE)
        self._section(right, tr("Models"), model_facts(finding))
        left.addStretch(1)
        right.addStretch(1)
        self._details.addWidget(columns)
        self._show_map()

    def show_face(self, face: QImage | None) -> None:
        self._face = face
        self._show_map()

    def _show_map(self) -> None:
        activation = self._finding.activation_map if self._finding else None
        self.map.setVisible(activation is not None)
        if activation is not None:
            self._heatmap.show_map(self._face, activation)

    def _section(
        self,
        into: QVBoxLayout,
        title: str,
        facts: Sequence[Fact],
        meaning: Meaning | None = None,
    ) -> None:
        if facts:
            top = row()
            top.addWidget(label(title, "strong"), 1)
            if meaning is not None:
                top.addWidget(meaning_button(meaning))
            into.addLayout(top)
            into.addWidget(_table(facts))


def _table(facts: Sequence[Fact]) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(2 * UNIT)
    grid.setVerticalSpacing(UNIT // 2)
    grid.setColumnStretch(1, 1)
    for line, fact in enumerate(facts):
        grid.addWidget(label(fact.name, "muted", wrap=False), line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(fact.value, selectable=True), line, 1)
    return holder

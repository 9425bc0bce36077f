"""How doctors' own severities and the estimates agree, one part per model version."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from clinic_app.domain.finding import Band
from clinic_app.domain.kappa import Agreement
from clinic_app.ui.meanings import Meaning
from clinic_app.ui.strings import BAND_LABELS, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import clear, column, frame, label, row
from clinic_app.ui.widgets.meaning import meaning_button

FEW = 30
"""Below this many pairs the figure says little, and the panel says so (a common rule of thumb for
weighted kappa over four categories is twice the square of their number)."""


class AgreementPanel(QWidget):
    def __init__(self) -> None:
        super().__init__()
        box = column(self, gap=1)
        top = row()
        top.addWidget(label(tr("Agreement with doctors here"), "heading"), 1)
        top.addWidget(meaning_button(Meaning.KAPPA))
        box.addLayout(top)
        self._list = column(gap=2)
        self._list.addWidget(label(tr("Reading…"), "muted"))
        box.addLayout(self._list)

    def show_agreement(self, rows: Sequence[Agreement]) -> None:
        clear(self._list)
        with_estimate = [one for one in rows if one.model_version]
        if not with_estimate:
            self._list.addWidget(label(tr("No review is concluded yet."), "muted"))
        for one in with_estimate:
            self._list.addWidget(_part(one))

    def show_failure(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(label(explain(error), "error"))


def kappa_text(row: Agreement) -> str:
    """As in "Weighted kappa 0.61 (0.42 to 0.80); 48 compared"."""
    if row.kappa is None:
        return tr("Weighted kappa is not defined yet; {pairs} compared").format(pairs=row.paired)
    interval = ""
    if row.interval is not None:
        interval = f" ({row.interval[0]:.2f} {tr('to')} {row.interval[1]:.2f})"
    return tr("Weighted kappa {kappa}{interval}; {pairs} compared").format(
        kappa=f"{row.kappa:.2f}", interval=interval, pairs=row.paired
    )


def _part(row: Agreement) -> QFrame:
    made = frame("sunken")
    box = column(made, margin=2, gap=1)
    box.addWidget(label(tr("Model {version}").format(version=row.model_version), "strong"))
    box.addWidget(label(kappa_text(row)))
    counts = tr("{agreed} agreed, {overruled} overruled, {none} cannot tell").format(
        agreed=row.agreed, overruled=row.overruled, none=row.no_estimate
    )
    box.addWidget(label(counts, "muted"))
    if row.paired < FEW:
        box.addWidget(label(tr("Too few reviews to judge the model by."), "small"))
    if row.paired:
        box.addWidget(label(tr("Rows: the doctor. Columns: the estimate."), "small"))
        box.addWidget(_table(row))
    return made


def _table(row: Agreement) -> QWidget:
    """Rows: the doctor's severity; columns: the estimate."""
    holder = QWidget()
    holder.setAccessibleName(tr("Rows: the doctor's severity; columns: the estimate"))
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, UNIT, 0, 0)
    grid.setHorizontalSpacing(UNIT)
    grid.setVerticalSpacing(UNIT // 2)
    grid.setColumnStretch(0, 1)
    for place, band in enumerate(Band, start=1):
        words = tr(BAND_LABELS[band])
        grid.addWidget(label(words, "small", wrap=False), 0, place, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(label(words, "small", wrap=False), place, 0)
    for own, line in enumerate(row.matrix, start=1):
        for place, count in enumerate(line, start=1):
            role = "strong" if own == place else ""
            cell = label(str(count), role, wrap=False)
            grid.addWidget(cell, own, place, Qt.AlignmentFlag.AlignRight)
    return holder

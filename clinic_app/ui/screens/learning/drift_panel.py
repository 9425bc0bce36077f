"""Month by month, for each version of the models: what passed, what was told, what has shifted."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from clinic_app.domain.drift import DriftMonth, DriftVersion, Figure, Shift
from clinic_app.services.learning import LearningService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import card, clear, column, label
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure

HEADS = (
    "Month",
    "Pictures",
    "Passed the gate",
    "Cannot tell",
    "Estimate, PSI",
    "Estimate, KS",
    "Embedding",
    "With PHQ-9",
    "Local head with PHQ-9",
)
_ABOUT = (
    "Shares and correlations with their 95 % interval. PSI (population stability index), KS"
    " (Kolmogorov-Smirnov) and the energy distance of the embeddings compare a month with the"
    " first readings of the same models; each of the three marks a month that is further from them"
    " than chance alone goes in 95 of 100 months, so up to one month in seven carries a mark for"
    " nothing. In each month, and among the first readings, a person counts once, with the first"
    " picture. A shift says that the pictures or the people have changed, not why. Months with"
    " fewer than five people are withheld, and with fewer than 30 people read nothing is compared."
    " Only pictures that were kept as the result of a screening count; those taken again do not."
)


class DriftPanel(QWidget):
    def __init__(self, learning: LearningService, jobs: Jobs) -> None:
        super().__init__()
        self._learning = learning
        self._jobs = jobs
        self._stop = threading.Event()
        self._box = column(self, gap=2)

    def look(self) -> None:
        """Work the figures out, beside everything else."""
        self._stop.set()  # what is under way is not waited for
        self._stop = stopped = threading.Event()

        def done(versions: Sequence[DriftVersion]) -> None:
            if not stopped.is_set():
                self.show_versions(versions)

        def failed(error: BaseException) -> None:
            if not stopped.is_set():
                self._show(Failure(explain(error), self.look))

        self._show(Busy(tr("Comparing months…")))
        self._jobs.submit(
            Lane.FILES, lambda: self._learning.drift(stopped.is_set), done=done, failed=failed
        )

    def stop(self) -> None:
        """Nobody waits any more."""
        self._stop.set()

    def show_versions(self, versions: Sequence[DriftVersion]) -> None:
        clear(self._box)
        if not versions:
            text = tr("Figures appear here once pictures have been taken.")
            self._box.addWidget(Emptiness("trend", tr("Nothing to compare yet"), text))
            return
        self._box.addWidget(label(tr(_ABOUT), "muted"))
        for version in versions:
            holder, box = card(gap=2)
            _fill(box, version)
            self._box.addWidget(holder)

    def _show(self, widget: QWidget) -> None:
        clear(self._box)
        self._box.addWidget(widget)


def _fill(box: QVBoxLayout, version: DriftVersion) -> None:
    box.addWidget(label(tr("Models: {base}").format(base=version.base), "heading"))
    if version.reference:
        words = tr("Compared with the first {n} readings of these models.")
        box.addWidget(label(words.format(n=version.reference), "small"))
    else:
        text = tr("Too few readings for a reference: nothing can be compared yet.")
        box.addWidget(label(text, "caution"))
    holder = QWidget()
    holder.setAccessibleName(tr("Figures by month"))
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, UNIT, 0, 0)
    grid.setHorizontalSpacing(2 * UNIT)
    grid.setVerticalSpacing(UNIT)
    local = any(month.local_phq9 is not None for month in version.months)
    heads = HEADS if local else HEADS[:-1]
    for place, words in enumerate(heads):
        grid.addWidget(label(tr(words), "small", wrap=False), 0, place)
        grid.setColumnStretch(place, 1)
    for line, month in enumerate(reversed(version.months), 1):
        cells = month_cells(month)[: len(heads)]
        for place, (words, role) in enumerate(cells):
            made = label(words, role, wrap=False)
            made.setAccessibleName(f"{month.month}, {tr(heads[place])}: {words}")
            grid.addWidget(made, line, place, Qt.AlignmentFlag.AlignTop)
    box.addWidget(_Wide(holder))


class _Wide(QScrollArea):
    """A table as tall as it is, which scrolls sideways where the text is large."""

    def __init__(self, table: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(table.accessibleName())
        self.setWidget(table)

    def sizeHint(self) -> QSize:
        table = self.widget()
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(320, (table.sizeHint().height() if table is not None else 0) + bar)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())


def month_cells(month: DriftMonth) -> list[tuple[str, str]]:
    """The words of each column with their role; a mark never stands on colour alone."""
    if month.pictures is None:
        withheld = (tr("withheld"), "small")
        return [(month.month, "strong"), *[withheld] * (len(HEADS) - 1)]
    if month.in_reference:
        reference = (tr("reference"), "small")
        shifts = [reference] * 3
    else:
        shifts = [_shift(one) for one in (month.score_index, month.score_gap, month.embedding)]
    return [
        (month.month, "strong"),
        (str(month.pictures), ""),
        _share(month.passed),
        _share(month.abstained),
        *shifts,
        _correlation(month.phq9),
        _correlation(month.local_phq9),
    ]


def _share(one: Figure | None) -> tuple[str, str]:
    if one is None:
        return tr("too few"), "small"
    return f"{100 * one.value:.0f} % ({100 * one.low:.0f}–{100 * one.high:.0f})", ""


def _correlation(one: Figure | None) -> tuple[str, str]:
    if one is None:
        return tr("too few"), "small"
    value, low, high = (f"{round(each, 2) + 0.0:.2f}" for each in (one.value, one.low, one.high))
    return f"{value} ({low} {tr('to')} {high})", ""  # no minus before a nought


def _shift(one: Shift | None) -> tuple[str, str]:
    if one is None:
        return tr("too few"), "small"
    if one.beyond:
        return tr("{value}, beyond {limit}").format(
            value=f"{one.value:.2f}", limit=f"{one.limit:.2f}"
        ), "caution"
    return tr("{value}, within {limit}").format(
        value=f"{one.value:.2f}", limit=f"{one.limit:.2f}"
    ), ""

"""Questionnaire totals first and largest, the own judgement, then the estimate below them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from clinic_app.domain.finding import FaceImages, Finding
from clinic_app.ui.meanings import Meaning
from clinic_app.ui.screens.screening.page import StepPage
from clinic_app.ui.screens.screening.result.details import DetailsPanel
from clinic_app.ui.screens.screening.result.facts import (
    MEANING,
    EstimateFacts,
    ResultFacts,
    TotalFacts,
)
from clinic_app.ui.screens.screening.result.presenter import ResultPresenter
from clinic_app.ui.screens.screening.result.side_by_side import SideBySide
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import button, card, clear, column, frame, label, row
from clinic_app.ui.widgets.languages import Original
from clinic_app.ui.widgets.meaning import meaning_button
from clinic_app.ui.widgets.scales import BandMark, BandScale, IntervalScale, ProbabilityBars


class ResultStep(StepPage):
    """The result step; ``presenter`` is set by the screen."""

    def __init__(self) -> None:
        super().__init__(tr("Result"), width=1080)
        self.presenter: ResultPresenter
        self._was_covered = False
        self._totals = SideBySide()
        self.content.addWidget(self._totals)
        self._build_judgement()
        self._build_disagreement()
        self._build_estimate()
        self.content.addStretch(1)
        self.next = button(tr("Continue"), "primary", lambda: self.presenter.go_on())
        self.reveal = button(tr("Show the estimate"), "", lambda: self.presenter.reveal())
        self.start = self.next
        self.buttons.addWidget(button(tr("Back"), "", lambda: self.presenter.back()))
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.reveal)
        self.buttons.addWidget(self.next)

    def show_result(self, facts: ResultFacts, finding: Finding | None) -> None:
        clear(self._totals.box)
        for total in facts.totals:
            self._totals.add(total_card(total))
        for title in facts.left_out:
            self._totals.add(left_out_card(title))
        self._judgement_word.setText(facts.judgement)
        self._judgement_note.setText(facts.judgement_note)
        self._judgement_note.setVisible(bool(facts.judgement_note))
        self._disagreement_text.setText(facts.disagreement)
        self._disagreement.setVisible(bool(facts.disagreement))
        self._covered.setVisible(facts.covered)
        self._none.setVisible(not facts.has_picture)
        self._reading.setVisible(facts.estimate is not None)
        if facts.estimate is not None and finding is not None:
            self._show_estimate(facts.estimate, facts.cautions)
            self.details.show_finding(finding)
        self.reveal.setVisible(facts.covered)
        if self._was_covered and not facts.covered:
            QTimer.singleShot(0, self, lambda: self.area.ensureWidgetVisible(self._reading))
        self._was_covered = facts.covered

    def show_images(self, images: FaceImages | None) -> None:
        face: QImage | None = None
        if images is not None:
            face = QImage()
            face.loadFromData(images.face_png)
        self.details.show_face(face)

    def _show_estimate(self, estimate: EstimateFacts, cautions: str) -> None:
        self._mark.show_band(estimate.band)
        self._headline.setText(estimate.headline)
        known = estimate.probabilities is not None
        self._cannot_tell.setText(estimate.cannot_tell)
        self._cannot_tell.setVisible(not known)
        for widget in (self.bars, self.interval, self._percent, self._bars_title):
            widget.setVisible(known)
        if estimate.probabilities is not None:
            self.bars.show_probabilities(estimate.probabilities, estimate.band)
        if estimate.percent is not None and estimate.interval is not None:
            self.interval.show_percent(estimate.percent, estimate.interval)
            self._percent.setText(estimate.interval_text)
        self._local.setText(estimate.local_text)
        self._local.setVisible(bool(estimate.local_text))
        self._cautions.setVisible(bool(cautions))
        self._cautions_text.setText(cautions)

    def _build_judgement(self) -> None:
        box, inside = card(gap=1)
        line = row(gap=2)
        line.addWidget(label(tr("Your own judgement"), "muted", wrap=False))
        self._judgement_word = label("", "heading")
        line.addWidget(self._judgement_word, 1)
        self._judgement_note = label("", "muted")
        inside.addLayout(line)
        inside.addWidget(self._judgement_note)
        self.content.addWidget(box)

    def _build_disagreement(self) -> None:
        self._disagreement, inside = card(role="info", margin=2)
        self._disagreement_text = label("")
        inside.addWidget(self._disagreement_text)
        self.content.addWidget(self._disagreement)

    def _build_estimate(self) -> None:
        self._estimate = frame("sunken")
        inside = column(self._estimate, margin=3, gap=2)
        top = row(gap=1)
        top.addWidget(label(tr("Estimate from the picture"), "strong", wrap=False))
        top.addWidget(label(tr("an addition, not the measurement"), "muted"), 1)
        top.addWidget(meaning_button(Meaning.PERCENT))
        inside.addLayout(top)
        inside.addWidget(self._build_covered())
        self._none = label(tr("No picture was taken: there is nothing to estimate."), "muted")
        inside.addWidget(self._none)
        self._reading = self._build_reading()
        inside.addWidget(self._reading)
        self.content.addWidget(self._estimate)

    def _build_covered(self) -> QWidget:
        self._covered = QWidget()
        inside = row(self._covered, gap=2)
        inside.addWidget(
            label(tr("Covered so far. Your judgement is fixed once you look."), "muted"), 1
        )
        return self._covered

    def _build_reading(self) -> QWidget:
        holder = QWidget()
        inside = column(holder, gap=2)
        two = SideBySide(gap=4)
        half, other_half = QWidget(), QWidget()
        two.add(half)
        two.add(other_half)
        left = column(half, gap=1)
        word = row(gap=2)
        self._mark = BandMark()
        self._headline = label("", "heading", wrap=False)
        word.addWidget(self._mark)
        word.addWidget(self._headline)
        word.addStretch(1)
        left.addLayout(word)
        left.addWidget(label(tr(MEANING), "muted"))
        left.addWidget(Original([MEANING]))
        self._cannot_tell = label("")
        left.addWidget(self._cannot_tell)
        self._percent = label("", "small")
        self.interval = IntervalScale()
        left.addSpacing(UNIT)
        left.addWidget(self.interval)
        left.addWidget(self._percent)
        self._local = label("", "small")
        self._local.hide()
        left.addWidget(self._local)
        left.addStretch(1)
        right = column(other_half, gap=1)
        self._bars_title = label(tr("Probability of each band"), "small")
        self.bars = ProbabilityBars()
        right.addWidget(self._bars_title)
        right.addWidget(self.bars)
        right.addStretch(1)
        inside.addWidget(two)
        self._cautions, cautions = card(role="warning", margin=2)
        self._cautions_text = label("")
        cautions.addWidget(self._cautions_text)
        inside.addWidget(self._cautions)
        self.details = DetailsPanel()
        inside.addWidget(self.details)
        return holder


def total_card(total: TotalFacts) -> QWidget:
    """One questionnaire: total and band large, the scale with its cuts, remarks."""
    box, inside = card(gap=1)
    top = row(gap=1)
    top.addWidget(label(total.scale, "heading", wrap=False))
    top.addStretch(1)
    top.addWidget(meaning_button(total.meaning))
    inside.addLayout(top)
    figure = row(gap=2)
    number = label("–" if total.total is None else str(total.total), "figure", wrap=False)
    number.setAccessibleName(
        tr("{scale} total {total} of {maximum}, {band}").format(
            scale=total.scale,
            total=tr("none") if total.total is None else total.total,
            maximum=total.maximum,
            band=total.band or tr("no band"),
        )
    )
    figure.addWidget(number, 0, Qt.AlignmentFlag.AlignBaseline)
    of = tr("of {maximum}").format(maximum=total.maximum)
    figure.addWidget(label(of, "muted", wrap=False), 0, Qt.AlignmentFlag.AlignBaseline)
    figure.addWidget(label(total.band.capitalize(), "title"), 1, Qt.AlignmentFlag.AlignBaseline)
    inside.addLayout(figure)
    scale = BandScale()
    scale.show_total(total.bands, total.total)
    inside.addWidget(scale)
    for remark in total.remarks:
        inside.addWidget(label(remark, "muted"))
    if total.pattern:
        inside.addWidget(label(total.pattern, "small"))
    inside.addStretch(1)
    return box


def left_out_card(title: str) -> QWidget:
    """A questionnaire that was not handed in."""
    box, inside = card(gap=1)
    inside.addWidget(label(title, "heading"))
    inside.addWidget(label(tr("Not handed in."), "muted"))
    inside.addStretch(1)
    return box

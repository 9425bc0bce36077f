"""The review on a sheet: first the questionnaires and five choices, then the estimate."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.finding import Finding
from clinic_app.domain.reviews import Review, Verdict
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.services.reviews import Revealed, ReviewService
from clinic_app.ui.jobs import Jobs, ScreenJobs
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.patient.texts import item_nine_text, score_text
from clinic_app.ui.screens.review.presenter import ReviewPresenter
from clinic_app.ui.screens.screening.result.facts import MEANING, cautions_text, estimate_facts
from clinic_app.ui.strings import JUDGEMENT_LABELS, sentence_of, tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, frame, label, line, row
from clinic_app.ui.widgets.choices import ChoiceRow
from clinic_app.ui.widgets.fields import Field, long_text
from clinic_app.ui.widgets.scales import IntervalScale, ProbabilityBars
from clinic_app.ui.widgets.sheet import Sheet

VERDICT_LABELS = {
    Verdict.AGREE: "agrees with the estimate",
    Verdict.OVERRULE: "overrules the estimate",
    Verdict.NO_ESTIMATE: "no estimate to compare with",
}
_PICTURE = 128


class ReviewSheet:
    """Stays open until it is concluded or put aside; a recorded severity is kept either way."""

    def __init__(
        self,
        above: QWidget,
        reviews: ReviewService,
        jobs: Jobs,
        screening: Screening,
        *,
        own: Review | None,
        judged: ClinicianSeverity | None,
        closed: Callable[[], None],
    ) -> None:
        self._screening = screening
        self._judged = judged
        self._severity = judged
        self._ways: list[QPushButton] = []
        self._content = QWidget()
        self._box = column(self._content, margin=3, gap=2)
        title = column()
        title.setSpacing(2)
        title.addWidget(label(tr("Review of the screening"), "heading"))
        title.addWidget(label(moment_text(screening.finished_at), "muted"))
        self._box.addLayout(title)
        self._show_answers()
        self._reason: Field | None = None
        self._stage = column(gap=2)
        self._box.addLayout(self._stage)
        self._trouble = label("", "error")
        self._trouble.hide()
        self._box.addWidget(self._trouble)
        self._buttons = row()
        self._box.addLayout(self._buttons)
        self.sheet = Sheet(above, self._content, name=tr("Review of the screening"), width=680)
        answers = ScreenJobs(jobs)
        self.sheet.closed.connect(answers.drop)
        self.sheet.destroyed.connect(answers.drop)
        self.sheet.closed.connect(closed)
        self.presenter = ReviewPresenter(self, reviews, answers, screening.id, own)
        self.presenter.start()
        self.sheet.open()

    # --- for the presenter -------------------------------------------------------------------

    def show_judging(self) -> None:
        self._clear()
        severities = list(ClinicianSeverity)
        self._stage.addWidget(
            label(tr("How severe is this person's state in your view?"), "strong")
        )
        self._stage.addWidget(label(tr(_FIRST_YOURS), "muted"))
        words = [tr(JUDGEMENT_LABELS[one]).capitalize() for one in severities]
        self.choices = ChoiceRow(words, lambda place: self._choose(severities[place]))
        for made in self.choices.buttons:
            made.setAccessibleName(tr("Own severity: {word}").format(word=made.text()))
        self._stage.addWidget(self.choices)
        if self._judged is not None:
            self.choices.show_choice(severities.index(self._judged))
            for made in self.choices.buttons:
                made.setEnabled(made.isChecked())
            self._stage.addWidget(label(tr(_STAYS), "muted"))
        self._buttons.addStretch(1)
        self._offer(button(tr("Cancel"), "", self._close))
        self.record = button(tr("Record and show the estimate"), "primary", self._record)
        self.record.setEnabled(self._severity is not None)
        self._offer(self.record)

    def show_estimate(self, revealed: Revealed) -> None:
        self._clear()
        review, finding = revealed.review, revealed.finding
        self._stage.addWidget(label(_own_text(review), "strong"))
        self._stage.addWidget(self._estimate(revealed))
        self.sheet.fit()
        if review.concluded:
            self._show_verdict(review)
            return
        self.reason = long_text(lines=3)
        self.reason.setFixedHeight(self.reason.minimumHeight())
        self._reason = Field(
            tr("Reason"), self.reason, hint=tr("Needed when you overrule the estimate.")
        )
        self._stage.addWidget(self._reason)
        self._offer(button(tr("Later", "not now"), "", self._close))
        self._buttons.addStretch(1)
        if finding is not None and finding.severity is not None:
            overrule = button(tr("Overrule"), "", lambda: self._conclude(Verdict.OVERRULE))
            agree = button(tr("Agree"), "primary", lambda: self._conclude(Verdict.AGREE))
            self._offer(overrule)
            self._offer(agree)
        else:
            close = button(
                tr("Close the review"), "primary", lambda: self._conclude(Verdict.NO_ESTIMATE)
            )
            self._offer(close)
        self.reason.setFocus()

    def show_storing(self, storing: bool) -> None:
        if self._reason is None:
            self.choices.setEnabled(not storing)
        else:
            self.reason.setReadOnly(storing)
        self.sheet.hold(storing, *self._ways)
        if not storing and self._reason is None:
            self.record.setFocus()  # it rested, and the keyboard had nowhere to be

    def show_refused(self, error: BaseException) -> None:
        if isinstance(error, InvalidInput) and error.field == "text" and self._reason is not None:
            self._reason.show_error(sentence_of(error))
            self.reason.setFocus()
            return
        self._trouble.setText(explain(error))
        self._trouble.show()
        if self._buttons.count() == 0:
            self._buttons.addStretch(1)
            self._buttons.addWidget(button(tr("Close"), "primary", self._close))

    def show_concluded(self, review: Review) -> None:
        self.sheet.dismiss()

    # --- inside ------------------------------------------------------------------------------

    def _offer(self, made: QPushButton) -> None:
        self._ways.append(made)
        self._buttons.addWidget(made)

    def _close(self) -> None:
        self.sheet.dismiss()

    def _show_answers(self) -> None:
        answers = column()
        answers.setSpacing(4)
        for response in self._screening.responses:
            answers.addWidget(label(score_text(response), "strong"))
            if text := item_nine_text(response):
                answers.addWidget(label(text, "caution"))
        if not self._screening.responses:
            answers.addWidget(label(tr("No questionnaire was answered."), "muted"))
        self._box.addLayout(answers)
        self._box.addWidget(line())

    def _choose(self, severity: ClinicianSeverity) -> None:
        self._severity = severity
        self.record.setEnabled(True)

    def _record(self) -> None:
        if self._severity is not None:
            self.presenter.record(self._severity)

    def _conclude(self, verdict: Verdict) -> None:
        if self._reason is not None:
            self._reason.show_error("")
        self._trouble.hide()
        self.presenter.conclude(verdict, self.reason.toPlainText())

    def _show_verdict(self, review: Review) -> None:
        verdict = review.verdict
        assert verdict is not None  # it is concluded
        self._stage.addWidget(label(tr(VERDICT_LABELS[verdict]).capitalize(), "strong"))
        if review.text:
            self._stage.addWidget(label(review.text, selectable=True))
        self._buttons.addStretch(1)
        self._buttons.addWidget(button(tr("Close"), "primary", self._close))

    def _estimate(self, revealed: Revealed) -> QWidget:
        made = frame("sunken")
        across = row(made, margin=2, gap=2)
        words = column(gap=1)
        across.addLayout(words, 1)
        words.addWidget(label(tr("Estimate from the picture, an extra"), "strong"))
        finding = revealed.finding
        if finding is None:
            words.addWidget(
                label(tr("No picture was taken: there is nothing to estimate."), "muted")
            )
            return made
        said = cautions_text(revealed.cautions, minor=revealed.minor)
        self._fill_estimate(words, finding, said)
        if revealed.images is not None:
            across.addWidget(_picture(revealed.images.face_png), 0, Qt.AlignmentFlag.AlignTop)
        return made

    def _fill_estimate(self, words: QVBoxLayout, finding: Finding, cautions: str) -> None:
        facts = estimate_facts(finding)
        said = tr("Visible depressive affect: {band}").format(band=facts.headline.lower())
        words.addWidget(label(said, "heading"))
        if facts.cannot_tell:
            words.addWidget(label(facts.cannot_tell, "muted"))
        if cautions:
            words.addWidget(label(cautions, "caution"))
        if facts.probabilities is not None and facts.percent is not None and facts.interval:
            bars, scale = ProbabilityBars(), IntervalScale()
            bars.show_probabilities(facts.probabilities, facts.band)
            scale.show_percent(facts.percent, facts.interval)
            words.addWidget(bars)
            words.addWidget(scale)
            words.addWidget(label(facts.interval_text, "muted"))
        if facts.local_text:
            words.addWidget(label(facts.local_text, "small"))
        words.addWidget(label(tr(MEANING), "small"))

    def _clear(self) -> None:
        clear(self._stage)
        clear(self._buttons)
        self._ways.clear()
        self._trouble.hide()


_FIRST_YOURS = (
    "From the answers and what you know of this person. The estimate and its picture are shown"
    " after your severity is recorded; it cannot be changed then. “Cannot tell” is a valid one."
)
_STAYS = "You recorded this when the screening was taken, so it stays as it is."


def review_text(review: Review, name: str) -> str:
    """A review in one line, for the timeline."""
    own = tr("{name}: own severity {severity}").format(
        name=name, severity=tr(JUDGEMENT_LABELS[review.own_severity])
    )
    if review.verdict is None:
        return tr("{own}; not concluded yet").format(own=own)
    return f"{own}; {tr(VERDICT_LABELS[review.verdict])}"


def _own_text(review: Review) -> str:
    return tr("Your own severity: {severity}, recorded {when}").format(
        severity=tr(JUDGEMENT_LABELS[review.own_severity]), when=moment_text(review.judged_at)
    )


def _picture(png: bytes) -> QLabel:
    image = QImage.fromData(png)
    made = QLabel()
    side = scaled(_PICTURE)
    made.setPixmap(
        QPixmap.fromImage(image).scaled(
            QSize(side, side),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    )
    made.setAccessibleName(tr("The picture that was read"))
    return made

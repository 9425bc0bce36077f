"""The figures of feedback: ratings, agreement with results, themes and tone."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from clinic_app.services.feedback_analysis import FeedbackAnalysis, Group
from clinic_app.services.words import AGREEMENTS, TONES
from clinic_app.ui.language import number_text
from clinic_app.ui.screens.feedback.bars import Bar, Bars
from clinic_app.ui.screens.feedback.words import RATING_WORDS
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import card, column, label


class Figures(QWidget):
    def __init__(self) -> None:
        super().__init__()
        box = column(self, gap=3)
        self._total = label("", "heading")
        self.distribution = Bars(tr("Ratings from 1 to 5"))
        self._months = Bars(tr("Mean by month"))
        self._no_months = label(tr("Nobody has given a rating yet."), "muted")
        self._clinics = Bars(tr("Mean by clinic"))
        self._agreement = Bars(tr("Does the result fit"))
        self._tones = Bars(tr("Tone of texts"))
        self._reader = label("", "small")
        self.themes = Bars(tr("Themes"))
        self._no_themes = label(tr("No theme was written about by five people yet."), "muted")
        self._cut = label(tr("Only the newest texts were read."), "small")
        note = label(
            tr(
                "Numbers below five are withheld (hatched), and now and then a larger one with"
                " them, so that nobody can be found by subtraction."
            ),
            "small",
        )
        box.addWidget(panel(self._total, self.distribution, note))
        box.addWidget(panel(label(tr("Mean by month"), "heading"), self._no_months, self._months))
        box.addWidget(panel(label(tr("By clinic"), "heading"), self._clinics))
        box.addWidget(
            panel(label(tr("Do patients find that results fit?"), "heading"), self._agreement)
        )
        box.addWidget(
            panel(
                label(tr("What is written about"), "heading"),
                self._no_themes,
                self.themes,
                self._cut,
                label(tr("Tone"), "strong"),
                self._tones,
                self._reader,
            )
        )

    def show_analysis(self, found: FeedbackAnalysis) -> None:
        fewer = tr("fewer than {number}").format(number=found.smallest)
        total = fewer if found.ratings is None else number_text(found.ratings)
        mean = "" if found.mean is None else f" · {tr('mean')} {found.mean:.1f}"
        self._total.setText(f"{tr('Ratings')}: {total}{mean}")
        self.distribution.show_bars(
            _parts({tr(RATING_WORDS[one]): n for one, n in found.distribution.items()})
        )
        self._months.show_bars([_group(one) for one in found.by_month])
        self._no_months.setVisible(not found.by_month)
        self._clinics.show_bars([_group(one) for one in found.by_clinic])
        self._agreement.show_bars(
            _parts({tr(AGREEMENTS[one]): n for one, n in found.agreement.items()})
        )
        self._tones.show_bars(_parts({tr(TONES[one]): n for one, n in found.tones.items()}))
        self._reader.setText(
            tr(
                "English texts only, as the word list of {reader} reads them. How well it does so"
                " for patients was not measured."
            ).format(reader=found.tone_reader)
        )
        most = max((one.authors for one in found.themes), default=1)
        self.themes.show_bars(
            [
                Bar(one.words, one.authors / most, tr("{n} people").format(n=one.authors))
                for one in found.themes
            ]
        )
        self._no_themes.setVisible(not found.themes)
        self._cut.setVisible(found.cut)


def panel(*widgets: QWidget) -> QFrame:
    """Widgets below each other on a card."""
    made, box = card(gap=1)
    for widget in widgets:
        box.addWidget(widget)
    return made


def _parts(counts: dict[str, int | None]) -> list[Bar]:
    """Parts of a whole, the longest bar for the largest that is told."""
    most = max((count for count in counts.values() if count is not None), default=0) or 1
    return [
        Bar(
            words,
            None if count is None else count / most,
            tr("withheld") if count is None else number_text(count),
        )
        for words, count in counts.items()
    ]


def _group(one: Group) -> Bar:
    if one.count is None or one.mean is None:
        return Bar(one.name, None, tr("withheld"))
    figure = tr("{mean} from {n} ratings").format(mean=f"{one.mean:.1f}", n=number_text(one.count))
    return Bar(one.name, one.mean / 5, figure)

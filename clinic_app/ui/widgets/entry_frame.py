"""The frame of everything before sign-in: the program's promise on the left, the form beside it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget

from clinic_app import __version__
from clinic_app.ui.icons import icon
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import column, label, row, scrolling
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.widgets.languages import LanguageSwitch

_PROMISES = (
    ("lock", "Encrypted on this laptop. Nothing is sent anywhere unless you join a server."),
    ("offline", "Works without a network, all day."),
    ("screening", "Questionnaires and your own judgement first; the picture is an extra."),
)
_BRAND_WIDTH = 400
_LEAST_FORM = 620


class EntryFrame(Fitted, QWidget):
    """Shows ``content`` in the middle of the right side; the left side goes when room is short.

    ``languages`` offers the languages above it: where nothing typed would be lost by a change.
    """

    def __init__(self, content: QWidget, *, width: int = 560, languages: bool = False) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = row(self, gap=0)
        self._brand = _brand()
        line.addWidget(self._brand)
        holder = QWidget()
        box = column(holder, margin=4)
        self._languages = LanguageSwitch() if languages else None
        if self._languages is not None:
            box.addWidget(self._languages, 0, Qt.AlignmentFlag.AlignRight)
        box.addWidget(Centred(content, width, vertically=True), 1)
        line.addWidget(scrolling(holder), 1)
        self.fit()

    def allow_languages(self, allowed: bool) -> None:
        """Another language makes the page anew, which has to wait for what runs on it."""
        if self._languages is not None:
            self._languages.setEnabled(allowed)

    def fit(self) -> None:
        brand = min(scaled(_BRAND_WIDTH), 560)
        self._brand.setFixedWidth(brand)
        self._brand.setVisible(self.width() >= brand + scaled(_LEAST_FORM))


def _brand() -> QWidget:
    made = QWidget()
    made.setObjectName("brand")
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    box = column(made, margin=5, gap=2)
    box.addStretch(2)
    mark = QLabel()
    mark.setPixmap(icon("clinic", "on_brand").pixmap(QSize(scaled(52), scaled(52))))
    box.addWidget(mark)
    box.addWidget(label("Clinic App", "display"))
    box.addWidget(label(tr("Screenings, questionnaires and records for one clinic.")))
    box.addSpacing(3 * UNIT)
    for drawing, words in _PROMISES:
        line = row(gap=2)
        sign = QLabel()
        sign.setPixmap(icon(drawing, "on_brand").pixmap(QSize(scaled(22), scaled(22))))
        sign.setFixedWidth(scaled(24))
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(label(tr(words)), 1)
        box.addLayout(line)
    box.addStretch(3)
    box.addWidget(
        label(
            tr(
                "Version {version}. For research and decision support; not a cleared medical"
                " device, and no replacement for a clinician."
            ).format(version=__version__)
        )
    )
    return made

"""Models on the left, the card of the chosen one beside it, what the program is below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QButtonGroup, QFrame, QWidget

from clinic_app import __version__
from clinic_app.services.reading import ModelInfo
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.models.about import IS, IS_NOT
from clinic_app.ui.screens.models.agreement_panel import AgreementPanel
from clinic_app.ui.screens.models.browser import CardBrowser
from clinic_app.ui.screens.models.presenter import ModelsPresenter
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    restyle,
    row,
    scrolling,
)
from clinic_app.ui.widgets.containers import Centred, Columns
from clinic_app.ui.widgets.states import Busy, Failure, picture
from clinic_app.ui.workspace import Workspace

_SHOWN_HASH = 16
_FIRST_READ = "severity"
"""The card that matters most to who reads a result."""


class ModelsScreen(Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Models & about"))
        self.record = tr("Clinic App {version}").format(version=__version__)
        self.presenter = ModelsPresenter(self, workspace.services.models, self.jobs)
        self._reviews = workspace.services.reviews
        self._models: dict[str, ModelInfo] = {}
        self._group = QButtonGroup(self)
        columns = Columns(break_at=900, side_width=340)
        columns.main_box.addWidget(self._card_panel())
        columns.side_box.addWidget(self._list_panel())
        self.agreement = AgreementPanel()
        holder, inside = card(margin=2, gap=1)
        inside.addWidget(self.agreement)
        columns.side_box.addWidget(holder)
        columns.side_box.addWidget(_about_panel(tr("What it is"), IS, "check", "good"))
        columns.side_box.addWidget(_about_panel(tr("What it is not"), IS_NOT, "close", "muted"))
        columns.side_box.addStretch(1)
        columns.main_box.addStretch(1)
        page = QWidget()
        column(page, margin=4).addWidget(Centred(columns, 1500))
        column(self).addWidget(scrolling(page))

    def arrive(self) -> None:
        self.presenter.look()
        self.renew()

    def renew(self) -> None:
        """The figures that grow with every review; models and cards change with a new program."""
        self.jobs.submit(
            Lane.DATABASE,
            self._reviews.agreement,
            done=self.agreement.show_agreement,
            failed=self.agreement.show_failure,
        )

    def show_models(self, models: Sequence[ModelInfo]) -> None:
        clear(self._list)
        self._models = {one.name: one for one in models}
        for one in models:
            made = button(f"{one.name}\n{tr('Version')} {one.version}", "choice")
            made.setCheckable(True)
            made.setAccessibleName(f"{one.name}, {tr('version')} {one.version}")
            made.clicked.connect(self._chooser(one.name))
            self._group.addButton(made)
            self._list.addWidget(made)
        self.verify.setEnabled(bool(models))
        if models:
            names = [one.name for one in models]
            first = names.index(_FIRST_READ) if _FIRST_READ in names else 0
            chosen = self._group.buttons()[first]
            chosen.setChecked(True)
            chosen.setFocus()
            self.presenter.choose(names[first])

    def show_card(self, name: str, markdown: str, pictures: Mapping[str, bytes]) -> None:
        one = self._models.get(name)
        if one is not None:
            self._facts.setText(
                tr("{file} · version {version} · {licence} · SHA-256 {sha}…").format(
                    file=one.file,
                    version=one.version,
                    licence=one.licence,
                    sha=one.sha256[:_SHOWN_HASH],
                )
            )
        self.text.show_markdown(markdown, pictures)
        calm_headings(self.text.document())
        self._fit_text()

    def show_failure(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.presenter.look))
        self.verify.setEnabled(False)

    def show_checking(self) -> None:
        self.verify.setEnabled(False)
        self._result(tr("Checking every file…"), "muted")

    def show_checked(self, lines: Sequence[str]) -> None:
        self.verify.setEnabled(True)
        self._result(tr("All model files are as they were shipped."), "good", lines)

    def show_rejected(self, error: BaseException, lines: Sequence[str]) -> None:
        self.verify.setEnabled(True)
        self._result(explain(error), "danger", lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_text()

    def _card_panel(self) -> QFrame:
        holder, box = card(gap=2)
        self._facts = label("", "small", selectable=True)
        box.addWidget(self._facts)
        self.text = CardBrowser()
        self.text.setAccessibleName(tr("Card of the chosen model"))
        self.text.document().setDocumentMargin(0)
        box.addWidget(self.text)
        return holder

    def _list_panel(self) -> QFrame:
        holder, box = card(margin=2, gap=1)
        box.addWidget(label(tr("Models"), "heading"))
        self._list = column(gap=1)
        self._list.addWidget(Busy(tr("Reading…")))
        box.addLayout(self._list)
        self.verify = icon_button(tr("Check the files"), "check", "", self.presenter.verify)
        self.verify.setToolTip(
            tr("Compares every model file with its fingerprint and its contract.")
        )
        self.verify.setEnabled(False)
        box.addWidget(self.verify)
        self.result = label("", "muted")
        self.result.hide()
        box.addWidget(self.result)
        return holder

    def _result(self, text: str, role: str, lines: Sequence[str] = ()) -> None:
        self.result.setText("\n".join([text, *lines]))
        self.result.setProperty("role", role)
        restyle(self.result)
        self.result.show()

    def _fit_text(self) -> None:
        """The page scrolls, not the card inside it."""
        width = self.text.viewport().width()
        self.text.fit_pictures(width)
        self.text.document().setTextWidth(width)
        self.text.setFixedHeight(round(self.text.document().size().height()) + 8)

    def _chooser(self, name: str) -> Callable[[], None]:
        return lambda: self.presenter.choose(name)


def calm_headings(document: QTextDocument) -> None:
    """Headings of a card in the sizes of the program: Qt's own are twice as large."""
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            cursor = QTextCursor(block)
            spaced = block.blockFormat()
            spaced.setTopMargin(0 if level == 1 else scaled(16))
            spaced.setBottomMargin(scaled(6))
            cursor.setBlockFormat(spaced)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            size = cursor.charFormat()
            size.clearProperty(QTextCharFormat.Property.FontSizeAdjustment)  # wins over a size
            size.setProperty(
                QTextCharFormat.Property.FontPixelSize, scaled(20 if level == 1 else 16)
            )
            size.setFontWeight(QFont.Weight.DemiBold)
            cursor.setCharFormat(size)
        block = block.next()


def _about_panel(title: str, lines: Sequence[str], drawing: str, tone: str) -> QFrame:
    holder, box = card(margin=2, gap=1)
    box.addWidget(label(title, "heading"))
    for text in lines:
        line = row(gap=1)
        mark = picture(drawing, 16, tone)
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(label(tr(text)), 1)
        box.addLayout(line)
    return holder

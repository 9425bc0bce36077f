"""One page of the settings: a heading, what it is for, and its busy and failed looks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from clinic_app.ui.jobs import Jobs
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import bring_into_view, card, clear, column, label
from clinic_app.ui.widgets.containers import Centred, Pages
from clinic_app.ui.widgets.states import Busy, Failure
from clinic_app.ui.workspace import Workspace


class Section(QWidget):
    """Subclasses put their content into ``body`` and call ``show_content`` once it is read.

    Attributes:
        jobs: the jobs of the settings; answers are dropped once these have gone.
        body: the layout of the content.
    """

    def __init__(
        self, workspace: Workspace, jobs: Jobs, title: str, purpose: str, *, width: int = 900
    ) -> None:
        super().__init__()
        self.workspace = workspace
        self.jobs = jobs
        self.title = title
        self.setAccessibleName(title)
        inner = QWidget()
        box = column(inner, gap=2)
        self.heading = label(title, "title")
        box.addWidget(self.heading)
        box.addWidget(label(purpose, "muted"))
        box.addSpacing(8)
        self._pages = Pages()
        self._busy = Busy(tr("Reading…"))
        self._content = QWidget()
        self.body: QVBoxLayout = column(self._content, gap=2)
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        for page in (self._busy, self._content, self._failure):
            self._pages.add(page)
        box.addWidget(self._pages)
        column(self, margin=4).addWidget(Centred(inner, width, leading=True))

    # --- for the settings ----------------------------------------------------------------------

    def arrive(self) -> None:
        """The section has come to the front: look at what it shows."""

    def catch_up(self) -> None:
        """Records may have changed elsewhere: look again, leaving keyboard and place alone."""

    def unfinished(self) -> str:
        """What would be lost by leaving now, as a sentence; empty when nothing would."""
        return ""

    def drop(self) -> None:
        """The settings go for good: stop what runs."""

    # --- for subclasses ------------------------------------------------------------------------

    def card(self, heading: str = "", text: str = "") -> QVBoxLayout:
        """A card at the end of the body, with its heading and what it is about."""
        holder, box = card(gap=2)
        _head(box, heading, text)
        self.body.addWidget(holder)
        return box

    def reveal(self, widget: QWidget) -> None:
        """Scroll to ``widget`` once the page has taken its new shape."""
        bring_into_view(widget)

    def show_busy(self) -> None:
        self._pages.show_page(self._busy)

    def show_content(self) -> None:
        self._pages.show_page(self._content)

    def show_failed(self, error: BaseException, retry: Callable[[], object]) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), retry))
        self._pages.show_page(self._failure)


def modest(chosen: QComboBox) -> QComboBox:
    """The same drop-down, as wide as it is offered instead of as its longest entry."""
    chosen.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    chosen.setMinimumContentsLength(6)
    return chosen


def _head(box: QVBoxLayout, heading: str, text: str) -> None:
    if heading:
        words = column()
        words.setSpacing(4)
        words.addWidget(label(heading, "heading"))
        if text:
            words.addWidget(label(text, "muted"))
        box.addLayout(words)
    elif text:
        box.addWidget(label(text, "muted"))

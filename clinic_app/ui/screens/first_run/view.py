"""Two big choices on an empty laptop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.first_run.presenter import FirstRunPresenter, Opened
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import column, label
from clinic_app.ui.widgets.entry_frame import EntryFrame
from clinic_app.ui.widgets.states import Busy
from clinic_app.ui.widgets.tile import Tile


class FirstRunScreen(QWidget):
    """Signals:
    set_up_chosen: the clinic is to be set up.
    """

    set_up_chosen = Signal()

    def __init__(
        self, jobs: Jobs, open_demo: Callable[[], Opened], entered: Callable[[Opened], None]
    ) -> None:
        super().__init__()
        self.presenter = FirstRunPresenter(self, jobs, open_demo, entered)
        content = QWidget()
        box = column(content, gap=2)
        box.addWidget(label(tr("Welcome"), "display"))
        box.addWidget(label(tr("This laptop holds no clinic yet. What would you like to do?")))
        box.addSpacing(UNIT)
        self.set_up = Tile(
            tr("Set up this clinic"),
            tr("For real work: clinic, crisis contacts, your account. About five minutes."),
            drawing="clinic",
            on_click=self.set_up_chosen.emit,
        )
        self.demo = Tile(
            tr("Try the demo clinic"),
            tr("Look around with made-up people. It is kept apart and can be thrown away."),
            drawing="demo",
            on_click=self.presenter.try_demo,
        )
        box.addWidget(self.set_up)
        box.addWidget(self.demo)
        self._busy = Busy(tr("Preparing the demo clinic…"))
        self._busy.hide()
        box.addWidget(self._busy)
        self._failure = label("", "error")
        self._failure.hide()
        box.addWidget(self._failure)
        column(self).addWidget(EntryFrame(content))
        self.setFocusProxy(self.set_up)

    def show_busy(self) -> None:
        self._failure.hide()
        self._busy.show()
        self.set_up.setEnabled(False)
        self.demo.setEnabled(False)

    def show_failure(self, error: BaseException) -> None:
        self._busy.hide()
        self._failure.setText(explain(error))
        self._failure.show()
        self.set_up.setEnabled(True)
        self.demo.setEnabled(True)

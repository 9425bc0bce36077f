"""Two big choices on an empty laptop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from clinic_app.services.backup_data import Progress, Stop
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.first_run.presenter import FirstRunPresenter, Opened
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, column, label, row
from clinic_app.ui.widgets.entry_frame import EntryFrame
from clinic_app.ui.widgets.states import Busy
from clinic_app.ui.widgets.tile import Tile


class FirstRunScreen(QWidget):
    """Signals:
    set_up_chosen: the clinic is to be set up.
    """

    set_up_chosen = Signal()

    def __init__(
        self,
        jobs: Jobs,
        open_demo: Callable[[], Opened],
        entered: Callable[[Opened], None],
        open_seeded: Callable[[Progress, Stop], Opened] | None = None,
    ) -> None:
        super().__init__()
        self.presenter = FirstRunPresenter(self, jobs, open_demo, entered, open_seeded)
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
        self.seeded = button(
            tr("Or open a demo clinic of 300 people over two years (made the first time)"),
            "link",
            self.presenter.try_seeded,
        )
        box.addWidget(self.seeded)
        self.seeded.setVisible(open_seeded is not None)  # a place first: it would flash as a window
        box.addWidget(self._make_filling())
        self._busy = Busy(tr("Preparing the demo clinic…"))
        self._busy.hide()
        box.addWidget(self._busy)
        self._failure = label("", "error")
        self._failure.hide()
        box.addWidget(self._failure)
        column(self).addWidget(EntryFrame(content, languages=True))
        self.setFocusProxy(self.set_up)

    def show_busy(self) -> None:
        self._busy.show()
        self._let_choose(False)

    def show_filling(self) -> None:
        self.heard(0.0)
        self.stop.setEnabled(True)
        self._filling.show()
        self._let_choose(False)
        self.stop.setFocus()

    def heard(self, share: float) -> None:
        self._bar.setValue(round(100 * share))
        words = tr(
            "Making up 300 people: {percent} % done. What is there stays, also if you cancel."
        )
        self._filled.setText(words.format(percent=round(100 * share)))

    def show_failure(self, error: BaseException) -> None:
        self._let_choose(True)
        self._busy.hide()
        self._filling.hide()
        self._failure.setText(explain(error))
        self._failure.show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # the window closes: nobody waits any more
            self.presenter.stop()

    def _make_filling(self) -> QWidget:
        self._filling = QWidget()
        box = column(self._filling, gap=1)
        self._filled = label("", "muted")
        box.addWidget(self._filled)
        across = row()
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Filling the demo clinic"))
        across.addWidget(self._bar, 1)
        self.stop = button(tr("Cancel"), "", self._ask_stop)
        across.addWidget(self.stop)
        box.addLayout(across)
        self._filling.hide()
        return self._filling

    def _ask_stop(self) -> None:
        self.stop.setEnabled(False)
        self._filled.setText(tr("Stopping…"))
        self.presenter.stop()

    def _let_choose(self, free: bool) -> None:
        self._failure.hide()
        for one in (self.set_up, self.demo, self.seeded):
            one.setEnabled(free)

"""What every screen of the signed-in window has."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_app.ui.jobs import Answer, Jobs, Lane, ScreenJobs
from clinic_app.ui.widgets.sheet import unless_covered
from clinic_app.ui.workspace import Workspace


class Screen(QWidget):
    """A page of the window.

    Attributes:
        title: the header's first line.
        record: whose record is open, the header's second line; empty when nobody's.
        back_text: words of the header's way back; empty for none.

    Signals:
        heading_changed: title, record or way back have changed.
    """

    heading_changed = Signal()

    def __init__(self, jobs: Jobs, title: str) -> None:
        super().__init__()
        self.jobs = ScreenJobs(jobs)
        self.title = title
        self.record = ""
        self.back_text = ""

    def arrive(self) -> None:
        """The screen has come to the front: look again at what it shows."""

    def renew(self) -> None:
        """Records may have changed elsewhere: look again, leaving keyboard and place alone."""

    def renew_marks(self) -> None:
        """Changes have reached the centre: look again which records still wait."""

    def go_back(self) -> None:
        """The way back was taken."""

    def keep(self, done: Callable[[BaseException | None], None]) -> None:
        """Keep what was typed, then call ``done`` with what went wrong, if anything."""
        done(None)

    def unfinished(self) -> str:
        """What is typed here and not stored, as a sentence; empty when nothing is. It goes with the
        screen: on leaving, or with the window where the screen stays between visits."""
        return ""

    def cover(self) -> None:
        """The lock comes over a patient's page: take away what must not stay behind it."""

    def uncover(self) -> None:
        """The lock has gone and the laptop is in the patient's hands again."""

    def drop(self) -> None:
        """The screen goes for good: answers still under way are dropped."""
        self.jobs.drop()

    def set_heading(self, title: str, record: str = "", back_text: str = "") -> None:
        self.title, self.record, self.back_text = title, record, back_text
        self.heading_changed.emit()


def read_then_open(
    above: QWidget,
    workspace: Workspace,
    read: Callable[[], Answer],
    show: Callable[[Answer], object],
) -> None:
    """Read what a sheet over ``above`` needs, then ``show`` it: not once ``above`` has gone or
    something else is in front (the lock, a patient, another screen, a sheet)."""
    ready = unless_covered(above, show)
    workspace.jobs.submit(Lane.DATABASE, read, done=ready, failed=workspace.notices.report)

"""What every page of the studio has."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.workspace import Workspace


class StudioPage(QWidget):
    def __init__(self, workspace: Workspace, jobs: ScreenJobs) -> None:
        super().__init__()
        self._workspace, self._jobs = workspace, jobs

    def arrive(self) -> None:
        """The page has come to the front: look at what it shows."""

    def renew(self) -> None:
        """Records may have changed elsewhere: look again, leaving keyboard and place alone."""

    def drop(self) -> None:
        """The studio goes for good: stop what runs."""

"""The clinic's settings as the window shows them, which another laptop may change."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from clinic_app.domain.people import ClinicProfile
from clinic_app.services.clinic import ClinicService
from clinic_app.services.sync_data import RoundResult
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import use_clock_of
from clinic_app.ui.shell.notices import NoticeBoard


class ClinicSettings(QObject):
    """Holds them, and with them the clock that moments are shown on.

    Signals:
        changed: they are other ones now; ``profile`` holds them.
    """

    changed = Signal()

    def __init__(
        self, profile: ClinicProfile, clinic: ClinicService, jobs: Jobs, notices: NoticeBoard
    ) -> None:
        super().__init__()
        self.profile = profile
        self._clinic, self._jobs, self._notices = clinic, jobs, notices
        self._gone = False
        use_clock_of(profile.time_zone)

    def take_round(self, result: RoundResult) -> None:
        """Another laptop may have changed them, the idle time among them."""
        if result.pulled:
            self.look()

    def look(self) -> None:
        """Read them again: a round, or a centre that was joined, may have brought other ones."""
        self._jobs.submit(
            Lane.DATABASE,
            self._clinic.profile,
            done=self.take,
            failed=lambda error: None if self._gone else self._notices.report(error),
        )

    def take(self, profile: ClinicProfile) -> None:
        """They may have changed: what shows them follows where they have, so that rounds do not
        keep the idle time from running out."""
        if self._gone or profile == self.profile:
            return
        self.profile = profile
        use_clock_of(profile.time_zone)
        self.changed.emit()

    def close(self) -> None:
        """The window that shows them goes."""
        self._gone = True
        use_clock_of(None)

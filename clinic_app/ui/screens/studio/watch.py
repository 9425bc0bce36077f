"""Looks again and again whether a patient's picture that is in view may still be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from clinic_app.domain.errors import ConsentMissing, NotFound
from clinic_app.domain.studio import StudioPicture
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.jobs import Jobs, Lane

GONE = (ConsentMissing, NotFound)
"""The consent was withdrawn, or the record keeps the picture no more."""
EVERY_MS = 2_000
"""As often as a transfer that runs looks."""
Shown = StudioContent | StudioPicture


class PictureWatch:
    """Of one page: ``shown`` are the pictures it has now, ``gone`` is told once one of them may be
    shown no longer. Nothing is asked while the page is out of view; ``ask`` is for its arrival."""

    def __init__(
        self,
        page: QWidget,
        studio: StudioService,
        jobs: Jobs,
        shown: Callable[[], Sequence[Shown | None]],
        gone: Callable[[BaseException], object],
    ) -> None:
        self._page, self._studio, self._jobs = page, studio, jobs
        self._shown, self._gone = shown, gone
        self._asking = False
        self._timer = QTimer(page)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._again)
        self._timer.start()

    def ask(self) -> None:
        """Look now."""
        theirs = self._of_patients()
        if self._asking or not theirs:
            return
        self._asking = True

        def check() -> None:
            for one in theirs:
                self._studio.check(one)

        def failed(error: BaseException) -> None:
            self._asking = False
            # What took its place meanwhile is looked at the next time.
            if isinstance(error, GONE) and self._of_patients() == theirs:
                self._gone(error)

        self._jobs.submit(Lane.DATABASE, check, done=lambda _: self._asked(), failed=failed)

    def _again(self) -> None:
        if self._page.isVisible():
            self.ask()

    def _asked(self) -> None:
        self._asking = False

    def _of_patients(self) -> list[Shown]:
        return [one for one in self._shown() if one is not None and one.patient_id is not None]

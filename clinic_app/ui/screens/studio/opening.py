"""A file on its way into the studio: it is compared with every picture that the records keep.

Kept pictures are decoded once for that. They are got to know from when the studio is opened on, a
part at a time behind whatever else is asked for, so that hardly anybody waits; whoever opens a file
before that is done sees how far it is, and can stop.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import OpeningStopped, StudioContent
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.progress import Progress


class KeptPictures:
    """Gets to know the pictures that were kept since somebody last asked, part by part."""

    def __init__(self, studio: StudioService, jobs: Jobs) -> None:
        self._studio, self._jobs = studio, jobs
        self._knowing = False

    def get_to_know(self) -> None:
        """Each part waits in the lane behind what was asked for meanwhile."""
        if not self._knowing:
            self._knowing = True
            self._next()

    def _next(self) -> None:
        self._jobs.submit(Lane.STUDIO, self._studio.know_some, done=self._go_on, failed=self._end)

    def _go_on(self, more: bool) -> None:
        if more:
            self._next()
        else:
            self._knowing = False

    def _end(self, _: BaseException) -> None:
        """Locked meanwhile, perhaps: whoever opens a file has the rest done, or is told why not."""
        self._knowing = False


class FileOpening(Progress):
    """Opens one file, the one that was asked for last; in view only while somebody has to wait.

    ``opener`` gets the keyboard back from the button that stops it.
    """

    def __init__(
        self,
        studio: StudioService,
        jobs: Jobs,
        opener: QPushButton,
        *,
        done: Callable[[StudioContent], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        super().__init__(self._give_up)
        self._studio, self._jobs, self._opener = studio, jobs, opener
        self._done, self._failed = done, failed
        self._work: LongWork | None = None

    @property
    def under_way(self) -> bool:
        """Whether somebody waits for a file."""
        return self._work is not None

    def open(self, path: Path) -> None:
        self.leave()
        self._work = work = LongWork(self._jobs, Lane.STUDIO)

        def heard(share: float) -> None:
            if self.isHidden():
                self.begin(tr("Comparing with the pictures in the records, this once…"))
            self.show_share(share)

        def done(content: StudioContent) -> None:
            if self._work is work:
                self._end()
                self._done(content)

        def failed(error: BaseException) -> None:
            if self._work is work:
                self._end()
                if not isinstance(error, OpeningStopped):
                    self._failed(error)

        work.start(
            lambda tell, stop: self._studio.open_file(path, tell, stop),
            began=lambda: None,
            heard=heard,
            done=done,
            failed=failed,
        )

    def leave(self) -> None:
        """Stop, if something is being opened: another picture is wanted, or none."""
        if self._work is not None:
            self._work.stop()
            self._end()

    def _give_up(self) -> None:
        self.leave()
        self._opener.setFocus()

    def _end(self) -> None:
        self._work = None
        if self.stop.hasFocus():
            self._opener.setFocus()
        self.hide()

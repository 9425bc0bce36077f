"""Previews follow the sliders; a measurement runs beside everything else and can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from clinic_app.domain.reference_look import ReferenceLook
from clinic_app.services.backup_data import Stop
from clinic_app.services.look_data import LookPreview, LookState
from clinic_app.services.looks import LookService
from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork
from clinic_app.ui.screens.studio.words import MEASUREMENT
from clinic_app.ui.turns import Ahead, Turns


class LookView(Protocol):
    def show_state(self, state: LookState) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_preview(self, preview: LookPreview) -> None: ...
    def show_trouble(self, error: BaseException) -> None:
        """A measurement failed or was stopped."""

    def show_preview_trouble(self, error: BaseException) -> None:
        """The face could not be drawn; a measurement may be running all the same."""

    def show_waiting(self, ahead: Ahead) -> None:
        """The measurement begins by itself when this has ended."""

    def show_given_up(self) -> None:
        """It was stopped before it began."""

    def show_measuring(self) -> None: ...
    def show_progress(self, share: float, seconds: float) -> None:
        """How much is done, 0 to 1, and for about how long it goes on yet."""

    def show_measured(self, look: ReferenceLook) -> None: ...


class LookPresenter:
    def __init__(self, view: LookView, looks: LookService, jobs: Jobs, turns: Turns) -> None:
        self._view, self._looks, self._jobs = view, looks, jobs
        self._work = LongWork(jobs, Lane.STUDIO_LONG, turns, MEASUREMENT)
        self._began = 0.0
        self._wanted: tuple[Mapping[str, float], float] | None = None
        self._drawing = False

    @property
    def measuring(self) -> bool:
        return self._work.running

    def look(self) -> None:
        """What there is now."""
        self._jobs.submit(
            Lane.STUDIO,
            self._looks.state,
            done=self._view.show_state,
            failed=self._view.show_failure,
        )

    def preview(self, weights: Mapping[str, float], strength: float) -> None:
        """Draw the face with this blend; of wishes that come meanwhile the newest counts."""
        self._wanted = (weights, strength)
        if not self._drawing:
            self._draw()

    def measure(
        self,
        weights: Mapping[str, float],
        strength: float,
        pictures: tuple[Path | StudioContent, ...],
        *,
        different_people: bool,
    ) -> None:
        """Measure on the sample portrait and these; ``different_people`` as the user has said."""

        def act(tell: Callable[[float], None], stop: Stop) -> ReferenceLook:
            return self._looks.measure(
                weights, strength, pictures, tell, stop, different_people=different_people
            )

        def done(look: ReferenceLook) -> None:
            self._view.show_measured(look)
            self.look()

        def began() -> None:
            self._began = time.monotonic()
            self._view.show_measuring()

        def heard(share: float) -> None:
            if share > 0:
                left = (time.monotonic() - self._began) * (1 - share) / share
                self._work.tell_left(left)
                self._view.show_progress(share, left)

        self._work.start(
            act,
            began=began,
            heard=heard,
            done=done,
            failed=self._view.show_trouble,
            waits=self._view.show_waiting,
            given_up=self._view.show_given_up,
        )

    def stop(self) -> None:
        self._work.stop()

    def drop(self) -> None:
        """The screen goes for good."""
        self._work.drop()

    def _draw(self) -> None:
        if self._wanted is None:
            return
        weights, strength = self._wanted
        self._wanted, self._drawing = None, True

        def done(preview: LookPreview) -> None:
            self._drawing = False
            self._view.show_preview(preview)
            self._draw()

        def failed(error: BaseException) -> None:
            self._drawing = False
            self._view.show_preview_trouble(error)
            self._draw()

        self._jobs.submit(
            Lane.STUDIO,
            lambda: self._looks.preview(weights, strength),
            done=done,
            failed=failed,
        )

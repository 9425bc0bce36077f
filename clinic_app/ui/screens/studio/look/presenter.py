"""Previews follow the sliders; a measurement runs beside everything else and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from clinic_app.domain.reference_look import ReferenceLook
from clinic_app.services.look_data import LookPreview, LookState
from clinic_app.services.looks import LookService
from clinic_app.ui.jobs import Jobs, Lane


class LookView(Protocol):
    def show_state(self, state: LookState) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_preview(self, preview: LookPreview) -> None: ...
    def show_trouble(self, error: BaseException) -> None:
        """A preview or a measurement failed or was stopped."""

    def show_measuring(self) -> None: ...
    def heard(self, share: float) -> None:
        """How much is done, 0 to 1; called from another thread."""

    def show_measured(self, look: ReferenceLook) -> None: ...


class LookPresenter:
    def __init__(self, view: LookView, looks: LookService, jobs: Jobs) -> None:
        self._view, self._looks, self._jobs = view, looks, jobs
        self._stop = threading.Event()
        self._wanted: tuple[Mapping[str, float], float] | None = None
        self._drawing = False
        self.measuring = False

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
        self, weights: Mapping[str, float], strength: float, pictures: tuple[Path, ...]
    ) -> None:
        if self.measuring:
            return
        self.measuring = True
        stop = self._stop = threading.Event()
        self._view.show_measuring()

        def hear(share: float) -> None:
            if not stop.is_set():
                self._view.heard(share)

        def done(look: ReferenceLook) -> None:
            self.measuring = False
            self._view.show_measured(look)
            self.look()

        def failed(error: BaseException) -> None:
            self.measuring = False
            self._view.show_trouble(error)

        self._jobs.submit(
            Lane.STUDIO,
            lambda: self._looks.measure(weights, strength, pictures, hear, stop.is_set),
            done=done,
            failed=failed,
        )

    def stop(self) -> None:
        self._stop.set()

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
            self._view.show_trouble(error)
            self._draw()

        self._jobs.submit(
            Lane.STUDIO,
            lambda: self._looks.preview(weights, strength),
            done=done,
            failed=failed,
        )

"""A still that is drawn anew as the sliders move."""

from __future__ import annotations

from collections.abc import Callable

from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.studio.live.camera import Blend, Drawn


class StillDrawing:
    """Draws one at a time; of wishes that come meanwhile the newest counts.

    ``show`` is told of everything that was drawn, ``fail`` of what could not be and is still
    wished for; both get the still that it was, which need not be the one in front any more.
    """

    def __init__(
        self,
        studio: StudioService,
        jobs: Jobs,
        show: Callable[[StudioContent, Drawn], object],
        fail: Callable[[StudioContent, BaseException], object],
    ) -> None:
        self._studio, self._jobs = studio, jobs
        self._show, self._fail = show, fail
        self._wish: tuple[StudioContent, Blend] | None = None
        self._drawing = False

    def ask(self, content: StudioContent, blend: Blend) -> None:
        self._wish = content, blend
        if not self._drawing:
            self._next()

    def _next(self) -> None:
        if self._wish is None:
            return
        (content, blend), self._wish = self._wish, None
        self._drawing = True

        def done(drawn: Drawn) -> None:
            self._drawing = False
            self._show(content, drawn)
            self._next()

        def failed(error: BaseException) -> None:
            self._drawing = False
            if self._wish is None:
                self._fail(content, error)
            self._next()

        self._jobs.submit(Lane.STUDIO, lambda: self._draw(content, blend), done=done, failed=failed)

    def _draw(self, content: StudioContent, blend: Blend) -> Drawn:
        """In the lane."""
        weights, before, faceless = blend.weights, content.picture, False
        if blend.mode is not None:
            chosen = self._studio.style_of_face(content, blend.mode)
            weights, faceless = chosen or weights, not chosen
        if not weights:
            return Drawn(before, before, {}, blend.strength, faceless)
        after = self._studio.redrawn(content, weights, blend.strength)
        return Drawn(before, after, weights, blend.strength, faceless)

"""A camera whose frames are redrawn in the camera's own thread; nothing of it is kept."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from clinic_app.domain.picture import Picture
from clinic_app.services.reading import LiveCamera, LiveView, Reading
from clinic_app.services.studio import LiveStyles, StudioService
from clinic_app.services.studio_data import Mode

LOOK_EVERY = 15
"""Frames between two looks at the face, for styles that follow it: twice a second."""
_SETTLE = 0.5
"""How far the styles move towards the new ones at each look, so that they do not jump."""


@dataclass(frozen=True, slots=True)
class Blend:
    """Styles by weight, how strong, and whether the face chooses them."""

    weights: Mapping[str, float]
    strength: float
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it came and as it was redrawn, with the styles and strength of just this one.

    ``faceless``: the face was to choose and none could be read; the styles are those that were set,
    or, of a camera, those of the face before.
    """

    before: Picture
    after: Picture
    weights: Mapping[str, float]
    strength: float
    faceless: bool = False


class BlendBox:
    """Of one run of the camera: the blend that is set in the window, read by the camera's thread;
    the styles in use and the last frame, read by the window."""

    def __init__(self, blend: Blend) -> None:
        self._lock = threading.Lock()
        self._blend = blend
        self._used: Mapping[str, float] = dict(blend.weights)
        self._newest: Drawn | None = None

    def set(self, blend: Blend) -> None:
        with self._lock:
            self._blend = blend
            if blend.mode is None:
                self._used = dict(blend.weights)

    def get(self) -> tuple[Blend, Mapping[str, float]]:
        """The blend, and the styles that are drawn with now."""
        with self._lock:
            return self._blend, self._used

    def follow(self, weights: Mapping[str, float]) -> None:
        """Move towards the styles that the face chose."""
        with self._lock:
            names = {*self._used, *weights}
            moved = {
                name: (1 - _SETTLE) * self._used.get(name, 0.0) + _SETTLE * weights.get(name, 0.0)
                for name in names
            }
            self._used = {name: share for name, share in moved.items() if share > 0.01}

    def leave(self, drawn: Drawn) -> None:
        with self._lock:
            self._newest = drawn

    @property
    def newest(self) -> Drawn | None:
        """The last frame; none before the camera's first."""
        with self._lock:
            return self._newest


class Pace:
    """How fast pictures come, over the last 90."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque(maxlen=90)

    def count(self) -> float | None:
        """One has come now; pictures a second, none after the first."""
        self._moments.append(time.monotonic())
        if len(self._moments) == 1:
            return None
        return (len(self._moments) - 1) / (self._moments[-1] - self._moments[0] or 1.0)


class StyledCamera:
    """A ``LiveCamera`` that redraws what it sees; used from the camera's thread."""

    def __init__(self, camera: LiveCamera, styles: LiveStyles, box: BlendBox) -> None:
        self._camera, self._styles, self._box = camera, styles, box
        self._frames = 0
        self._faceless = False

    def look(self) -> LiveView:
        view = self._camera.look()
        small = self._styles.small(view.picture)
        blend, used = self._box.get()
        if blend.mode is None:
            self._faceless = False
        elif self._frames % LOOK_EVERY == 0:
            chosen = self._styles.style_of_face(view.picture, blend.mode)
            self._faceless = not chosen
            if chosen:
                self._box.follow(chosen)
                _, used = self._box.get()
        self._frames += 1
        drawn = self._styles.drawn(small, used, blend.strength) if used else small
        self._box.leave(Drawn(small, drawn, used, blend.strength, self._faceless))
        return replace(view, picture=drawn, face=None)

    def burst(self, frames: int = 10) -> Reading:
        """No reading comes from a camera that redraws."""
        raise RuntimeError("A camera of the studio gives no reading.")

    def close(self) -> None:
        self._camera.close()


def opener(
    open_camera: Callable[[], LiveCamera], studio: StudioService, box: BlendBox
) -> Callable[[], LiveCamera]:
    """What the camera's thread opens; whether that is allowed is asked once, before."""

    def opened() -> LiveCamera:
        styles = studio.live()
        return StyledCamera(open_camera(), styles, box)

    return opened

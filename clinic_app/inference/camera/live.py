"""The opened camera: a judged preview frame by frame, and the burst that is read."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median

import numpy as np

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable
from clinic_app.domain.finding import QualityReason, SourceKind
from clinic_app.inference.alignment import aligned, eye_distance
from clinic_app.inference.arrays import RgbImage, to_picture
from clinic_app.inference.camera.opening import black, is_black
from clinic_app.inference.camera.sources import FrameSource
from clinic_app.inference.chain import FaceChain, FrameReading, as_several_people
from clinic_app.inference.faces.yunet import Face
from clinic_app.inference.findings import Origin, reading_of
from clinic_app.inference.pose import head_pose
from clinic_app.inference.quality import geometry_scores, hint, light_scores
from clinic_app.inference.sequence import (
    rank,
    shift_percent,
    shows_several_people,
    statistics_of,
)
from clinic_app.inference.timing import Stopwatch
from clinic_app.services.reading import FaceBox, LiveView, Reading

SEARCH_EVERY = 3
"""Frames between two searches of the whole frame; in between the known face is followed."""
STEADY_FRAMES = 20
"""Good frames in a row that fill the hold-still ring: about two thirds of a second."""
BLACK_FRAMES = 45
"""Black frames in a row after which the camera counts as covered: a second and a half."""


class FaceCamera:
    """Implements `LiveCamera` over a frame source; used from one thread."""

    def __init__(self, chain: FaceChain, source: FrameSource, name: str = "") -> None:
        self._chain = chain
        self._source = source
        self._name = name
        self._anchor: Face | None = None
        self._face: Face | None = None
        self._second_share = 0.0
        self._shifts: deque[float] = deque(maxlen=3)
        self._since_search = SEARCH_EVERY
        self._steady = 0
        self._black = 0

    def look(self) -> LiveView:
        """See `LiveCamera`."""
        image = self._frame()
        before = self._face
        self._follow(image)
        face = self._face
        self._note_movement(before, face)
        advice = QualityReason.NO_FACE if face is None else hint(self._scores(image, face))
        self._steady = 0 if advice is not None else min(self._steady + 1, STEADY_FRAMES)
        box = None if face is None else FaceBox(face.left, face.top, face.width, face.height)
        return LiveView(to_picture(image), box, advice, self._steady / STEADY_FRAMES)

    def burst(self, frames: int = 10) -> Reading:
        """See `LiveCamera`. The best frame is the finding; the rest give median and spread."""
        watch = Stopwatch()
        best: tuple[RgbImage, FrameReading] | None = None
        readings: list[FrameReading] = []
        for _ in range(max(1, frames)):
            with watch.stage("intake"):
                image = self._frame()
            readings.append(self._chain.read(image, watch))
            if best is None or rank(readings[-1]) > rank(best[1]):
                best = (image, readings[-1])
        assert best is not None
        if shows_several_people(readings):
            best = (best[0], as_several_people(best[1]))
        origin = Origin(
            SourceKind.WEBCAM, hashlib.sha256(best[0].tobytes()).hexdigest(), datetime.now(UTC)
        )
        self._steady = 0
        return reading_of(self._chain, origin, *best, watch, statistics_of(self._chain, readings))

    def close(self) -> None:
        """See `LiveCamera`."""
        self._source.release()

    def _frame(self) -> RgbImage:
        image = self._source.read()
        if image is None:
            raise CameraUnavailable(
                CameraTrouble.UNPLUGGED,
                "The camera '{camera}' stopped giving pictures; check its plug and try again.",
                camera=self._name,
            )
        self._black = self._black + 1 if is_black(image) else 0
        if self._black >= BLACK_FRAMES:
            raise black(self._name)
        return image

    def _follow(self, image: RgbImage) -> None:
        """Search every few frames or when the face was lost; otherwise look where it was.

        The place looked at stays put until the face has clearly left it: the detector's answer
        trembles with the place, and a person who sits still must not seem to move.
        """
        finder = self._chain.stages.finder
        self._since_search += 1
        if self._anchor is None or self._since_search >= SEARCH_EVERY:
            found = finder.in_frame(image)
            self._second_share = found.second_share
            self._since_search = 0
            if found.face is None or self._anchor is None or not _near(found.face, self._anchor):
                self._anchor = found.face
        self._face = None if self._anchor is None else finder.followed(image, self._anchor)
        if self._face is None or (self._anchor and not _near(self._face, self._anchor)):
            self._anchor = self._face

    def _note_movement(self, before: Face | None, after: Face | None) -> None:
        if before is None or after is None:
            self._shifts.clear()
        else:
            self._shifts.append(shift_percent(before, after))

    def _scores(self, image: RgbImage, face: Face) -> Mapping[str, float]:
        template = self._chain.stages.template
        crop = aligned(image, face.points, template)
        pose = head_pose(face.points, template)
        scores = geometry_scores(face, crop, pose, self._second_share, image)
        scores["between_eyes_px"] = eye_distance(crop, template)
        scores |= light_scores(crop)
        if self._shifts:
            scores["movement"] = median(self._shifts)
        return scores


def _near(face: Face, anchor: Face) -> bool:
    """Whether a close look at `anchor` shows `face` well: less than an eighth off in place, a
    sixth in size."""
    apart = float(np.hypot(*(face.centre - anchor.centre)))
    return apart < anchor.height / 8 and abs(face.height / anchor.height - 1) < 1 / 6

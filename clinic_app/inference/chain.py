"""One frame through all stages: find, measure, align, judge, even out, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from clinic_app.domain.finding import (
    AbstainReason,
    Asymmetry,
    Quality,
    QualityReason,
)
from clinic_app.inference.alignment import (
    DISPLAY_SIDE,
    Aligned,
    AlignedFace,
    aligned,
    at_size,
    eye_distance,
    landmark_five,
    realigned,
)
from clinic_app.inference.arrays import FloatArray, Points, RgbImage, to_batch
from clinic_app.inference.asymmetry import asymmetry
from clinic_app.inference.faces.yunet import Face
from clinic_app.inference.looks.tone import picture_with_look, with_look
from clinic_app.inference.models import Stages
from clinic_app.inference.pose import head_pose
from clinic_app.inference.quality import (
    COMFORTABLE_BETWEEN_EYES,
    LIVE_ONLY,
    asymmetry_allowed,
    eye_scores,
    geometry_scores,
    interval_widening,
    judge,
    light_scores,
)
from clinic_app.inference.severity import FaceAnswer
from clinic_app.inference.timing import Stopwatch


@dataclass(frozen=True)
class SeenFace:
    """The main face of a frame, measured; `points` [68, 2] are in pixels of the picture."""

    face: Face
    crops: Aligned
    batch: FloatArray
    points: Points
    scores: Mapping[str, float]

    @property
    def crop(self) -> AlignedFace:
        """The crop that is read."""
        return self.crops.reading


@dataclass(frozen=True)
class FrameReading:
    """What one frame says. `seen` is `None` when there is no face; the readings are `None` when
    the gate refuses; `abstained` says why the frame has no result."""

    quality: Quality
    seen: SeenFace | None = None
    raw: FaceAnswer | None = None
    normalised: FaceAnswer | None = None
    even: FloatArray | None = None
    asymmetry: Asymmetry | None = None
    abstained: AbstainReason | None = None

    @property
    def single_face(self) -> SeenFace | None:
        """The face, unless there is another one that may be the patient's."""
        return None if self.abstained is AbstainReason.SEVERAL_FACES else self.seen


class FaceChain:
    """All stages over one frame; `stages` hold the sessions."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages

    def see(self, image: RgbImage, watch: Stopwatch) -> SeenFace | None:
        """Find and measure the main face of a still, without reading it."""
        with watch.stage("detect"):
            found = self.stages.finder.in_still(image)
            if found.face is None:
                return None
            face = self.stages.finder.measured(image, found.face)
            turned = self.stages.finder.turned_gain(image, face)
        seen = self._measured(image, face, found.second_share, watch)
        return replace(seen, scores={**seen.scores, "turned_gain": turned})

    def _measured(
        self, image: RgbImage, face: Face, second_share: float, watch: Stopwatch
    ) -> SeenFace:
        template, net = self.stages.template, self.stages.landmarks
        with watch.stage("align"):
            coarse = aligned(image, face.points, template)
        with watch.stage("landmarks"):
            # Whose sides will be compared is framed both ways, so that neither side is favoured.
            large = eye_distance(coarse, template) >= COMFORTABLE_BETWEEN_EYES * 0.9
            found = net.points(coarse) if large else net.quick_points(coarse)
            points = coarse.to_picture(found)
        with watch.stage("align"):
            crops = realigned(image, coarse, landmark_five(points), template)
            batch = to_batch(crops.reading.image)
        with watch.stage("quality"):
            pose = head_pose(face.points, template)
            scores = geometry_scores(face, crops.reading, pose, second_share, image)
            scores["between_eyes_px"] = eye_distance(crops.reading, template)
            scores |= light_scores(crops.reading)
            scores |= eye_scores(points)
        return SeenFace(face, crops, batch, points, scores)

    def read(self, image: RgbImage, watch: Stopwatch) -> FrameReading:
        """The whole chain on a still, upright, unmirrored picture."""
        seen = self.see(image, watch)
        if seen is None:
            quality = Quality(False, (QualityReason.NO_FACE,), {})
            return FrameReading(quality, abstained=AbstainReason.NO_FACE)
        quality = judge({k: v for k, v in seen.scores.items() if k not in LIVE_ONLY})
        if not quality.accepted:
            return FrameReading(quality, seen, abstained=_refusal(quality))
        return self._read_face(seen, quality, watch)

    def _read_face(self, seen: SeenFace, quality: Quality, watch: Stopwatch) -> FrameReading:
        stages = self.stages
        with watch.stage("style"):
            even = self.evened(seen.batch)
        with watch.stage("severity"):
            raw, normalised = stages.severity.read(
                np.concatenate([seen.batch, even]),
                interval_widening(seen.scores["between_eyes_px"]),
            )
        with watch.stage("asymmetry"):
            sides = None
            if asymmetry_allowed(seen.scores):
                sides = asymmetry(self.exact_points(seen), stages.asymmetry_error)
        return FrameReading(
            quality, seen, raw, normalised, even, sides, self._doubt(raw, normalised)
        )

    def evened(self, batch: FloatArray) -> FloatArray:
        """Faces [n, 3, S, S] in even light, brought to the clinic's look where it has one."""
        even = self.stages.style.normalised(batch)
        look = self.stages.look
        return even if look is None else with_look(even, look.recipe)

    def exact_points(self, seen: SeenFace) -> Points:
        """The landmarks once more, on the crop framed for them, both ways; picture pixels."""
        crop = seen.crops.measuring
        return crop.to_picture(self.stages.landmarks.points(crop))

    def _doubt(self, raw: FaceAnswer, normalised: FaceAnswer) -> AbstainReason | None:
        if abs(raw.reading.band - normalised.reading.band) > 1:
            return AbstainReason.DISAGREEMENT
        counted = self.counted(raw, normalised)
        if max(counted.reading.probabilities) < self.stages.abstain_below:
            return AbstainReason.LOW_CONFIDENCE
        return None

    def counted(self, raw: FaceAnswer, normalised: FaceAnswer) -> FaceAnswer:
        """The reading that counts, as the manifest's ablation decided."""
        return normalised if self.stages.normalised_counts else raw

    def display_crops(self, image: RgbImage, reading: FrameReading) -> tuple[RgbImage, RgbImage]:
        """The face as taken and evened out, large enough to look at."""
        assert reading.seen is not None
        seen = reading.seen
        large = at_size(image, seen.crop, DISPLAY_SIDE)
        even, look = reading.even, self.stages.look
        if even is None or look is not None:
            even = self.stages.style.normalised(seen.batch)
        shown = self.stages.style.display(large, seen.batch, even)
        return large, shown if look is None else picture_with_look(shown, look.recipe)


def _refusal(quality: Quality) -> AbstainReason:
    if QualityReason.SEVERAL_FACES in quality.reasons:
        return AbstainReason.SEVERAL_FACES
    if QualityReason.TOO_SMALL in quality.reasons:
        return AbstainReason.TOO_SMALL
    return AbstainReason.QUALITY


def as_several_people(reading: FrameReading) -> FrameReading:
    """The same frame without a result: in its neighbours there is a second person."""
    others = tuple(r for r in reading.quality.reasons if r is not QualityReason.SEVERAL_FACES)
    quality = Quality(False, (QualityReason.SEVERAL_FACES, *others), reading.quality.scores)
    return FrameReading(quality, reading.seen, abstained=AbstainReason.SEVERAL_FACES)

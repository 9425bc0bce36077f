"""The faces the point net learns from, with labels cleaned where a second opinion is at hand.

With `face_points.npz` in the cache (see `face_points`), the second opinion's mean of a picture and
its mirror image says where each side of the face is. The frames' own points only add what is common
to both sides, which is the convention of 300-W. UTKFace joins then: its eyes are two and a half
times as large as those of the video frames. Without the file the frames' own points are all there
is, and only the loss guards against their errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinic_app.training import face_points
from clinic_app.training.landmarks import MIRROR_68, WideCrops, wide_crops
from clinic_app.training.prepare import Workspace

Places = NDArray[np.float64]
"""[n, 68, 2] in the face's own frame: eye centres level and one apart, origin between them."""

OWN_SHARE = 0.7
"""How much of a frame's own points' common part is followed where they agree with the second
opinion; it fades to nothing between these distances (in eye distances):"""
AGREE, DISAGREE = 0.08, 0.20
SHAPES = 4
"""Shape components that the difference in convention may depend on."""
VALIDATION_FACES = 500
"""Of the UTKFace pictures that no network learns from; the rest measure the finished net."""
LARGEST_GAP = 0.12
"""Mean distance (in eye distances) between picture and mirror image past which a face is left out
of what is learned about sides."""


@dataclass(frozen=True)
class FacePool:
    """Crops with labels, who of them is trained on, validates and tests, and whose sides count."""

    crops: WideCrops
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    sided: NDArray[np.bool_]
    second_opinion: str | None = None


def face_pool(work: Workspace) -> FacePool:
    """All video frames, and UTKFace when the second opinion is in the cache."""
    frames, parts = work.ytf_crops, work.ytf_split
    path = work.cache / face_points.FILE
    if not path.exists():
        everyone = np.ones(len(frames.points), dtype=bool)
        return FacePool(frames, parts.train, parts.validation, parts.test, everyone)
    with np.load(path, allow_pickle=False) as z:
        video, still, source = z["ytf"].astype(float), z["utk"].astype(float), str(z["source"])
    own = work.ytf.landmarks.astype(np.float64)
    second, apart = both_sides(video)
    known = ~np.isnan(second).any(axis=(1, 2))
    convention = Convention.fit(second[parts.train], own[parts.train])
    cleaned = own.copy()
    cleaned[known] = merged(convention.apply(second[known]), own[known])
    frames = wide_crops(replace(work.ytf, landmarks=cleaned.astype(np.float32)), work.template)

    people, people_apart = both_sides(still)
    at, (trained, measured) = work.utk_faces[1], work.utk_parts
    seen = np.flatnonzero(~np.isnan(people).any(axis=(1, 2)) & np.isin(np.arange(len(people)), at))
    points = convention.apply(people[seen]).astype(np.float32)
    pictures = replace(work.ytf, images=[work.utk.images[i] for i in seen], landmarks=points)
    faces = wide_crops(pictures, work.template)
    first = len(frames.points)
    # A measured picture that is also trained on is in neither part.
    learned, kept_out = (
        first + np.flatnonzero(np.isin(seen, at[part])) for part in (trained, measured)
    )
    validating, testing = np.split(kept_out, [min(VALIDATION_FACES, len(kept_out) // 2)])
    return FacePool(
        WideCrops(
            np.concatenate([frames.images, faces.images]),
            np.concatenate([frames.points, faces.points]),
        ),
        np.concatenate([parts.train, learned]),
        np.concatenate([parts.validation, validating]),
        np.concatenate([parts.test, testing]),
        np.concatenate([known & (apart < LARGEST_GAP), people_apart[seen] < LARGEST_GAP]),
        source,
    )


def both_sides(answers: Places) -> tuple[Places, NDArray[np.float64]]:
    """Mean points [n, 68, 2] of pictures and mirror images, and how far the two are apart [n].

    `answers` [n, 2, 68, 2] as `face_points.both_ways` gives them. The mean favours no side.
    """
    straight, turned = answers[:, 0], answers[:, 1][:, MIRROR_68]
    mean = (straight + turned) / 2
    eye = np.linalg.norm(mean[:, 36:42].mean(axis=1) - mean[:, 42:48].mean(axis=1), axis=1)
    gap = np.linalg.norm(straight - turned, axis=2).mean(axis=1) / eye
    return mean, np.where(np.isnan(gap), np.inf, gap)


@dataclass(frozen=True)
class Levelled:
    """The own frame of each of n faces: origin, eye distance and axes."""

    origin: NDArray[np.float64]  # [n, 1, 2]
    along: NDArray[np.float64]  # [n, 2], as long as the eye distance

    @classmethod
    def of(cls, points: Places) -> Levelled:
        right, left = points[:, 36:42].mean(axis=1), points[:, 42:48].mean(axis=1)
        return cls(((right + left) / 2)[:, None], left - right)

    def enter(self, points: Places) -> Places:
        """Pixels to the faces' own frames."""
        across, down = self._axes()
        away, power = points - self.origin, (self.along**2).sum(axis=1)[:, None]
        x, y = (away * across).sum(axis=2) / power, (away * down).sum(axis=2) / power
        return np.stack([x, y], axis=2)

    def leave(self, places: Places) -> Places:
        """The faces' own frames to pixels."""
        across, down = self._axes()
        return self.origin + places[:, :, :1] * across + places[:, :, 1:] * down

    def _axes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        down = np.stack([-self.along[:, 1], self.along[:, 0]], axis=1)
        return self.along[:, None], down[:, None]


def common(places: Places) -> Places:
    """The part of shapes or moves in faces' own frames that both sides share."""
    turned = places[:, MIRROR_68] * np.array([-1.0, 1.0])
    mean: Places = (places + turned) / 2
    return mean


@dataclass(frozen=True)
class Convention:
    """How 300-W points lie beside the second opinion's: a mirror-symmetric move by shape.

    Being mirror-symmetric it cannot change a difference between the sides.
    """

    mean: NDArray[np.float64]  # [136]
    shapes: NDArray[np.float64]  # [SHAPES, 136]
    weights: NDArray[np.float64]  # [SHAPES + 1, 136]

    @classmethod
    def fit(cls, second: Places, own: Places) -> Convention:
        """Least squares over faces [n, 68, 2] in pixels, without the fifth that fits worst."""
        known = ~np.isnan(second).any(axis=(1, 2))
        frame = Levelled.of(second[known])
        shape = common(frame.enter(second[known])).reshape(-1, 136)
        move = common(frame.enter(own[known]) - frame.enter(second[known])).reshape(-1, 136)
        mean = shape.mean(axis=0)
        axes = np.linalg.svd(shape - mean, full_matrices=False)[2]
        shapes = np.asarray(axes[:SHAPES], dtype=np.float64)
        features = _features(shape, mean, shapes)
        kept = np.ones(len(shape), dtype=bool)
        for _ in range(3):
            weights = np.linalg.lstsq(features[kept], move[kept], rcond=None)[0]
            left_over = np.abs(move - features @ weights).mean(axis=1)
            kept = left_over <= np.quantile(left_over, 0.8)
        return cls(mean, shapes, np.asarray(weights, dtype=np.float64))

    def apply(self, second: Places) -> Places:
        """Points [n, 68, 2] in pixels, moved to where 300-W has them."""
        frame = Levelled.of(second)
        places = frame.enter(second)
        shape = common(places).reshape(-1, 136)
        move = _features(shape, self.mean, self.shapes) @ self.weights
        return frame.leave(places + common(move.reshape(-1, 68, 2)))


def _features(
    shape: NDArray[np.float64], mean: NDArray[np.float64], shapes: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.hstack([np.ones((len(shape), 1)), (shape - mean) @ shapes.T])


def merged(second: Places, own: Places) -> Places:
    """Second opinions [n, 68, 2] in pixels, moved by what both sides of the own points share."""
    frame = Levelled.of(second)
    places = frame.enter(second)
    move = common(frame.enter(own) - places)
    distance = np.linalg.norm(move, axis=2, keepdims=True)
    trust = OWN_SHARE * np.clip((DISAGREE - distance) / (DISAGREE - AGREE), 0.0, 1.0)
    return frame.leave(places + trust * move)

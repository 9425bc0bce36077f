"""68 landmarks (300-W order) of an aligned face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.alignment import AlignedFace
from clinic_app.inference.arrays import Points, to_batch
from clinic_app.inference.sessions import Session

MIRRORED = np.array(
    [
        *range(16, -1, -1),  # jaw
        *range(26, 16, -1),  # brows
        *range(27, 31),  # bridge of the nose
        *range(35, 30, -1),  # nostrils
        *(45, 44, 43, 42, 47, 46),  # the eye on the image's left takes the other one's points
        *(39, 38, 37, 36, 41, 40),
        *range(54, 47, -1),  # outer lips, upper
        *range(59, 54, -1),  # outer lips, lower
        *range(64, 59, -1),  # inner lips, upper
        *range(67, 64, -1),  # inner lips, lower
    ]
)
"""Index of the point that a mirror puts in each point's place."""


def mirrored(points: NDArray[np.floating], width: float) -> Points:
    """Points [68, 2] as they are in the mirrored picture of `width`."""
    turned: Points = np.asarray(points, dtype=np.float64)[MIRRORED].copy()
    turned[:, 0] = width - turned[:, 0]
    return turned


class LandmarkNet:
    """The landmark model over an injected session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def points(self, face: AlignedFace) -> Points:
        """[68, 2] in pixels of the crop: the mean of the crop's answer and its mirror image's.

        The mean makes the answer mirror exactly when the crop is mirrored, so that no side of the
        face is favoured by what the network happened to learn.
        """
        batch = to_batch(face.image)
        both = np.concatenate([batch, batch[:, :, :, ::-1]])
        (answer,) = self._session.run(["points"], {"face": both})
        straight, turned = np.asarray(answer, dtype=np.float64)
        mean: Points = (straight + mirrored(turned, 1.0)) / 2.0
        return mean * face.side

    def quick_points(self, face: AlignedFace) -> Points:
        """[68, 2] from the crop alone: half the time, for framing and for the eyes."""
        (answer,) = self._session.run(["points"], {"face": to_batch(face.image)})
        points: Points = np.asarray(answer[0], dtype=np.float64) * face.side
        return points

"""Even light: the style normaliser over an injected session."""

from __future__ import annotations

import numpy as np

from clinic_app.inference.arrays import FloatArray, RgbImage, to_batch
from clinic_app.inference.native import cv2
from clinic_app.inference.sessions import Session


class StyleNormaliser:
    """The same face in even light and texture; nothing moves.

    `any_size` says whether the model takes squares other than the one it was trained on.
    """

    def __init__(self, session: Session, any_size: bool) -> None:
        self._session = session
        self._any_size = any_size

    def normalised(self, batch: FloatArray) -> FloatArray:
        """[n, 3, S, S] in [0, 1] to the same shape and range."""
        (answer,) = self._session.run(["normalised"], {"face": batch})
        even: FloatArray = np.clip(np.asarray(answer, dtype=np.float32), 0.0, 1.0)
        return even

    def display(self, image: RgbImage, batch: FloatArray, even: FloatArray) -> RgbImage:
        """The large crop that people see, evened out.

        A model of fixed size is run on the small crop alone (`batch` to `even`); its change of
        light, which is smooth, is then carried over to the large crop.
        """
        if self._any_size:
            planes = self.normalised(to_batch(image))[0]
        else:
            side = image.shape[0]
            change = (even[0] - batch[0]).transpose(1, 2, 0)
            smooth = cv2.resize(change, (side, side), interpolation=cv2.INTER_CUBIC)
            planes = image.transpose(2, 0, 1) / np.float32(255) + smooth.transpose(2, 0, 1)
        pixels = np.clip(planes * 255.0 + 0.5, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(pixels.transpose(1, 2, 0))

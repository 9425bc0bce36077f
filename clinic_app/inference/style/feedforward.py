"""Styles in one pass: a conditional transform net over an injected session.

One set of convolutions serves all styles; each style has its own scales and shifts behind the
norms (Dumoulin et al. 2017), so styles blend by blending those.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from clinic_app.domain.errors import InvalidInput, ModelRejected
from clinic_app.inference.arrays import RgbImage, to_batch
from clinic_app.inference.native import cv2
from clinic_app.inference.sessions import Session

MULTIPLE = 4
"""Sides of what the net is given are multiples of this; other pictures are padded and cut."""


class StyleBook:
    """The styles of the `styles` model; `names` in the model's order."""

    def __init__(self, session: Session, names: Sequence[str]) -> None:
        self._session = session
        self.names = tuple(names)

    def apply(
        self, image: RgbImage, weights: Mapping[str, float], strength: float = 1.0
    ) -> RgbImage:
        """`image` [h, w, 3] redrawn, same size. `weights` of the styles are made to sum to one;
        `strength` in [0, 1] goes from the picture as it is to the style alone.

        Raises `InvalidInput` for an unknown style, weights below 0 or all 0, or another strength.
        """
        if not 0.0 <= strength <= 1.0:
            raise InvalidInput("strength", "The strength has to lie between 0 and 1.")
        shares = self._shares(weights)
        height, width = image.shape[:2]
        below, right = -height % MULTIPLE, -width % MULTIPLE
        padded = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE)
        batch = to_batch(padded)
        (drawn,) = self._session.run(["styled"], {"picture": batch, "weights": shares})
        mixed = batch[0] + np.float32(strength) * (drawn[0] - batch[0])
        pixels = np.clip(mixed * 255.0 + 0.5, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(pixels.transpose(1, 2, 0)[:height, :width])

    def _shares(self, weights: Mapping[str, float]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        unknown = [name for name in weights if name not in self.names]
        if unknown:
            raise InvalidInput(
                "weights",
                "There is no style named '{name}'. There are: {names}.",
                name=unknown[0][:40],
                names=", ".join(self.names),
            )
        if not all(math.isfinite(share) and share >= 0 for share in weights.values()):
            raise InvalidInput("weights", "The weight of a style has to be at least 0.")
        total = sum(weights.values())
        if total <= 0:
            raise InvalidInput("weights", "At least one style needs a weight above 0.")
        shares = [weights.get(name, 0.0) / total for name in self.names]
        return np.array(shares, dtype=np.float32)


def open_style_book(models: Path, threads: int = 1) -> StyleBook:
    """The styles of the models in `models`; raises `ModelRejected`."""
    from clinic_app.inference.manifest import load_manifest
    from clinic_app.inference.sessions import open_session

    manifest = load_manifest(models)
    names = manifest.entry("styles").styles
    session = open_session(models, manifest, "styles", threads)
    if not names:
        raise ModelRejected("The list of models does not name the styles.")
    return StyleBook(session, names)

"""The lighting ablation of a reference look, on faces that were photographed once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.local_head import base_text
from clinic_app.domain.picture import Picture
from clinic_app.domain.reference_look import Ablation, Recipe, Stability
from clinic_app.inference.alignment import DISPLAY_SIDE
from clinic_app.inference.arrays import FloatArray, RgbImage, image_of, to_picture
from clinic_app.inference.chain import FaceChain, SeenFace
from clinic_app.inference.findings import encoded_png
from clinic_app.inference.intake.photo import decode_pixels, read_photo
from clinic_app.inference.looks.lights import LIGHTS, WITHIN, Light, lit
from clinic_app.inference.looks.tone import with_look
from clinic_app.inference.models import Stages, load_stages
from clinic_app.inference.samples import PORTRAIT
from clinic_app.inference.timing import Stopwatch
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.look_data import LookPreview, LookStopped

_FROM_THE_SIDE = (Light(50.0, 0.0),)
"""The light of the preview."""


class OnnxLookBench:
    """Implements `LookBench` with the models in a folder. May be called from any thread."""

    def __init__(self, models: Callable[[], Path]) -> None:
        self._models = models
        self._open: tuple[Path, Stages] | None = None

    def models(self) -> str:
        """See `LookBench`."""
        return base_text(self._stages().versions)

    def opened(self, picture: Path) -> Picture | None:
        """See `LookBench`."""
        image = read_photo(picture).image
        return to_picture(image) if max(image.shape) <= DISPLAY_SIDE else None

    def decoded(self, png: bytes) -> Picture:
        """See `LookBench`."""
        return to_picture(decode_pixels(png))

    def measure(
        self,
        recipe: Recipe,
        present: Recipe | None,
        pictures: Sequence[Path | Picture],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> Ablation:
        """See `LookBench`."""
        stages = self._stages()
        faces = _faces(stages, (PORTRAIT, *pictures), stop)
        tables: tuple[list[FloatArray], ...] = ([], [], [], [])
        for number, face in enumerate(faces):
            batch = np.concatenate([face, lit(face[0])])
            even = stages.style.normalised(batch)
            looks = (None, present, recipe)
            ways = [batch, *(even if one is None else with_look(even, one) for one in looks)]
            for rows, way in zip(tables, ways, strict=True):
                if stop():
                    raise LookStopped("The measurement was stopped.")
                rows.append(_read(stages, way))
            progress((number + 1) / len(faces))
        raw, shipped, before, after = tables
        within = np.array([light.angle <= WITHIN for light in LIGHTS])
        own = [np.stack(rows)[:, 0, 0] for rows in (shipped, after)]
        return Ablation(
            models=base_text(stages.versions),
            faces=len(faces),
            lights=len(LIGHTS),
            lights_within=int(within.sum()),
            raw=_stability(raw, within),
            present=_stability(before, within),
            candidate=_stability(after, within),
            shift=float(np.abs(own[1] - own[0]).mean()),
        )

    def preview(self, recipe: Recipe, picture: Path | None = None) -> LookPreview:
        """See `LookBench`."""
        stages = self._stages()
        seen = _seen(stages, read_photo(picture or PORTRAIT).image, (picture or PORTRAIT).name)
        batch = np.concatenate([seen.batch, lit(seen.batch[0], _FROM_THE_SIDE)])
        even = stages.style.normalised(batch)
        looked = with_look(even, recipe)
        rows = [[_pixels(one[row]) for one in (batch, even, looked)] for row in (0, 1)]
        own, side = (tuple(map(encoded_png, row)) for row in rows)
        return LookPreview(own[0], own[1], own[2], side[0], side[1], side[2])

    def _stages(self) -> Stages:
        folder = self._models()
        if self._open is None or self._open[0] != folder:
            self._open = folder, load_stages(folder)
        return self._open[1]


def open_look_bench(models: Callable[[], Path]) -> OnnxLookBench:
    """The bench over the models that are in use."""
    return OnnxLookBench(models)


def _faces(stages: Stages, pictures: Sequence[Path | Picture], stop: Stop) -> list[FloatArray]:
    """The face of each picture, [1, 3, S, S]; the same picture counts once."""
    found: dict[str, FloatArray] = {}
    for picture in pictures:
        if stop():
            raise LookStopped("The measurement was stopped.")
        if isinstance(picture, Path):
            image, name = read_photo(picture).image, picture.name
        else:
            image, name = image_of(picture), ""
        digest = hashlib.sha256(image.tobytes()).hexdigest()
        if digest not in found:
            found[digest] = _seen(stages, image, name).batch
    return list(found.values())


def _seen(stages: Stages, image: RgbImage, name: str) -> SeenFace:
    """``name`` is empty for a picture of the camera."""
    seen = FaceChain(stages).see(image, Stopwatch())
    if seen is not None:
        return seen
    if not name:
        raise UnreadableImage("There is no face to be found in a picture of the camera.")
    raise UnreadableImage("There is no face to be found in “{name}”.", name=name)


def _read(stages: Stages, batch: FloatArray) -> FloatArray:
    """Share of sadness votes and band of each picture, [n, 2]."""
    answers = stages.severity.read(batch)
    return np.array([(one.reading.sadness, float(one.reading.band)) for one in answers], np.float32)


def _stability(rows: Sequence[FloatArray], within: NDArray[np.bool_]) -> Stability:
    """`rows` of every face: in its own light first, then under each light."""
    table = np.stack(rows).astype(np.float64)
    spread = table[:, 1:, 0].std(axis=1).mean()
    flipped = table[:, 1:, 1] != table[:, :1, 1]
    return Stability(float(spread), float(flipped.mean()), float(flipped[:, within].mean()))


def _pixels(face: FloatArray) -> RgbImage:
    return np.ascontiguousarray((face * 255.0 + 0.5).astype(np.uint8).transpose(1, 2, 0))

"""Everything the stages share: decoded data, splits, the face template, aligned crops, relighting.

Detected points and aligned crops are cached, so that only the first run pays for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training import data, splits, style
from clinic_app.training.files import whole
from clinic_app.training.framing import FaceTemplate, template_from_points
from clinic_app.training.landmarks import WideCrops, face_crops, wide_crops
from clinic_app.training.nets import FACE_SIDE, READ_SIDE
from clinic_app.training.relight import Relighter, aligned_yale, log_ratios
from clinic_app.training.yunet import CropDetector

DETECTOR = Path(__file__).parents[2] / "models" / "third_party" / "face_detection_yunet.onnx"
TEMPLATE_SAMPLE = 3000


@dataclass(frozen=True)
class Workspace:
    """Prepared data of one run; every part is made on first use."""

    data_folder: Path
    cache: Path
    seed: int = 0
    detector: Path = DETECTOR

    @cached_property
    def fer(self) -> data.FerData:
        return data.load_fer(self.data_folder, self.cache)

    @cached_property
    def fer_split(self) -> splits.Split:
        return splits.fer_split(self.fer, self.seed)

    @cached_property
    def yale(self) -> data.YaleData:
        return data.load_yale(self.data_folder, self.cache)

    @cached_property
    def yale_subjects(self) -> splits.Split:
        """Subjects to train on, to choose checkpoints by, and only to measure."""
        return splits.yale_split(self.yale.subject, self.seed)

    @cached_property
    def utk(self) -> data.UtkData:
        return data.load_utk(self.data_folder, self.cache)

    @cached_property
    def ytf(self) -> data.YtfData:
        return data.load_ytf(self.data_folder)

    @cached_property
    def ytf_split(self) -> splits.Split:
        return splits.identity_split(self.ytf.identity, self.seed)

    @cached_property
    def template(self) -> FaceTemplate:
        """The framing of FER2013: median points of training faces."""
        rows = np.random.default_rng(self.seed).choice(
            self.fer_split.train, TEMPLATE_SAMPLE, replace=False
        )
        found = self._points("fer_points", lambda: [self.fer.images[i] for i in rows])
        exact = template_from_points(found, READ_SIDE, FACE_SIDE)
        return FaceTemplate(FACE_SIDE, exact.points.round(4))

    @cached_property
    def yale_faces(self) -> NDArray[np.uint8]:
        """Yale B cut to the template [n, 96, 96]; points come from each frontal-light image."""
        who = np.unique(self.yale.subject)
        found = self._points(
            "yale_points", lambda: [self.yale.images[self.yale.frontal_of(int(s))] for s in who]
        )
        points = {int(s): p for s, p in zip(who, found, strict=True)}
        return aligned_yale(self.yale, points, self.template, FACE_SIDE)

    @cached_property
    def utk_points(self) -> NDArray[np.float64]:
        """The detector's points [n, 5, 2] in pixels of UTKFace, nan where it found no face."""
        return self._points("utk_points", lambda: list(self.utk.images))

    @cached_property
    def utk_faces(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """UTKFace cut to the template [n, 96, 96, 3] and the rows where a face was found."""
        found = self.utk_points
        rows = np.flatnonzero(~np.isnan(found[:, 0, 0]))
        return np.stack([self.template.crop(self.utk.images[i], found[i]) for i in rows]), rows

    @cached_property
    def utk_pictures(self) -> NDArray[np.int64]:
        """One number for each row of UTKFace, the same for identical pictures."""
        return splits.same_pictures(self.utk.images)

    @cached_property
    def utk_parts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions in `utk_faces` to train on, and positions only measured."""
        return splits.utk_split(self.utk_pictures[self.utk_faces[1]], self.seed)

    @cached_property
    def ytf_crops(self) -> WideCrops:
        return wide_crops(self.ytf, self.template)

    @cached_property
    def relighter(self) -> Relighter:
        """Light ratios of the Yale B training subjects alone."""
        small = np.stack(
            [
                cv2.resize(f, (READ_SIDE, READ_SIDE), interpolation=cv2.INTER_AREA)
                for f in self.yale_faces
            ]
        )
        return Relighter(log_ratios(small, self.yale, self.yale_subjects.train))

    def fer_faces(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """FER images as the networks are given them, [n, 96, 96, 3]."""
        return style.as_colour(self.fer.images[rows])

    def yale_plain(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Yale B crops squeezed into the square without alignment [n, 96, 96, 3]."""
        return style.as_colour(self.yale.images[rows])

    def light_rows(self, subjects: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the given Yale B subjects."""
        return np.flatnonzero(np.isin(self.yale.subject, subjects))

    def frontal_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each Yale B row, the row of the same subject under frontal light."""
        front = {int(s): self.yale.frontal_of(int(s)) for s in np.unique(self.yale.subject)}
        return np.array([front[int(s)] for s in self.yale.subject[rows]])

    def style_pool(self, fer_count: int, utk_count: int, ytf_count: int) -> style.StylePool:
        """Single photographs and Yale B pairs (training subjects, both framings) to learn from."""
        rng = np.random.default_rng(self.seed)
        lit = self.light_rows(self.yale_subjects.train)
        twin = np.searchsorted(lit, self.frontal_rows(lit))
        fer_rows = rng.choice(self.fer_split.train, fer_count, replace=False)
        utk = self.utk_faces[0][self.utk_parts[0]]
        utk = utk[rng.choice(len(utk), min(utk_count, len(utk)), replace=False)]
        video = rng.choice(
            self.ytf_split.train, min(ytf_count, len(self.ytf_split.train)), replace=False
        )
        frames, _ = face_crops(self.ytf_crops, video)
        video_faces = (frames * 255).round().byte().permute(0, 2, 3, 1).numpy()
        singles = [self.fer_faces(fer_rows), utk, video_faces]
        pools = [style.StylePool(faces, np.arange(len(faces))) for faces in singles]
        pools.append(style.StylePool(style.as_colour(self.yale_faces[lit]), twin))
        pools.append(style.StylePool(self.yale_plain(lit), twin))
        return style.join(pools)

    def style_validation(self, reader: object, clean: int = 1200) -> style.StyleValidation:
        """Unseen Yale B subjects, and clean validation faces."""
        lit = self.light_rows(self.yale_subjects.validation)
        rows = self.fer_split.validation[:clean]
        return style.StyleValidation(
            reader,  # type: ignore[arg-type]
            style.as_colour(self.yale_faces[lit]),
            self.yale.subject[lit],
            self.fer_faces(rows),
            metrics.sadness_share(self.fer.votes[rows]),
        )

    def _points(
        self, name: str, crops: Callable[[], list[NDArray[np.uint8]]]
    ) -> NDArray[np.float64]:
        path = self.cache / f"{name}_{self.seed}.npy"
        if not path.exists():
            with whole(path) as place:
                np.save(place, CropDetector(self.detector).five_points(crops()))
        return np.load(path)

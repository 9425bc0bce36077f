"""A clinic's own settled cases beside the lessons that a released severity net is trained on with.

Doctors named a band for a crop; they said nothing of emotions, and no number. So a face keeps the
net's own word where they were silent, and its share moves no further than into their band.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.inference.native import cv2
from clinic_app.training import manifest
from clinic_app.training.clinic_set import ClinicSet, UnusableSet
from clinic_app.training.files import whole
from clinic_app.training.losses import soft_targets
from clinic_app.training.nets import FACE_SIDE, SeverityNet, luma
from clinic_app.training.style import sadness_of, to_faces
from clinic_app.training.views import Lessons, answers

log = logging.getLogger("training")

TOLD = "clinic.json"
"""File of a run: whose cases took part, and how the clinic's locked people were read."""
FEWEST_PEOPLE = 40
"""With fewer, the fifth that chooses among epochs and the locked part say nothing."""
CHOOSING = 5
"""One person in so many chooses among epochs and is not trained on."""
CLINIC_SHARE = 0.1
MOST_REPEATS = 20
"""How much of an epoch the clinic's faces are, and how often it shows one at most."""
OWN_SHARE = 0.5
"""How much of a face's bands stays the net's own word, beside the doctors'."""
CLINIC_WEIGHT, SURE_PEOPLE = 0.5, 50
"""What a unit of correlation on the clinic's choosing people counts for, beside one on FER+: half
of that where there are so many people, less with fewer, whose correlation is mostly chance."""

_AND_OF = " and of a clinic "

Validate = Callable[[SeverityNet], dict[str, float]]


@dataclass(frozen=True)
class ClinicFaces:
    """Crops of some cases: `faces` [n, 3, 96, 96] in [0, 1], `bands` int64 [n] in 0-3."""

    faces: Tensor
    bands: NDArray[np.int64]
    person: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bands)

    def of(self, rows: NDArray[np.bool_]) -> ClinicFaces:
        """Only these."""
        return ClinicFaces(self.faces[torch.from_numpy(rows)], self.bands[rows], self.person[rows])


@dataclass(frozen=True)
class ClinicParts:
    """People are in one part alone."""

    learnt: ClinicFaces
    choosing: ClinicFaces
    locked: ClinicFaces


def parts_of(found: ClinicSet, seed: int) -> ClinicParts:
    """Raises ``UnusableSet`` where too few people let their pictures be kept."""
    shown = [row for row, crop in enumerate(found.crops) if crop is not None]
    faces = [_face(crop) for crop in found.crops if crop is not None]
    everybody = np.unique(found.person[shown])
    if len(everybody) < FEWEST_PEOPLE:
        raise UnusableSet(
            f"The set holds pictures of {len(everybody)} people; {FEWEST_PEOPLE} are needed."
        )
    everyone = ClinicFaces(to_faces(np.stack(faces)), found.bands[shown], found.person[shown])
    locked = found.locked[shown]
    free = np.unique(everyone.person[~locked])
    chosen = np.random.default_rng(seed).permutation(free)[: len(free) // CHOOSING]
    choosing = ~locked & np.isin(everyone.person, chosen)
    parts = ClinicParts(
        everyone.of(~locked & ~choosing), everyone.of(choosing), everyone.of(locked)
    )
    if not len(parts.locked) or not len(parts.choosing):
        raise UnusableSet("The set holds no pictures of locked people, or of them alone.")
    return parts


def _face(png: bytes) -> NDArray[np.uint8]:
    """RGB [96, 96, 3] of a crop."""
    read = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if read is None:
        raise UnusableSet("A crop is no picture.")
    face: NDArray[np.uint8] = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
    if face.shape[:2] != (FACE_SIDE, FACE_SIDE):
        face = cv2.resize(face, (FACE_SIDE, FACE_SIDE), interpolation=cv2.INTER_AREA)
    return face


def with_clinic(lessons: Lessons, net: SeverityNet, learnt: ClinicFaces) -> Lessons:
    """`lessons` of one view, followed by the clinic's faces."""
    gray = F.avg_pool2d(luma(learnt.faces), 2)
    bands, emotions, share = answers([net], gray)
    named = torch.from_numpy(learnt.bands)
    soft_targets(bands, F.one_hot(named, len(metrics.BANDS)).float(), OWN_SHARE)
    edges = torch.tensor([0.0, *metrics.BAND_EDGES, 1.0])
    share = torch.minimum(torch.maximum(share, edges[named]), edges[named + 1])
    still = (gray[:, 0] * 255).round().byte()
    theirs = (still, bands, emotions, share)
    joined = (
        torch.cat([known, more[None]], dim=1)
        for known, more in zip(vars(lessons).values(), theirs, strict=True)
    )
    return Lessons(*joined)


def rows_with(lessons: int, learnt: int) -> NDArray[np.int64]:
    """Row numbers of an epoch over `lessons` rows and, behind them, `learnt` of the clinic's."""
    again = round(CLINIC_SHARE * lessons / max(1, learnt))
    theirs = np.arange(lessons, lessons + learnt)
    return np.concatenate([np.arange(lessons), np.tile(theirs, min(max(1, again), MOST_REPEATS))])


class ClinicValidation:
    """An epoch is also chosen by how the clinic's choosing people are ranked."""

    def __init__(self, validate: Validate, choosing: ClinicFaces) -> None:
        people = len(np.unique(choosing.person))
        self._validate, self._choosing = validate, choosing
        self._weight = CLINIC_WEIGHT * people / (people + SURE_PEOPLE)

    def __call__(self, net: SeverityNet) -> dict[str, float]:
        figures = self._validate(net)
        r = agreement(sadness_of(net, self._choosing.faces), self._choosing.bands)
        return {**figures, "clinic_r": r, "score": figures["score"] + self._weight * r}


def agreement(sadness: NDArray[np.float64], bands: NDArray[np.int64]) -> float:
    """Correlation of `sadness` with the doctors' bands; 0 where either does not vary."""
    if len(np.unique(bands)) < 2 or float(np.ptp(sadness)) == 0.0:
        return 0.0
    return metrics.pearson(sadness, bands.astype(np.float64))


def judged(
    before: SeverityNet, after: SeverityNet, locked: ClinicFaces
) -> dict[str, int | metrics.Interval]:
    """Both nets on the clinic's locked people, who are resampled; intervals of 95 %."""
    said = [sadness_of(net, locked.faces) for net in (before, after)]
    rows_of = [np.flatnonzero(locked.person == one) for one in np.unique(locked.person)]

    def drawn(people: metrics.IntArray) -> list[float]:
        rows = np.concatenate([rows_of[one] for one in people])
        return [agreement(one[rows], locked.bands[rows]) for one in said]

    def interval(figure: Callable[[list[float]], float]) -> metrics.Interval:
        return metrics.bootstrap(lambda people: figure(drawn(people)), len(rows_of))

    return {
        "faces": len(locked),
        "people": len(rows_of),
        "correlation_before": interval(lambda both: both[0]),
        "correlation_after": interval(lambda both: both[1]),
        "gain": interval(lambda both: both[1] - both[0]),
    }


def with_lessons(told_by: str, clinic: ClinicSet) -> str:
    """What a schedule says is learnt from: a net's own lessons and those of a clinic."""
    return f"{told_by}{_AND_OF}{clinic.fingerprint}"


def tell(
    out: Path,
    clinic: ClinicSet,
    parts: ClinicParts,
    locked: dict[str, int | metrics.Interval],
) -> None:
    """Keep in the folder of the run what its card has to say."""
    told = {
        "lessons": clinic.fingerprint,
        "set_sha256": clinic.sha256,
        "faces": len(parts.learnt),
        "choosing_people": len(np.unique(parts.choosing.person)),
        "locked": locked,
    }
    log.info("a clinic's own cases: %s", told)
    with whole(out / TOLD) as place:
        place.write_text(json.dumps(manifest.plain(told), indent=1) + "\n", encoding="utf-8")


def learnt_from(trained: Path | None) -> str:
    """The fingerprint of the clinic's set that the severity net of a run learns from, else ""."""
    history = None if trained is None else trained / "severity.history.json"
    if history is None or not history.exists():
        return ""
    schedule = json.loads(history.read_text(encoding="utf-8"))["schedule"]
    return str(schedule.get("lessons", "")).partition(_AND_OF)[2]


def data_of(trained: Path | None) -> list[str]:
    """What manifest and card say of a clinic's cases that the severity net of a run learnt from.

    Raises ``UnusableSet`` where it did and the run has not come to its end.
    """
    lessons = learnt_from(trained)
    if trained is None or not lessons:
        return []
    path = trained / TOLD
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if told.get("lessons") != lessons:
        raise UnusableSet("This run learns from a clinic and has not ended; give it again first.")
    locked = told["locked"]
    before, after, gain = (
        "{:.3f} ({:.3f} to {:.3f})".format(*locked[name])
        for name in ("correlation_before", "correlation_after", "gain")
    )
    return [
        f"{told['faces']} settled cases of one clinic (set {told['set_sha256'][:12]}): bands of "
        f"visible depressive affect by its doctors; {told['choosing_people']} other people chose "
        f"the epoch. On its {locked['people']} locked people with pictures, read as taken, the "
        f"correlation with the doctors' bands was {before} and is {after}, gain {gain}"
    ]

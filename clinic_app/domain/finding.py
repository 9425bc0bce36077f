"""What the inference pipeline says about one capture: typed and immutable.

The reading is *visible depressive affect*: the agreement of human raters on what a face shows in a
photograph. It is an adjunct to the questionnaires and never a clinical score. Bands are cut over
``s``, the share of sadness votes: none < 0.15, mild 0.15-0.35, moderate 0.35-0.65, severe >= 0.65.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class Band(IntEnum):
    """Severity band of visible depressive affect."""

    NONE = 0
    MILD = 1
    MODERATE = 2
    SEVERE = 3


class SourceKind(StrEnum):
    WEBCAM = "webcam"
    PHOTO = "photo"
    VIDEO = "video"


class QualityReason(StrEnum):
    """Why a picture has to be taken again; each has exactly one hint in the interface."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    TOO_CLOSE = "too_close"
    OFF_CENTRE = "off_centre"
    CUT_OFF = "cut_off"
    NOT_FRONTAL = "not_frontal"
    TILTED = "tilted"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    LOW_CONTRAST = "low_contrast"
    UNEVEN_LIGHT = "uneven_light"
    BLURRED = "blurred"
    MOVING = "moving"
    EYES_CLOSED = "eyes_closed"


class AbstainReason(StrEnum):
    """Why there is no reading ("cannot tell"); a normal, stored result."""

    QUALITY = "quality"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    DISAGREEMENT = "raw_and_normalised_disagree"
    LOW_CONFIDENCE = "low_confidence"


class ThreeLevelClass(StrEnum):
    NONE = "none"
    MILD = "mild"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Quality:
    """Outcome of the gate; ``scores`` holds the measured value per axis."""

    accepted: bool
    reasons: tuple[QualityReason, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeverityReading:
    """Calibrated probabilities (none, mild, moderate, severe) and what follows from them.

    ``percent`` is 100 * sum(k * p_k) / 3; ``interval`` is (low, high) in percent at ``coverage``;
    ``sadness`` is the regressed share of votes, 0 to 1.
    """

    band: Band
    probabilities: tuple[float, float, float, float]
    percent: float
    interval: tuple[float, float]
    coverage: float
    sadness: float


@dataclass(frozen=True, slots=True)
class ThreeLevelReading:
    """The asymmetry paper's reading: P(none) >= 0.7 none, 0.4-0.7 mild, < 0.4 high."""

    probability_none: float
    level: ThreeLevelClass
    grey_zone: bool


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """Signed differences in percent of the interocular distance.

    Positive: the patient's *left* side is larger (eye opening) or higher (brow, lip corner). The
    ``*_error`` values are one test-retest standard deviation in the same unit. A neuromuscular
    observation, not a sign of affect.
    """

    eye_opening_percent: float
    brow_height_percent: float
    lip_corner_percent: float
    eye_opening_error: float
    brow_height_error: float
    lip_corner_error: float


@dataclass(frozen=True, slots=True)
class ActivationMap:
    """Depression Activation Map of the decided band: row-major, in [0, 1], over the face crop."""

    width: int
    height: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FrameStatistics:
    """Over a burst or a sampled video: spread of the reading, movement and gaze away.

    ``movement`` is the median shift between frames in percent of the interocular distance;
    ``facing_away_share`` is the share of frames without a frontal face.
    """

    frames: int
    accepted_frames: int
    median_percent: float | None
    spread_percent: float | None
    movement: float | None = None
    facing_away_share: float | None = None


@dataclass(frozen=True, slots=True)
class LocalReading:
    """What the clinic's own head says, beside the estimate: see ``domain.local_head``.

    ``head`` is the head's version here, ``head_id`` its record; probabilities as in
    ``SeverityReading``.
    """

    head: str
    head_id: UUID
    band: Band
    probabilities: tuple[float, float, float, float]
    percent: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One capture's result. ``severity`` is ``None`` exactly when ``abstained`` is set.

    ``local`` is there when a local head was in use; it changes nothing else.
    """

    source: SourceKind
    source_sha256: str
    captured_at: datetime
    quality: Quality
    severity: SeverityReading | None
    raw: SeverityReading | None
    normalised: SeverityReading | None
    three_level: ThreeLevelReading | None
    emotions: Mapping[str, float]
    asymmetry: Asymmetry | None
    activation_map: ActivationMap | None
    embedding: tuple[float, ...]
    models: Mapping[str, str]
    timings_ms: Mapping[str, float]
    abstained: AbstainReason | None = None
    frames: FrameStatistics | None = None
    local: LocalReading | None = None

    def __post_init__(self) -> None:
        if (self.severity is None) != (self.abstained is not None):
            raise ValueError("A finding has a reading or a reason for having none, never both.")


@dataclass(frozen=True, slots=True)
class FaceImages:
    """The aligned crop, as taken and evened out, both PNG; kept only with consent."""

    face_png: bytes
    normalised_png: bytes


def probability_text(share: float) -> str:
    """A probability in whole percent; a model is never sure, so the ends read < 1 % and > 99 %."""
    if share < 0.01:
        return "< 1 %"
    return "> 99 %" if share > 0.99 else f"{round(100 * share)} %"


THREE_LEVEL_NONE = 0.7
THREE_LEVEL_MILD = 0.4
GREY_ZONE = 0.05
"""Half width of the zone around 0.4 and 0.7 where the three-level reading is marked unsure."""


def three_level(probability_none: float) -> ThreeLevelReading:
    """The three-level reading for P(s < 0.35), with the paper's cut points."""
    if probability_none >= THREE_LEVEL_NONE:
        level = ThreeLevelClass.NONE
    elif probability_none >= THREE_LEVEL_MILD:
        level = ThreeLevelClass.MILD
    else:
        level = ThreeLevelClass.HIGH
    grey = any(
        abs(probability_none - cut) < GREY_ZONE for cut in (THREE_LEVEL_NONE, THREE_LEVEL_MILD)
    )
    return ThreeLevelReading(probability_none, level, grey)

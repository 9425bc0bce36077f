"""`models/manifest.json`: which models ship, what they are, and the bytes they must have.

The file is read as if an attacker had written it: unknown fields are ignored, known ones are
checked for type and range, and file names may not leave the models folder.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from clinic_app.domain.errors import ModelRejected

MAX_MANIFEST_BYTES = 4_000_000
MAX_MODEL_BYTES = 200_000_000

Fraction = Annotated[float, Field(ge=-1.0, le=2.0)]
Point = tuple[Fraction, Fraction]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Percent = Annotated[float, Field(ge=0.0, le=100.0)]
StyleName = Annotated[str, Field(min_length=1, max_length=40)]
Residual = Annotated[float, Field(ge=-100.0, le=100.0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class FaceTemplate(_Part):
    """Where the five points sit in the aligned crop, as fractions of its side.

    Left and right are those of the *picture*: `left_eye` is the eye on the image's left side, in an
    unmirrored picture the patient's right eye.
    """

    size: int = Field(ge=32, le=512)
    left_eye: Point
    right_eye: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point

    @property
    def points(self) -> tuple[Point, Point, Point, Point, Point]:
        """In the order in which the detector gives its landmarks."""
        return (self.left_eye, self.right_eye, self.nose, self.mouth_left, self.mouth_right)


class TensorFacts(_Part):
    """Name of the input and side length of the square it takes."""

    name: str = "face"
    size: int | None = Field(default=None, ge=16, le=1024)


class IntervalRow(_Part):
    """For readings of at least `percent_from` percent the truth lies in [p + low, p + high]."""

    percent_from: Percent
    low: Residual
    high: Residual


class PercentInterval(_Part):
    """How far the truth lay from the percent on held-out data, `coverage` of the time."""

    coverage: Share
    rows: tuple[IntervalRow, ...] = Field(min_length=1)


class Calibration(_Part):
    """How sure the reading may be."""

    percent_interval: PercentInterval
    abstain_below_max_probability: Share = 0.0
    threshold: Share | None = Field(default=None, alias="threshold_share_0.35_on_sadness")
    with_mirror_image: bool = False  # whether these settings are for a crop and its mirror image
    band_cuts: tuple[Share, Share, Share] | None = Field(default=None, alias="band_cuts_on_sadness")


class RetestError(_Part):
    """One test-retest standard deviation of each asymmetry measure, percent of the interocular
    distance."""

    eye_opening_percent: Percent
    brow_height_percent: Percent
    lip_corner_percent: Percent


class ModelEntry(_Part):
    """One model file."""

    file: str = Field(min_length=1, max_length=200)
    version: str = Field(min_length=1, max_length=60)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    opset: int | None = Field(default=None, ge=1, le=64)  # None: no ONNX file
    input: TensorFacts = TensorFacts()
    licence: str = ""
    meaning: str = ""
    card: str = ""
    precision: Literal["fp32", "int8"] = "fp32"
    calibration: Calibration | None = None
    reading_that_counts: Literal["raw", "normalised"] = "normalised"
    asymmetry_test_retest: RetestError | None = None
    styles: tuple[StyleName, ...] = Field(default=(), max_length=100)

    @field_validator("file", "card")
    @classmethod
    def _stays_in_the_folder(cls, name: str) -> str:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or any(sign in name for sign in "\\:\0"):
            raise ValueError("file names may not leave the models folder")
        return name


class Manifest(_Part):
    """The whole file."""

    schema_: Literal[1] = Field(alias="schema")
    face_template: FaceTemplate
    models: dict[str, ModelEntry]

    def entry(self, name: str) -> ModelEntry:
        """The entry of a model; raises `ModelRejected` when it is not listed."""
        try:
            return self.models[name]
        except KeyError:
            raise ModelRejected("The list of models names no '{name}' model.", name=name) from None


def load_manifest(folder: Path) -> Manifest:
    """Read `manifest.json` in `folder`; raises `ModelRejected`."""
    path = folder / "manifest.json"
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_MANIFEST_BYTES + 1)
    except OSError:
        raise ModelRejected(
            "The list of models (manifest.json) is missing or cannot be read."
        ) from None
    if len(text) > MAX_MANIFEST_BYTES:
        raise ModelRejected("The list of models (manifest.json) is larger than it can be.")
    try:
        return Manifest.model_validate(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise _rejected(error) from None


def model_bytes(folder: Path, name: str, entry: ModelEntry) -> bytes:
    """The model file's bytes, only if they are the ones the manifest names."""
    try:
        with (folder / entry.file).open("rb") as stream:
            data = stream.read(MAX_MODEL_BYTES + 1)
    except OSError:
        raise ModelRejected(
            "The file of the '{name}' model is missing or cannot be read.", name=name
        ) from None
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ModelRejected(
            "The file of the '{name}' model is not the one that was released (its checksum"
            " differs), so it is not used.",
            name=name,
        )
    return data


def _rejected(error: Exception) -> ModelRejected:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:80]
        return ModelRejected(
            "The list of models (manifest.json) has a wrong or missing entry at '{where}'.",
            where=where,
        )
    return ModelRejected("The list of models (manifest.json) is damaged.")

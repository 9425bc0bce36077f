"""Opens the four models once, on first use, and builds the stages over them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clinic_app.domain.errors import ModelRejected
from clinic_app.domain.reference_look import ReferenceLook
from clinic_app.inference.faces.finder import FaceFinder
from clinic_app.inference.faces.yunet import YuNet
from clinic_app.inference.landmarks import LandmarkNet
from clinic_app.inference.manifest import FaceTemplate, Manifest, RetestError, load_manifest
from clinic_app.inference.sessions import open_session, takes_any_size
from clinic_app.inference.severity import SeverityNet
from clinic_app.inference.style import StyleNormaliser


@dataclass(frozen=True)
class Stages:
    """Everything a face goes through; made from sessions, so tests can hand in their own.

    `look` is what the normaliser's result is brought to; `None` leaves it as it is.
    """

    template: FaceTemplate
    finder: FaceFinder
    landmarks: LandmarkNet
    style: StyleNormaliser
    severity: SeverityNet
    normalised_counts: bool
    abstain_below: float
    asymmetry_error: RetestError
    versions: dict[str, str]
    look: ReferenceLook | None = None


def load_stages(folder: Path, threads: int = 1) -> Stages:
    """Check and open all models of `folder`; raises `ModelRejected`."""
    manifest = load_manifest(folder)
    reading = manifest.entry("severity")
    points = manifest.entry("landmarks")
    if reading.calibration is None:
        raise ModelRejected("The list of models does not say how sure the reading may be.")
    if points.asymmetry_test_retest is None:
        raise ModelRejected("The list of models does not say how exact the landmarks are.")
    _check_sizes(manifest)
    sessions = {
        name: open_session(folder, manifest, name, threads)
        for name in ("face", "landmarks", "style", "severity")
    }
    return Stages(
        template=manifest.face_template,
        finder=FaceFinder(YuNet(sessions["face"])),
        landmarks=LandmarkNet(sessions["landmarks"]),
        style=StyleNormaliser(sessions["style"], takes_any_size(sessions["style"])),
        severity=SeverityNet(sessions["severity"], reading.calibration),
        normalised_counts=reading.reading_that_counts == "normalised",
        abstain_below=reading.calibration.abstain_below_max_probability,
        asymmetry_error=points.asymmetry_test_retest,
        versions={name: manifest.entry(name).version for name in sessions},
    )


def _check_sizes(manifest: Manifest) -> None:
    for name in ("landmarks", "style", "severity"):
        size = manifest.entry(name).input.size
        if size is not None and size != manifest.face_template.size:
            raise ModelRejected(
                "The '{name}' model does not fit the size of the face crop.", name=name
            )

"""The public JSON of one reading, as ``clinic-app screen --json`` prints it."""

from __future__ import annotations

import math
from typing import Any

from clinic_app.domain.finding import (
    Asymmetry,
    Band,
    Finding,
    LocalReading,
    Quality,
    SeverityReading,
)

_MEANING = "visible depressive affect: what raters agree a face shows; not a clinical score"
_BANDS = [band.name.lower() for band in Band]


def finding_json(path: str, finding: Finding) -> dict[str, Any]:
    """One object of the array: snake_case names of the design's section 6."""
    return {
        "path": path,
        "source": finding.source.value,
        "source_sha256": finding.source_sha256,
        "captured_at": finding.captured_at.isoformat(),
        "quality": quality_json(finding.quality),
        "severity": _severity(finding),
        "three_level": _three_level(finding),
        "emotions": {name: _rounded(value) for name, value in finding.emotions.items()},
        "asymmetry": _asymmetry(finding.asymmetry),
        "readings": {
            "raw": _reading(finding.raw),
            "normalised": _reading(finding.normalised),
        },
        "models": dict(finding.models),
        "timings_ms": {name: round(float(value), 3) for name, value in finding.timings_ms.items()},
        "frames": _frames(finding),
        "local": _local(finding.local),
        "meaning": _MEANING,
    }


def quality_json(quality: Quality) -> dict[str, Any]:
    return {
        "accepted": quality.accepted,
        "reasons": [reason.value for reason in quality.reasons],
        "scores": {name: _rounded(value) for name, value in quality.scores.items()},
    }


def _severity(finding: Finding) -> dict[str, Any]:
    return {
        **_reading(finding.severity),
        "abstained": finding.abstained is not None,
        "reason": finding.abstained.value if finding.abstained else None,
    }


def _reading(reading: SeverityReading | None) -> dict[str, Any]:
    """Every name is always there, with ``None`` where there is no reading."""
    probabilities = reading.probabilities if reading else (None,) * len(_BANDS)
    return {
        "class": _BANDS[reading.band] if reading else None,
        "probabilities": {name: _rounded(p) for name, p in zip(_BANDS, probabilities, strict=True)},
        "percent": _rounded(reading.percent) if reading else None,
        "interval": [_rounded(edge) for edge in reading.interval] if reading else None,
        "coverage": reading.coverage if reading else None,
        "sadness": _rounded(reading.sadness) if reading else None,
    }


def _local(reading: LocalReading | None) -> dict[str, Any] | None:
    """The clinic's own head beside the estimate; ``None`` where none was in use."""
    if reading is None:
        return None
    return {
        "head": reading.head,
        "class": _BANDS[reading.band],
        "probabilities": {
            name: _rounded(p) for name, p in zip(_BANDS, reading.probabilities, strict=True)
        },
        "percent": _rounded(reading.percent),
    }


def _three_level(finding: Finding) -> dict[str, Any]:
    level = finding.three_level if finding.severity else None
    return {
        "probability_none": _rounded(level.probability_none) if level else None,
        "class": level.level.value if level else None,
        "grey_zone": level.grey_zone if level else None,
    }


def _asymmetry(measured: Asymmetry | None) -> dict[str, Any]:
    sides = ("eye_opening", "brow_height", "lip_corner")
    values = {f"{s}_percent": getattr(measured, f"{s}_percent", None) for s in sides}
    errors = {f"{s}_percent": getattr(measured, f"{s}_error", None) for s in sides}
    return {
        **{name: _rounded(value) for name, value in values.items()},
        "test_retest_error": {name: _rounded(value) for name, value in errors.items()},
        "positive_side": "the patient's left is larger or higher",
    }


def _frames(finding: Finding) -> dict[str, Any] | None:
    seen = finding.frames
    if seen is None:
        return None
    return {
        "frames": seen.frames,
        "accepted_frames": seen.accepted_frames,
        "median_percent": _rounded(seen.median_percent),
        "spread_percent": _rounded(seen.spread_percent),
        "movement": _rounded(seen.movement),
        "facing_away_share": _rounded(seen.facing_away_share),
    }


def _rounded(value: float | None) -> float | None:
    """Four decimals; ``None`` for what is not a number, which JSON does not know."""
    return None if value is None or not math.isfinite(value) else round(float(value), 4)

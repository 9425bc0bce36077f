"""The public JSON of one reading, as ``clinic-app screen --json`` prints it."""

from __future__ import annotations

from typing import Any

from clinic_app.domain.finding import Band, Finding

_MEANING = "visible depressive affect: what raters agree a face shows; not a clinical score"
_BANDS = [band.name.lower() for band in Band]


def finding_json(path: str, finding: Finding) -> dict[str, Any]:
    """One object of the array: snake_case names of the design's section 6."""
    return {
        "path": path,
        "source": finding.source.value,
        "source_sha256": finding.source_sha256,
        "captured_at": finding.captured_at.isoformat(),
        "quality": {
            "accepted": finding.quality.accepted,
            "reasons": [reason.value for reason in finding.quality.reasons],
            "scores": {name: _rounded(value) for name, value in finding.quality.scores.items()},
        },
        "severity": _severity(finding),
        "three_level": _three_level(finding),
        "emotions": {name: _rounded(value) for name, value in finding.emotions.items()},
        "asymmetry": _asymmetry(finding),
        "models": dict(finding.models),
        "timings_ms": {name: round(value, 3) for name, value in finding.timings_ms.items()},
        "frames": _frames(finding),
        "meaning": _MEANING,
    }


def _severity(finding: Finding) -> dict[str, Any]:
    reading = finding.severity or finding.raw
    return {
        "class": _BANDS[finding.severity.band] if finding.severity else None,
        "probabilities": (
            {name: _rounded(p) for name, p in zip(_BANDS, reading.probabilities, strict=True)}
            if reading
            else None
        ),
        "percent": _rounded(reading.percent) if reading else None,
        "interval": [_rounded(edge) for edge in reading.interval] if reading else None,
        "coverage": reading.coverage if reading else None,
        "sadness": _rounded(reading.sadness) if reading else None,
        "abstained": finding.abstained is not None,
        "reason": finding.abstained.value if finding.abstained else None,
    }


def _three_level(finding: Finding) -> dict[str, Any]:
    level = finding.three_level
    return {
        "probability_none": _rounded(level.probability_none) if level else None,
        "class": level.level.value if level and finding.severity else None,
        "grey_zone": level.grey_zone if level else None,
    }


def _asymmetry(finding: Finding) -> dict[str, Any] | None:
    measured = finding.asymmetry
    if measured is None:
        return None
    return {
        "eye_opening_percent": _rounded(measured.eye_opening_percent),
        "brow_height_percent": _rounded(measured.brow_height_percent),
        "lip_corner_percent": _rounded(measured.lip_corner_percent),
        "test_retest_error": {
            "eye_opening_percent": _rounded(measured.eye_opening_error),
            "brow_height_percent": _rounded(measured.brow_height_error),
            "lip_corner_percent": _rounded(measured.lip_corner_error),
        },
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
    return None if value is None else round(float(value), 4)

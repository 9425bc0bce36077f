"""The sentences of a reading on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from clinic_app.domain.finding import AbstainReason, Asymmetry, Finding, QualityReason

MEANING = (
    "What raters agree a face shows, as one observation beside the questionnaires;"
    " not a clinical score and not a finding about the person."
)

_ABSTAINED = {
    AbstainReason.QUALITY: "the picture is not good enough to read",
    AbstainReason.NO_FACE: "no face was found",
    AbstainReason.SEVERAL_FACES: "more than one face was found",
    AbstainReason.TOO_SMALL: "the face is too small",
    AbstainReason.DISAGREEMENT: "the picture as taken and evened out read differently",
    AbstainReason.LOW_CONFIDENCE: "the reading is too uncertain",
}

_QUALITY = {
    QualityReason.NO_FACE: "no face",
    QualityReason.SEVERAL_FACES: "more than one face",
    QualityReason.TOO_SMALL: "face too small",
    QualityReason.TOO_CLOSE: "face too close",
    QualityReason.OFF_CENTRE: "face off centre",
    QualityReason.CUT_OFF: "face cut off",
    QualityReason.NOT_FRONTAL: "face turned away",
    QualityReason.TILTED: "head tilted",
    QualityReason.TOO_DARK: "too dark",
    QualityReason.TOO_BRIGHT: "too bright",
    QualityReason.LOW_CONTRAST: "too little contrast",
    QualityReason.UNEVEN_LIGHT: "light from one side",
    QualityReason.BLURRED: "blurred",
    QualityReason.MOVING: "moving",
    QualityReason.EYES_CLOSED: "eyes closed",
}


def reading_lines(finding: Finding, beside: str = "") -> Iterator[str]:
    """A reading in a few lines; the first says the band or that there is none. ``beside`` has to
    be said beside the estimate of somebody who is known."""
    reading = finding.severity
    if reading is None:
        assert finding.abstained is not None
        yield f"Visible depressive affect: cannot tell, {_ABSTAINED[finding.abstained]}"
    else:
        low, high = reading.interval
        band = reading.band.name.lower()
        shares = zip(("none", "mild", "moderate", "severe"), reading.probabilities, strict=True)
        yield f"Visible depressive affect: {band} ({reading.percent:.0f}%, {low:.0f}-{high:.0f}%)"
        yield "Probabilities: " + ", ".join(f"{name} {share:.0%}" for name, share in shares)
    if beside:
        yield beside
    if finding.quality.reasons:
        yield "Quality: " + ", ".join(_QUALITY[reason] for reason in finding.quality.reasons)
    if reading is not None and finding.asymmetry is not None:
        yield "Asymmetry: " + _asymmetry(finding.asymmetry)


def _asymmetry(measured: Asymmetry) -> str:
    parts = (
        ("eye opening", measured.eye_opening_percent, "larger"),
        ("brow", measured.brow_height_percent, "higher"),
        ("lip corner", measured.lip_corner_percent, "higher"),
    )
    return ", ".join(
        f"{name} {abs(value):.1f}% {more} on the {'left' if value > 0 else 'right'}"
        for name, value, more in parts
    )

"""The estimate of visible depressive affect: an adjunct, and set as one."""

from __future__ import annotations

from clinic_app.domain.cautions import less_reliable
from clinic_app.domain.finding import (
    Asymmetry,
    Band,
    Finding,
    LocalReading,
    SeverityReading,
    probability_text,
)
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Panel, Space, Stack
from clinic_app.reports.layout.charts import interval_bar, probability_bar
from clinic_app.reports.layout.texts import Align, mixed, row, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.images import pictures
from clinic_app.reports.screening.numbers import Clock, percent
from clinic_app.services.report_data import ScreeningReport

_SIDES = {
    "Eye opening": ("larger on the patient’s left", "larger on the patient’s right"),
    "Brow height": ("higher on the patient’s left", "higher on the patient’s right"),
    "Lip corner": ("higher on the patient’s left", "higher on the patient’s right"),
}


def estimate(report: ScreeningReport, clock: Clock) -> Block:
    """Band, probabilities, interval, quality and where the numbers come from."""
    finding = report.screening.finding
    if report.withheld:
        return words(wording.ESTIMATE_WITHHELD, style.BODY_MUTED)
    if finding is None:
        off = not report.clinic.face_module_enabled
        return words(wording.ESTIMATE_OFF if off else wording.ESTIMATE_NONE, style.BODY_MUTED)
    reading = _abstained(finding) if finding.severity is None else _reading(finding.severity)
    kept = pictures(report)
    top: Block = Columns([reading, kept or Space(0)], [0.52, 0.48], 20)
    if finding.severity is None and kept is None:
        top = reading
    cautions = less_reliable(report.screening.cautions)
    small: list[Block] = [words(cautions, style.SMALL), Space(2)] if cautions else []
    if finding.local is not None:
        small += [words(_local(finding.local), style.SMALL), Space(2)]
    return Kept(Panel(Stack([top, Space(8), *small, *_details(finding, clock)]), style.PALE))


def _local(reading: LocalReading) -> str:
    """The clinic's own head, named, beside the estimate and never in its place."""
    return (
        f"Local head {reading.head}: {wording.BAND[reading.band]}, {reading.percent:.0f} % of the"
        " scale. An additional reading, fitted in this clinic on what doctors saw in pictures."
    )


def _reading(severity: SeverityReading) -> Block:
    low, high = severity.interval
    figures = (
        f"{severity.percent:.0f} % of the scale,"
        f" {percent(severity.coverage)} interval {low:.0f} to {high:.0f} %"
    )
    blocks: list[Block] = [
        words(wording.BAND[severity.band].capitalize(), style.CARD),
        words(figures, style.SMALL),
        Space(2),
        interval_bar(severity.percent, low, high),
        Space(5),
        words("Calibrated probability of each band", style.LABEL),
        Space(1),
    ]
    for band, share in zip(Band, severity.probabilities, strict=True):
        decided = band is severity.band
        look = style.SMALL_STRONG if decided else style.SMALL
        blocks.append(
            Columns(
                [
                    words(wording.BAND[band], look),
                    probability_bar(share, style.MUTED if decided else style.QUIET),
                    words(probability_text(share), look, Align.RIGHT),
                ],
                [0.24, 0.62, 0.14],
                4,
            )
        )
    return Stack(blocks)


def _abstained(finding: Finding) -> Block:
    blocks: list[Block] = [words(wording.CANNOT_TELL, style.CARD), Space(2)]
    if finding.abstained is not None:
        blocks.append(words(wording.ABSTAINED[finding.abstained], style.BODY))
    blocks += [Space(2), words(wording.CANNOT_TELL_IS_NORMAL, style.SMALL_MUTED)]
    return Stack(blocks)


def _details(finding: Finding, clock: Clock) -> list[Block]:
    """The small print, a row a subject."""
    rows = [
        ("Picture", f"{wording.SOURCE[finding.source]}, {clock.full(finding.captured_at)}"),
        ("Quality", _quality(finding)),
        ("Frames", _frames(finding)),
        ("Three-level reading", _three_level(finding)),
    ]
    blocks: list[Block] = [_small(label, text) for label, text in rows if text]
    if finding.asymmetry is not None:
        blocks.append(row("Asymmetry", _asymmetry(finding.asymmetry), style.SMALL))
    if finding.models:
        models = "; ".join(f"{name} {version}" for name, version in sorted(finding.models.items()))
        blocks.append(_small("Models", models))
    return blocks


def _small(label: str, text: str) -> Block:
    return row(label, words(text, style.SMALL), style.SMALL)


def _quality(finding: Finding) -> str:
    quality = finding.quality
    reasons = ", ".join(wording.QUALITY[reason] for reason in quality.reasons)
    verdict = "accepted" if quality.accepted else "not accepted"
    return f"{verdict}: {reasons}" if reasons else verdict


def _frames(finding: Finding) -> str:
    frames = finding.frames
    if frames is None:
        return ""
    parts = [f"{frames.accepted_frames} of {frames.frames} accepted"]
    if frames.median_percent is not None:
        parts.append(f"median {frames.median_percent:.0f} %")
    if frames.spread_percent is not None:
        parts.append(f"spread {frames.spread_percent:.0f} %")
    if frames.facing_away_share is not None:
        parts.append(f"facing away in {percent(frames.facing_away_share)}")
    return ", ".join(parts)


def _three_level(finding: Finding) -> str:
    reading = finding.three_level
    if reading is None:
        return ""
    text = wording.THREE_LEVEL_LINE.format(
        level=wording.THREE_LEVEL[reading.level],
        probability=probability_text(reading.probability_none),
    )
    return f"{text}; {wording.GREY_ZONE}" if reading.grey_zone else text


def _asymmetry(asymmetry: Asymmetry) -> Block:
    values = (
        ("Eye opening", asymmetry.eye_opening_percent, asymmetry.eye_opening_error),
        ("Brow height", asymmetry.brow_height_percent, asymmetry.brow_height_error),
        ("Lip corner", asymmetry.lip_corner_percent, asymmetry.lip_corner_error),
    )
    blocks: list[Block] = [_side(*value) for value in values]
    return Stack([*blocks, words(wording.ASYMMETRY_NOTE, style.LABEL)])


def _side(name: str, value: float, error: float) -> Block:
    """Positive is the patient's left (see ``domain.finding.Asymmetry``)."""
    side = _SIDES[name][0 if value > 0 else 1]
    amount = f"{abs(value):.1f} % {side}" if round(abs(value), 1) else "no difference"
    remark = f", {wording.WITHIN_ERROR}" if abs(value) <= 2 * error else ""
    return mixed(
        (f"{name}: ", style.SMALL),
        (amount, style.SMALL),
        (f" (± {error:.1f} %){remark}", style.LABEL),
    )

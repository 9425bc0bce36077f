"""The estimate of visible depressive affect: an adjunct, and set as one."""

from __future__ import annotations

from collections.abc import Sequence

from clinic_app.domain.cautions import CAUTIONS, LESS_RELIABLE, NOT_FOR_MINORS, Caution, in_order
from clinic_app.domain.finding import (
    Asymmetry,
    Band,
    Finding,
    LocalReading,
    SeverityReading,
    probability_text,
)
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Panel, Space, Stack
from clinic_app.reports.layout.charts import interval_bar, probability_bar
from clinic_app.reports.layout.texts import Align, mixed, row, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.images import pictures
from clinic_app.reports.screening.numbers import Clock, percent
from clinic_app.services.report_data import ScreeningReport

_LARGER = ("larger on the patient’s left", "larger on the patient’s right")
_HIGHER = ("higher on the patient’s left", "higher on the patient’s right")


def estimate(report: ScreeningReport, clock: Clock) -> Block:
    """Band, probabilities, interval, quality and where the numbers come from."""
    finding = report.screening.finding
    if report.withheld:
        return words(tr(wording.ESTIMATE_WITHHELD), style.BODY_MUTED)
    if finding is None:
        off = not report.clinic.face_module_enabled
        return words(tr(wording.ESTIMATE_OFF if off else wording.ESTIMATE_NONE), style.BODY_MUTED)
    reading = _abstained(finding) if finding.severity is None else _reading(finding.severity)
    kept = pictures(report)
    top: Block = Columns([reading, kept or Space(0)], [0.52, 0.48], 20)
    if finding.severity is None and kept is None:
        top = reading
    minor = report.patient.is_minor_on(clock.day(report.screening.started_at))
    cautions = _cautions(in_order(report.screening.cautions), minor=minor)
    small: list[Block] = [words(cautions, style.SMALL), Space(2)] if cautions else []
    if finding.local is not None:
        small += [words(_local(finding.local), style.SMALL), Space(2)]
    return Kept(Panel(Stack([top, Space(8), *small, *_details(finding, clock)]), style.PALE))


def _local(reading: LocalReading) -> str:
    """The clinic's own head, named, beside the estimate and never in its place."""
    return tr(wording.LOCAL_HEAD).format(
        head=reading.head, band=tr(wording.BAND[reading.band]), percent=f"{reading.percent:.0f}"
    )


def _cautions(cautions: Sequence[Caution], *, minor: bool) -> str:
    found = [tr(NOT_FOR_MINORS)] if minor else []
    if cautions:
        named = "; ".join(tr(CAUTIONS[one]) for one in cautions)
        found.append(tr(LESS_RELIABLE).format(cautions=named))
    return " ".join(found)


def _reading(severity: SeverityReading) -> Block:
    low, high = severity.interval
    figures = tr("{percent} % of the scale, {coverage} interval {low} to {high} %").format(
        percent=f"{severity.percent:.0f}",
        coverage=percent(severity.coverage),
        low=f"{low:.0f}",
        high=f"{high:.0f}",
    )
    blocks: list[Block] = [
        words(tr(wording.BAND[severity.band]).capitalize(), style.CARD),
        words(figures, style.SMALL),
        Space(2),
        interval_bar(severity.percent, low, high),
        Space(5),
        words(tr("Calibrated probability of each band"), style.LABEL),
        Space(1),
    ]
    for band, share in zip(Band, severity.probabilities, strict=True):
        decided = band is severity.band
        look = style.SMALL_STRONG if decided else style.SMALL
        blocks.append(
            Columns(
                [
                    words(tr(wording.BAND[band]), look),
                    probability_bar(share, style.MUTED if decided else style.QUIET),
                    words(probability_text(share), look, Align.RIGHT),
                ],
                [0.24, 0.62, 0.14],
                4,
            )
        )
    return Stack(blocks)


def _abstained(finding: Finding) -> Block:
    blocks: list[Block] = [words(tr(wording.CANNOT_TELL), style.CARD), Space(2)]
    if finding.abstained is not None:
        blocks.append(words(tr(wording.ABSTAINED[finding.abstained]), style.BODY))
    blocks += [Space(2), words(tr(wording.CANNOT_TELL_IS_NORMAL), style.SMALL_MUTED)]
    return Stack(blocks)


def _details(finding: Finding, clock: Clock) -> list[Block]:
    """The small print, a row a subject."""
    rows = [
        (tr("Picture"), f"{tr(wording.SOURCE[finding.source])}, {clock.full(finding.captured_at)}"),
        (tr("Quality"), _quality(finding)),
        (tr("Frames"), _frames(finding)),
        (tr("Three-level reading"), _three_level(finding)),
    ]
    blocks: list[Block] = [_small(label, text) for label, text in rows if text]
    if finding.asymmetry is not None:
        blocks.append(row(tr("Asymmetry"), _asymmetry(finding.asymmetry), style.SMALL))
    if finding.models:
        models = "; ".join(f"{name} {version}" for name, version in sorted(finding.models.items()))
        blocks.append(_small(tr("Models"), models))
    return blocks


def _small(label: str, text: str) -> Block:
    return row(label, words(text, style.SMALL), style.SMALL)


def _quality(finding: Finding) -> str:
    quality = finding.quality
    reasons = ", ".join(tr(wording.QUALITY[reason]) for reason in quality.reasons)
    verdict = tr("accepted") if quality.accepted else tr("not accepted")
    return f"{verdict}: {reasons}" if reasons else verdict


def _frames(finding: Finding) -> str:
    frames = finding.frames
    if frames is None:
        return ""
    accepted = tr("{accepted} of {frames} accepted")
    parts = [accepted.format(accepted=frames.accepted_frames, frames=frames.frames)]
    if frames.median_percent is not None:
        parts.append(tr("median {percent} %").format(percent=f"{frames.median_percent:.0f}"))
    if frames.spread_percent is not None:
        parts.append(tr("spread {percent} %").format(percent=f"{frames.spread_percent:.0f}"))
    if frames.facing_away_share is not None:
        away = percent(frames.facing_away_share)
        parts.append(tr("facing away in {share}").format(share=away))
    return ", ".join(parts)


def _three_level(finding: Finding) -> str:
    reading = finding.three_level
    if reading is None:
        return ""
    text = tr(wording.THREE_LEVEL_LINE).format(
        level=tr(wording.THREE_LEVEL[reading.level]),
        probability=probability_text(reading.probability_none),
    )
    return f"{text}; {tr(wording.GREY_ZONE)}" if reading.grey_zone else text


def _asymmetry(asymmetry: Asymmetry) -> Block:
    eye, eye_error = asymmetry.eye_opening_percent, asymmetry.eye_opening_error
    brow, brow_error = asymmetry.brow_height_percent, asymmetry.brow_height_error
    lip, lip_error = asymmetry.lip_corner_percent, asymmetry.lip_corner_error
    blocks: list[Block] = [
        _sided(tr("Eye opening"), _LARGER, eye, eye_error),
        _sided(tr("Brow height"), _HIGHER, brow, brow_error),
        _sided(tr("Lip corner"), _HIGHER, lip, lip_error),
        words(tr(wording.ASYMMETRY_NOTE), style.LABEL),
    ]
    return Stack(blocks)


def _sided(name: str, sides: tuple[str, str], value: float, error: float) -> Block:
    """Positive is the patient's left (see ``domain.finding.Asymmetry``)."""
    side = tr(sides[0] if value > 0 else sides[1])
    amount = f"{abs(value):.1f} % {side}" if round(abs(value), 1) else tr("no difference")
    remark = f", {tr(wording.WITHIN_ERROR)}" if abs(value) <= 2 * error else ""
    return mixed(
        (f"{name}: ", style.SMALL),
        (amount, style.SMALL),
        (f" (± {error:.1f} %){remark}", style.LABEL),
    )

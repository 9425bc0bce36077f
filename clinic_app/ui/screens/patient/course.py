"""What the chart of one person's course says; plain functions, no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from clinic_app.domain.change import Change, Direction, Total, reliable_changes
from clinic_app.domain.finding import Band
from clinic_app.domain.local_head import base_of
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import GAD7, INSTRUMENTS, PHQ9, Instrument, Response
from clinic_app.domain.screening import Screening
from clinic_app.domain.site import ReliableChange
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.strings import ABSTAIN_SENTENCES, BAND_LABELS, score_band_text, tr
from clinic_app.ui.widgets.course_chart import CoursePoint, Lane

ESTIMATE_TITLE = "Visible depressive affect: an extra from the picture, 0–100"
HIDDEN = "Not shown before you have recorded your own severity."


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One line of the table that says the same as the chart."""

    day: str
    scale: str
    value: str
    remark: str


def lanes_of(
    screenings: Iterable[Screening], withheld: Set[UUID], rule: ReliableChange
) -> tuple[Lane, ...]:
    """PHQ-9, GAD-7 and, apart from them and lesser, the estimate; oldest point first."""
    in_time = sorted(screenings, key=lambda one: (one.finished_at, one.id))
    return (
        _questionnaire(in_time, PHQ9, rule.phq9),
        _questionnaire(in_time, GAD7, rule.gad7),
        Lane(
            tr(ESTIMATE_TITLE),
            100,
            tuple(_estimates(in_time, withheld)),
            levels=(0, 50, 100),
            lesser=True,
        ),
    )


def reads_a_minor(screenings: Iterable[Screening], withheld: Set[UUID], patient: Patient) -> bool:
    """Whether the person was under 18 when one of the estimates that are shown was made."""
    return any(
        patient.is_minor_on(local_day(one.started_at))
        for one in screenings
        if one.id not in withheld and one.finding is not None and one.finding.severity is not None
    )


def left_out(screenings: Iterable[Screening]) -> int:
    """Answered questionnaires without a place on their scale: question 9 of the PHQ-9 was left out,
    or too much."""
    responses = (one for screening in screenings for one in screening.responses)
    return sum(not _on_scale(one, INSTRUMENTS[one.instrument]) for one in responses)


def _on_scale(response: Response, instrument: Instrument) -> bool:
    """A PHQ-8 is another scale."""
    score = response.score
    return score.total is not None and score.scale == instrument.title


def rows_of(lanes: Sequence[Lane]) -> list[CourseRow]:
    """Newest first, lane after lane."""
    return [
        CourseRow(_day(point.at), lane.title, point.label or tr("none"), point.spoken)
        for lane in lanes
        for point in reversed(lane.points)
    ]


def change_text(change: Change, threshold: int) -> str:
    """As in "reliable change: 6 points fewer since 3 Mar 2026 (rule: at least 5)"."""
    improved = change.direction is Direction.IMPROVED
    words = tr("{points} points fewer") if improved else tr("{points} points more")
    return tr("reliable change: {words} since {day} (rule: at least {threshold})").format(
        words=words.format(points=abs(change.points)), day=_day(change.since), threshold=threshold
    )


def mixes_models(screenings: Iterable[Screening], withheld: Set[UUID]) -> bool:
    """Whether the estimates that are shown are of different models."""
    shown = (one.finding for one in screenings if one.id not in withheld)
    return len({base_of(one) for one in shown if one is not None and one.severity is not None}) > 1


def _questionnaire(screenings: Sequence[Screening], instrument: Instrument, rule: int) -> Lane:
    found: list[tuple[datetime, Response]] = []
    for screening in screenings:
        response = screening.response(instrument.name)
        if response is None:
            continue
        if _on_scale(response, instrument):
            found.append((screening.finished_at, response))
    changes = _changes(found, rule)
    points = tuple(
        replace(
            _total_point(at, response, changes.get(number), rule),
            joined=number == 0 or _compares(found[number - 1][1], response),
        )
        for number, (at, response) in enumerate(found)
    )
    return Lane(
        instrument.title,
        instrument.maximum,
        points,
        levels=tuple(float(band.low) for band in instrument.bands),
        edges=tuple(band.low - 0.5 for band in instrument.bands[1:]),
        bands=tuple(
            ((band.low + band.high) / 2, score_band_text(band.label)) for band in instrument.bands
        ),
    )


def _compares(one: Response, other: Response) -> bool:
    """Whether two totals of one scale were asked in the same words."""
    return (one.version, one.language) == (other.version, other.language)


def _changes(found: Sequence[tuple[datetime, Response]], rule: int) -> dict[int, Change]:
    """Only totals of the same version and language are compared."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, (_, response) in enumerate(found):
        groups.setdefault((response.version, response.language), []).append(number)
    changes: dict[int, Change] = {}
    for numbers in groups.values():
        totals = [Total(found[one][0], found[one][1].score.total or 0) for one in numbers]
        for number, change in zip(numbers, reliable_changes(totals, rule), strict=True):
            if change is not None:
                changes[number] = change
    return changes


def _total_point(at: datetime, response: Response, change: Change | None, rule: int) -> CoursePoint:
    score = response.score
    parts = [
        tr("{day}: {total} of {maximum}, {band}").format(
            day=_day(at), total=score.total, maximum=score.maximum, band=score_band_text(score.band)
        )
    ]
    if score.prorated:
        parts.append(tr("prorated"))
    if change is not None:
        parts.append(change_text(change, rule))
    return CoursePoint(
        at,
        float(score.total or 0),
        str(score.total),
        "; ".join(parts),
        change=change.direction if change is not None else None,
    )


def _estimates(screenings: Sequence[Screening], withheld: Set[UUID]) -> Iterable[CoursePoint]:
    for one in screenings:
        day = _day(one.finished_at)
        if one.id in withheld:
            yield CoursePoint(one.finished_at, None, tr("hidden"), f"{day}: {tr(HIDDEN)}")
        elif one.finding is not None:
            reading = one.finding.severity
            if reading is None:
                reason = one.finding.abstained
                said = tr(ABSTAIN_SENTENCES[reason]) if reason is not None else ""
                yield CoursePoint(one.finished_at, None, tr("cannot tell"), f"{day}: {said}")
                continue
            low, high = reading.interval
            spoken = tr(
                "{day}: {band}, {percent} of 100, {coverage} % interval {low} to {high},"
                " model {version}"
            ).format(
                day=day,
                band=tr(BAND_LABELS[Band(reading.band)]),
                percent=round(reading.percent),
                coverage=round(100 * reading.coverage),
                low=round(low),
                high=round(high),
                version=one.finding.models.get("severity", tr("unknown")),
            )
            yield CoursePoint(
                one.finished_at, reading.percent, f"{round(reading.percent)}", spoken, low, high
            )


def _day(at: datetime) -> str:
    return day_text(local_day(at))

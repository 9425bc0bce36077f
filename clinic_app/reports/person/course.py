"""A person's course: the charts of the totals and, set lesser, of the face estimate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clinic_app.domain.cautions import NOT_FOR_MINORS, OF_DIFFERENT_MODELS
from clinic_app.domain.change import Standing, Total, newest_standing, reliable_changes
from clinic_app.domain.people import ClinicProfile
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.reports.language import band_text, tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Kept, Space, Stack
from clinic_app.reports.layout.course_chart import (
    BandEdge,
    Point,
    Reading,
    course_chart,
    estimate_chart,
)
from clinic_app.reports.layout.texts import mixed, words
from clinic_app.reports.person import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import CourseRow, Measured, PersonReport

Comparable = tuple[str, str, str]


def threshold(clinic: ClinicProfile, name: InstrumentName) -> int:
    """Points of a reliable change, as this clinic counts it."""
    rule = clinic.reliable_change
    return rule.phq9 if name is InstrumentName.PHQ9 else rule.gad7


def _same(measured: Measured) -> Comparable:
    """What two totals must share to be compared."""
    return (measured.scale, measured.version, measured.language)


def changes(
    rows: Sequence[CourseRow], name: InstrumentName, clinic: ClinicProfile
) -> dict[int, int]:
    """Points of the reliable change reached with a row (by its place), per comparable scale."""
    found: dict[int, int] = {}
    groups: dict[Comparable, list[tuple[int, Total]]] = {}
    for place, row in enumerate(rows):
        measured = row.measured(name)
        if measured is not None and measured.total is not None:
            total = Total(row.at, measured.total)
            groups.setdefault(_same(measured), []).append((place, total))
    for group in groups.values():
        reached = reliable_changes([total for _, total in group], threshold(clinic, name))
        for (place, _), change in zip(group, reached, strict=True):
            if change is not None:
                found[place] = change.points
    return found


def standing_of(
    rows: Sequence[CourseRow], until: CourseRow, name: InstrumentName, clinic: ClinicProfile
) -> Standing | None:
    """How the total of ``until`` stands to those before it, by the rule of the arrows; ``None``
    where nothing compares."""
    measured = until.measured(name)
    if measured is None or measured.total is None:
        return None
    totals = [
        Total(row.at, other.total)
        for row in rows[: rows.index(until) + 1]
        if (other := row.measured(name)) is not None
        and other.total is not None
        and _same(other) == _same(measured)
    ]
    return newest_standing(totals, threshold(clinic, name))


def points(
    rows: Sequence[CourseRow], name: InstrumentName, clinic: ClinicProfile, clock: Clock
) -> list[Point]:
    """What the chart draws of one questionnaire."""
    marked = changes(rows, name, clinic)
    drawn: list[Point] = []
    before: Comparable | None = None
    for place, row in enumerate(rows):
        measured = row.measured(name)
        if measured is None or measured.total is None:
            continue
        same = _same(measured)
        hollow = measured.prorated or measured.scale == "PHQ-8"
        day = clock.day(row.at)
        drawn.append(Point(day, measured.total, same == before, hollow, marked.get(place)))
        before = same
    return drawn


def span(rows: Sequence[CourseRow], clock: Clock) -> tuple[date, date]:
    """The first and the last day."""
    return clock.day(rows[0].at), clock.day(rows[-1].at)


def charts(report: PersonReport, clock: Clock, *, estimate: bool = True) -> Block:
    """One chart a questionnaire, then the estimate where there is one."""
    rows = report.course
    if not rows:
        return words(tr(wording.NONE_YET), style.BODY_MUTED)
    days = span(rows, clock)
    blocks: list[Block] = []
    for name in InstrumentName:
        drawn = points(rows, name, report.clinic, clock)
        if drawn:
            blocks += [_chart(name, drawn, days), Space(8)]
    if not blocks:
        return words(tr(wording.NO_TOTALS), style.BODY_MUTED)
    blocks.append(words(_rule(report.clinic), style.TINY))
    if estimate:
        lesser = _estimate(report, days, clock)
        blocks += [Space(10), lesser] if lesser is not None else []
    return Stack(blocks)


def _chart(name: InstrumentName, drawn: Sequence[Point], days: tuple[date, date]) -> Block:
    instrument = INSTRUMENTS[name]
    bands = [BandEdge(band.low, band_text(band.label)) for band in instrument.bands]
    scale = tr("0 to {maximum}").format(maximum=instrument.maximum)
    title = mixed((instrument.title, style.STRONG), (f"   {scale}", style.SMALL_MUTED))
    chart = course_chart(drawn, bands, instrument.maximum, days)
    return Kept(Stack([title, Space(1), chart]))


def _rule(clinic: ClinicProfile) -> str:
    rule = clinic.reliable_change
    return tr(wording.CHANGE).format(phq=rule.phq9, gad=rule.gad7)


def _estimate(report: PersonReport, days: tuple[date, date], clock: Clock) -> Block | None:
    rows = [row for row in report.course if row.estimate is not None]
    shown = [
        Reading(clock.day(row.at), row.estimate.percent, row.estimate.interval)
        for row in rows
        if row.estimate is not None and not row.estimate.withheld
    ]
    kept_back = len(rows) - len(shown)
    if not shown and not kept_back:
        return None
    title = mixed(
        (tr(wording.ESTIMATE), style.SMALL_STRONG),
        (f"   {tr(wording.ESTIMATE_TAG)}", style.TINY),
    )
    blocks: list[Block] = [title, Space(2)]
    if shown:
        blocks += [estimate_chart(shown, days), words(tr(wording.ESTIMATE_KEY), style.TINY)]
        if _mixed_models(rows):
            blocks.append(words(tr(OF_DIFFERENT_MODELS), style.TINY))
        if any(report.patient.is_minor_on(one.day) for one in shown):
            blocks.append(words(tr(NOT_FOR_MINORS), style.SMALL))
    if kept_back:
        blocks.append(words(tr(wording.WITHHELD).format(count=kept_back), style.TINY))
    return Kept(Stack(blocks))


def _mixed_models(rows: Sequence[CourseRow]) -> bool:
    estimates = (row.estimate for row in rows)
    return len({one.models for one in estimates if one and one.percent is not None}) > 1

"""Earlier screenings of the same person, in a small table and a line of totals."""

from __future__ import annotations

from clinic_app.domain.questionnaires import PHQ9, InstrumentName
from clinic_app.domain.screening import Screening
from clinic_app.reports.language import band_text, tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Rule, Space, Stack
from clinic_app.reports.layout.charts import sparkline
from clinic_app.reports.layout.texts import words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock, signed
from clinic_app.reports.screening.questionnaires import cuts
from clinic_app.services.report_data import ScreeningReport

_ROWS = 6
_POINTS = 24
_SHARES = (0.18, 0.36, 0.23, 0.23)


def history(report: ScreeningReport, clock: Clock) -> Block | None:
    """Newest first; ``None`` for a first screening."""
    current = report.screening
    earlier = [
        one
        for one in report.previous
        if one.id != current.id and one.finished_at <= current.finished_at
    ]
    before = sorted(earlier, key=lambda one: (one.finished_at, one.id), reverse=True)
    if not before:
        return None
    header = [words(text, style.LABEL) for text in ("", "PHQ-9", "GAD-7", tr("Clinician"))]
    table: list[Block] = [Columns(header, _SHARES, 4)]
    for one in before[:_ROWS]:
        table += [Rule(thickness=0.35), Space(1.6), _line(one, clock), Space(1.6)]
    if len(before) > _ROWS:
        more = tr("and {count} earlier").format(count=len(before) - _ROWS)
        table += [Space(2), words(more, style.LABEL)]
    chart = _chart(current, before, report.clinic.reliable_change.phq9, clock)
    body: Block = Stack(table)
    if chart is not None:
        body = Columns([Stack(table), chart], [0.6, 0.4], 22)
    return Kept(body)


def _line(screening: Screening, clock: Clock) -> Block:
    own = screening.judgement
    cells = [
        words(str(clock.day(screening.finished_at)), style.SMALL),
        words(_total(screening, InstrumentName.PHQ9), style.SMALL),
        words(_total(screening, InstrumentName.GAD7), style.SMALL),
        words("–" if own is None else tr(wording.JUDGEMENT[own.severity]), style.SMALL),
    ]
    return Columns(cells, _SHARES, 4)


def _total(screening: Screening, name: InstrumentName) -> str:
    response = screening.response(name)
    if response is None:
        return "–"
    score = response.score
    if score.total is None:
        return tr("no total")
    scale = f"{score.scale} " if score.scale == "PHQ-8" else ""
    return f"{scale}{score.total}  {band_text(score.band)}"


def _chart(current: Screening, before: list[Screening], rule: int, clock: Clock) -> Block | None:
    """PHQ-9 totals over time; only full PHQ-9s of one version and language are comparable."""
    latest = current.response(InstrumentName.PHQ9)
    if latest is None or latest.score.scale != "PHQ-9" or latest.score.total is None:
        return None
    comparable: list[tuple[Screening, int]] = [(current, latest.score.total)]
    for one in before:
        response = one.response(InstrumentName.PHQ9)
        if response is None or response.score.scale != "PHQ-9" or response.score.total is None:
            continue
        if (response.version, response.language) == (latest.version, latest.language):
            comparable.append((one, response.score.total))
    if len(comparable) < 2:
        return None
    shown = comparable[:_POINTS][::-1]
    ends = (str(clock.day(shown[0][0].finished_at)), str(clock.day(current.finished_at)))
    change = comparable[0][1] - comparable[1][1]
    since = tr("Change since {day}: {points}").format(
        day=clock.day(comparable[1][0].finished_at), points=signed(change, 0)
    )
    return Stack(
        [
            words(tr("PHQ-9 over time"), style.LABEL),
            sparkline([total for _, total in shown], PHQ9.maximum, cuts(PHQ9), ends),
            words(since, style.SMALL_STRONG),
            words(tr(wording.CHANGE_RULE).format(points=rule), style.TINY),
        ]
    )

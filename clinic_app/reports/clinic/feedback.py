"""Feedback: how the service is rated over time, without small numbers and without persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clinic_app.reports import parts
from clinic_app.reports.frame import DOT, Frame, data_line, document_text, press
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Drawing, Kept, Space, Stack
from clinic_app.reports.layout.charts import caption
from clinic_app.reports.layout.tables import table
from clinic_app.reports.layout.texts import filled, labelled, words
from clinic_app.reports.pdf.surface import Surface
from clinic_app.reports.screening.heading import section
from clinic_app.reports.screening.numbers import Clock
from clinic_app.reports.text.lines import Colour
from clinic_app.services.feedback_analysis import FeedbackAnalysis, Group
from clinic_app.services.report_data import FeedbackReport, document_id, fingerprint
from clinic_app.services.words import AGREEMENTS, INCIDENTS, TONES

TITLE = "Feedback analysis"
ABOUT = (
    "Counts below {smallest} are withheld, and with them a count from which they could be worked"
    " out. Only people who chose to answer are in here, so the figures describe them and nobody"
    " else."
    " Ratings are about the service, never about a result, and train no model."
)
NO_THEMES = "There are no words that at least {smallest} people wrote."
TONE_NOTE = (
    "Tone of the English texts as {reader} reads them; how well it reads feedback of patients was"
    " never measured."
)
CUT = "There are more texts than were read; the newest were."
_STARS = {1: "1 (poor)", 2: "2", 3: "3", 4: "4", 5: "5 (very good)"}
_HEIGHT = 92.0
_MOST_LABELS = 12


def feedback_pdf(report: FeedbackReport) -> bytes:
    """The PDF; equal data give equal bytes."""
    clock, sha256 = Clock.named(report.time_zone), fingerprint(report)
    document, found = str(document_id(sha256)), report.analysis
    months = _span(found)
    incidents = {tr(INCIDENTS[one]): count for one, count in found.incidents.items()}
    stars = {tr(_STARS[rating]): count for rating, count in found.distribution.items()}
    fits = {tr(AGREEMENTS[one]): count for one, count in found.agreement.items()}
    story = Stack(
        [
            parts.letterhead(report.clinic, tr(TITLE), clock.full(report.at)),
            Space(14),
            words(months, style.NAME),
            Space(5),
            _figures(found),
            Space(6),
            words(tr(ABOUT).format(smallest=found.smallest), style.SMALL_MUTED),
            section(tr("Ratings of the service"), _bars(stars, found.smallest)),
            section(tr("Month by month"), _months(found)),
            *(
                [section(tr("By clinic"), _groups(tr("Clinic"), found.by_clinic))]
                if found.by_clinic
                else []
            ),
            section(tr("Do results fit?"), _bars(fits, found.smallest)),
            section(tr("Incidents"), _incidents(incidents, found)),
            section(tr("What people write about"), _themes(found)),
            Space(12),
            filled(style.SMALL_MUTED, tr("Made by {name}"), name=report.author.name),
            parts.checks(sha256),
        ]
    )
    frame = Frame(
        report.clinic.page_size,
        DOT.join((tr("Feedback, {months}").format(months=months), document_text(document))),
        data_line(clock.full(report.at), report.program_version),
    )
    return press(story, frame, parts.properties(report, tr(TITLE), document))


def _span(found: FeedbackAnalysis) -> str:
    names = [group.name for group in found.by_month]
    first = found.months.first or (names[0] if names else "")
    last = found.months.last or (names[-1] if names else "")
    if not first or not last:
        return tr("All months")
    if first == last:
        return first
    return tr("{first} to {last}").format(first=first, last=last)


def _figures(found: FeedbackAnalysis) -> Block:
    mean = "–" if found.mean is None else tr("{mean} of 5").format(mean=f"{found.mean:.1f}")
    return Columns(
        [
            labelled(tr("Ratings"), _told(found.ratings, found.smallest), style.CARD),
            labelled(tr("Mean rating"), mean, style.CARD),
            labelled(tr("Months with ratings"), str(len(found.by_month)), style.CARD),
        ],
        [1, 1, 1],
        10,
    )


def _told(count: int | None, smallest: int) -> str:
    if count is not None:
        return str(count)
    return tr("withheld (below {smallest}, or beside one)").format(smallest=smallest)


def _bars(named: Mapping[str, int | None], smallest: int) -> Block:
    """One bar a name, as long as its share of the longest."""
    longest = max((count or 0 for count in named.values()), default=0) or 1
    rows: list[Block] = []
    for name, count in named.items():
        colour = style.QUIET if count is None else style.ACCENT
        bar = _bar(1.0 if count is None else count / longest, colour, hollow=count is None)
        look = style.SMALL_MUTED if count is None else style.SMALL_STRONG
        told = words(_told(count, smallest), look)
        rows += [Columns([words(name, style.SMALL), bar, told], [0.2, 0.5, 0.3], 8), Space(2)]
    return Kept(Stack(rows))


def _bar(share: float, colour: Colour, *, hollow: bool) -> Block:
    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        y = top - 8.6
        if hollow:  # a dashed line: there is something, but not how much
            for start in range(0, int(width), 8):
                surface.line([(x + start, y + 3), (x + start + 4, y + 3)], colour, 0.8)
        elif share:
            surface.rectangle(x, y, max(share * width, 1.0), 6.4, colour)

    return Drawing(10.8, paint)


def _months(found: FeedbackAnalysis) -> Block:
    if not found.by_month:
        return words(tr("There are no ratings in these months."), style.BODY_MUTED)
    note = words(tr("Months whose figures are withheld leave a gap and a dot."), style.TINY)
    return Stack(
        [
            Kept(_trend(found.by_month)),
            Space(6),
            _groups(tr("Month"), found.by_month),
            Space(2),
            note,
        ]
    )


def _groups(title: str, groups: Sequence[Group]) -> Block:
    rows = [
        (
            words(one.name, style.SMALL),
            words("·" if one.count is None else str(one.count), style.SMALL),
            words("·" if one.mean is None else f"{one.mean:.1f}", style.SMALL),
        )
        for one in groups
    ]
    return table((title, tr("Ratings"), tr("Mean rating")), rows, (0.6, 0.2, 0.2))


def _trend(months: Sequence[Group]) -> Block:
    """Mean ratings over the months; a month without figures leaves a gap."""

    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        left, right, bottom = x + 20, x + width - 8, top - _HEIGHT
        rise = (_HEIGHT - 8) / 4
        for stars in range(1, 6):
            y = bottom + (stars - 1) * rise
            surface.line([(left, y), (right, y)], style.HAIRLINE, 0.4)
            caption(surface, str(stars), x + 9, y - 2.2, style.TINY)
        step = (right - left - 24) / max(len(months) - 1, 1)
        every = -(-len(months) // _MOST_LABELS)
        before: tuple[float, float] | None = None
        for place, month in enumerate(months):
            across = left + 12 + place * step
            if place % every == 0:
                caption(surface, month.name, across, bottom - 10, style.TINY)
            point = None if month.mean is None else (across, bottom + (month.mean - 1) * rise)
            if point is not None:
                surface.dot(*point, 2.0, style.ACCENT)
                if before is not None:
                    surface.line([before, point], style.ACCENT, 1.0)
            before = point

    return Drawing(_HEIGHT + 14, paint)


def _incidents(named: Mapping[str, int], found: FeedbackAnalysis) -> Block:
    told = tr("{count} of them still open.").format(count=found.incidents_open)
    still = words(told, style.SMALL_MUTED)
    return Stack([_bars(named, found.smallest), still])


def _themes(found: FeedbackAnalysis) -> Block:
    blocks: list[Block] = []
    if found.themes:
        rows = [
            (words(one.words, style.SMALL), words(str(one.authors), style.SMALL))
            for one in found.themes
        ]
        blocks += [table((tr("Words"), tr("People who wrote them")), rows, (0.6, 0.4)), Space(6)]
    else:
        blocks += [words(tr(NO_THEMES).format(smallest=found.smallest), style.BODY_MUTED), Space(4)]
    if any(found.tones.values()):
        tones = {tr(TONES[one]): count for one, count in found.tones.items()}
        blocks.append(_bars(tones, found.smallest))
        blocks.append(words(tr(TONE_NOTE).format(reader=found.tone_reader), style.TINY))
    if found.cut:
        blocks.append(words(tr(CUT), style.TINY))
    return Stack(blocks)

"""PHQ-9 (or PHQ-8) and GAD-7: the total in its bands, and every item with its answer."""

from __future__ import annotations

from collections.abc import Sequence

from clinic_app.domain.questionnaires import (
    INSTRUMENTS,
    Instrument,
    InstrumentName,
    ItemNine,
    Response,
    Score,
)
from clinic_app.domain.wordings import ENGLISH, Wording
from clinic_app.reports.language import asked, band_text, spoken, tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Rule, Space, Stack
from clinic_app.reports.layout.charts import score_bar
from clinic_app.reports.layout.texts import Align, mixed, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport

_GAP = 22.0
_NARROW = (0.045, 0.545, 0.36, 0.05)
_WIDE = (0.025, 0.745, 0.2, 0.03)
"""Shares of a row's number, item, answer and value, for two cards in a row and for one."""


def questionnaires(report: ScreeningReport, clock: Clock) -> Block:
    """One card an instrument, two side by side."""
    order = [name for name in InstrumentName if report.screening.response(name)]
    shares = _WIDE if len(order) == 1 else _NARROW
    cards = [_card(response, clock, shares) for name in order if (response := _of(report, name))]
    if not cards:
        return words(tr(wording.NO_QUESTIONNAIRE), style.BODY_MUTED)
    stems = [words(text, style.SMALL_MUTED) for text in _stems(order)]
    return Kept(Stack([*stems, Space(7), Columns(cards, [1] * len(cards), _GAP)]))


def _stems(order: Sequence[InstrumentName]) -> list[str]:
    """What is asked before the items, once for each wording; English words of a report in another
    language say that they are."""
    printed = {one.stem: one for one in map(asked, order)}
    other = spoken().code != ENGLISH
    return [
        f"“{stem}” ({tr('English wording')})" if other and one.language == ENGLISH else f"“{stem}”"
        for stem, one in printed.items()
    ]


def _of(report: ScreeningReport, name: InstrumentName) -> Response | None:
    return report.screening.response(name)


def cuts(instrument: Instrument) -> list[float]:
    """Where the bands change, half-way between totals (4.5, 9.5, ...)."""
    return [band.low - 0.5 for band in instrument.bands[1:]]


def _card(response: Response, clock: Clock, shares: Sequence[float]) -> Block:
    score, instrument = response.score, INSTRUMENTS[response.instrument]
    how = f"{tr(wording.ANSWERED_BY[response.answered_by])}, {clock.time(response.completed_at)}"
    printed = asked(response.instrument)
    if (response.language, response.version) != (printed.language, printed.version):
        other = tr("asked in “{language}”, version {version}")
        other = other.format(language=response.language, version=response.version)
        how = f"{how}, {other}"
    title = Columns(
        [words(score.scale, style.CARD), words(how, style.SMALL_MUTED, Align.RIGHT, style.CARD)],
        [0.25, 0.75],
    )
    blocks: list[Block] = [title, _figure(score), Space(3)]
    blocks.append(score_bar(score.total, score.maximum, cuts(instrument)))
    for remark in _remarks(score):
        blocks += [Space(2), words(remark, style.SMALL)]
    blocks.append(Space(7))
    return Stack([*blocks, *_items(response, printed, shares)])


def _figure(score: Score) -> Block:
    if score.total is None:
        return mixed(("–", style.FIGURE), (f"   {tr('no total')}", style.STRONG))
    band = f"   {band_text(score.band)}" + (f", {tr('prorated')}" if score.prorated else "")
    return mixed(
        (str(score.total), style.FIGURE),
        (
            f"  {tr('of {maximum}', 'after a total').format(maximum=score.maximum)}",
            style.BODY_MUTED,
        ),
        (band, style.CARD),
    )


def _remarks(score: Score) -> list[str]:
    remarks = []
    if score.item_nine is ItemNine.NOT_ANSWERED:
        remarks.append(tr(wording.PHQ8 if score.total is not None else wording.PHQ8_PARTLY))
    # The PHQ-8 has lost item 9 already; only further gaps were filled or are too many.
    missing = score.missing - (score.item_nine is ItemNine.NOT_ANSWERED)
    if score.total is None:
        remarks.append(tr(wording.NOT_COMPUTED).format(missing=missing))
    elif score.prorated:
        one, several = tr(wording.ONE_PRORATED), tr(wording.PRORATED)
        remarks.append(one if missing == 1 else several.format(missing=missing))
    return remarks


def _items(response: Response, printed: Wording, shares: Sequence[float]) -> list[Block]:
    rows: list[Block] = []
    for number, (item, answer) in enumerate(
        zip(printed.items, response.answers, strict=True), start=1
    ):
        label = tr(wording.NOT_ANSWERED) if answer is None else printed.answers[answer]
        rows += _row(str(number), item, label, "–" if answer is None else str(answer), shares)
    if response.difficulty is not None:
        number_share, item_share, answer_share, value_share = shares
        spare = 0.3 * answer_share  # these answers are shorter
        wider = (number_share, item_share + spare, answer_share - spare, value_share)
        chosen = printed.difficulty_answers[response.difficulty]
        rows += _row("", printed.difficulty_item, chosen, "", wider)
    return rows


def _row(number: str, item: str, answer: str, value: str, shares: Sequence[float]) -> list[Block]:
    line = Columns(
        [
            words(number, style.SMALL_MUTED),
            words(item, style.SMALL),
            words(answer, style.LABEL, Align.RIGHT, style.SMALL),
            words(value, style.SMALL_STRONG, Align.RIGHT),
        ],
        shares,
        3,
    )
    return [Rule(thickness=0.35), Space(1.6), Kept(line), Space(1.6)]

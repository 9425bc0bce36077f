"""How a head stood against the shipped one and the one in use, as a small table."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from clinic_app.domain.local_head import Between, Comparison
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import label


def add_figures(box: QVBoxLayout, found: Comparison) -> None:
    """Local, shipped and local head in use side by side, with intervals."""
    about = tr("Look {look}: {cases} cases of {people} people, intervals cover {percent} %")
    box.addWidget(
        label(
            about.format(
                look=found.look,
                cases=found.cases,
                people=found.people,
                percent=f"{100 * found.coverage:.1f}",
            ),
            "small",
        )
    )
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * UNIT)
    grid.setVerticalSpacing(UNIT // 2)
    lines = _lines(found)
    for place, share in zip(range(len(lines[0])), (5, 3, 3, 4, 3, 4), strict=False):
        grid.setColumnStretch(place, share)
    for number, cells in enumerate(lines):
        for place, words in enumerate(cells):
            role = "small" if number == 0 or place == 0 else ""
            made = label(words, role)
            if number and place:
                made.setAccessibleName(f"{cells[0]}, {_column(lines[0], place)}: {words}")
            grid.addWidget(made, number, place)
    box.addLayout(grid)


def _lines(found: Comparison) -> list[tuple[str, ...]]:
    """The table, its head first."""
    lines: list[tuple[str, ...]] = [
        ("", tr("this head"), tr("shipped head"), tr("better by")),
        (
            tr("Weighted kappa with the doctors"),
            _between(found.kappa_local),
            _between(found.kappa_shipped),
            _between(found.kappa_gain),
        ),
        (
            tr("Ranked probability score (0 best)"),
            f"{found.score_loss_local:.3f}",
            f"{found.score_loss_shipped:.3f}",
            _between(found.score_loss_gain, 3),
        ),
        (
            tr("Calibration error"),
            f"{found.calibration_error_local:.3f}",
            f"{found.calibration_error_shipped:.3f}",
            "",
        ),
    ]
    met = found.champion
    if met is None:
        return lines
    beside = (
        (tr("{head}, in use then").format(head=met.version), tr("better by")),
        (_between(met.kappa), _between(met.kappa_gain)),
        (f"{met.score_loss:.3f}", _between(met.score_loss_gain, 3)),
        (f"{met.calibration_error:.3f}", ""),
    )
    return [(*one, *more) for one, more in zip(lines, beside, strict=True)]


def _column(heads: tuple[str, ...], place: int) -> str:
    """What a figure is of: a gain is named with the head that it is over."""
    return (
        f"{heads[place]} · {heads[place - 1]}" if heads[place] == tr("better by") else heads[place]
    )


def _between(one: Between, digits: int = 2) -> str:
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} {tr('to')} {one.high:.{digits}f})"

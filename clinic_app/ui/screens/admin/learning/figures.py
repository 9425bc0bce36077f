"""How a head stood against the shipped one, as a small table."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from clinic_app.domain.local_head import Between, Comparison
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import label


def add_figures(box: QVBoxLayout, found: Comparison) -> None:
    """Local and shipped head side by side, with intervals."""
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
    for place, share in enumerate((5, 3, 3, 4)):
        grid.setColumnStretch(place, share)
    lines = (
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
    )
    for number, cells in enumerate(lines):
        for place, words in enumerate(cells):
            role = "small" if number == 0 or place == 0 else ""
            made = label(words, role)
            if number and place:
                made.setAccessibleName(f"{cells[0]}, {lines[0][place]}: {words}")
            grid.addWidget(made, number, place)
    box.addLayout(grid)


def _between(one: Between, digits: int = 2) -> str:
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} {tr('to')} {one.high:.{digits}f})"

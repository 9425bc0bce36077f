"""The lighting ablation as a small table; a look and a decision in a few words."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from clinic_app.domain.reference_look import Ablation, LookEventKind, ReferenceLook, Stability
from clinic_app.services.look_data import LookDecision
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.screens.studio.words import reference_name
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import label


def add_figures(box: QVBoxLayout, found: Ablation) -> None:
    """Raw, the look in use and the new one side by side; smaller is steadier."""
    box.addWidget(
        label(
            tr(
                "Faces: {faces}; synthetic lights: {lights}, of them within 60 degrees: {within}"
            ).format(faces=found.faces, lights=found.lights, within=found.lights_within),
            "small",
        )
    )
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * UNIT)
    grid.setVerticalSpacing(UNIT // 2)
    for place, share in enumerate((5, 3, 3, 3)):
        grid.setColumnStretch(place, share)
    ways = (found.raw, found.present, found.candidate)
    lines = (
        ("", tr("not evened out"), tr("look in use"), tr("this look")),
        (tr("Spread of the reading"), *(f"{one.spread:.3f}" for one in ways)),
        (tr("Band flips, all lights"), *(_flips(one) for one in ways)),
        (tr("Band flips, up to 60 degrees"), *(f"{one.flips_within:.3f}" for one in ways)),
    )
    for number, cells in enumerate(lines):
        for place, words in enumerate(cells):
            role = "small" if number == 0 or place == 0 else ""
            if number and place == 3:
                role = "strong"
            made = label(words, role)
            if number and place:
                made.setAccessibleName(f"{cells[0]}, {lines[0][place]}: {words}")
            grid.addWidget(made, number, place)
    box.addLayout(grid)
    box.addWidget(
        label(
            tr("Readings in a face's own light move by {shift} on the mean.").format(
                shift=f"{found.shift:.3f}"
            ),
            "small",
        )
    )


def recipe_words(look: ReferenceLook) -> str:
    """The blend and its strength."""
    parts = [
        f"{reference_name(name)} {round(100 * share)} %"
        for name, share in look.recipe.weights.items()
    ]
    return tr("{blend}; strength {percent} %").format(
        blend=", ".join(parts), percent=round(100 * look.recipe.strength)
    )


def decision_words(one: LookDecision) -> str:
    """Who adopted which look or went back to it, when and why."""
    adopted = one.kind is LookEventKind.ADOPTED
    words = (
        tr("{look} adopted by {name}, {day}: {reason}")
        if adopted
        else tr("Back to {look} by {name}, {day}: {reason}")
    )
    return words.format(
        look=one.look or tr("the look that ships with the program"),
        name=one.who or tr("A colleague"),
        day=day_text(local_day(one.at)),
        reason=one.text,
    )


def _flips(one: Stability) -> str:
    return f"{one.flips:.3f}"

"""The look in use, who decided so and why, and the looks that were measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from clinic_app.domain.reference_look import OBJECTION_TEXTS, ReferenceLook
from clinic_app.services.look_data import LookRow, LookState
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.screens.studio.look.figures import add_figures, decision_words, recipe_words
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, card, clear, column, label, line, row

NEWEST, DECIDED = 8, 3
"""Measured looks and decisions that are shown at first."""


class MeasuredLooks(QWidget):
    """``adopt`` is asked for a look, ``back`` for the step back."""

    def __init__(
        self, adopt: Callable[[ReferenceLook], object], back: Callable[[], object]
    ) -> None:
        super().__init__()
        self._adopt = adopt
        self._state: LookState | None = None
        self._listed: tuple[object, ...] = ()
        self._newest_alone = True
        holder, box = card(margin=2, gap=1)
        column(self).addWidget(holder)
        across = row(gap=2)
        words = column(gap=0)
        words.addWidget(label(tr("In use"), "caption"))
        self._in_use = label("", "strong")
        words.addWidget(self._in_use)
        self._idle = label("", "caution")
        words.addWidget(self._idle)
        across.addLayout(words, 1)
        self.back = button(tr("One step back…"), "", back)
        across.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(across)
        self._decided = column(gap=0)
        box.addLayout(self._decided)
        box.addWidget(line())
        box.addWidget(label(tr("Measured looks"), "heading"))
        self._none = label(
            tr(
                "Nothing was measured yet. A look can be adopted when it was measured on the sample"
                " portrait and photos of four other people, and is as steady under light as the one"
                " in use."
            ),
            "muted",
        )
        box.addWidget(self._none)
        self._rows = column(gap=2)
        box.addLayout(self._rows)
        self.all = button(tr("Show all looks and decisions"), "link", self._show_all)
        self.all.hide()
        box.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)

    def show_state(self, state: LookState) -> None:
        if state.in_use is None:
            self._in_use.setText(tr("The look that ships with the program"))
        else:
            self._in_use.setText(f"{state.in_use.version}: {recipe_words(state.in_use)}")
        self._idle.setVisible(state.idle is not None)
        if state.idle is not None:
            self._idle.setText(
                tr(
                    "{look} is adopted, but was measured with other models than those in use, so"
                    " pictures are read without it. Please measure a look again."
                ).format(look=state.idle.version)
            )
        self.back.setVisible(state.can_go_back)
        self._state = state
        self._show_lists(state)
        self._none.setVisible(not state.rows)

    def _show_lists(self, state: LookState) -> None:
        """The newest of each at first."""
        most = (NEWEST, DECIDED) if self._newest_alone else (len(state.rows), len(state.decisions))
        rows, decisions = state.rows[: most[0]], state.decisions[: most[1]]
        hidden = len(state.rows) + len(state.decisions) - len(rows) - len(decisions)
        if (rows, decisions) != self._listed:
            self._listed = (rows, decisions)
            clear(self._rows)
            for number, one in enumerate(rows):
                if number:
                    self._rows.addWidget(line())
                self._rows.addWidget(self._row(one))
            clear(self._decided)
            if decisions:
                self._decided.addWidget(label(tr("Decisions"), "caption"))
            for decision in decisions:
                self._decided.addWidget(label(decision_words(decision), "small"))
        self.all.setVisible(hidden > 0)

    def _show_all(self) -> None:
        self._newest_alone = False
        if self._state is not None:
            self._show_lists(self._state)

    def _row(self, one: LookRow) -> QFrame:
        holder = QFrame()
        box = column(holder, gap=1)
        across = row()
        words = tr("{look}, measured {day}").format(
            look=one.look.version, day=day_text(local_day(one.look.measured_at))
        )
        across.addWidget(label(words, "strong"), 1)
        if one.in_use:
            across.addWidget(label(tr("in use"), "badge-accent", wrap=False))
        box.addLayout(across)
        box.addWidget(label(recipe_words(one.look), "muted"))
        add_figures(box, one.look.measurement.figures)
        if one.look.measurement.different_people:
            said = tr("Whoever measured it said that every face is of another person.")
            box.addWidget(label(said, "small"))
        if one.in_use:
            return holder
        for why in one.against:
            box.addWidget(label(tr(OBJECTION_TEXTS[why]), "caution"))
        across = row()
        adopt = button(tr("Adopt…"), "", partial(self._adopt, one.look))
        adopt.setAccessibleName(tr("Adopt {look}").format(look=one.look.version))
        adopt.setEnabled(not one.against)
        across.addWidget(adopt)
        across.addStretch(1)
        box.addLayout(across)
        return holder

"""One conflict: its versions side by side, field by field, and the ways to settle it."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton

from clinic_app.services.sync_data import WAYS, Conflict, ConflictKind, Resolution, Version
from clinic_app.ui.screens.conflicts.differences import Compared
from clinic_app.ui.screens.conflicts.marked_text import MarkedText
from clinic_app.ui.screens.conflicts.words import (
    KEEP_BOTH_TIPS,
    KEEP_BOTH_WORDS,
    KIND_MEANINGS,
    KIND_TITLES,
    about_conflict,
    field_label,
    who_and_where,
    writer_of,
    written_by,
)
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import button, column, frame, label, row
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.states import picture

_BREAK_AT = 760
"""Width in pixels at 100% text size below which the versions stand under each other."""


class Actions(Protocol):
    """What a card can ask for."""

    def choose(self, conflict: Conflict, version: Version) -> None: ...
    def write(self, conflict: Conflict) -> None: ...
    def keep_both(self, conflict: Conflict) -> None: ...
    def move_one(self, conflict: Conflict, version: Version) -> None:
        """Open the appointment of this version."""

    def open_patient(self, conflict: Conflict) -> None: ...


class ConflictCard(Fitted, QFrame):
    def __init__(self, found: Compared, actions: Actions) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._found = found
        self._actions = actions
        conflict = found.conflict
        self.setAccessibleName(f"{tr(KIND_TITLES[conflict.kind])}: {self._about()}")
        box = column(self, margin=3, gap=2)
        box.addLayout(self._top())
        meaning = conflict.barred.text(tr) if conflict.barred else tr(KIND_MEANINGS[conflict.kind])
        box.addWidget(label(meaning, "muted"))
        if found.rows and conflict.kind is not ConflictKind.OVERLAP:
            box.addWidget(label(tr("Underlined words differ."), "small"))
        self._grid = QGridLayout()
        self._grid.setSpacing(2 * UNIT)
        self._versions = [
            self._version(number, one) for number, one in enumerate(conflict.versions)
        ]
        box.addLayout(self._grid)
        foot = Flow()
        ways = self._ways
        if Resolution.MERGE in ways and found.rows:  # nobody puts words together unread
            addendum = conflict.kind is ConflictKind.DOUBLE_SIGNED
            words = tr("Write an addendum…") if addendum else tr("Write what holds…")
            foot.add(self._named(button(words, "primary", partial(actions.write, conflict))))
        if Resolution.KEEP_BOTH in ways:
            words = tr(KEEP_BOTH_WORDS[conflict.kind])
            both = button(words, "", partial(actions.keep_both, conflict))
            both.setToolTip(tr(KEEP_BOTH_TIPS[conflict.kind]))
            foot.add(self._named(both))
        if ways:
            box.addWidget(foot)
        self._stacked: bool | None = None
        self.fit()

    # --- inside ------------------------------------------------------------------------------

    @property
    def _ways(self) -> tuple[Resolution, ...]:
        """None for a draft that somebody else settles, unread here."""
        conflict = self._found.conflict
        return () if conflict.barred else WAYS[conflict.kind]

    def _about(self) -> str:
        return about_conflict(self._found.conflict)

    def _named(self, made: QPushButton) -> QPushButton:
        words = made.text().replace("&&", "&")
        made.setAccessibleName(f"{words} {self._about()}")
        return made

    def _top(self) -> QHBoxLayout:
        conflict = self._found.conflict
        across = row(gap=2)
        across.addWidget(picture("versions", 24, "warning"), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(2)
        words.addWidget(label(tr(KIND_TITLES[conflict.kind]), "caption"))
        words.addWidget(label(self._about(), "heading"))
        across.addLayout(words, 1)
        if conflict.patient_id is not None:
            record = button(
                tr("Record", "noun"), "quiet", partial(self._actions.open_patient, conflict)
            )
            record.setAccessibleName(
                tr("Open the record of {name}, {title}").format(
                    name=conflict.patient_name, title=conflict.title
                )
            )
            across.addWidget(record, 0, Qt.AlignmentFlag.AlignTop)
        return across

    def _version(self, number: int, one: Version) -> QFrame:
        made = frame("sunken")
        who = who_and_where(one)
        made.setAccessibleName(tr("Version of {who}").format(who=who))
        box = column(made, margin=2, gap=1)
        box.addWidget(label(writer_of(one), "strong"))
        box.addWidget(label(written_by(one), "small"))
        for field in self._found.rows:
            caption = field_label(field.name)
            box.addWidget(label(caption, "caption"))
            runs = field.texts[number]
            if runs is None or not any(text for text, _ in runs):
                box.addWidget(label(tr("(nothing)"), "muted"))
            else:
                box.addWidget(MarkedText(caption, runs))
        box.addStretch(1)
        pressed = self._choice(one)
        if pressed is not None:
            pressed.setAccessibleName(
                f"{pressed.text().replace('&&', '&')}: {who}, {self._about()}"
            )
            box.addWidget(pressed, 0, Qt.AlignmentFlag.AlignLeft)
        return made

    def _choice(self, one: Version) -> QPushButton | None:
        conflict = self._found.conflict
        if conflict.kind is ConflictKind.OVERLAP:
            return button(
                tr("Move or cancel this one…"), "", partial(self._actions.move_one, conflict, one)
            )
        if Resolution.CHOOSE in self._ways:
            return button(tr("This holds"), "", partial(self._actions.choose, conflict, one))
        return None

    def fit(self) -> None:
        stacked = self.width() < scaled(_BREAK_AT)
        if stacked is self._stacked:
            return
        self._stacked = stacked
        wide = 1 if stacked else 2
        for number, one in enumerate(self._versions):
            self._grid.addWidget(one, number // wide, number % wide)
        for place in range(2):
            self._grid.setColumnStretch(place, 1 if place < wide else 0)

"""Consent, purpose by purpose: switches that are recorded together, on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose, offered
from clinic_app.services.consent_texts import PURPOSE_LABELS, PURPOSE_MEANINGS
from clinic_app.ui.consent_words import asked_text
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.strings import PURPOSE_TEXTS, PURPOSE_WITHDRAWALS, tr
from clinic_app.ui.widgets.basics import button, clear, column, frame, label, line, restyle, row
from clinic_app.ui.widgets.fields import Field, choice, text_edit
from clinic_app.ui.widgets.languages import Original
from clinic_app.ui.widgets.switch import Switch

Record = Callable[[Mapping[Purpose, bool], GivenBy, str], None]


class ConsentPanel(QWidget):
    """Nothing is recorded before "Record": a slip of the hand leaves no trace."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record
        self._state: Mapping[Purpose, bool] = {}
        self._sent: Mapping[Purpose, bool] = {}
        self._switches: dict[Purpose, Switch] = {}
        self._said: dict[Purpose, QLabel] = {}
        self._rows: dict[Purpose, QWidget] = {}
        box = column(self, gap=2)
        box.addWidget(label(tr("Consent"), "heading"))
        self._off = label(
            tr("Pictures are switched off for this place of work, so there is nothing to ask."),
            "muted",
        )
        self._off.hide()
        box.addWidget(self._off)
        for purpose in Purpose:
            self._rows[purpose] = self._row(purpose)
            box.addWidget(self._rows[purpose])
        box.addWidget(Original(list(PURPOSE_TEXTS)))
        self._pending = self._pending_part()
        box.addWidget(self._pending)

    def show_consent(
        self,
        state: Mapping[Purpose, bool],
        events: list[ConsentEvent],
        *,
        face_on: bool,
        in_group: bool,
        minor: bool,
    ) -> None:
        """The state in the store; ``events`` oldest first say since when. What was changed and not
        recorded yet stays changed: the page is read again for many reasons."""
        asked = offered(state, face_on=face_on, in_group=in_group)
        pending = {one: yes for one, yes in self.changes.items() if one in asked}
        if not pending:
            self.given_by.setCurrentIndex(int(minor))
        self._state = state
        since = {event.purpose: event for event in events}
        self._off.setVisible(not face_on)
        for purpose, switch in self._switches.items():
            switch.blockSignals(True)
            switch.setChecked(pending.get(purpose, state.get(purpose, False)))
            switch.blockSignals(False)
            self._rows[purpose].setVisible(purpose in asked)
            self._say(purpose, since.get(purpose))
        self._show_pending()

    def show_recorded(self) -> None:
        """What was sent is in the store, the remark with it."""
        self._state = {**self._state, **self._sent}
        self.note.clear()
        self._hold(False)
        self._show_pending()

    def show_refused(self) -> None:
        """It is not recorded; what was chosen stays."""
        self._hold(False)

    @property
    def changes(self) -> dict[Purpose, bool]:
        """What the switches say that the store does not."""
        return {
            purpose: switch.isChecked()
            for purpose, switch in self._switches.items()
            if switch.isChecked() is not self._state.get(purpose, False)
        }

    def switch_of(self, purpose: Purpose) -> Switch:
        return self._switches[purpose]

    @property
    def pending(self) -> QFrame:
        """The part that asks for confirmation; hidden while nothing is changed."""
        return self._pending

    def _row(self, purpose: Purpose) -> QWidget:
        made = QWidget()
        switch = Switch(tr(PURPOSE_LABELS[purpose]))
        switch.setAccessibleDescription(tr(PURPOSE_MEANINGS[purpose]))
        switch.toggled.connect(self._show_pending)
        self._switches[purpose] = switch
        words = column()
        words.setSpacing(2)
        words.addWidget(label(tr(PURPOSE_LABELS[purpose]), "strong"))
        words.addWidget(label(tr(PURPOSE_MEANINGS[purpose]), "small"))
        said = label("", "small")
        self._said[purpose] = said
        words.addWidget(said)
        across = row(made, gap=2)
        across.addLayout(words, 1)
        across.addWidget(switch, 0, Qt.AlignmentFlag.AlignTop)
        return made

    def _say(self, purpose: Purpose, event: ConsentEvent | None) -> None:
        said = self._said[purpose]
        if event is None:
            said.setText(tr("Not asked yet"))
        else:
            day = day_text(local_day(event.recorded_at))
            words = tr("Agreed on {day}") if event.granted else tr("Not agreed on {day}")
            said.setText(f"{words.format(day=day)} · {asked_text(event)}")
        said.setProperty("role", "small-good" if event is not None and event.granted else "small")
        restyle(said)

    def _pending_part(self) -> QFrame:
        made = frame("info")
        box = column(made, margin=2, gap=2)
        self._consequences = column(gap=1)
        box.addLayout(self._consequences)
        self.given_by = choice(
            (
                (tr("The patient"), GivenBy.PATIENT),
                (tr("A parent or guardian"), GivenBy.GUARDIAN),
            )
        )
        box.addWidget(Field(tr("Who decides"), self.given_by))
        self.note = text_edit(limit=500)
        box.addWidget(Field(tr("Remark"), self.note, optional=True))
        buttons = row()
        self.undo = button(tr("Undo"), "", self._take_back)
        self.record = button(tr("Record"), "primary", self._send)
        self.record.setAccessibleName(tr("Record the consent"))
        buttons.addWidget(self.undo)
        buttons.addStretch(1)
        buttons.addWidget(self.record)
        box.addLayout(buttons)
        made.hide()
        return made

    def _show_pending(self) -> None:
        changes = self.changes
        clear(self._consequences)
        for purpose, granted in changes.items():
            words = tr(PURPOSE_LABELS[purpose])
            if granted:
                self._consequences.addWidget(label(tr("Agrees: {purpose}").format(purpose=words)))
                continue
            self._consequences.addWidget(
                label(tr("Withdraws: {purpose}").format(purpose=words), "strong")
            )
            self._consequences.addWidget(label(tr(PURPOSE_WITHDRAWALS[purpose])))
        if changes:
            self._consequences.addWidget(line())
        self._pending.setVisible(bool(changes))

    def _take_back(self) -> None:
        for purpose, switch in self._switches.items():
            switch.setChecked(self._state.get(purpose, False))

    def _send(self) -> None:
        changes = self.changes
        # What was never asked for and stays off is recorded as refused only when it was changed.
        if changes:
            self._sent = changes
            self._hold(True)
            self._record(changes, GivenBy(self.given_by.currentData()), self.note.text())

    def _hold(self, held: bool) -> None:
        """While it is being recorded nothing of it can be taken back or changed."""
        for one in (*self._switches.values(), self.given_by, self.undo, self.record):
            one.setEnabled(not held)
        self.note.setReadOnly(held)

"""The card at the top of the page: how sync stands in one line, the facts, and a round by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.services.sync_data import RoundProgress, SyncStatus
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import near_text
from clinic_app.ui.shell.rounds import SyncState
from clinic_app.ui.strings import tr
from clinic_app.ui.sync_words import (
    advice_for,
    clock_off_text,
    is_quiet,
    progress_line,
    waiting_here,
    waiting_text,
)
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import button, clear, column, icon_button, label, row
from clinic_app.ui.widgets.states import picture


class Standing(QFrame):
    def __init__(self, sync_now: Callable[[], object], stop: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(tr("How sync stands"))
        self._stop = stop
        self._asked_to_stop = False
        box = column(self, margin=3, gap=2)
        top = row(gap=2)
        self._sign = row()
        top.addLayout(self._sign)
        words = column()
        words.setSpacing(4)
        self.heading = label("", "heading")
        self.advice = label("", "muted")
        words.addWidget(self.heading)
        words.addWidget(self.advice)
        top.addLayout(words, 1)
        self.now = icon_button(tr("Sync now"), "sync", "primary", sync_now)
        top.addWidget(self.now, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(top)
        self._working = self._working_part()
        box.addWidget(self._working)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(2 * UNIT)
        self._facts.setVerticalSpacing(UNIT // 2)
        self._facts.setColumnStretch(1, 1)
        box.addLayout(self._facts)
        self.clock = label("", "caution")
        self.clock.hide()
        box.addWidget(self.clock)
        self.remark = label("", "muted")
        self.remark.hide()
        box.addWidget(self.remark)
        self._drawn: tuple[str, str] | None = None

    def show_state(self, state: SyncState) -> None:
        """Only called once a centre is joined."""
        status = state.status
        assert status is not None
        drawing, tone, heading, advice = standing_of(state)
        self._draw(drawing, tone)
        self.heading.setText(heading)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self._show_progress(state.progress)
        self._show_facts(status, utc_now())
        off = state.clock_off_seconds
        self.clock.setText(clock_off_text(off) if off is not None else "")
        self.clock.setVisible(off is not None)
        remark = state.remark
        self.remark.setText("" if remark is None else remark.text(tr))
        self.remark.setVisible(remark is not None)

    # --- inside ------------------------------------------------------------------------------

    def _working_part(self) -> QWidget:
        holder = QWidget()
        across = row(holder, gap=2)
        words = column()
        words.setSpacing(4)
        self.doing = label("", "small")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("How much of this step is done"))
        words.addWidget(self.bar)
        words.addWidget(self.doing)
        across.addLayout(words, 1)
        self.cancel = button(tr("Cancel"), "", self._ask_to_stop)
        self.cancel.setAccessibleName(tr("Cancel this round"))
        across.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignTop)
        holder.hide()
        return holder

    def _ask_to_stop(self) -> None:
        self._asked_to_stop = True  # a resting button loses the keyboard
        self.cancel.setEnabled(False)
        self._stop()

    def _show_progress(self, progress: RoundProgress | None) -> None:
        running = progress is not None
        began = running and self._working.isHidden()
        focused = self.now.hasFocus() or self.cancel.hasFocus() or self._asked_to_stop
        self.now.setEnabled(not running)
        self._working.setVisible(running)
        if began:
            self.cancel.setEnabled(True)
        if not running:
            self._asked_to_stop = False
        if focused and not (running and self._asked_to_stop):
            (self.cancel if running else self.now).setFocus(Qt.FocusReason.OtherFocusReason)
        if progress is None:
            return
        self.bar.setRange(0, 1000 if progress.share else 0)
        self.bar.setValue(round(1000 * progress.share))
        words = progress_line(progress)
        self.doing.setText(words[:1].upper() + words[1:])

    def _show_facts(self, status: SyncStatus, now: datetime) -> None:
        changes = waiting_text(status.pending) if status.pending else ""
        pictures = tr("{number} pictures").format(number=number_text(status.pending_images))
        parts = [changes, pictures if status.pending_images else ""]
        waiting = " · ".join(part for part in parts if part) or tr("nothing")
        facts = (
            (
                tr("Last success"),
                near_text(status.last_success, now) if status.last_success else tr("never"),
            ),
            (tr("Last try"), near_text(status.last_try, now) if status.last_try else tr("never")),
            (tr("Waiting here"), waiting),
        )
        if not self._facts.count():
            self._values = [label("", "strong") for _ in facts]
            for number, (caption, _) in enumerate(facts):
                self._facts.addWidget(label(caption, "muted", wrap=False), number, 0)
                self._facts.addWidget(self._values[number], number, 1)
        for value, (_, text) in zip(self._values, facts, strict=True):
            value.setText(text)

    def _draw(self, drawing: str, tone: str) -> None:
        if self._drawn == (drawing, tone):
            return
        self._drawn = (drawing, tone)
        clear(self._sign)
        self._sign.addWidget(picture(drawing, 32, tone), 0, Qt.AlignmentFlag.AlignTop)


def standing_of(state: SyncState) -> tuple[str, str, str, str]:
    """(drawing, tone, heading, what to do)."""
    status = state.status
    assert status is not None
    if state.progress is not None:
        return "sync", "accent", tr("Syncing with {centre}").format(centre=status.centre), ""
    if state.trouble is not None:
        quiet = is_quiet(state.trouble)
        drawing, tone = ("offline", "muted") if quiet else ("alert", "warning")
        return drawing, tone, state.trouble.sentence, advice_for(state.trouble.kind)
    if status.trouble:
        return "offline", "muted", status.trouble, ""
    if status.last_success is None:
        return "sync", "muted", tr("Joined; the first round is still to come"), ""
    if status.pending or status.pending_images:
        return (
            "sync",
            "accent",
            waiting_here(status),
            tr("They travel with the next round."),
        )
    return "check", "good", tr("Everything here is at the centre as well"), ""

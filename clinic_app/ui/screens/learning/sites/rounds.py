"""One round: how each clinic stands in it, what this one agreed to, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout

from clinic_app.domain.joint_learning import RoundState
from clinic_app.services.sites_data import RoundRow
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.learning.sites.words import (
    clinic_text,
    ended_text,
    people_text,
    state_text,
)
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import button, card, icon_button, label, row
from clinic_app.ui.widgets.states import picture


@dataclass(frozen=True, slots=True)
class Acts:
    """What the buttons of a round do. ``may_share``: the role may agree, send and stop."""

    agree: Callable[[RoundRow], object]
    advance: Callable[[], object]
    stop: Callable[[RoundRow], object]
    compare: Callable[[], object]
    may_share: bool


def round_card(
    one: RoundRow, acts: Acts, *, own: str, known: bool, may_agree: bool, sending: bool
) -> QFrame:
    """``own`` is this clinic's name; ``known``: the centre has just told how the others stand."""
    holder, box = card(gap=2)
    box.addWidget(label(state_text(one, known=known), "heading"))
    if one.trouble is not None:
        box.addWidget(label(one.trouble.text(tr), "alarm"))
    if one.is_open:
        box.addLayout(_clinics(one, own, known=known))
        if one.silence is not None:
            box.addWidget(label(one.silence.text(tr), "caution"))
    else:
        box.addWidget(label(ended_text(one)))
    _agreement(box, one)
    buttons = _buttons(one, acts, own, may_agree=may_agree, sending=sending)
    if buttons:
        across = row()
        for made in buttons:
            across.addWidget(made)
        across.addStretch(1)
        box.addLayout(across)
    return holder


def _clinics(one: RoundRow, own: str, *, known: bool) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * UNIT)
    grid.setVerticalSpacing(UNIT)
    grid.setColumnStretch(2, 1)
    for line, name in enumerate(one.sites):
        words, drawing, tone = clinic_text(one, name, known=known)
        grid.addWidget(picture(drawing, 18, tone), line, 0, Qt.AlignmentFlag.AlignTop)
        shown = tr("{clinic} (this clinic)").format(clinic=name) if name == own else name
        grid.addWidget(label(shown, "strong"), line, 1)
        standing = label(words, "muted")
        standing.setAccessibleName(f"{shown}: {words}")
        grid.addWidget(standing, line, 2)
    return grid


def _agreement(box: QVBoxLayout, one: RoundRow) -> None:
    if one.agreed_at is not None:
        signed = tr("{name} agreed, {when}: “{reason}”")
        name = one.agreed_by or tr("a former member of staff")
        text = signed.format(name=name, when=moment_text(one.agreed_at), reason=one.reason)
        box.addWidget(label(text, "small"))
        box.addWidget(label(people_text(one.cases, one.people), "small"))
    if one.withdrawn and one.is_open:
        text = tr(
            "Consent to {n} of these cases was taken back: this clinic ends the round when it goes"
            " on."
        )
        box.addWidget(label(text.format(n=one.withdrawn), "caution"))
    elif one.withdrawn and one.sent:
        text = tr(
            "Consent to {n} of these cases was taken back since. Sums that were joined already"
            " cannot be taken out."
        )
        box.addWidget(label(text.format(n=one.withdrawn), "caution"))
    if one.state is RoundState.STOPPED and one.sent:
        text = tr("Sums of this clinic had been sent before it was stopped.")
        box.addWidget(label(text, "small"))


def _buttons(
    one: RoundRow, acts: Acts, own: str, *, may_agree: bool, sending: bool
) -> list[QPushButton]:
    if one.state is RoundState.FINISHED and one.head:
        made = button(tr("Compare {head}").format(head=one.head), "link", acts.compare)
        return [made] if acts.may_share else []
    if not acts.may_share or not one.is_open:
        return []
    if one.state is RoundState.INVITED:
        agree = icon_button(tr("Agree…"), "pen", "primary", lambda: acts.agree(one))
        agree.setEnabled(may_agree and one.trouble is None)
        return [agree, button(tr("Decline…"), "danger", lambda: acts.stop(one))]
    owed = own in one.waiting_for
    role = "primary" if owed else ""
    words = tr("Sending…") if sending else tr("Go on now")
    advance = icon_button(words, "sync", role, acts.advance)
    advance.setEnabled(not sending and one.trouble is None)
    about = tr("Sends what this clinic owes, and takes the head at the end")
    advance.setToolTip(about)
    advance.setAccessibleDescription(about)
    return [advance, button(tr("Stop…"), "danger", lambda: acts.stop(one))]

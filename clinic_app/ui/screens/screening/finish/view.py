"""The last look before a screening is saved for good."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.finish.presenter import (
    Check,
    CheckState,
    FinishPresenter,
    FinishState,
)
from clinic_app.ui.screens.screening.page import StepPage
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, card, clear, column, label, row
from clinic_app.ui.widgets.sheet import ask

_MARKS = {CheckState.DONE: "✓", CheckState.LEFT_OUT: "–", CheckState.BLOCKS: "!"}


class FinishStep(StepPage):
    """The finish step; ``presenter`` is set by the screen."""

    def __init__(self) -> None:
        super().__init__(
            tr("Save this screening"),
            tr("A saved screening is never changed. Notes and reviews are added beside it."),
        )
        self.presenter: FinishPresenter
        self._build_safety()
        checks, inside = card(gap=1)
        inside.addWidget(label(tr("This screening"), "heading"))
        self._checks = column(gap=1)
        inside.addLayout(self._checks)
        inside.addStretch(1)
        kept, kept_inside = card(gap=1)
        kept_inside.addWidget(label(tr("What is kept"), "heading"))
        self._kept = column(gap=1)
        kept_inside.addLayout(self._kept)
        kept_inside.addStretch(1)
        cards = row(gap=2)
        cards.addWidget(checks, 1)
        cards.addWidget(kept, 1)
        self.content.addLayout(cards)
        # Not beside “Save”: it is the opposite, and both do not fit there in large text.
        self.abandon = button(tr("Throw this draft away…"), "quiet", self.ask_abandon)
        self.content.addWidget(self.abandon, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addStretch(1)
        self.save = button(tr("Save"), "primary", lambda: self.presenter.save())
        self.start = self.save
        self.buttons.addWidget(button(tr("Back"), "", lambda: self.presenter.back()))
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.save)

    def show_finish(self, state: FinishState) -> None:
        clear(self._checks)
        self._ways: list[QPushButton] = []
        for check in state.checks:
            self._checks.addWidget(self._check_line(check))
        clear(self._kept)
        for text in state.kept:
            self._kept.addWidget(_line("•", label(text)))
        self._safety.setVisible(bool(state.safety))
        self._safety_text.setText(state.safety)
        self.save.setText(tr("Save and show the report"))
        self.save.setEnabled(state.may_save)
        # The keyboard begins at what comes next, never at throwing away.
        needed = [self.safety] if state.safety else self._ways
        self.start = self.save if state.may_save or not needed else needed[0]

    def show_saving(self) -> None:
        self.save.setText(tr("Saving…"))
        self.save.setEnabled(False)

    def ask_abandon(self) -> None:
        ask(
            self,
            title=tr("Throw this draft away?"),
            text=tr(
                "The answers, the judgement and the picture of this draft are removed. Safety steps"
                " that are open stay open."
            ),
            yes=tr("Throw away"),
            no=tr("Keep the draft"),
            danger=True,
            on_yes=lambda: self.presenter.abandon(),
        )

    def _build_safety(self) -> None:
        self._safety, inside = card(role="danger", margin=2, gap=1)
        self._safety_text = label("")
        self.safety = button(
            tr("Open the safety steps"), "primary", lambda: self.presenter.open_safety()
        )
        inside.addWidget(label(tr("Safety first"), "heading"))
        inside.addWidget(self._safety_text)
        inside.addWidget(self.safety, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addWidget(self._safety)

    def _check_line(self, check: Check) -> QWidget:
        text = label(check.text, "" if check.state is CheckState.DONE else "muted")
        action: QPushButton | None = None
        if check.state is not CheckState.DONE and check.step is not None:
            action = button(tr("Go there"), "link", partial(self._go, check.step))
            if check.state is CheckState.BLOCKS:
                self._ways.append(action)
        return _line(_MARKS[check.state], text, action)

    def _go(self, step: Step) -> None:
        self.presenter.go(step)


def _line(mark: str, text: QWidget, action: QWidget | None = None) -> QWidget:
    holder = QWidget()
    layout = row(holder, gap=1)
    sign = label(mark, "strong", wrap=False)
    sign.setFixedWidth(16)
    layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(text, 1)
    if action is not None:
        layout.addWidget(action)
    return holder

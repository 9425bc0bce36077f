"""A transfer that was not finished: what it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.studio import BegunTransfer
from clinic_app.ui.moments import near_text
from clinic_app.ui.screens.studio.words import SOURCE_LABELS
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, card, column, label
from clinic_app.ui.widgets.flow import Flow


class Offer(QWidget):
    """Hidden while there is nothing to offer; every button tells of the transfer it is about."""

    def __init__(
        self,
        go_on: Callable[[BegunTransfer], object],
        start_again: Callable[[BegunTransfer], object],
        discard: Callable[[BegunTransfer], object],
    ) -> None:
        super().__init__()
        self._begun: BegunTransfer | None = None
        holder, box = card(margin=2, gap=1)
        column(self).addWidget(holder)
        box.addWidget(label(tr("A transfer is not finished"), "heading"))
        self.about = label("")
        box.addWidget(self.about)
        kept = tr("It stays encrypted on this laptop until it is finished. A new one replaces it.")
        box.addWidget(label(kept, "small"))
        across = Flow()
        self.go_on = button(tr("Go on"), "primary", lambda: self._act(go_on))
        self.start_again = button(tr("Start again"), "", lambda: self._act(start_again))
        self.discard = button(tr("Discard it"), "quiet", lambda: self._act(discard))
        for one in (self.go_on, self.start_again, self.discard):
            one.setAccessibleDescription(tr("The transfer that is not finished"))
            across.add(one)
        box.addWidget(across)
        self.hide()

    def show_begun(self, begun: BegunTransfer | None) -> None:
        """None hides it."""
        self._begun = begun
        if begun is not None:
            self.about.setText(
                tr("{style} on {source}, at step {step} of {steps}, begun {moment}").format(
                    style=begun.style_name,
                    source=tr(SOURCE_LABELS[begun.source]),
                    step=begun.step,
                    steps=begun.wish.steps,
                    moment=near_text(begun.begun_at, utc_now()),
                )
            )
        self.setVisible(begun is not None)

    def _act(self, act: Callable[[BegunTransfer], object]) -> None:
        if self._begun is not None:
            act(self._begun)

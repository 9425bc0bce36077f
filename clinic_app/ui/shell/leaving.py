"""What becomes of what was typed when the screen in front goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.kept_words import KeptWords
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.sheet import Sheet, ask, is_shown


class Leaving:
    """Keeps what was typed, and asks where something would be lost.

    ``present`` tells the screen in front, ``handed_over`` whether a patient holds the laptop: that
    page leads nowhere until staff has the laptop again.
    """

    def __init__(
        self,
        host: QWidget,
        present: Callable[[], QWidget | None],
        handed_over: Callable[[], bool],
    ) -> None:
        self._host, self._present, self._handed_over = host, present, handed_over
        self._question: Sheet | None = None

    @property
    def at_risk(self) -> str:
        """What is open here and would be lost with the window, as a sentence; empty when nothing
        would. What is kept while it is typed (notes, answers, begun forms) is not at risk."""
        sentence = self._unfinished()
        lost = any(not one.isHidden() and one.would_lose for one in self._host.findChildren(Sheet))
        return sentence or (tr("A form that lies open below is not handed in yet.") if lost else "")

    def keep_typed(self, done: Callable[[BaseException | None], None]) -> None:
        """Let the screen in front keep what was typed."""
        for words in self._host.findChildren(KeptWords):  # also below a question about them
            words.keep()
        screen = self._present()
        if isinstance(screen, Screen):
            screen.keep(done)
        else:
            done(None)

    def then(self, go_on: Callable[[], object], *, whole_window: bool = False) -> None:
        """Keep what was typed, then go on; ask first where something would be lost. With the
        ``whole_window`` a form that lies over the screen goes as well."""
        if self._handed_over():
            return

        def on_unless_handed_over() -> None:
            # While the typed text was being kept, the laptop may have gone to a patient.
            if not self._handed_over():
                go_on()

        def kept(error: BaseException | None) -> None:
            if error is None:
                on_unless_handed_over()
            else:
                self._ask(explain(error), on_unless_handed_over)

        sentence = self.at_risk if whole_window else self._unfinished()
        if sentence:
            self._ask(sentence, lambda: self.keep_typed(kept))
        else:
            self.keep_typed(kept)

    def _unfinished(self) -> str:
        screen = self._present()
        return screen.unfinished() if isinstance(screen, Screen) else ""

    def _ask(self, sentence: str, go_on: Callable[[], object]) -> None:
        if self._question is not None and is_shown(self._question):
            self._question.dismiss()  # asked for again: one question, not one upon the other
        self._question = ask(
            self._host,
            title=tr("What you entered would be lost"),
            text=sentence,
            yes=tr("Leave without it"),
            no=tr("Stay here"),
            danger=True,
            on_yes=go_on,
        )

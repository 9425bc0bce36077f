"""What becomes of what was typed when the screen in front goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.kept_words import KeptWords
from clinic_app.ui.shell.screen_stack import ScreenStack
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.sheet import Sheet, ask, is_shown


class Leaving:
    """Keeps what was typed, and asks where something would be lost.

    ``handed_over`` tells whether a patient holds the laptop: that page leads nowhere until staff
    has the laptop again. ``tell`` shows a quiet word.
    """

    def __init__(
        self,
        host: QWidget,
        stack: ScreenStack,
        handed_over: Callable[[], bool],
        tell: Callable[[str], object],
    ) -> None:
        self._host, self._stack, self._handed_over, self._tell = host, stack, handed_over, tell
        self._question: Sheet | None = None
        self.hold: Callable[[Callable[[], object]], bool] = lambda _: False
        """Whether something else comes before the next screen, which follows it then."""

    @property
    def at_risk(self) -> str:
        """What is open here and would be lost with the window, as a sentence; empty when nothing
        would. What is kept while it is typed (notes, answers, begun forms) is not at risk."""
        open_ones = [self._stack.present, *self._stack.staying]
        told = [one.unfinished() for one in open_ones if isinstance(one, Screen)]
        sentence = next(filter(None, told), "")
        lost = any(not one.isHidden() and one.would_lose for one in self._host.findChildren(Sheet))
        return sentence or (tr("A form that lies open below is not handed in yet.") if lost else "")

    def keep_typed(self, done: Callable[[BaseException | None], None]) -> None:
        """Let the screen in front keep what was typed."""
        for words in self._host.findChildren(KeptWords):  # also below a question about them
            words.keep()
        screen = self._stack.present
        if isinstance(screen, Screen):
            screen.keep(done)
        else:
            done(None)

    def then(self, go_on: Callable[[], object], *, whole_window: bool = False) -> None:
        """Keep what was typed, then go on; ask first where something would be lost. With the
        ``whole_window`` a form that lies over the screen goes as well, and so do the screens that
        otherwise stay."""
        if self._handed_over():
            return

        def on_unless_handed_over() -> None:
            # While the typed text was being kept, the laptop may have gone to a patient.
            if not self._handed_over() and (whole_window or not self.hold(go_on)):
                go_on()

        def kept(error: BaseException | None) -> None:
            if error is None:
                on_unless_handed_over()
            else:
                self._ask(explain(error), on_unless_handed_over)

        sentence = self.at_risk if whole_window else self._unfinished()
        if not whole_window and not sentence:
            self._remind()
        if sentence:
            self._ask(sentence, lambda: self.keep_typed(kept))
        else:
            self.keep_typed(kept)

    def _unfinished(self) -> str:
        screen = self._stack.present
        if not isinstance(screen, Screen) or screen in self._stack.staying:
            return ""
        return screen.unfinished()

    def _remind(self) -> None:
        """What stands in a screen that stays is there again on the next visit, and not stored."""
        screen = self._stack.present
        if isinstance(screen, Screen) and (sentence := screen.unfinished()):
            self._tell(sentence)

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

"""Choosing the language of the window, and the English beside words nobody has reviewed yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QPushButton, QWidget

from clinic_app.services.translations import Language, languages
from clinic_app.ui.language import awaits_clinical_review, speak, spoken
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import answer_row, button, column, label, row
from clinic_app.ui.widgets.sheet import Sheet


class LanguageSwitch(QWidget):
    """One button a language, each with the language's own name; the window follows at once."""

    def __init__(self) -> None:
        super().__init__()
        line = row(self)
        self.buttons = {one.code: _language_button(one) for one in languages()}
        for made in self.buttons.values():
            line.addWidget(made)


def _language_button(language: Language) -> QPushButton:
    def choose() -> None:
        made.setChecked(language.code == spoken().code)  # until the window has followed
        speak(language.code)

    made = button(language.name, "chip", choose)
    made.setCheckable(True)
    made.setChecked(language.code == spoken().code)
    made.setAccessibleName(tr("Language: {name}").format(name=language.name))
    made.setToolTip(standing_of(language))
    return made


def standing_of(language: Language) -> str:
    """Who answers for the words of this language."""
    if language.code == languages()[0].code:
        return tr("The original.")
    if language.reviewed_by:
        return tr("Reviewed by {name}.").format(name=language.reviewed_by)
    return tr("Not reviewed by a professional translator or a clinician yet.")


def choose_language(above: QWidget, chosen: Callable[[str], object]) -> Sheet:
    """The languages with who has reviewed them; ``chosen`` gets the code of another one."""
    content = QWidget()
    box = column(content, margin=3, gap=2)
    box.addWidget(label(tr("Language of the window"), "heading"))
    box.addWidget(
        label(
            tr(
                "Questionnaires keep their official wording. What people have written stays as it"
                " is."
            ),
            "muted",
        )
    )
    sheet = Sheet(above, content, name=tr("Language of the window"), width=480)

    def choose(code: str) -> None:
        sheet.dismiss()
        if code != spoken().code:
            chosen(code)

    offered = []
    for language in languages():
        made = button(language.name, "choice", partial(choose, language.code))
        made.setCheckable(True)
        made.setChecked(language.code == spoken().code)
        offered.append(made)
        box.addWidget(made)
        box.addWidget(label(standing_of(language), "small"))
    box.addLayout(answer_row(button(tr("Cancel"), "", sheet.dismiss)))
    sheet.open(next(one for one in offered if one.isChecked()))
    return sheet


class Original(QWidget):
    """The English of ``texts``, one press away, while their translation awaits a clinical review;
    nothing at all otherwise."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__()
        box = column(self)
        waiting = [text for text in texts if awaits_clinical_review(text)]
        if not waiting:
            self.hide()
            return
        self._english = label("\n\n".join(waiting), "muted", selectable=True)
        self._english.hide()
        box.addWidget(
            label(tr("No clinician has checked this translation yet. The English counts."), "small")
        )
        self.show_english = button(tr("Show the English"), "link", self._turn)
        box.addWidget(self.show_english)
        box.addWidget(self._english)

    def _turn(self) -> None:
        shown = self._english.isHidden()
        self._english.setVisible(shown)
        self.show_english.setText(tr("Hide the English") if shown else tr("Show the English"))

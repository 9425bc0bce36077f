"""The language of the window: one translator in the running program, changed at any time.

Qt tells every open window with ``QEvent.LanguageChange``; the main window then builds what is on
screen anew.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QTranslator

from clinic_app.services.translations import ENGLISH, Catalogue, Language, catalogue


class _Words(QTranslator):
    """Answers from a catalogue, also for the few words that Qt itself shows."""

    def __init__(self, program: QCoreApplication) -> None:
        super().__init__(program)
        self.catalogue = catalogue(ENGLISH)

    def translate(
        self, _context: str, text: str, meaning: str | None = None, _number: int = -1
    ) -> str | None:
        # None, not "": Qt takes an empty translation for one.
        return self.catalogue.texts.get(f"{text} [{meaning}]" if meaning else text)

    def isEmpty(self) -> bool:
        return False


def speak(code: str) -> None:
    """From now on every text is looked up in this language; open windows are told of a change."""
    program = QCoreApplication.instance()
    if program is None or code == spoken().code:
        return
    words = program.findChild(_Words)
    if words is None:
        words = _Words(program)
        program.installTranslator(words)
    words.catalogue = catalogue(code)
    QLocale.setDefault(QLocale(words.catalogue.language.locale))
    QCoreApplication.sendEvent(program, QEvent(QEvent.Type.LanguageChange))


def spoken() -> Language:
    """The language in use."""
    return _catalogue().language


def number_text(number: int) -> str:
    """With the groups of the language: 123,456 in English, 1,23,456 in Hindi."""
    if spoken().code == ENGLISH:
        return f"{number:,}"
    return QLocale(spoken().locale).toString(number)


def awaits_clinical_review(text: str) -> bool:
    """Whether this English text is shown in a translation that nobody qualified has read yet."""
    return text in _catalogue().clinical


def _catalogue() -> Catalogue:
    program = QCoreApplication.instance()
    words = program.findChild(_Words) if program is not None else None
    return words.catalogue if words is not None else catalogue(ENGLISH)

"""The words in which consent is asked for, and what a record tells about them."""

from __future__ import annotations

from clinic_app.domain.consent import ConsentEvent, ConsentText, Purpose, consent_text
from clinic_app.services.consent_texts import shown_in, words_shown
from clinic_app.services.translations import languages
from clinic_app.ui.language import spoken
from clinic_app.ui.strings import tr

SHOWN_OF_HASH = 8
"""Characters of the hash on the screen; the export has all of it."""


def shown_now() -> dict[Purpose, ConsentText]:
    """What stands on the screen, in the language of the window."""
    return shown_in(spoken().code)


def asked_text(event: ConsentEvent) -> str:
    """In which words the person was asked."""
    shown = event.shown
    if shown is None:
        return tr("wording not recorded")
    names = {one.code: one.name for one in languages()}
    present = consent_text(shown.language, words_shown(event.purpose, shown.language))
    said = (
        tr("asked in {language}, wording {version}")
        if shown == present
        else tr("asked in {language}, in a wording that is not used any more: {version}")
    )
    name = names.get(shown.language, shown.language)
    return said.format(language=name, version=shown.sha256[:SHOWN_OF_HASH])

"""The words in which consent is asked for, and every one that a released program has shown.

A record of consent keeps the hash and the language; the words themselves stand in
``resources/consent_texts.json``, which only ever grows (``python tools/consent_texts.py``), so that
they can be read again when the screens have long said it in other words.
"""

from __future__ import annotations

import functools
import json

from clinic_app.domain.consent import ConsentText, Purpose, consent_text
from clinic_app.paths import RESOURCES
from clinic_app.services.translations import catalogue

PURPOSE_LABELS = {
    Purpose.CAPTURE: "Taking a picture",
    Purpose.ANALYSIS: "Having the picture read by the program",
    Purpose.KEEP_IMAGES: "Keeping the picture",
    Purpose.TRAINING_REUSE: "Using the picture to improve the program",
    Purpose.SHARING: "Sharing the results with other clinicians",
    Purpose.STUDIO: "Using the kept picture in the style studio",
    Purpose.JOINT_LEARNING: "Improving the program together with other clinics",
}

PURPOSE_MEANINGS = {
    Purpose.CAPTURE: "A photo or a few seconds of camera pictures of the face, on this laptop.",
    Purpose.ANALYSIS: (
        "The program estimates what the face shows. It is an extra beside the questionnaires."
    ),
    Purpose.KEEP_IMAGES: (
        "The cropped picture stays encrypted in this record. Without it, it is removed when the"
        " screening is finished."
    ),
    Purpose.TRAINING_REUSE: "Pseudonymous use for training and checking the models of this clinic.",
    Purpose.SHARING: "Reports may be passed on to clinicians who treat this person.",
    Purpose.STUDIO: (
        "Artistic versions of the kept picture may be made on this laptop. They are no part of care"
        " and never go into the record."
    ),
    Purpose.JOINT_LEARNING: (
        "Numbers from many people's pictures, and what doctors saw in them, are added up. The sums"
        " are joined with those of other clinics that train a model together, and these clinics are"
        " told about how many people took part here: never a picture, never one person's own"
        " numbers. A sum over many people says little about each of them, but not nothing. This can"
        " be taken back at any time for what comes later, but sums that were joined already cannot"
        " be taken out."
    ),
}

FILE = RESOURCES / "consent_texts.json"


@functools.cache
def _register() -> dict[ConsentText, str]:
    listed: list[dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {consent_text(one["language"], one["words"]): one["words"] for one in listed}


def words_of(shown: ConsentText) -> str | None:
    """The words behind a hash; ``None`` for a wording that this program does not know."""
    return _register().get(shown)


def words_shown(purpose: Purpose, language: str) -> str:
    """The words of a purpose as every consent screen and the command line show them."""
    texts = catalogue(language)
    return "\n".join(map(texts.text, (PURPOSE_LABELS[purpose], PURPOSE_MEANINGS[purpose])))


def shown_in(language: str) -> dict[Purpose, ConsentText]:
    """What a record says of a person who was shown every purpose in this language."""
    return {purpose: consent_text(language, words_shown(purpose, language)) for purpose in Purpose}

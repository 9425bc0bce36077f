"""Every wording of consent that a released program has shown, by its hash.

A record of consent keeps the hash and the language; the words themselves stand in
``resources/consent_texts.json``, which only ever grows (``python tools/consent_texts.py``), so that
they can be read again when the screens have long said it in other words.
"""

from __future__ import annotations

import functools
import json

from clinic_app.domain.consent import ConsentText, consent_text
from clinic_app.paths import RESOURCES

FILE = RESOURCES / "consent_texts.json"


@functools.cache
def _register() -> dict[ConsentText, str]:
    listed: list[dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {consent_text(one["language"], one["words"]): one["words"] for one in listed}


def words_of(shown: ConsentText) -> str | None:
    """The words behind a hash; ``None`` for a wording that this program does not know."""
    return _register().get(shown)

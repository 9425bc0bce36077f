"""Add the present wordings of consent to the register of all that were ever shown.

    python tools/consent_texts.py

Entries are never changed or removed: records of consent refer to them by hash.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from clinic_app.domain.consent import Purpose
from clinic_app.services.consent_texts import FILE, words_shown
from clinic_app.services.translations import languages


def main() -> None:
    listed = json.loads(FILE.read_text(encoding="utf-8"))
    known = {(one["language"], one["words"]) for one in listed}
    for language in languages():
        for purpose in Purpose:
            words = words_shown(purpose, language.code)
            if (language.code, words) not in known:
                listed.append({"language": language.code, "purpose": purpose.value, "words": words})
    FILE.write_text(json.dumps(listed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Find every text of window and reports in the code, and compare it with the translations.

    python tools/strings.py [--language hi] [--json]

Such a text is what ``tr`` is called with, the words of a ``ClinicError`` and those of a
``Sentence``. Literals are read from the source; a name, a table, a field or a parameter is followed
to the literals it may stand for. What cannot be followed is reported: such a text has to be written
as a literal where it is shown. Exits with 1 when something is missing.
"""

from __future__ import annotations

import argparse
import json
import string
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from source_trees import Package  # noqa: E402
from text_trails import Collector, Found  # noqa: E402

from clinic_app.services import translations  # noqa: E402

OF_QT = "qt.json"


def collect() -> Found:
    """Every text of window and reports, read from the source."""
    return Collector(Package(ROOT)).found


def places(text: str) -> set[str]:
    """The named places of a text; an unbalanced brace is no place."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


def _of_qt() -> dict[str, str]:
    """Words that Qt itself shows, in menus of fields and dialogs of files."""
    texts: dict[str, str] = {}
    for path in translations.FOLDER.glob(f"*/{OF_QT}"):
        texts |= json.loads(path.read_text(encoding="utf-8"))["texts"]
    return texts


def problems(found: Found, catalogue: translations.Catalogue) -> dict[str, list[str]]:
    """Kind of problem: lines that say exactly what and where."""
    texts, known = catalogue.texts, found.texts.keys() | _of_qt().keys()
    return {
        "not followed": found.unclear,
        "missing": [
            f"{used[0]}: {text!r}" for text, used in found.texts.items() if text not in texts
        ],
        "other places": [
            f"{used[0]}: {text!r} has {sorted(places(text))}, the translation"
            f" {sorted(places(texts[text]))}"
            for text, used in found.texts.items()
            if text in texts and places(text) != places(texts[text])
        ],
        "unused": [repr(text) for text in texts if text not in known],
        "empty": [repr(text) for text, other in texts.items() if not other.strip()],
    }


def main() -> int:
    """Print what is wrong; 1 when something is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", default="hi")
    parser.add_argument("--json", action="store_true", help="every text with its places")
    chosen = parser.parse_args()
    found = collect()
    if chosen.json:
        print(json.dumps(found.texts, ensure_ascii=False, indent=1))
        return 0
    wrong = problems(found, translations.read_catalogue(translations.FOLDER / chosen.language))
    for kind, lines in wrong.items():
        for line in lines:
            print(f"{kind}: {line}")
    print(f"{len(found.texts)} texts;", ", ".join(f"{len(v)} {k}" for k, v in wrong.items()))
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

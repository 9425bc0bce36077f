"""How patients are found: folded names, number, digits of the phone and birth date in one column.

The column starts with the name, so its index gives the order of the list, the names that start
with what was typed, and (being narrow) a quick scan for text inside a name, in any script and from
one character on.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from clinic_app.domain.duplicates import IdentityKey
from clinic_app.domain.people import Patient, search_key

SEPARATOR = "\n"
_PART_OF_ID = 4
_LETTERS_OF_ID = 6
"""An identifier's last six digits are all letters once in three hundred times."""
_PHONE_SIGNS = frozenset("+-/().·")


def search_columns(patient: Patient) -> dict[str, Any]:
    """The columns by which a patient is found."""
    family, given = search_key(patient.family_name), search_key(patient.given_name)
    name = f"{family} {given}"
    return {
        "search_text": SEPARATOR.join(
            (
                name,
                search_key(patient.local_number),
                digits(patient.phone),
                patient.birth_date.isoformat(),
            )
        ),
        "family_key": family,
        "given_key": given,
        "birth_date": patient.birth_date,
        "registered_at": patient.registered_at,
    }


@dataclass(frozen=True, slots=True)
class Query:
    """``words`` must all occur; ``phone`` is the whole text as digits when it looks like one, and
    ``part_of_id`` as hexadecimal digits when it may be a piece of an identifier."""

    start: str
    words: tuple[str, ...]
    phone: str
    part_of_id: str = ""


def query(text: str) -> Query:
    """What somebody typed, ready to compare with ``search_text``."""
    folded = search_key(text).replace(",", " ")
    start = " ".join(folded.split())
    looks_like_phone = all(c.isdigit() or c.isspace() or c in _PHONE_SIGNS for c in text)
    phone = digits(text) if looks_like_phone else ""
    return Query(start, tuple(start.split()), phone, _part_of_id(folded))


def identity_key(patient_id: bytes, search_text: str) -> IdentityKey:
    """The parts of ``search_text`` by which duplicates are found."""
    name, _number, phone, born = search_text.split(SEPARATOR)
    return IdentityKey(patient_id, name, phone, born)


def _part_of_id(folded: str) -> str:
    """Four hexadecimal digits or more, at least one of them no letter unless there are six:
    "1985", "0198-4f" or "fffecb", but not "Ada" or "Faced"."""
    part = folded.replace("-", "")
    looks_like_one = len(part) >= _PART_OF_ID and all(c in "0123456789abcdef" for c in part)
    return part if looks_like_one and (len(part) >= _LETTERS_OF_ID or not part.isalpha()) else ""


def digits(text: str) -> str:
    """The decimal digits of a text, of any script, as 0 to 9."""
    values = (unicodedata.decimal(character, None) for character in text)
    return "".join(str(value) for value in values if value is not None)

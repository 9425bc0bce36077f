"""What the kinds of conflicts mean, and what the fields are called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from clinic_app.services.sync_data import Conflict, ConflictKind, Version
from clinic_app.ui.moments import moment_text
from clinic_app.ui.strings import tr

KIND_TITLES = {
    ConflictKind.TEXT: "Written differently",
    ConflictKind.DOUBLE_SIGNED: "Signed twice",
    ConflictKind.DELETED_EDITED: "Discarded and edited",
    ConflictKind.OVERLAP: "Booked twice",
}
KIND_MEANINGS = {
    ConflictKind.TEXT: (
        "Two workstations changed this without seeing each other. All words are kept; please say"
        " which hold, or write them together."
    ),
    ConflictKind.DOUBLE_SIGNED: (
        "The same draft was signed on two workstations. Both signed texts stay as they are; an"
        " addendum can say what holds."
    ),
    ConflictKind.DELETED_EDITED: (
        "One workstation discarded this while another went on editing it. It stays discarded until"
        " you say that the edited words hold."
    ),
    ConflictKind.OVERLAP: (
        "Two appointments of one clinician at the same time, booked on different laptops. Both are"
        " booked; please move or cancel one."
    ),
}
KEEP_BOTH_WORDS = {
    ConflictKind.TEXT: "Keep both",
    ConflictKind.DOUBLE_SIGNED: "Let both stand",
    ConflictKind.DELETED_EDITED: "Leave it discarded",
}
KEEP_BOTH_TIPS = {
    ConflictKind.TEXT: "The other words become a record of their own beside it.",
    ConflictKind.DOUBLE_SIGNED: "Both signed texts stay as they are, and this is no longer asked.",
    ConflictKind.DELETED_EDITED: "Nothing changes, and this is no longer asked.",
}
FIELD_LABELS = {
    "title": "Title",
    "text": "Text",
    "detail": "Detail",
    "patient": "Patient",
    "clinician": "Clinician",
    "time": "Time",
    "start": "From",
    "end": "Until",
    "state": "State",
    "reason": "Reason",
}


def about_conflict(one: Conflict) -> str:
    """Whose record, and which."""
    return " · ".join(part for part in (one.patient_name, one.title) if part)


def field_label(name: str) -> str:
    """The caption of a field; the section of a note goes by its heading."""
    return tr(FIELD_LABELS[name]) if name in FIELD_LABELS else name


def field_text(name: str, text: str) -> str:
    """The text of a field as it is shown: moments on the clocks of this laptop."""
    if name not in ("start", "end"):
        return text
    try:
        return moment_text(datetime.fromisoformat(text))
    except ValueError:
        return text


def in_order(names: Iterable[str]) -> list[str]:
    """What is known in our order, then the rest as it comes."""
    known = list(FIELD_LABELS)
    return sorted(dict.fromkeys(names), key=lambda one: known.index(one) if one in known else 99)


def writer_of(version: Version) -> str:
    """Who wrote a version; where that is not known, the workstation alone."""
    if version.author:
        return version.author
    if version.workstation:
        return tr("Workstation {name}").format(name=version.workstation)
    return tr("Another workstation")


def who_and_where(version: Version) -> str:
    """As in "Amina Diallo, north-1"."""
    parts = (version.author, version.workstation)
    return ", ".join(part for part in parts if part) or writer_of(version)


def written_by(version: Version) -> str:
    """As in "2 Mar 2026, 09:30 · workstation north-1"."""
    if not (version.author and version.workstation):
        return moment_text(version.at)
    place = tr("workstation {name}").format(name=version.workstation)
    return f"{moment_text(version.at)} · {place}"

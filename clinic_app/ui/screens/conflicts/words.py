"""What the kinds of conflicts mean, and what the fields are called."""

from __future__ import annotations

from clinic_app.services.sync_data import ConflictKind, Version
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
FIELD_LABELS = {
    "text": "Text",
    "sections": "Sections",
    "title": "Title",
    "detail": "Detail",
    "patient": "Patient",
    "clinician": "Clinician",
    "time": "Time",
    "state": "State",
    "reason": "Reason",
}


def field_label(name: str) -> str:
    """The caption of a field; one that a newer program added goes by its own name."""
    return tr(FIELD_LABELS[name]) if name in FIELD_LABELS else name.replace("_", " ").capitalize()


def written_by(version: Version) -> str:
    """As in "2 Mar 2026, 09:30 · workstation north-1"."""
    place = tr("workstation {name}").format(name=version.workstation)
    return f"{moment_text(version.at)} · {place}"

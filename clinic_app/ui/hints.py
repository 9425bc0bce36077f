"""First-use hints: one sentence on a place the first time somebody is there, until dismissed.

Which ones a member of staff has dismissed is kept on this workstation in a small file beside the
look, by the account's identifier; a file that cannot be read only brings the hints back.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from uuid import UUID

from PySide6.QtWidgets import QFrame

from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import icon_button, label, row
from clinic_app.ui.widgets.states import picture

_LOG = logging.getLogger("window")

HINTS = {
    "today": "Today shows what cannot wait: open safety steps first, then handovers, appointments"
    " and screenings to finish. F1 lists every key.",
    "worklist": "People stand here by facts: open safety steps, not assessed yet, then totals and"
    " waiting time. Nothing from the face moves anybody.",
    "patients": "Any part of a name, phone, number or birth date finds a person, in any script."
    " Double records are put together under Duplicates, and can be taken apart again.",
    "appointments": "Drag an appointment to move it; by keyboard choose it with Tab, move it with"
    " Ctrl and the arrow keys, and put it down with Enter. You confirm every move.",
    "tasks": "A task has somebody who does it and a day. What is overdue stands first, also on"
    " Today.",
    "feedback": "Rating the service, agreeing with a result and reporting an incident are three"
    " different forms. Numbers below five are withheld.",
    "models": "Each card says what a model was measured on, how well it works, and on whom it does"
    " not.",
    "admin": "Changes that matter ask for your password again and stand in the audit trail. A"
    " backup counts once it was tried out.",
}


class HintMemory:
    """Which hints of ``user_id`` were dismissed here."""

    def __init__(self, path: Path, user_id: UUID) -> None:
        self._path = path
        self._user = str(user_id)
        self._known = self._read()

    def wanted(self, place: str) -> bool:
        return place in HINTS and place not in self._known.get(self._user, ())

    def dismiss(self, place: str) -> None:
        """Never show this one again to this person on this laptop."""
        seen = self._known.setdefault(self._user, [])
        if place in seen:
            return
        seen.append(place)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.write_text(json.dumps(self._known), encoding="utf-8")
        except OSError as error:
            _LOG.warning("a hint could not be kept: %s", type(error).__name__)

    def _read(self) -> dict[str, list[str]]:
        try:
            plain = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(user): [str(one) for one in seen] for user, seen in plain.items()}
        except (OSError, ValueError, AttributeError, TypeError, RecursionError):
            return {}


class HintBar(QFrame):
    """One hint with a button that puts it away; hidden where there is none."""

    def __init__(self, memory: HintMemory) -> None:
        super().__init__()
        self.setProperty("role", "hint")
        self._memory = memory
        self._place = ""
        box = row(self, margin=1, gap=2)
        box.setContentsMargins(24, 8, 16, 8)
        box.addWidget(picture("info", 20, "accent"))
        self.words = label("")
        box.addWidget(self.words, 1)
        self.dismissed = icon_button(tr("Got it"), "check", "quiet", self._dismiss)
        box.addWidget(self.dismissed)
        self.hide()

    def show_place(self, place: str) -> None:
        """What is worth knowing where the window has come to."""
        self._place = place
        wanted = self._memory.wanted(place)
        self.words.setText(tr(HINTS[place]) if wanted else "")
        self.setVisible(wanted)

    def _dismiss(self) -> None:
        self._memory.dismiss(self._place)
        self.hide()

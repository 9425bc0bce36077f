"""Search as you type: answers come in the order they were asked for, older ones are dropped."""

from __future__ import annotations

import re
from typing import Protocol

from clinic_app.domain.errors import InvalidInput
from clinic_app.services.patients import PatientRow, PatientService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import parse_day

LIMIT = 50
_PART_OF_DAY = re.compile(r"(?:(\d{1,2})[./ ]+)?(\d{1,2}|[a-z]{3,})(?:[./ ]+(\d{4})?)?")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)


class PatientsView(Protocol):
    def show_patients(self, rows: list[PatientRow], text: str, *, more: bool) -> None:
        """``more`` says that there are more than are shown."""

    def show_failure(self, error: BaseException) -> None: ...


class PatientsPresenter:
    def __init__(self, view: PatientsView, patients: PatientService, jobs: Jobs) -> None:
        self._view = view
        self._patients = patients
        self._jobs = jobs
        self._latest = 0
        self.text = ""

    def search(self, text: str) -> None:
        """Show who fits ``text``; the newest registered for an empty one."""
        self._latest = asked = self._latest + 1
        self.text = text.strip()
        wanted = searchable(self.text)

        def show(rows: list[PatientRow]) -> None:
            if asked == self._latest:
                self._view.show_patients(rows[:LIMIT], self.text, more=len(rows) > LIMIT)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(
            Lane.DATABASE, lambda: self._patients.search(wanted, LIMIT + 1), done=show, failed=fail
        )

    def again(self) -> None:
        """Search for the same once more."""
        self.search(self.text)


def searchable(text: str) -> str:
    """A typed birth date as the store finds it: ``7.3.1984`` as ``1984-03-07``, and a part of one,
    ``3.1984`` or ``Mar 1984`` as ``1984-03-``, ``7.3.`` as ``-03-07``."""
    try:
        return parse_day(text).isoformat()
    except InvalidInput:
        pass
    part = _PART_OF_DAY.fullmatch(text.lower())
    if part is None or (part[1] is None) == (part[3] is None):
        return text
    month = _month_of(part[2])
    if month is None:
        return text
    return f"{part[3]}-{month:02}-" if part[3] else f"-{month:02}-{int(part[1]):02}"


def _month_of(text: str) -> int | None:
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else None
    return next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(text)), None)

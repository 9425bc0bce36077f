"""Reads what waits on this workstation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from clinic_app.domain.questionnaires import INSTRUMENTS
from clinic_app.domain.screening import Draft
from clinic_app.services.front_door import ClinicServices
from clinic_app.services.safety import OpenFlow
from clinic_app.services.timeline import DraftRow
from clinic_app.ui.jobs import Jobs, Lane


@dataclass(frozen=True, slots=True)
class Waiting:
    """``flows`` oldest first, ``drafts`` newest change first."""

    flows: tuple[OpenFlow, ...]
    drafts: tuple[DraftRow, ...]


class TodayView(Protocol):
    def show_waiting(self, waiting: Waiting) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...


class TodayPresenter:
    def __init__(self, view: TodayView, services: ClinicServices, jobs: Jobs) -> None:
        self._view = view
        self._services = services
        self._jobs = jobs
        self._latest = 0

    def look(self) -> None:
        """Read again; an older, slower answer is dropped."""
        self._latest = asked = self._latest + 1

        def show(waiting: Waiting) -> None:
            if asked == self._latest:
                self._view.show_waiting(waiting)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, self._read, done=show, failed=fail)

    def _read(self) -> Waiting:
        flows = tuple(self._services.safety.unfinished())
        return Waiting(flows, tuple(self._services.timeline.unfinished()))


def progress_of(draft: Draft) -> str:
    """What a draft holds so far and what it still needs, in a few words."""
    parts = []
    for instrument in INSTRUMENTS.values():
        sheet = draft.sheet(instrument.name)
        if sheet is None:
            parts.append(f"{instrument.title} to do")
        elif sheet.completed_at is not None:
            parts.append(f"{instrument.title} done")
        else:
            given = sum(value is not None for value in sheet.answers)
            parts.append(f"{instrument.title} {given} of {len(sheet.answers)}")
    if draft.finding is not None:
        parts.append("picture taken")
    if draft.judgement is not None:
        parts.append("judgement recorded")
    return " · ".join(parts)

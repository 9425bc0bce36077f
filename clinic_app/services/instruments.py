"""Official translations of questionnaires that the site has loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.wordings import LARGEST_FILE, Wording, english, read_wording
from clinic_app.services.chosen_file import chosen_bytes
from clinic_app.services.session import Desk


class InstrumentService:
    """Wordings belong to the clinic's settings: they travel to every workstation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def wordings(self) -> tuple[Wording, ...]:
        """English first, then what was loaded."""
        self._desk.allow(Action.EDIT_CLINIC)
        with self._desk.unit_of_work() as work:
            loaded = work.clinic.get().wordings
        return (*map(english, InstrumentName), *loaded)

    def look_at(self, path: Path) -> Wording:
        """What a file holds, before anything is taken over; raises ``InvalidInput`` as ``load``."""
        self._desk.allow(Action.EDIT_CLINIC)
        wording = _read(path)
        with self._desk.unit_of_work() as work:
            _check_version(wording, work.clinic.get().wordings)
        return wording

    def load(self, path: Path, password: str) -> Wording:
        """Take over the wording in a file; an earlier one of the same questionnaire and language is
        replaced for new administrations. Begun and finished ones keep the version they were asked
        in.

        ``password`` is the administrator's, asked for again. Raises ``InvalidInput`` (field
        ``file``), ``WrongPassword``, ``SignInThrottled``; nothing changes then. Audited.
        """
        administrator = self._desk.allow(Action.EDIT_CLINIC)
        wording = replace(_read(path), loaded_by=administrator.id, loaded_at=self._desk.now())
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            clinic = work.clinic.get()
            others = tuple(one for one in clinic.wordings if not _same(one, wording))
            _check_version(wording, clinic.wordings)
            work.clinic.save(replace(clinic, wordings=(*others, wording)))
            work.audit.record(
                AuditKind.CHANGED, administrator.id, "clinic", clinic.id, _named(wording, "loaded")
            )
            work.commit()
        return wording

    def remove(self, instrument: InstrumentName, language: str, password: str) -> Wording:
        """Ask in English again from the next administration on; ``password`` as for ``load``.

        Raises ``NotFound``, ``WrongPassword``, ``SignInThrottled``. Audited."""
        administrator = self._desk.allow(Action.EDIT_CLINIC)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            clinic = work.clinic.get()
            found = [
                one
                for one in clinic.wordings
                if (one.instrument, one.language) == (instrument, language)
            ]
            if not found:
                raise NotFound("There is no such wording.")
            kept = tuple(one for one in clinic.wordings if one not in found)
            work.clinic.save(replace(clinic, wordings=kept))
            work.audit.record(
                AuditKind.CHANGED,
                administrator.id,
                "clinic",
                clinic.id,
                _named(found[0], "removed"),
            )
            work.commit()
        return found[0]


def _read(path: Path) -> Wording:
    return read_wording(chosen_bytes(path, LARGEST_FILE + 1))


def _check_version(wording: Wording, loaded: Iterable[Wording]) -> None:
    for one in loaded:
        known = _same(one, wording) and one.version == wording.version
        if known and one.sha256 != wording.sha256:
            raise InvalidInput(
                "file",
                "Version {version} is loaded already with other words; a changed wording needs"
                " a version of its own.",
                version=wording.version,
            )


def _same(one: Wording, other: Wording) -> bool:
    return (one.instrument, one.language) == (other.instrument, other.language)


def _named(wording: Wording, what: str) -> str:
    return f"wording {wording.instrument} {wording.version} {what}"

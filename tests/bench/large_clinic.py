"""A clinic of any size on a real encrypted file, filled past the services because that is quick.

The rows of the screens are written as the fold of the log would write them (a test compares), from
a few screenings that are made once and then repeated with other people and times. The log itself
stays short: nothing that is measured here reads it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app.db import keyslots
from clinic_app.db.columns import Identifier, Moment
from clinic_app.db.engine import keyed_connection, use_write_ahead_log
from clinic_app.db.files import STORE_FILE
from clinic_app.db.repositories.base import split_plain
from clinic_app.db.screen_columns import screening_columns
from clinic_app.db.search import search_columns
from clinic_app.db.vault import FolderVault
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import encode_fields
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Response
from clinic_app.domain.safety import SafetyEvent, SafetyEventKind, SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity, Judgement, Screening
from clinic_app.domain.worklist import place_of
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.reading import finding
from tests.integration.cli.clinic import QUICK_ROUNDS, make_store

FIRST_DAY = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
FAMILIES = ("Adeyemi", "Baker", "Costa", "Okafor", "García", "Müller", "Nguyễn", "Haddad", "Øberg")
SYLLABLES = ("ba", "de", "ki", "lo", "mu", "na", "ri", "sa", "te", "vo", "xi", "ze")
FULL_EVERY = 500
"""Every so many patients have readings of the face in all screenings; the others have none."""
LONGEST = 200
"""Screenings of the first patient, as many as anybody has."""
_WRITTEN = UUID(int=1), FIRST_DAY, FIRST_DAY - timedelta(minutes=9)
"""Patient, end and beginning in a screening that is repeated; others stand there afterwards."""
_BATCH = 5_000
_identifier, _moment = Identifier(), Moment()


@dataclass(frozen=True)
class LargeClinic:
    """Where it lies, and some people in it."""

    folder: Path
    longest: UUID
    full: tuple[UUID, ...]
    patients: int
    screenings: int


def make_large_clinic(folder: Path, patients: int, screenings: int) -> LargeClinic:
    """Fill a new clinic: one in twenty was never assessed, one in 1,000 has open safety steps."""
    make_store(folder)
    slots = keyslots.load(folder)
    assert slots is not None
    key = slots.open_with_password(USER, PASSWORD)
    path = folder / STORE_FILE
    with contextlib.closing(keyed_connection(path, key)) as connection:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        filler = _Filler(connection)
        connection.execute("BEGIN")
        made = filler.fill(folder, patients, screenings)
        connection.execute("COMMIT")
    use_write_ahead_log(path, key)
    return made


class _Filler:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._by = new_id()
        self._plain = [_Template(one) for one in _variants(self._by, with_face=False)]
        self._full = [_Template(one) for one in _variants(self._by, with_face=True)]

    def fill(self, folder: Path, patients: int, screenings: int) -> LargeClinic:
        people = [_person(number) for number in range(patients)]
        share = _shares(patients, screenings)
        self._many("patient", (_patient_row(one) for one in people))
        self._many("screening", self._screening_rows(people, share))
        flows = [one for number, one in enumerate(people) if number % 1_000 == 999]
        self._many("safety_event", (self._safety(one, "safety_event") for one in flows))
        self._many("safety_flow", (self._safety(one, "safety_flow") for one in flows))
        unsafe = {one.id for one in flows}
        self._many(
            "worklist",
            (
                self._worklist_row(number, one, share[number], one.id in unsafe)
                for number, one in enumerate(people)
            ),
        )
        full = tuple(one.id for one in people[FULL_EVERY::FULL_EVERY])
        return LargeClinic(folder, people[0].id, full, patients, screenings)

    def _many(self, table: str, rows: Iterator[dict[str, Any]]) -> None:
        first = next(rows, None)
        if first is None:
            return
        names = list(first)
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        batch = [list(first.values())]
        for row in rows:
            batch.append(list(row.values()))
            if len(batch) == _BATCH:
                self._connection.executemany(sql, batch)
                batch.clear()
        self._connection.executemany(sql, batch)

    def _template(self, number: int, which: int) -> _Template:
        known = self._plain if number % FULL_EVERY else self._full
        return known[(number * 7 + which) % len(known)]

    def _screening_rows(self, people: list[Patient], share: list[int]) -> Iterator[dict[str, Any]]:
        for number, person in enumerate(people):
            for which in range(share[number]):
                template = self._template(number, which)
                yield template.row(person.id, _finished(number, which))

    def _safety(self, person: Patient, table: str) -> dict[str, Any]:
        """Opened by question 9, a day after the person was registered."""
        assert person.registered_at is not None
        at = person.registered_at + timedelta(days=1)
        flow_id, screening_id = UUID(int=person.id.int ^ 1), UUID(int=person.id.int ^ 2)
        event = SafetyEvent(
            id=UUID(int=person.id.int ^ 3),
            flow_id=flow_id,
            patient_id=person.id,
            screening_id=screening_id,
            kind=SafetyEventKind.OPENED,
            at=at,
            by=self._by,
            trigger=SafetyTrigger.ITEM_NINE_POSITIVE,
            item_nine=1,
        )
        if table == "safety_event":
            body = encode_fields(split_plain(event)[1])
            return _bound({"id": event.id, "flow_id": flow_id, "at": at, "body": body})
        return _bound(
            {
                "flow_id": flow_id,
                "patient_id": person.id,
                "screening_id": screening_id,
                "opened_at": at,
                "closed": False,
            }
        )

    def _worklist_row(self, number: int, person: Patient, count: int, unsafe: bool) -> Any:
        assert person.registered_at is not None
        opened = person.registered_at + timedelta(days=1) if unsafe else None
        newest = self._template(number, count - 1).columns if count else None
        ranks = (newest["depression_rank"], newest["anxiety_rank"]) if newest else ()
        first = _finished(number, 0) if count else person.registered_at
        last = _finished(number, count - 1) if newest else None
        flagged = bool(newest and newest["flagged"])
        place = place_of(
            safety_open=unsafe,
            assessed=bool(newest),
            rank=max(ranks, default=None),
            flagged=flagged,
        )
        return _bound(
            {
                "patient_id": person.id,
                "place": place,
                "waiting_since": opened or first,
                "assessed": bool(newest),
                "flagged": flagged,
                "unreviewed": count,
                "rank": max(ranks, default=None),
                "safety_opened_at": opened,
                "last_screened_at": last,
                "phq9_at": last,
                "gad7_at": last,
                **{
                    name: newest[name] if newest else None
                    for name in (
                        "phq9_total",
                        "item_nine",
                        "depression_rank",
                        "gad7_total",
                        "anxiety_rank",
                    )
                },
            }
        )


class _Template:
    """One screening, to be repeated for other people at other times."""

    def __init__(self, one: Screening) -> None:
        body = encode_fields(split_plain(one)[1])
        patient, finished, started = (_as_written(value) for value in _WRITTEN)
        self._marks = (patient, finished, started)
        assert all(mark in body for mark in self._marks)
        self._body = body
        columns = screening_columns(one)
        self.columns = {k: v for k, v in columns.items() if k not in ("patient_id", "finished_at")}

    def row(self, patient_id: UUID, at: datetime) -> dict[str, Any]:
        values = (patient_id, at, at - timedelta(minutes=9))
        body = self._body
        for mark, value in zip(self._marks, values, strict=True):
            body = body.replace(mark, _as_written(value))
        known = {"id": new_id(), "patient_id": patient_id, "finished_at": at}
        return {**_bound(known), **self.columns, "body": body}


def _as_written(value: UUID | datetime) -> bytes:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f'"{text}"'.encode()


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    """The values as the columns store them."""
    stored = {}
    for name, value in row.items():
        if isinstance(value, UUID):
            stored[name] = value.bytes
        elif isinstance(value, datetime):
            stored[name] = _moment.process_bind_param(value, None)  # type: ignore[arg-type]
        else:
            stored[name] = value.isoformat() if isinstance(value, date) else value
    return stored


def _variants(by: UUID, *, with_face: bool) -> list[Screening]:
    patient_id, finished, started = _WRITTEN
    answers = ((0,) * 9, (1,) * 8 + (0,), (1,) * 9, (2,) * 8 + (0,), (2,) * 9, (3,) * 8 + (0,))
    return [
        Screening(
            id=UUID(int=2),
            patient_id=patient_id,
            taken_by=by,
            started_at=started,
            finished_at=finished,
            responses=(
                Response(InstrumentName.PHQ9, given, AnsweredBy.PATIENT, finished, 1),
                Response(InstrumentName.GAD7, given[:7], AnsweredBy.PATIENT, finished),
            ),
            judgement=Judgement(ClinicianSeverity.MILD, by, finished, flagged=number == 2),
            finding=finding() if with_face else None,
        )
        for number, given in enumerate(answers)
    ]


def _person(number: int) -> Patient:
    rest = number // len(FAMILIES)
    given = "".join(SYLLABLES[rest // 12**power % 12] for power in range(4)).title()
    return Patient(
        new_id(),
        f"{FAMILIES[number % len(FAMILIES)]}{'-' + SYLLABLES[number % 12].title()}",
        given,
        date(1940, 1, 1) + timedelta(days=number % 25_000),
        phone=f"0{700_000_000 + number * 37}",
        local_number=f"K-{number}",
        registered_at=FIRST_DAY + timedelta(minutes=number),
    )


def _patient_row(person: Patient) -> dict[str, Any]:
    return _bound(
        {
            "id": person.id,
            "known": True,
            "body": encode_fields(split_plain(person)[1]),
            "stamps": "[]",
            **search_columns(person),
        }
    )


def _shares(patients: int, screenings: int) -> list[int]:
    """How many screenings each has: none for one in twenty, many for the first."""
    longest = min(LONGEST, screenings // 2)
    seen = [number for number in range(1, patients) if number % 20 != 19]
    each, left = divmod(screenings - longest, len(seen))
    share = [0] * patients
    share[0] = longest
    for place, number in enumerate(seen):
        share[number] = each + (1 if place < left else 0)
    return share


def _finished(number: int, which: int) -> datetime:
    return FIRST_DAY + timedelta(days=3 * which + 1, minutes=number % 400_000, seconds=which)


def open_vault(folder: Path) -> FolderVault:
    """The vault of such a clinic, with few rounds of key derivation."""
    return FolderVault(folder, rounds=QUICK_ROUNDS)

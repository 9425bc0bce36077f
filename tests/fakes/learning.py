"""In-memory repositories of learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from clinic_app.domain.adjudication import Adjudication, AdjudicationEvent, fold_adjudication
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, Purpose, current_consent
from clinic_app.domain.errors import NotFound
from clinic_app.domain.face_case import FaceCase, face_case
from clinic_app.domain.joint_learning import SiteEvent
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, HeadEventKind, LocalHead
from clinic_app.domain.merges import merged_into, survivor
from clinic_app.domain.model_choice import ModelChoice
from clinic_app.services.sites_data import Sent


@dataclass
class LearningTables:
    adjudications: list[AdjudicationEvent] = field(default_factory=list)
    heads: dict[UUID, LocalHead] = field(default_factory=dict)
    head_events: list[HeadEvent] = field(default_factory=list)
    learning_keys: list[LearningKey] = field(default_factory=list)
    site_events: list[SiteEvent] = field(default_factory=list)
    site_own: dict[str, bytes] = field(default_factory=dict)
    site_rounds: dict[UUID, bytes | None] = field(default_factory=dict)
    site_messages: dict[tuple[UUID, int], Sent] = field(default_factory=dict)
    model_choice: list[ModelChoice] = field(default_factory=list)


class FaceCases:
    def __init__(self, tables: Any) -> None:
        self._tables = tables

    def _cases(self) -> list[FaceCase]:
        made = (face_case(one) for one in self._tables.screenings.values())
        found = [one for one in made if one is not None]
        return sorted(found, key=lambda one: (one.finished_at, one.screening_id))

    def all(self) -> list[FaceCase]:
        return [replace(one, embedding=b"") for one in self._cases()]

    def embeddings(self, screening_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        wanted = set(screening_ids)
        return {
            one.screening_id: one.embedding
            for one in self._cases()
            if one.usable and one.screening_id in wanted
        }

    def consenting(self, *purposes: Purpose) -> set[UUID]:
        state = merged_into(self._tables.merges)
        given: dict[UUID, list[ConsentEvent]] = {}
        for one in self._tables.consents:
            given.setdefault(survivor(state, one.patient_id), []).append(one)
        agreed = {
            person
            for person, events in given.items()
            if all(current_consent(events).get(purpose, False) for purpose in purposes)
        }
        return {one for one in self._tables.patients if survivor(state, one) in agreed}

    def pictured(self) -> set[UUID]:
        return set(self._tables.kept_images)

    def knows(self, user_id: UUID, screening_id: UUID) -> bool:
        return screening_id in self.known_to(user_id)

    def known_to(self, user_id: UUID) -> set[UUID]:
        taken = {
            one.screening_id for one in self._cases() if user_id in (one.taken_by, one.judged_by)
        }
        read = {one.screening_id for one in self._tables.reviews if one.by == user_id}
        own = [one for one in self._tables.audit if one.by == user_id]
        revealed = {one.subject_id for one in own if one.kind is AuditKind.ESTIMATE_SHOWN}
        state = merged_into(self._tables.merges)
        exported = [
            (one.subject_id, one.at)
            for one in own
            if one.kind is AuditKind.EXPORTED and one.subject == "patient"
        ]
        issued = [
            (one.patient_id, one.issued_at)
            for one in self._tables.issued.values()
            if one.by == user_id and one.patient_id is not None
        ]
        held = {
            one.screening_id
            for one in self._cases()
            for patient_id, at in (*exported, *issued)
            if survivor(state, patient_id) == survivor(state, one.patient_id)
            and one.finished_at <= at
        }
        answered = {
            one.screening_id
            for one in self._tables.agreements.values()
            if one.entered_by == user_id
        }
        return taken | read | revealed | held | answered


class ModelChoices:
    def __init__(self, tables: Any) -> None:
        self._rows: list[ModelChoice] = tables.model_choice

    def get(self) -> ModelChoice | None:
        return self._rows[-1] if self._rows else None

    def put(self, choice: ModelChoice) -> None:
        self._rows.append(choice)


class Adjudications:
    def __init__(self, tables: Any) -> None:
        self._rows: list[AdjudicationEvent] = tables.adjudications

    def add(self, event: AdjudicationEvent) -> None:
        self._rows.append(event)

    def find(self, screening_id: UUID) -> Adjudication | None:
        return fold_adjudication(one for one in self._rows if one.screening_id == screening_id)

    def all(self) -> list[Adjudication]:
        events: dict[UUID, list[AdjudicationEvent]] = {}
        for event in self._rows:
            events.setdefault(event.screening_id, []).append(event)
        found = (fold_adjudication(events[one]) for one in sorted(events))
        return [one for one in found if one is not None]


class LocalHeads:
    def __init__(self, tables: Any) -> None:
        self._rows: dict[UUID, LocalHead] = tables.heads

    def add(self, record: LocalHead) -> None:
        self._rows[record.id] = record

    def get(self, record_id: UUID) -> LocalHead:
        if record_id not in self._rows:
            raise NotFound("This local head is not in the store.")
        return self._rows[record_id]

    def all(self) -> list[LocalHead]:
        return sorted(self._rows.values(), key=lambda one: (one.number, one.id))


class HeadEvents:
    def __init__(self, tables: Any) -> None:
        self._rows: list[HeadEvent] = tables.head_events

    def add(self, record: HeadEvent) -> None:
        self._rows.append(record)

    def all(self) -> list[HeadEvent]:
        return [one for one in self._rows if one.kind is not HeadEventKind.EXPORTED]

    def exports(self) -> list[HeadEvent]:
        return [one for one in self._rows if one.kind is HeadEventKind.EXPORTED]


class LearningKeys:
    def __init__(self, tables: Any) -> None:
        self._rows: list[LearningKey] = tables.learning_keys

    def add(self, record: LearningKey) -> None:
        self._rows.append(record)

    def oldest(self) -> LearningKey | None:
        return self._rows[0] if self._rows else None


class SiteEvents:
    def __init__(self, tables: Any) -> None:
        self._rows: list[SiteEvent] = tables.site_events

    def add(self, record: SiteEvent) -> None:
        self._rows.append(record)

    def all(self) -> list[SiteEvent]:
        return list(self._rows)

    def in_group(self) -> bool:
        return any(one.group is not None for one in self._rows)


class SiteDesk:
    def __init__(self, tables: Any) -> None:
        self._own: dict[str, bytes] = tables.site_own
        self._rounds: dict[UUID, bytes | None] = tables.site_rounds
        self._messages: dict[tuple[UUID, int], Sent] = tables.site_messages

    def own(self, name: str) -> bytes | None:
        return self._own.get(name)

    def put_own(self, name: str, value: bytes) -> None:
        self._own[name] = value

    def begin(self, round_id: UUID, secret: bytes) -> None:
        assert round_id not in self._rounds
        self._rounds[round_id] = secret

    def secret(self, round_id: UUID) -> bytes | None:
        return self._rounds.get(round_id)

    def sent(self, round_id: UUID, number: int) -> Sent | None:
        return self._messages.get((round_id, number))

    def numbers(self, round_id: UUID) -> tuple[int, ...]:
        return tuple(sorted(number for one, number in self._messages if one == round_id))

    def keep(self, round_id: UUID, number: int, message: Sent) -> None:
        assert (round_id, number) not in self._messages
        self._messages[round_id, number] = message

    def forget(self, round_id: UUID) -> None:
        self._rounds[round_id] = None

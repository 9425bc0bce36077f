"""In-memory repositories of what is taken and written about a patient."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from clinic_app.domain.errors import NotFound
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.forms import FormDraft, FormKind
from clinic_app.domain.notes import Note
from clinic_app.domain.paging import Position
from clinic_app.domain.safety import SafetyEvent, SafetyFlow, SafetyState, fold_flow
from clinic_app.domain.screening import Draft, Screening
from tests.fakes.tables import Tables, found, put_new


class Drafts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.drafts

    def save(self, draft: Draft) -> None:
        self._rows[draft.id] = draft

    def get(self, draft_id: UUID) -> Draft:
        return found(self._rows, draft_id, "draft")

    def of_patient(self, patient_id: UUID) -> Draft | None:
        ids = self._tables.identities(patient_id)
        return next((one for one in self.all() if one.patient_id in ids), None)

    def all(self) -> list[Draft]:
        return sorted(self._rows.values(), key=lambda one: (one.changed_at, one.id), reverse=True)

    def remove(self, draft_id: UUID) -> None:
        self._rows.pop(draft_id, None)


class BegunExports:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.begun_exports

    def add(self, place: str) -> None:
        self._rows.append(place)

    def remove(self, place: str) -> None:
        self._rows.remove(place)

    def all(self) -> list[str]:
        return list(self._rows)


class Forms:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.forms

    def save(self, record: FormDraft) -> None:
        self._rows[record.id] = record

    def get(self, user_id: UUID, form: FormKind, subject_id: UUID) -> FormDraft | None:
        wanted = (user_id, form, subject_id)
        own = (one for one in self._all() if (one.user_id, one.form, one.subject_id) == wanted)
        return next(own, None)

    def of_patient(self, patient_id: UUID) -> list[FormDraft]:
        ids = self._tables.identities(patient_id)
        return [one for one in self._all() if one.patient_id in ids]

    def all(self, form: FormKind) -> list[FormDraft]:
        return [one for one in self._all() if one.form is form]

    def changed_before(self, moment: datetime) -> list[FormDraft]:
        return [one for one in self._all() if one.changed_at < moment]

    def remove(self, draft_id: UUID) -> None:
        self._rows.pop(draft_id, None)

    def remove_of_subject(self, form: FormKind, subject_id: UUID) -> None:
        for one in self._all():
            if (one.form, one.subject_id) == (form, subject_id):
                self.remove(one.id)

    def _all(self) -> list[FormDraft]:
        return sorted(self._rows.values(), key=lambda one: (one.changed_at, one.id))


class Screenings:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.screenings

    def add(self, screening: Screening) -> None:
        put_new(self._rows, screening.id, screening)

    def get(self, screening_id: UUID) -> Screening:
        return found(self._rows, screening_id, "screening")

    def of_patient(
        self, patient_id: UUID, limit: int = 200, after: Position | None = None
    ) -> list[Screening]:
        ids = self._tables.identities(patient_id)
        own = [one for one in self._rows.values() if one.patient_id in ids]
        if after is not None:
            own = [one for one in own if (one.finished_at, one.id) < (after.at, after.id)]
        return sorted(own, key=lambda one: (one.finished_at, one.id), reverse=True)[:limit]

    def newest(self, limit: int = 50) -> list[Screening]:
        every = sorted(self._rows.values(), key=lambda one: (one.finished_at, one.id))
        return every[::-1][:limit]

    def count(self) -> int:
        return len(self._rows)

    def count_of_patient(self, patient_id: UUID) -> int:
        ids = self._tables.identities(patient_id)
        return sum(one.patient_id in ids for one in self._rows.values())

    def read_from(self, *sha256: str) -> bool:
        found = (one.finding for one in self._rows.values() if one.finding is not None)
        return any(one.source_sha256 in sha256 for one in found)


class Images:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, screening_id: UUID, images: FaceImages, *, kept: bool) -> None:
        self._tables.images[screening_id] = images
        self._tables.image_pixels.pop(screening_id, None)
        self._tables.kept_images.discard(screening_id)
        if kept:
            self._tables.kept_images.add(screening_id)

    def get(self, screening_id: UUID) -> FaceImages | None:
        return self._tables.images.get(screening_id)

    def holds(self, *digests: bytes) -> bool:
        return any(told & set(digests) for told in self._tables.image_pixels.values())

    def without_digests(self, limit: int) -> list[tuple[UUID, FaceImages]]:
        told = self._tables.image_pixels
        return [one for one in self._tables.images.items() if one[0] not in told][:limit]

    def count_without_digests(self) -> int:
        return len(self.without_digests(len(self._tables.images)))

    def put_digests(self, screening_id: UUID, digests: Collection[bytes]) -> None:
        self._tables.image_pixels[screening_id] = set(digests)

    def remove(self, screening_id: UUID) -> bool:
        self._tables.kept_images.discard(screening_id)
        self._tables.image_pixels.pop(screening_id, None)
        return self._tables.images.pop(screening_id, None) is not None

    def remove_of_patient(self, patient_id: UUID) -> int:
        own = {
            one.id
            for table in (self._tables.drafts, self._tables.screenings)
            for one in table.values()
            if one.patient_id in self._tables.identities(patient_id)
        }
        return sum(self.remove(screening_id) for screening_id in own)

    def kept_before(self, moment: datetime, limit: int = 10_000) -> list[tuple[UUID, datetime]]:
        old = [one for one in self._tables.screenings.values() if one.finished_at < moment]
        kept = [(one.id, one.finished_at) for one in old if one.id in self._tables.images]
        return sorted(kept, key=lambda one: (one[1], one[0]))[:limit]


class Safety:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.safety

    def add(self, event: SafetyEvent) -> None:
        self._rows.append(event)

    def flow(self, flow_id: UUID) -> SafetyFlow:
        events = [one for one in self._rows if one.flow_id == flow_id]
        if not events:
            raise NotFound("This safety flow is not in the store.")
        return fold_flow(events)

    def of_screening(self, screening_id: UUID) -> SafetyFlow | None:
        own = [flow for flow in self._flows() if flow.screening_id == screening_id]
        return next((flow for flow in own if flow.state is not SafetyState.CLOSED), None) or (
            own[0] if own else None
        )

    def of_patient(self, patient_id: UUID) -> list[SafetyFlow]:
        ids = self._tables.identities(patient_id)
        return [flow for flow in self._flows() if flow.patient_id in ids]

    def unfinished(self) -> list[SafetyFlow]:
        flows = [flow for flow in self._flows() if flow.state is not SafetyState.CLOSED]
        return list(reversed(flows))

    def _flows(self) -> list[SafetyFlow]:
        """Newest first."""
        flows = [self.flow(flow_id) for flow_id in {one.flow_id for one in self._rows}]
        return sorted(flows, key=lambda flow: (flow.opened_at, flow.id), reverse=True)


class Notes:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = tables.notes

    def add(self, note: Note) -> None:
        put_new(self._rows, note.id, note)

    def save(self, note: Note, over: Note | None = None) -> None:
        self.get(note.id)
        self._rows[note.id] = note

    def get(self, note_id: UUID) -> Note:
        return found(self._rows, note_id, "note")

    def blank(self, note: Note, at: datetime, by: UUID) -> None:
        """There is no log of earlier words here."""
        assert self.get(note.id).discarded_at is not None

    def unsigned(self, author: UUID, limit: int = 200) -> list[Note]:
        own = [
            one
            for one in self._rows.values()
            if one.author == author and one.signed_at is None and one.discarded_at is None
        ]
        return sorted(own, key=lambda one: (one.written_at, one.id), reverse=True)[:limit]

    def of_patient(self, patient_id: UUID) -> list[Note]:
        ids = self._tables.identities(patient_id)
        own = [one for one in self._rows.values() if one.patient_id in ids]
        return sorted(own, key=lambda one: (one.written_at, one.id), reverse=True)

    def signed_beside(self, notes: Iterable[Note]) -> dict[UUID, tuple[Note, ...]]:
        own = {one.id for one in notes}
        return {key: others for key, others in self._tables.signed_beside.items() if key in own}

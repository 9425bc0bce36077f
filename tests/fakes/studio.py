"""In-memory repositories of the style studio, a bench that measures to order, a small engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import NotFound, UnreadableImage
from clinic_app.domain.reference_look import Ablation, LookEvent, Recipe, Stability
from clinic_app.domain.studio import StudioPicture
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.look_data import LookPreview, LookStopped
from clinic_app.services.studio_storage import StudioImages
from tests.fakes.reading import png


@dataclass
class StudioTables:
    look_events: list[LookEvent] = field(default_factory=list)
    gallery: dict[UUID, tuple[StudioPicture, StudioImages]] = field(default_factory=dict)


class LookEvents:
    def __init__(self, tables: Any) -> None:
        self._rows: list[LookEvent] = tables.look_events

    def add(self, record: LookEvent) -> None:
        self._rows.append(record)

    def all(self) -> list[LookEvent]:
        return list(self._rows)


class Gallery:
    def __init__(self, tables: Any) -> None:
        self._tables = tables
        self._rows: dict[UUID, tuple[StudioPicture, StudioImages]] = tables.gallery

    def add(self, record: StudioPicture, images: StudioImages) -> None:
        self._rows[record.id] = (record, images)

    def all(self) -> list[StudioPicture]:
        records = [record for record, _ in self._rows.values()]
        return sorted(records, key=lambda one: (one.made_at, one.id), reverse=True)

    def get(self, picture_id: UUID) -> StudioPicture:
        return self._found(picture_id)[0]

    def images(self, picture_id: UUID) -> StudioImages:
        return self._found(picture_id)[1]

    def remove(self, picture_id: UUID) -> bool:
        return self._rows.pop(picture_id, None) is not None

    def remove_of_patient(self, patient_id: UUID) -> int:
        ids = self._tables.identities(patient_id)
        theirs = [key for key, (record, _) in self._rows.items() if record.patient_id in ids]
        return sum(self.remove(one) for one in theirs)

    def _found(self, picture_id: UUID) -> tuple[StudioPicture, StudioImages]:
        if picture_id not in self._rows:
            raise NotFound("This picture is not in the gallery.")
        return self._rows[picture_id]


STEADY = Ablation(
    models="severity 0.1.0 style 0.1.0",
    faces=6,
    lights=20,
    lights_within=13,
    raw=Stability(0.024, 0.12, 0.08),
    present=Stability(0.020, 0.10, 0.06),
    candidate=Stability(0.018, 0.06, 0.04),
    shift=0.009,
)


@dataclass
class FakeLookBench:
    """Answers every measurement with ``found``.

    Attributes:
        asked: recipe, present recipe and pictures of every measurement.
    """

    found: Ablation = STEADY
    in_use: str = STEADY.models
    trouble: Exception | None = None
    asked: list[tuple[Recipe, Recipe | None, tuple[Path, ...]]] = field(default_factory=list)

    def models(self) -> str:
        return self.in_use

    def measure(
        self,
        recipe: Recipe,
        present: Recipe | None,
        pictures: Sequence[Path],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> Ablation:
        self.asked.append((recipe, present, tuple(pictures)))
        if self.trouble is not None:
            raise self.trouble
        if stop():
            raise LookStopped("The measurement was stopped.")
        progress(1.0)
        return self.found

    def preview(self, recipe: Recipe, picture: Path | None = None) -> LookPreview:
        if picture is not None and not picture.exists():
            raise UnreadableImage(f"“{picture.name}” does not exist.")
        return LookPreview(*(png(shade=shade) for shade in (90, 110, 130, 60, 80, 100)))

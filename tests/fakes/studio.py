"""In-memory repositories of the style studio, a bench that measures to order, a small engine."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, NotFound, UnreadableImage, WrongState
from clinic_app.domain.picture import Picture
from clinic_app.domain.reference_look import Ablation, LookEvent, Recipe, Stability
from clinic_app.domain.studio import BegunTransfer, StudioPicture
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.look_data import LookPreview, LookStopped
from clinic_app.services.studio_data import Mode, Transfer, TransferNews, TransferWish
from clinic_app.services.studio_storage import PutAway, StudioImages
from tests.fakes.reading import png


@dataclass
class StudioTables:
    look_events: list[LookEvent] = field(default_factory=list)
    gallery: dict[UUID, tuple[StudioPicture, StudioImages]] = field(default_factory=dict)
    begun_transfers: dict[UUID, tuple[BegunTransfer, PutAway]] = field(default_factory=dict)


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

    def small(self, picture_id: UUID) -> bytes | None:
        return self._found(picture_id)[1].small_png

    def put_small(self, picture_id: UUID, png: bytes) -> None:
        record, images = self._found(picture_id)
        self._rows[picture_id] = (record, replace(images, small_png=png))

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


class BegunTransfers:
    def __init__(self, tables: Any) -> None:
        self._tables = tables
        self._rows: dict[UUID, tuple[BegunTransfer, PutAway]] = tables.begun_transfers

    def put(self, record: BegunTransfer, beside: PutAway) -> None:
        present = self.of(record.begun_by)
        if present is not None:
            self.remove(present.id)
        self._rows[record.id] = (record, beside)

    def work_on(self, transfer_id: UUID, at: datetime) -> bool:
        if transfer_id not in self._rows:
            return False
        record, beside = self._rows[transfer_id]
        self._rows[transfer_id] = (replace(record, changed_at=at), beside)
        return True

    def put_away(
        self,
        transfer_id: UUID,
        step: int,
        state: bytes,
        outputs: Sequence[tuple[int, bytes]],
        at: datetime,
    ) -> bool:
        if not self.work_on(transfer_id, at):
            return False
        record, beside = self._rows[transfer_id]
        came = (*beside.outputs, *outputs)
        self._rows[transfer_id] = (
            replace(record, step=step),
            replace(beside, state=state, outputs=came),
        )
        return True

    def of(self, user_id: UUID) -> BegunTransfer | None:
        return next((one for one in self.all() if one.begun_by == user_id), None)

    def all(self) -> list[BegunTransfer]:
        return sorted((record for record, _ in self._rows.values()), key=lambda one: one.id)

    def get(self, transfer_id: UUID) -> BegunTransfer:
        return self._found(transfer_id)[0]

    def beside(self, transfer_id: UUID) -> PutAway:
        return self._found(transfer_id)[1]

    def remove(self, transfer_id: UUID) -> bool:
        return self._rows.pop(transfer_id, None) is not None

    def remove_of_patient(self, patient_id: UUID) -> int:
        ids = self._tables.identities(patient_id)
        theirs = [key for key, (record, _) in self._rows.items() if record.patient_id in ids]
        return sum(self.remove(one) for one in theirs)

    def _found(self, transfer_id: UUID) -> tuple[BegunTransfer, PutAway]:
        if transfer_id not in self._rows:
            raise NotFound("This transfer is not kept here any more.")
        return self._rows[transfer_id]


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
        compared: the pictures that were opened to be compared with those of records.
    """

    found: Ablation = STEADY
    in_use: str = STEADY.models
    trouble: Exception | None = None
    asked: list[tuple[Recipe, Recipe | None, tuple[Path | Picture, ...]]] = field(
        default_factory=list
    )
    compared: list[Path] = field(default_factory=list)

    def models(self) -> str:
        return self.in_use

    def opened(self, picture: Path) -> Picture | None:
        self.compared.append(picture)
        return shaded(120) if picture.exists() else None

    def decoded(self, png: bytes) -> Picture:
        return plain(png)

    def measure(
        self,
        recipe: Recipe,
        present: Recipe | None,
        pictures: Sequence[Path | Picture],
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


def shaded(shade: int, width: int = 40, height: int = 30) -> Picture:
    """A plain picture of one grey."""
    return Picture(width, height, bytes([shade]) * (3 * width * height))


def plain(data: bytes) -> Picture:
    """What `tests.fakes.reading.png` was made of, from the bytes that it makes; raises
    ``UnreadableImage``."""
    try:
        width, height = struct.unpack(">II", data[16:24])
        (length,) = struct.unpack(">I", data[33:37])
        shade = zlib.decompress(data[41 : 41 + length])[1]
    except (struct.error, zlib.error):
        raise UnreadableImage("This is no picture.") from None
    return shaded(shade, width, height)


@dataclass
class FakeTransfer:
    """Gets lighter by one shade a step and remembers where it stands.

    Attributes:
        trouble: raised in the middle, once ``trouble_at`` steps are done.
        gate: asked before every step, so that a test can hold it up.
        broken_off: set when the step that runs is to end at once.
    """

    content: Picture
    wish: TransferWish
    gate: Callable[[int], None] = lambda step: None
    broken_off: threading.Event = field(default_factory=threading.Event)
    trouble: Exception | None = None
    trouble_at: int = 3
    step: int = 0

    def break_off(self) -> None:
        self.broken_off.set()

    def state(self) -> bytes:
        return str(self.step).encode()

    def run(self, stop: Callable[[], bool]) -> Iterator[TransferNews]:
        steps, outputs = self.wish.steps, self.wish.outputs
        due = {round(steps * k / outputs) for k in range(1, outputs + 1)}
        self.broken_off.clear()
        while self.step < steps and not stop():
            self.gate(self.step)
            if self.broken_off.is_set():
                return
            if self.trouble is not None and self.step == self.trouble_at:
                raise self.trouble
            self.step += 1
            picture = shaded(100 + self.step % 100, self.content.width, self.content.height)
            loss = 1.0 / self.step
            yield TransferNews(
                self.step,
                steps,
                loss,
                2 * loss,
                0.1,
                3 * loss,
                0.01 * (steps - self.step),
                picture,
                self.step in due,
            )


@dataclass
class FakeStudioEngine:
    """Draws in shades of grey.

    Attributes:
        seen: the emotions of every face; empty for no face.
        asked: weights and strength of every redrawing.
        broken_off: set when a step that runs is to end at once.
        transfers: every transfer, oldest first.
        thumbnails: the thread that each was made in.
    """

    seen: Mapping[str, float] = field(default_factory=lambda: {"happiness": 0.8, "neutral": 0.2})
    trouble: Exception | None = None
    gate: Callable[[int], None] = lambda step: None
    broken_off: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[dict[str, float], float]] = field(default_factory=list)
    transfers: list[FakeTransfer] = field(default_factory=list)
    thumbnails: list[str] = field(default_factory=list)

    def styles(self) -> tuple[str, ...]:
        self._fail()
        return ("brush", "chalk", "dots", "ink")

    def style_pictures(self) -> Mapping[str, Picture]:
        self._fail()
        return {name: shaded(40 + 40 * place) for place, name in enumerate(("brush", "chalk"))}

    def open_picture(self, path: Path) -> Picture:
        if not path.exists():
            raise UnreadableImage(f"“{path.name}” does not exist.")
        return shaded(120)

    def decoded(self, png: bytes) -> Picture:
        return plain(png)

    def thumbnail(self, png: bytes) -> Picture:
        self.thumbnails.append(threading.current_thread().name)
        return shaded(90, 12, 12)

    def encoded(self, picture: Picture) -> bytes:
        return png(picture.width, picture.height, picture.rgb[0])

    def marked(self, picture: Picture) -> bytes:
        return png(picture.width, picture.height, picture.rgb[0]) + b"altered"

    def transfer(self, content: Picture, style: Picture, wish: TransferWish) -> Transfer:
        self._fail()
        if wish.content_weight < 0:
            raise InvalidInput("content_weight", "The content weight has to be at least 0.")
        made = FakeTransfer(content, wish, self.gate, self.broken_off)
        self.transfers.append(made)
        return made

    def resumed(
        self, content: Picture, style: Picture, wish: TransferWish, state: bytes
    ) -> Transfer:
        if not state.isdigit():
            raise WrongState("What was kept of this transfer cannot be read.")
        made = self.transfer(content, style, wish)
        self.transfers[-1].step = int(state)
        return made

    def redrawn(self, picture: Picture, weights: Mapping[str, float], strength: float) -> Picture:
        self._fail()
        self.asked.append((dict(weights), strength))
        return shaded(200, picture.width, picture.height)

    def small(self, picture: Picture) -> Picture:
        return shaded(picture.rgb[0], 24, 24)

    def emotions(self, picture: Picture) -> Mapping[str, float]:
        return self.seen

    def style_for(self, emotions: Mapping[str, float], mode: Mode) -> Mapping[str, float]:
        if mode is Mode.PICK:
            return {"dots": 1.0}
        return {"dots": emotions["happiness"], "chalk": emotions["neutral"]}

    def _fail(self) -> None:
        if self.trouble is not None:
            raise self.trouble

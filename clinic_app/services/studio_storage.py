"""What the style studio needs from the encrypted store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from clinic_app.domain.studio import BegunTransfer, StudioPicture


@dataclass(frozen=True, slots=True)
class StudioImages:
    """What was put in and what came out, PNG; ``small_png`` is what came out, small."""

    content_png: bytes
    result_png: bytes
    small_png: bytes | None = None


class GalleryRepository(Protocol):
    """Local to this workstation; not in the op log. No screening knows of these pictures."""

    def add(self, record: StudioPicture, images: StudioImages) -> None: ...
    def all(self) -> list[StudioPicture]:
        """Newest first."""

    def get(self, picture_id: UUID) -> StudioPicture:
        """Raises ``NotFound``."""

    def images(self, picture_id: UUID) -> StudioImages:
        """Raises ``NotFound``."""

    def small(self, picture_id: UUID) -> bytes | None:
        """What came out, small, PNG; nothing when it was never made. Raises ``NotFound``."""

    def put_small(self, picture_id: UUID, png: bytes) -> None: ...
    def remove(self, picture_id: UUID) -> bool:
        """Overwrite and delete; True when there was something to remove."""

    def remove_of_patient(self, patient_id: UUID) -> int:
        """How many pictures of this person were removed."""


@dataclass(frozen=True, slots=True)
class PutAway:
    """What lies beside a begun transfer. Content, style and the outputs, by their steps, are PNG;
    ``state`` is the engine's, empty before anything was put away."""

    content_png: bytes
    style_png: bytes
    state: bytes = b""
    outputs: tuple[tuple[int, bytes], ...] = ()


class BegunTransferRepository(Protocol):
    """Local to this workstation; not in the op log."""

    def put(self, record: BegunTransfer, beside: PutAway) -> None:
        """In the place of another one of the same member of staff."""

    def work_on(self, transfer_id: UUID, at: datetime) -> bool:
        """Somebody works on it; False when it is not there any more."""

    def put_away(
        self,
        transfer_id: UUID,
        step: int,
        state: bytes,
        outputs: Sequence[tuple[int, bytes]],
        at: datetime,
    ) -> bool:
        """How far it is now, with the outputs that are new; False when it is not there any more."""

    def of(self, user_id: UUID) -> BegunTransfer | None: ...
    def all(self) -> list[BegunTransfer]: ...
    def get(self, transfer_id: UUID) -> BegunTransfer:
        """Raises ``NotFound``."""

    def beside(self, transfer_id: UUID) -> PutAway:
        """Raises ``NotFound``."""

    def remove(self, transfer_id: UUID) -> bool:
        """Overwrite and delete; True when there was something to remove."""

    def remove_of_patient(self, patient_id: UUID) -> int:
        """How many transfers of pictures of this person were removed."""

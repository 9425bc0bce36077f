"""What the style studio needs from the encrypted store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.studio import StudioPicture


@dataclass(frozen=True, slots=True)
class StudioImages:
    """What was put in and what came out, both PNG."""

    content_png: bytes
    result_png: bytes


class GalleryRepository(Protocol):
    """Local to this workstation; not in the op log. No screening knows of these pictures."""

    def add(self, record: StudioPicture, images: StudioImages) -> None: ...
    def all(self) -> list[StudioPicture]:
        """Newest first."""

    def get(self, picture_id: UUID) -> StudioPicture:
        """Raises ``NotFound``."""

    def images(self, picture_id: UUID) -> StudioImages:
        """Raises ``NotFound``."""

    def remove(self, picture_id: UUID) -> bool:
        """Overwrite and delete; True when there was something to remove."""

    def remove_of_patient(self, patient_id: UUID) -> int:
        """How many pictures of this person were removed."""

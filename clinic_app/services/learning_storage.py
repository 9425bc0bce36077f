"""What learning needs from the encrypted store; as in `storage`, every ``add`` is an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from clinic_app.domain.adjudication import Adjudication, AdjudicationEvent
from clinic_app.domain.consent import Purpose
from clinic_app.domain.face_case import FaceCase
from clinic_app.domain.joint_learning import SiteEvent
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, LocalHead
from clinic_app.domain.model_choice import ModelChoice
from clinic_app.services.sites_data import Sent


class FaceCaseRepository(Protocol):
    """Reads only: screenings with a picture, as the log determines them."""

    def all(self) -> list[FaceCase]:
        """Oldest first, then by identifier; without their embeddings and a word about consent."""

    def embeddings(self, screening_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Of these screenings; those without one are left out."""

    def consenting(self, *purposes: Purpose) -> set[UUID]:
        """The records of everybody who agrees to all of these now, merged ones included."""

    def pictured(self) -> set[UUID]:
        """Screenings whose picture is kept on this workstation."""

    def known_to(self, user_id: UUID) -> set[UUID]:
        """Screenings whose estimate this person may know: taken, judged or reviewed, with an answer
        that they entered, revealed on this workstation, or part of a record that they exported
        here or reported on anywhere."""

    def knows(self, user_id: UUID, screening_id: UUID) -> bool:
        """Whether this is one of them."""


class ModelChoiceRepository(Protocol):
    """Of this workstation; it is not in the log."""

    def get(self) -> ModelChoice | None:
        """Nothing as long as nobody has chosen."""

    def put(self, choice: ModelChoice) -> None: ...


class AdjudicationRepository(Protocol):
    def add(self, event: AdjudicationEvent) -> None: ...
    def find(self, screening_id: UUID) -> Adjudication | None: ...
    def all(self) -> list[Adjudication]:
        """By identifier of the screening."""


class LocalHeadRepository(Protocol):
    def add(self, record: LocalHead) -> None: ...
    def get(self, record_id: UUID) -> LocalHead:
        """Raises ``NotFound``."""

    def all(self) -> list[LocalHead]:
        """By number."""


class HeadEventRepository(Protocol):
    def add(self, record: HeadEvent) -> None: ...
    def all(self) -> list[HeadEvent]:
        """What happened to heads, in stamp order."""

    def exports(self) -> list[HeadEvent]:
        """The training sets that went out, in stamp order, apart: each lists its cases."""


class LearningKeyRepository(Protocol):
    def add(self, record: LearningKey) -> None: ...
    def oldest(self) -> LearningKey | None:
        """The one that counts."""


class SiteEventRepository(Protocol):
    def add(self, record: SiteEvent) -> None: ...
    def all(self) -> list[SiteEvent]:
        """In stamp order."""

    def in_group(self) -> bool:
        """Whether a laptop of this clinic has joined a group; reads no agreement."""


class SiteDeskRepository(Protocol):
    """Of this workstation; it is not in the log. What it knows of a round that began before its
    records were restored or copied counts as forgotten."""

    def own(self, name: str) -> bytes | None: ...
    def put_own(self, name: str, value: bytes) -> None: ...
    def begin(self, round_id: UUID, secret: bytes) -> None:
        """Keep the secret of the own key for a round, once."""

    def secret(self, round_id: UUID) -> bytes | None: ...
    def sent(self, round_id: UUID, number: int) -> Sent | None: ...
    def numbers(self, round_id: UUID) -> tuple[int, ...]:
        """Of the messages that were kept to be sent."""

    def keep(self, round_id: UUID, number: int, message: Sent) -> None: ...
    def forget(self, round_id: UUID) -> None:
        """The secret alone."""

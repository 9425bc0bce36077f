"""Consent, per purpose and withdrawable at any time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """What a patient can agree to, each on its own."""

    CAPTURE = "capture"
    ANALYSIS = "analysis"
    KEEP_IMAGES = "keep_images"
    TRAINING_REUSE = "training_reuse"
    SHARING = "sharing"
    STUDIO = "studio"
    JOINT_LEARNING = "joint_learning"


ASKED_WHEN_SCREENING = tuple(
    one for one in Purpose if one not in (Purpose.STUDIO, Purpose.JOINT_LEARNING)
)
"""The style studio and models of several clinics are no part of care, so nobody is asked about them
on the way to a picture."""

OF_THE_PICTURE = tuple(one for one in Purpose if one is not Purpose.SHARING)
"""What there is nothing to ask about where no pictures are taken."""


class GivenBy(StrEnum):
    PATIENT = "patient"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The words that a person was shown before answering: their language (a code such as "hi") and
    the SHA-256 of the words as they stood on the screen, in hexadecimal."""

    language: str
    sha256: str


def consent_text(language: str, words: str) -> ConsentText:
    """What stands for ``words``: any other letter gives another hash."""
    return ConsentText(language, hashlib.sha256(words.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One answer to one purpose; append-only, the newest counts.

    ``shown`` is ``None`` where the program showed no words (an answer taken over from paper), and
    in records from before it was kept.
    """

    id: UUID
    patient_id: UUID
    purpose: Purpose
    granted: bool
    given_by: GivenBy
    recorded_by: UUID
    recorded_at: datetime
    note: str = ""
    shown: ConsentText | None = None


def current_consent(events: Iterable[ConsentEvent]) -> dict[Purpose, bool]:
    """The state per purpose after all events; a purpose never asked for is absent."""
    newest_last = sorted(events, key=lambda one: (one.recorded_at, one.id))
    return {one.purpose: one.granted for one in newest_last}


def offered(state: Mapping[Purpose, bool], *, face_on: bool, in_group: bool) -> tuple[Purpose, ...]:
    """What a person is asked about: of the picture where pictures are taken, and of sums with other
    clinics where this one is in a group (``in_group``), or whoever has answered before: that can
    always be taken back."""
    joint = in_group or Purpose.JOINT_LEARNING in state
    return tuple(
        one
        for one in Purpose
        if (face_on or one not in OF_THE_PICTURE) and (joint or one is not Purpose.JOINT_LEARNING)
    )


def after_all(history: Iterable[ConsentEvent], now: datetime) -> datetime:
    """``now``, or just after the newest answer: a withdrawal counts though a clock was wrong."""
    newest = max((event.recorded_at for event in history), default=None)
    return now if newest is None or now > newest else newest + timedelta(microseconds=1)

"""Many finished, pictured, consented screenings with what doctors read in them, straight into a
store: the in-memory one or the encrypted one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from clinic_app.domain.adjudication import AdjudicationEvent, AdjudicationEventKind
from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose
from clinic_app.domain.finding import Band, SeverityReading
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import LocalHead
from clinic_app.domain.people import Patient
from clinic_app.domain.screening import ClinicianSeverity, Judgement, Screening
from clinic_app.services.learning_cases import LEARNT_FROM
from clinic_app.services.storage import UnitOfWork
from tests.fakes.clock import START
from tests.fakes.reading import PROBABILITIES, face_images, finding

READERS = (UUID(int=901), UUID(int=902))
SEVERITIES = (
    ClinicianSeverity.NONE,
    ClinicianSeverity.MILD,
    ClinicianSeverity.MODERATE,
    ClinicianSeverity.SEVERE,
)
ALL = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES, Purpose.TRAINING_REUSE)
SHARED = (*LEARNT_FROM, Purpose.JOINT_LEARNING)
"""What who takes part in a fit with other clinics agrees to."""


def add_case(
    work: UnitOfWork,
    taken_by: UUID,
    *,
    label: int | None = 1,
    embedding: tuple[float, ...] | None = None,
    shipped: int = 1,
    purposes: tuple[Purpose, ...] = ALL,
    patient_id: UUID | None = None,
    number: int = 0,
    version: str = "",
) -> Screening:
    """One case of a new patient; without a ``label`` nobody has read its picture yet. ``version``
    is that of another severity net, which has read it."""
    patient_id = patient_id or new_id()
    work.patients.add(Patient(patient_id, f"P{number}", "", date(1990, 1, 1)))
    for purpose in purposes:
        work.consents.add(
            ConsentEvent(new_id(), patient_id, purpose, True, GivenBy.PATIENT, taken_by, START)
        )
    band = Band(shipped)
    shares = PROBABILITIES[band]
    percent = 100 * sum(k * p for k, p in enumerate(shares)) / 3
    reading = SeverityReading(band, shares, percent, (0.0, 100.0), 0.9, percent / 100)
    found = replace(finding(band), severity=reading, activation_map=None)
    if embedding is not None:
        found = replace(found, embedding=embedding)
    if version:
        found = replace(found, models={**found.models, "severity": version})
    at = START + timedelta(hours=number)
    judgement = Judgement(ClinicianSeverity.CANNOT_TELL, taken_by, at)
    screening = Screening(
        new_id(), patient_id, taken_by, at, at, (), judgement, found, at, images_kept=True
    )
    work.screenings.add(screening)
    work.images.put(screening.id, face_images(), kept=True)
    if label is not None:
        for reader in READERS:
            work.adjudications.add(
                AdjudicationEvent(
                    new_id(),
                    screening.id,
                    patient_id,
                    AdjudicationEventKind.READ,
                    at,
                    reader,
                    SEVERITIES[label],
                )
            )
    return screening


def fill(
    unit_of_work: Callable[[], UnitOfWork],
    taken_by: UUID,
    people: int = 220,
    *,
    knows: float = 0.95,
    seed: int = 1,
    hours: int = 1,
    purposes: tuple[Purpose, ...] = ALL,
) -> list[Screening]:
    """A clinic whose doctors see something in the pictures that the shipped head does not; one
    screening every so many ``hours``.

    Who is locked away is the same every time: neither the key nor the people are drawn anew.
    """
    rng = np.random.default_rng(seed)
    made = []
    with unit_of_work() as work:
        work.learning_keys.add(LearningKey(UUID(int=900), START, b"a key that is always the same"))
        for number in range(people):
            x = np.zeros(512)
            x[:8] = rng.normal(size=8)
            state = knows * (x[0] - x[1]) / np.sqrt(2) + (1 - knows) * rng.normal()
            label = int(np.digitize(state, [-0.7, 0.1, 0.8]))
            made.append(
                add_case(
                    work,
                    taken_by,
                    label=label,
                    embedding=tuple(map(float, x.astype(np.float32))),
                    shipped=int(rng.integers(0, 4)),
                    purposes=purposes,
                    patient_id=UUID(int=(seed << 64) + number),
                    number=number * hours,
                )
            )
        work.commit()
    return made


def withdraw(
    work: UnitOfWork, patient_id: UUID, by: UUID, purpose: Purpose = Purpose.TRAINING_REUSE
) -> None:
    """The person no longer agrees to training, or to another purpose."""
    work.consents.add(
        ConsentEvent(
            new_id(),
            patient_id,
            purpose,
            False,
            GivenBy.PATIENT,
            by,
            START + timedelta(days=400),
        )
    )


def unlike(head: LocalHead, other: LocalHead) -> set[str]:
    """The fields in which two heads differ, apart from who and when."""
    return {
        name
        for name in ("cuts", "weights", "cases", "people_by_band", "penalty", "slope")
        if getattr(head, name) != getattr(other, name)
    }

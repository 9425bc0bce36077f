"""What learning keeps of a screening with a picture: its reading, embedding and PHQ-9 total."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.finding import Band
from clinic_app.domain.local_head import base_of, pack_embedding, usable
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.screening import Screening

Shares = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class FaceCase:
    """``base`` names the models; ``accepted`` is the quality gate's word; ``usable`` says that
    there is a reading and a whole embedding (little-endian float32, empty where it is not).

    ``shares`` are the estimate's probabilities of the four bands, ``local_shares`` those of the
    local head, where one was in use.
    """

    screening_id: UUID
    patient_id: UUID
    taken_by: UUID
    judged_by: UUID | None
    finished_at: datetime
    base: str
    accepted: bool
    usable: bool
    band: Band | None
    shares: Shares | None
    local_shares: Shares | None
    phq9_total: int | None
    embedding: bytes = b""


def face_case(screening: Screening) -> FaceCase | None:
    """``None`` for a screening without a picture."""
    finding = screening.finding
    if finding is None:
        return None
    fit = usable(finding)
    phq9 = screening.response(InstrumentName.PHQ9)
    score = None if phq9 is None else phq9.score
    return FaceCase(
        screening_id=screening.id,
        patient_id=screening.patient_id,
        taken_by=screening.taken_by,
        judged_by=None if screening.judgement is None else screening.judgement.by,
        finished_at=screening.finished_at,
        base=base_of(finding),
        accepted=finding.quality.accepted,
        usable=fit,
        band=None if finding.severity is None else finding.severity.band,
        shares=None if finding.severity is None else finding.severity.probabilities,
        local_shares=None if finding.local is None else finding.local.probabilities,
        phq9_total=score.total if score is not None and score.scale == "PHQ-9" else None,
        embedding=pack_embedding(finding.embedding) if fit else b"",
    )


def percent_of(shares: Shares) -> float:
    """100 * sum(k * p_k) / 3, as `SeverityReading.percent`."""
    return 100.0 * (shares[1] + 2 * shares[2] + 3 * shares[3]) / 3


def pack_shares(shares: Shares | None) -> bytes | None:
    return None if shares is None else struct.pack("<4d", *shares)


def unpack_shares(packed: bytes | None) -> Shares | None:
    if packed is None:
        return None
    none, mild, moderate, severe = struct.unpack("<4d", packed)
    return none, mild, moderate, severe

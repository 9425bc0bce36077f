"""Which purposes need a picture, and what makes an estimate less reliable."""

from __future__ import annotations

from enum import StrEnum

from clinic_app.domain.consent import Purpose

PICTURE_PURPOSES = (
    Purpose.CAPTURE,
    Purpose.ANALYSIS,
    Purpose.KEEP_IMAGES,
    Purpose.TRAINING_REUSE,
)


class Caution(StrEnum):
    """What is known to make the estimate less reliable."""

    PALSY = "palsy"
    PARKINSON = "parkinson"
    SURGERY = "surgery"
    INJURY = "injury"
    MEDICATION = "medication"
    EYELID = "eyelid"
    AUTISM = "autism"


CAUTIONS: dict[Caution, str] = {
    Caution.PALSY: "Facial palsy or stroke",
    Caution.PARKINSON: "Parkinson's or another movement disorder",
    Caution.SURGERY: "Recent surgery or injections in the face",
    Caution.INJURY: "Recent injury or pain in the face",
    Caution.MEDICATION: "Medication that changes expression (for example antipsychotics)",
    Caution.EYELID: "A drooping eyelid",
    Caution.AUTISM: "Autism, or expression that differs from most people's",
}

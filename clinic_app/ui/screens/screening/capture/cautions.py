"""What is known to make the estimate less reliable; asked before the camera opens."""

from __future__ import annotations

from enum import StrEnum


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

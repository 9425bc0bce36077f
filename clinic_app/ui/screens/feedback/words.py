"""Words of the feedback screen."""

from __future__ import annotations

from clinic_app.domain.feedback import Agreement, DegreeOfHarm, IncidentCategory
from clinic_app.services.sentiment import Tone

RATING_WORDS = {1: "1 · poor", 2: "2", 3: "3", 4: "4", 5: "5 · very good"}
AGREEMENT_WORDS = {
    Agreement.AGREE: "it fits",
    Agreement.PARTLY: "partly",
    Agreement.DISAGREE: "it does not fit",
}
TONE_WORDS = {Tone.POSITIVE: "positive", Tone.NEITHER: "neither", Tone.NEGATIVE: "negative"}
CATEGORY_WORDS = {
    IncidentCategory.PATIENT_SAFETY: "Safety of a patient",
    IncidentCategory.PRIVACY: "Privacy",
    IncidentCategory.COMPLAINT: "Complaint",
    IncidentCategory.EQUIPMENT: "Equipment",
    IncidentCategory.SOFTWARE: "This program",
    IncidentCategory.OTHER: "Something else",
}
HARM_WORDS = {
    DegreeOfHarm.NO_HARM: "no harm",
    DegreeOfHarm.LOW: "low",
    DegreeOfHarm.MODERATE: "moderate",
    DegreeOfHarm.SEVERE: "severe",
    DegreeOfHarm.DEATH: "death",
}

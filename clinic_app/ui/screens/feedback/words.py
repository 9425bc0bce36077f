"""Words of the feedback screen."""

from __future__ import annotations

from clinic_app.domain.feedback import DegreeOfHarm

RATING_WORDS = {1: "1 · poor", 2: "2", 3: "3", 4: "4", 5: "5 · very good"}
HARM_WORDS = {
    DegreeOfHarm.NO_HARM: "no harm",
    DegreeOfHarm.LOW: "low",
    DegreeOfHarm.MODERATE: "moderate",
    DegreeOfHarm.SEVERE: "severe",
    DegreeOfHarm.DEATH: "death",
}

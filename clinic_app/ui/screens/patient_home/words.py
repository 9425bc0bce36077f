"""Words that patients read."""

from __future__ import annotations

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.screening import ClinicianSeverity

RATING_LABELS = ("1 · poor", "2", "3", "4", "5 · very good")

AGREEMENT_LABELS = {
    Agreement.AGREE: "Yes, it fits",
    Agreement.PARTLY: "Partly",
    Agreement.DISAGREE: "No, it does not fit",
}

VIEW_SENTENCES = {
    ClinicianSeverity.NONE: "The doctor sees no sign that you carry a burden at the moment.",
    ClinicianSeverity.MILD: "The doctor sees a mild burden at the moment.",
    ClinicianSeverity.MODERATE: "The doctor sees a moderate burden at the moment.",
    ClinicianSeverity.SEVERE: (
        "The doctor sees a heavy burden at the moment and would like to talk about help with you."
    ),
    ClinicianSeverity.CANNOT_TELL: "The doctor could not tell from this and will talk with you.",
}

STATE_SENTENCES = {
    AppointmentState.REQUESTED: "asked for, the clinic answers soon",
    AppointmentState.APPROVED: "booked",
    AppointmentState.DENIED: "could not be given, please ask the staff",
    AppointmentState.COMPLETED: "took place",
    AppointmentState.CANCELLED: "cancelled",
    AppointmentState.NO_SHOW: "did not take place",
}

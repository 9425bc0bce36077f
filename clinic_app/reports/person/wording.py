"""Every sentence of the reports about a person over time that is not data."""

from __future__ import annotations

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.notes import NoteKind
from clinic_app.services.report_data import ReportKind

TITLES = {
    ReportKind.HISTORY: "Patient history",
    ReportKind.SUMMARY: "Doctor’s summary",
    ReportKind.REFERRAL: "Referral letter",
    ReportKind.PATIENT: "Your results in plain words",
}
COURSE = "Course"
SCREENINGS = "Screenings"
NONE_YET = "There is no finished screening yet."
NO_TOTALS = "There is no total of a questionnaire yet."
CHANGE = (
    "Arrows mark a reliable change: at least {phq} (PHQ-9) or {gad} (GAD-7) points since the first"
    " total, or since the last reliable change (the rule set by this clinic), as far as there is"
    " room for them. Lines"
    " join totals of the same scale, version and language; a hollow point is prorated or a PHQ-8."
)
ESTIMATE = "Visible depressive affect"
ESTIMATE_TAG = "an adjunct, estimated from pictures"
ESTIMATE_KEY = (
    "Percent of the scale with the interval stated for it; a cross: the program could not tell. Not"
    " a questionnaire, not to be compared with the totals above, and never a reason to lower a"
    " flag."
)
WITHHELD = "{count} not shown: whoever prints this has not recorded an own judgement of them yet."
NOT_SHARED = (
    "The face estimate is left out: there is no consent to sharing on record for this person."
)
SHARING_MISSING = (
    "There is no consent to sharing on record for this person. Please ask before this letter leaves"
    " the clinic."
)
SAFETY = "Safety"
SAFETY_OPEN = "Safety steps are open since {at}."
SAFETY_CLOSED = "Safety steps of {at}: documented and closed."
ITEM_NINE = "Question 9 of the PHQ-9 on {day}: “{answer}” ({value})."
NEXT_STEPS = "Treatment options and next steps"
NEXT_STEPS_NOTE = (
    "The clinic’s text for the band of the newest total; a clinician decides for the person."
)
NEXT_STEPS_NONE = "The clinic has no text for this band."
INTERVENTIONS = "Interventions"
APPOINTMENTS = "Appointments"
TASKS = "Tasks"
NOTES = "Notes"
CHANGED = "{points} since {day}: a reliable change."
UNCHANGED = "{points} since {day}: no reliable change."
NEXT_APPOINTMENT = "Next appointment"
NO_APPOINTMENT = "none agreed"
ALSO = "Merged records"
NOW = "Where things stand"
REFERRAL_BLANK = (
    "No signed referral note is on record, so these lines are left for handwriting. Write and sign"
    " a note of the kind “referral” to have them printed."
)
REFERRAL_DETAILS = "What this clinic has measured"
LIMITS = (
    "The questionnaires are the measurement. They record what the person answered about the two"
    " weeks before; a trained clinician interprets them together with the conversation.",
    "Visible depressive affect is the agreement of human raters on what a face shows in a picture,"
    " estimated by a program. It is an adjunct and no clinical score.",
    "Research and decision support; not cleared as a medical device.",
)
LIMITS_TITLE = "How to read this"

NOTE_KIND = {
    NoteKind.INTERVENTION: "Intervention note",
    NoteKind.SAFETY_PLAN: "Safety plan",
    NoteKind.REFERRAL: "Referral",
}
STATE = {
    AppointmentState.REQUESTED: "asked for",
    AppointmentState.APPROVED: "booked",
    AppointmentState.DENIED: "denied",
    AppointmentState.CANCELLED: "cancelled",
    AppointmentState.COMPLETED: "took place",
    AppointmentState.NO_SHOW: "did not come",
}

# --- the patient's own version: short sentences, no jargon ---------------------------------------
PLAIN_HELLO = (
    "This letter tells you in plain words what you answered and what comes next. It is yours:"
    " keep it, show it to people you trust, and ask us about anything that is unclear."
)
PLAIN_WAIT = (
    "We have not talked through your results yet, so there are none in this letter. Your clinician"
    " goes through them with you first."
)
PLAIN_ANSWERS = "What you told us"
PLAIN_WHEN = "You filled in these questions on {day}. They are about the two weeks before that day."
PLAIN_SCALE = {"phq9": "Mood, sleep and energy", "gad7": "Worry and tension"}
PLAIN_TOTAL = "{total} of {maximum} points ({scale})"
PLAIN_BAND = {
    "none-minimal": "few or no difficulties",
    "minimal": "few or no difficulties",
    "mild": "some difficulties",
    "moderate": "clear difficulties",
    "moderately severe": "many difficulties",
    "severe": "a great many difficulties",
}
PLAIN_MEANING = (
    "More points mean that the difficulties bothered you on more days. The points describe these"
    " two weeks. They do not say who you are, and they are not the same as what your clinician"
    " thinks."
)
PLAIN_DIFFERENCE = {
    -1: "That is {points} points fewer than on {day}: a clear change for the better.",
    0: "On {day} it was {before}. That is about the same.",
    1: "That is {points} points more than on {day}: a clear change. Please talk about it with us.",
}
PLAIN_COURSE = "Over time"
PLAIN_COURSE_NOTE = "A line that goes down means fewer difficulties."
PLAIN_PICTURE = (
    "If a picture of your face was taken: it is only an extra for your clinician. These points come"
    " from your answers alone."
)
PLAIN_NINE = (
    "You told us about thoughts of being better off dead or of hurting yourself. Thank you for"
    " telling us. If such thoughts come, or come back, you do not have to be alone with them:"
    " please call one of the numbers below at any time."
)
PLAIN_NEXT = "What comes next"
PLAIN_NEXT_MEETING = "We meet again on {weekday}, {day} at {time}."
PLAIN_WITH = "With {name}."
PLAIN_NO_MEETING = "No next meeting is agreed yet. You can ask for one at any time."
PLAIN_DONE = "What we did together"
PLAIN_PLAN = "Your safety plan"
PLAIN_ADDED = "Added on {day}"
PLAIN_ASK = "Questions you may want to ask"
PLAIN_QUESTIONS = (
    "What could help me now, and what are my choices?",
    "What can I do on my own until we meet again?",
    "Whom can I call if it gets worse?",
)

"""Every sentence of the screening report that is not data, in one reviewed place.

The words keep to the intended use: the questionnaires are the measurement, the picture an adjunct,
and nothing here names a disorder, gives a verdict, or comforts.
"""

from __future__ import annotations

from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import (
    AbstainReason,
    Band,
    QualityReason,
    SourceKind,
    ThreeLevelClass,
)
from clinic_app.domain.people import SexAtBirth
from clinic_app.domain.questionnaires import AnsweredBy
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.safety import SafetyState, SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.report_data import Standing

TITLE = "Screening report"
STANDING = {
    Standing.DRAFT: "Draft: this screening is not finished and can still change.",
    Standing.NOT_STORED: (
        "Not stored: the reading of one picture alone. It belongs to no record and names nobody."
    ),
}
NOT_STORED = "Not stored in any record"

SEX = {
    SexAtBirth.FEMALE: "female",
    SexAtBirth.MALE: "male",
    SexAtBirth.OTHER: "other",
    SexAtBirth.NOT_STATED: "not stated",
}
ANSWERED_BY = {
    AnsweredBy.PATIENT: "answered by the patient",
    AnsweredBy.READ_ALOUD: "read aloud to the patient",
}
BAND = {Band.NONE: "none", Band.MILD: "mild", Band.MODERATE: "moderate", Band.SEVERE: "severe"}
THREE_LEVEL = {
    ThreeLevelClass.NONE: "none",
    ThreeLevelClass.MILD: "mild",
    ThreeLevelClass.HIGH: "high",
}
JUDGEMENT = {
    ClinicianSeverity.NONE: "none",
    ClinicianSeverity.MILD: "mild",
    ClinicianSeverity.MODERATE: "moderate",
    ClinicianSeverity.SEVERE: "severe",
    ClinicianSeverity.CANNOT_TELL: "cannot tell",
}
VERDICT = {
    Verdict.AGREE: "agrees with the estimate",
    Verdict.OVERRULE: "overrules the estimate",
    Verdict.NO_ESTIMATE: "reviewed",
}
SOURCE = {
    SourceKind.WEBCAM: "Camera",
    SourceKind.PHOTO: "Photograph",
    SourceKind.VIDEO: "Video",
}
PURPOSE = {
    Purpose.CAPTURE: "taking a picture",
    Purpose.ANALYSIS: "analysing it",
    Purpose.KEEP_IMAGES: "keeping images",
    Purpose.TRAINING_REUSE: "use for training",
    Purpose.SHARING: "sharing",
    Purpose.STUDIO: "use in the style studio",
    Purpose.JOINT_LEARNING: "training with other clinics",
}

CONSENT = "Consent on record"

PRORATED = "Prorated: {missing} items unanswered, replaced by the mean of the other items."
NOT_COMPUTED = "Not computed: {missing} items are unanswered; at most two may be."
ONE_PRORATED = "Prorated: one item unanswered, replaced by the mean of the other items."
PHQ8 = (
    "Item 9 was not answered. It is never filled in, so this is the PHQ-8 (items 1 to 8), not a"
    " PHQ-9 total. A clinician asks about it."
)
PHQ8_PARTLY = "Item 9 was not answered. It is never filled in, so there is no PHQ-9 total."
NOT_ANSWERED = "not answered"
NO_QUESTIONNAIRE = "No questionnaire was completed in this screening."

SAFETY_TITLE = "Item 9 and safety"
SAFETY_TITLE_CLINICIAN = "Safety"
SAFETY_TRIGGER = {
    SafetyTrigger.ITEM_NINE_POSITIVE: "Item 9 was answered with “{answer}” ({value} of 3).",
    SafetyTrigger.ITEM_NINE_NOT_ANSWERED: "Item 9 was not answered.",
    SafetyTrigger.CLINICIAN: "Opened by the clinician.",
}
SAFETY_CHANGED = "The answer was changed afterwards; the highest one given counts here."
SAFETY_STATE = {
    SafetyState.OPEN: "Open: no assessment has been documented yet.",
    SafetyState.HANDED_OVER: "Handed over; not yet acknowledged.",
    SafetyState.CLOSED: "Documented",
}
SAFETY_AGAIN = "Open again: a concern or an answer came after what is documented below."
SAFETY_SHORT = {
    SafetyState.OPEN: "Safety flow open: no assessment documented yet.",
    SafetyState.HANDED_OVER: "Safety flow handed over, not yet acknowledged.",
    SafetyState.CLOSED: "Safety assessment or handover documented below.",
}
SAFETY_NO_FLOW = "No documentation of a safety assessment is attached to this report."

JUDGEMENT_TITLE = "Clinician’s judgement"
JUDGEMENT_MISSING = "No judgement was recorded in this screening."
JUDGEMENT_BEFORE = "Recorded at {at}, before the estimate was shown at {shown}."
JUDGEMENT_AFTER = "Recorded at {at}, after the estimate had been shown at {shown}."
JUDGEMENT_UNSHOWN = "Recorded at {at}; the estimate had not been shown."
JUDGEMENT_ALONE = "Recorded at {at}."
FLAGGED = "Flagged by the clinician for attention"

ESTIMATE_TITLE = "Visible depressive affect"
ESTIMATE_TAG = "an adjunct, estimated from a picture"
ESTIMATE_NONE = "No picture was taken in this screening, so there is no estimate."
ESTIMATE_OFF = "The face module is switched off here, so there is no estimate."
ESTIMATE_WITHHELD = (
    "Not shown: whoever printed this has not recorded an own judgement of this screening yet."
)
CANNOT_TELL = "Cannot tell"
CANNOT_TELL_IS_NORMAL = (
    "The program gives no reading rather than a poor one. This is a normal result and says nothing"
    " about the person."
)
ABSTAINED = {
    AbstainReason.QUALITY: "The picture did not pass the quality check.",
    AbstainReason.NO_FACE: "No face was found in the picture.",
    AbstainReason.SEVERAL_FACES: "There was more than one face in the picture.",
    AbstainReason.TOO_SMALL: "The face was too small in the picture.",
    AbstainReason.DISAGREEMENT: (
        "The readings with and without evening out the light were more than one band apart."
    ),
    AbstainReason.LOW_CONFIDENCE: "No band was likely enough.",
}
QUALITY = {
    QualityReason.NO_FACE: "no face",
    QualityReason.SEVERAL_FACES: "more than one face",
    QualityReason.TOO_SMALL: "face too small",
    QualityReason.TOO_CLOSE: "face too close",
    QualityReason.OFF_CENTRE: "face off centre",
    QualityReason.CUT_OFF: "face cut off",
    QualityReason.NOT_FRONTAL: "not looking straight",
    QualityReason.TILTED: "head tilted",
    QualityReason.TOO_DARK: "too dark",
    QualityReason.TOO_BRIGHT: "too bright",
    QualityReason.LOW_CONTRAST: "low contrast",
    QualityReason.UNEVEN_LIGHT: "uneven light",
    QualityReason.BLURRED: "blurred",
    QualityReason.MOVING: "moving",
    QualityReason.EYES_CLOSED: "eyes closed",
}
THREE_LEVEL_LINE = (
    "{level}: probability of less than moderate {probability}"
    " (at least 70 % none, 40 to 70 % mild, below 40 % high)"
)
LOCAL_HEAD = (
    "Local head {head}: {band}, {percent} % of the scale. An additional reading, fitted in this"
    " clinic on what doctors saw in pictures."
)
GREY_ZONE = "close to a cut point, so unsure"
ASYMMETRY_NOTE = (
    "Left and right are the patient’s own. In percent of the distance between the eyes, with one"
    " test-retest standard deviation. A neuromuscular observation, not a sign of affect."
)
WITHIN_ERROR = "within twice the error"
MAP_CAPTION = "Where the network responded (activation map). It explains nothing about the person."
FACE_CAPTION = "As taken, not mirrored; kept with consent."

CHANGE_RULE = (
    "This clinic counts a change of {points} points or more on the PHQ-9 as reliable; only totals"
    " of the same instrument, version and language are compared."
)
HISTORY_TITLE = "Earlier screenings"
REVIEWS_TITLE = "Doctor’s review"
NOTES_TITLE = "Notes"
UNSIGNED = "not signed"
DRAWN_FROM = "begun with an unsigned draft by {name} of {at}"
SIGNED_TWICE = (
    "Signed twice: the following text of this note was signed on another workstation. Neither holds"
    " alone; an addendum says what does."
)

LIMITS_TITLE = "What this is, and what it is not"
LIMITS = (
    "The questionnaires are the measurement. They record what the person answered about the last"
    " two weeks; a trained clinician interprets them together with the conversation.",
    "Visible depressive affect is the agreement of human raters on what a face shows in a picture,"
    " estimated by a program. It is not a clinical score and does not tell how a person feels.",
    "The estimate is an adjunct. It never sets a priority and never lowers a flag; a low estimate"
    " changes nothing that the answers or the clinician have raised.",
    "Age, illness, medicines, culture, light and the camera change what a face shows. The model"
    " cards name the groups in which the estimate is known to be less accurate.",
    "Research and decision support; not cleared as a medical device.",
)

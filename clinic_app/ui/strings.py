"""Words of the interface: translation entry point, labels of enumerations, sentences of errors."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import ClinicError
from clinic_app.domain.finding import AbstainReason, Band, QualityReason
from clinic_app.domain.people import DeploymentContext, Role, SexAtBirth
from clinic_app.domain.safety import SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.consent_texts import PURPOSE_LABELS, PURPOSE_MEANINGS
from clinic_app.services.words import SCORE_BANDS


def tr(text: str, meaning: str = "") -> str:
    """``text`` in the language of the interface; ``meaning`` tells English words apart that are
    two words elsewhere. Its key in a translation is then ``text [meaning]``."""
    return QCoreApplication.translate("clinic", text, meaning or None)


def sentence_of(error: BaseException) -> str:
    """What to tell the user: a known error's own sentence, or an apology for a mistake of ours."""
    if isinstance(error, ClinicError):
        return error.sentence.text(tr)
    return tr("Something went wrong in the program. Nothing that was saved is lost.")


BAND_LABELS = {
    Band.NONE: "none",
    Band.MILD: "mild",
    Band.MODERATE: "moderate",
    Band.SEVERE: "severe",
}


def score_band_text(band: str | None) -> str:
    """The band of a questionnaire's total; nothing where there is no total."""
    return tr(SCORE_BANDS[band]) if band else ""


HINTS = {
    QualityReason.NO_FACE: "Please look at the camera",
    QualityReason.SEVERAL_FACES: "Only one person in the picture, please",
    QualityReason.TOO_SMALL: "Please come a little closer",
    QualityReason.TOO_CLOSE: "Please move back a little",
    QualityReason.OFF_CENTRE: "Please move into the oval",
    QualityReason.CUT_OFF: "The whole face should be in the picture",
    QualityReason.NOT_FRONTAL: "Please look straight ahead",
    QualityReason.TILTED: "Please hold your head upright",
    QualityReason.TOO_DARK: "A little more light, please",
    QualityReason.TOO_BRIGHT: "The light is too bright",
    QualityReason.LOW_CONTRAST: "The picture is too flat; try another light",
    QualityReason.UNEVEN_LIGHT: "The light comes from one side; turn towards it",
    QualityReason.BLURRED: "The picture is blurred; please hold still",
    QualityReason.MOVING: "Please hold still",
    QualityReason.EYES_CLOSED: "Please open your eyes",
}

ABSTAIN_SENTENCES = {
    AbstainReason.QUALITY: "Cannot tell: the picture is not good enough. Please take it again.",
    AbstainReason.NO_FACE: "Cannot tell: there is no face in the picture.",
    AbstainReason.SEVERAL_FACES: "Cannot tell: there is more than one face in the picture.",
    AbstainReason.TOO_SMALL: "Cannot tell: the face is too small in the picture.",
    AbstainReason.DISAGREEMENT: (
        "Cannot tell: the reading changes too much when the lighting is evened out."
    ),
    AbstainReason.LOW_CONFIDENCE: "Cannot tell: the model is not sure enough about this picture.",
}

ROLE_LABELS = {
    Role.COUNSELOR: "Counselor",
    Role.DOCTOR: "Doctor",
    Role.ADMINISTRATOR: "Administrator",
    Role.PATIENT: "Patient",
}

SEX_LABELS = {
    SexAtBirth.NOT_STATED: "Not stated",
    SexAtBirth.FEMALE: "Female",
    SexAtBirth.MALE: "Male",
    SexAtBirth.OTHER: "Other",
}

CONTEXT_LABELS = {
    DeploymentContext.CLINIC: "A clinic or practice",
    DeploymentContext.RESEARCH: "A research study",
    DeploymentContext.SCHOOL: "A school or university",
    DeploymentContext.WORKPLACE: "A workplace",
}

PURPOSE_WITHDRAWALS = {
    Purpose.CAPTURE: (
        "No more pictures are taken. A picture in a screening that is not finished is removed now."
        " Finished screenings stay as they are. Nothing is learnt from this person's pictures any"
        " more."
    ),
    Purpose.ANALYSIS: (
        "No more pictures are read. A reading in a screening that is not finished is removed now."
        " Finished screenings stay as they are. Nothing is learnt from this person's pictures any"
        " more."
    ),
    Purpose.KEEP_IMAGES: (
        "All kept pictures of this person are removed now and for good. The results stay."
    ),
    Purpose.TRAINING_REUSE: "This person's pictures are no longer used for training from now on.",
    Purpose.SHARING: "Reports are no longer to be passed on. Copies already given stay given.",
    Purpose.STUDIO: (
        "No more artistic versions are made. Those kept in the studio's gallery are removed now and"
        " for good."
    ),
    Purpose.JOINT_LEARNING: (
        "This person's pictures count in no further sums as soon as the laptop that sends them"
        " knows of it. Sums that were joined with those of other clinics already cannot be taken"
        " out."
    ),
}

PURPOSE_TEXTS = tuple(
    text
    for purpose in Purpose
    for text in (PURPOSE_LABELS[purpose], PURPOSE_MEANINGS[purpose], PURPOSE_WITHDRAWALS[purpose])
)
"""All that a person is told before agreeing, in the order of the screens."""

JUDGEMENT_LABELS = {
    ClinicianSeverity.NONE: "none",
    ClinicianSeverity.MILD: "mild",
    ClinicianSeverity.MODERATE: "moderate",
    ClinicianSeverity.SEVERE: "severe",
    ClinicianSeverity.CANNOT_TELL: "cannot tell",
}

TRIGGER_SENTENCES = {
    SafetyTrigger.ITEM_NINE_POSITIVE: (
        "Question 9 of the PHQ-9 (thoughts of being better off dead or of hurting oneself) was"
        " answered."
    ),
    SafetyTrigger.ITEM_NINE_NOT_ANSWERED: (
        "Question 9 of the PHQ-9 was left unanswered. Please ask it in person."
    ),
    SafetyTrigger.CLINICIAN: "A clinician has raised a concern.",
}

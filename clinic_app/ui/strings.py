"""Words of the interface: translation entry point, labels of enumerations, sentences of errors."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from clinic_app.domain.errors import ClinicError
from clinic_app.domain.finding import AbstainReason, Band, QualityReason


def tr(text: str) -> str:
    """``text`` in the language of the interface."""
    return QCoreApplication.translate("clinic", text)


def sentence_of(error: BaseException) -> str:
    """What to tell the user: a known error's own sentence, or an apology for a mistake of ours."""
    if isinstance(error, ClinicError):
        return str(error)
    return tr("Something went wrong in the program. Nothing that was saved is lost.")


BAND_LABELS = {
    Band.NONE: "none",
    Band.MILD: "mild",
    Band.MODERATE: "moderate",
    Band.SEVERE: "severe",
}

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

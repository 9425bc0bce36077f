"""What to say when no usable picture comes, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from clinic_app.domain.errors import CameraTrouble

ALL_WELL = "Good. Please hold still"
COUNTING = "Please look at the camera"


class Trouble(NamedTuple):
    """What is wrong and what to do about it."""

    title: str
    advice: str


TROUBLES: dict[CameraTrouble, Trouble] = {
    CameraTrouble.MISSING: Trouble(
        "No camera was found",
        "Please connect a camera, or switch on the one in this laptop, and try again.",
    ),
    CameraTrouble.BUSY: Trouble(
        "Another program is using the camera",
        "Please close video calls and other programs that use the camera, then try again.",
    ),
    CameraTrouble.BLACK: Trouble(
        "The camera gives a black picture",
        "Please open the cover or shutter of the camera, then try again.",
    ),
    CameraTrouble.UNPLUGGED: Trouble(
        "The camera was disconnected",
        "Please plug it in again and try once more. Nothing is lost.",
    ),
    CameraTrouble.TIMED_OUT: Trouble(
        "The camera does not answer",
        "Please wait a moment and try again, or choose another camera.",
    ),
}

VIRTUAL_ONLY = Trouble(
    "Only a virtual camera was found",
    "Virtual cameras change the picture (blurred backgrounds, beauty filters), so it cannot be"
    " read. Please connect a real camera.",
)
UNREADABLE = Trouble(
    "This file cannot be used",
    "Please choose a photo (JPEG, PNG, WebP, BMP, TIFF) or a video with one face in it.",
)
MODELS = Trouble(
    "The estimate is not available",
    "You can go on with the questionnaires; they do not need it.",
)
OTHER = Trouble(
    "The picture could not be taken",
    "Please try again, or go on with the questionnaires.",
)

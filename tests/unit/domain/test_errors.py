"""Every expected trouble carries one sentence."""

from __future__ import annotations

from clinic_app.domain.errors import (
    CameraTrouble,
    CameraUnavailable,
    ClinicError,
    InvalidInput,
    SignInThrottled,
)


def test_the_sentence_of_an_error_is_its_text() -> None:
    errors: list[ClinicError] = [
        InvalidInput("phone", "The phone number is too long."),
        CameraUnavailable(CameraTrouble.BUSY, "The camera is busy in another program."),
        SignInThrottled(30),
    ]
    assert [str(error) for error in errors] == [
        "The phone number is too long.",
        "The camera is busy in another program.",
        "Too many failed attempts. Please wait 30 seconds and try again.",
    ]

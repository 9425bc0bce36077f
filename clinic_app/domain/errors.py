"""Expected trouble: every error carries one sentence that a counselor understands.

Anything that is not a ``ClinicError`` is a mistake of ours and is reported as such.
"""

from __future__ import annotations

from enum import StrEnum

from clinic_app.domain.sentence import Sentence, Value


class ClinicError(Exception):
    """Root of all expected trouble; ``str(error)`` is fit to be shown, in English.

    ``words`` may have named places for ``values``; ``sentence`` keeps both apart, for other
    languages.
    """

    def __init__(self, words: str | Sentence, **values: Value) -> None:
        self.sentence = words if isinstance(words, Sentence) else Sentence(words, values)
        super().__init__(str(self.sentence))


class InvalidInput(ClinicError):
    """Something typed or chosen cannot be used; ``field`` names it."""

    def __init__(self, field: str, words: str | Sentence, **values: Value) -> None:
        super().__init__(words, **values)
        self.field = field


class NotFound(ClinicError):
    """A record that was asked for is not in the store."""


class AccessDenied(ClinicError):
    """The signed-in person may not do this."""


class NotSignedIn(ClinicError):
    """Nobody is signed in, or the window is locked."""


class SignInDue(NotSignedIn):
    """The sign-in has ended, or will before long: unlocking takes user name and password."""


class ConsentMissing(ClinicError):
    """The patient has not consented to this purpose, or has withdrawn."""


class WrongState(ClinicError):
    """The record is in a state in which this cannot be done (signed, closed, finished)."""


class SafetyFlowOpen(WrongState):
    """A safety flow has to be completed before the screening can be finished."""


class FaceModuleOff(ClinicError):
    """The deployment context switches the face module off; questionnaires stay available."""


class UnreadableImage(ClinicError):
    """The file or bytes are not a picture or video that can be read within the limits."""


class ModelRejected(ClinicError):
    """A model file is missing, altered, or breaks its contract."""


class CameraTrouble(StrEnum):
    MISSING = "missing"
    BUSY = "busy"
    BLACK = "black"
    UNPLUGGED = "unplugged"
    TIMED_OUT = "timed_out"


class CameraUnavailable(ClinicError):
    """No usable picture comes from the camera; ``trouble`` says which way."""

    def __init__(self, trouble: CameraTrouble, words: str | Sentence, **values: Value) -> None:
        super().__init__(words, **values)
        self.trouble = trouble


class StoreError(ClinicError):
    """The encrypted store cannot be used."""


class StoreNotSetUp(StoreError):
    """There is no clinic in this folder yet."""


class StoreAlreadySetUp(StoreError):
    """There is a clinic in this folder already."""


class StoreInUse(StoreError):
    """Another copy of the program has this store open."""


class StoreDamaged(StoreError):
    """The store is truncated, altered, or not encrypted as it must be."""


class StoreTooNew(StoreError):
    """The store was written by a newer version of the program."""


class StoreFull(StoreError):
    """The disk is full; the change was not made."""


class StoreUnwritable(StoreError):
    """The folder or file cannot be written or read (rights, read-only disk)."""


class WrongPassword(ClinicError):
    """User name and password (or the recovery key) do not open the store."""


TOO_MANY_ATTEMPTS = Sentence(
    "Too many failed attempts. Please wait {seconds} seconds and try again."
).words


class SignInThrottled(ClinicError):
    """Too many failed attempts; ``seconds`` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(TOO_MANY_ATTEMPTS, seconds=seconds)
        self.seconds = seconds


class RenewalStopped(ClinicError):
    """Somebody stopped what an update makes of the records; they are as before."""


class ReportFailed(ClinicError):
    """A report cannot be written to the chosen place."""

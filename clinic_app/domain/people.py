"""Patients, staff and the clinic itself."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.schedule import WORKING_WEEK, WeeklyHours
from clinic_app.domain.sentence import Sentence
from clinic_app.domain.site import (
    BAND_TEXTS,
    INTERVENTION_KINDS,
    PASSWORD_POLICY,
    RELIABLE_CHANGE,
    RETENTION,
    SAFETY_PLAN_HEADINGS,
    BandText,
    PasswordPolicy,
    ReliableChange,
    Retention,
)
from clinic_app.domain.site import MINIMUM_PASSWORD_LENGTH as MINIMUM_PASSWORD_LENGTH
from clinic_app.domain.wordings import Wording

NAME_LIMIT = 80
REASON_LIMIT = 500
TEXT_LIMIT = 500
EARLIEST_BIRTH = date(1890, 1, 1)


class Role(StrEnum):
    COUNSELOR = "counselor"
    DOCTOR = "doctor"
    ADMINISTRATOR = "administrator"
    PATIENT = "patient"


class DeploymentContext(StrEnum):
    """Where the program is used.

    School and workplace switch the face module off (EU AI Act, article 5(1)(f)).
    """

    CLINIC = "clinic"
    SCHOOL = "school"
    WORKPLACE = "workplace"
    RESEARCH = "research"


class SexAtBirth(StrEnum):
    """Administrative field; never an input of a model."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    NOT_STATED = "not_stated"


ADULT_AGE = 18
"""Whole years from which somebody consents alone, and for whom the models are meant."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A person the clinic cares for. Names hold 1 to 80 characters of any script."""

    id: UUID
    family_name: str
    given_name: str
    birth_date: date
    phone: str = ""
    sex: SexAtBirth = SexAtBirth.NOT_STATED
    local_number: str = ""
    registered_at: datetime | None = None

    @property
    def display_name(self) -> str:
        return f"{self.family_name}, {self.given_name}" if self.given_name else self.family_name

    def age_on(self, day: date) -> int:
        """Whole years on ``day``; born on 29 February counts from 1 March in common years."""
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - int(before_birthday)

    def is_minor_on(self, day: date) -> bool:
        return self.age_on(day) < ADULT_AGE


@dataclass(frozen=True, slots=True)
class StaffUser:
    """A member of staff; the password lives in a key slot, never here.

    ``disabled_at`` is when the account was switched off (``active`` is then false); ``title`` and
    ``registration_number`` stand under a signature.
    """

    id: UUID
    user_name: str
    display_name: str
    role: Role
    active: bool = True
    disabled_at: datetime | None = None
    title: str = ""
    registration_number: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CrisisContact:
    """Whom to call now: shown in the safety flow, to the patient, and on every report."""

    name: str
    phone: str
    hours: str = ""


@dataclass(frozen=True, slots=True)
class ClinicProfile:
    """The clinic and its site settings.

    ``time_zone`` is an IANA name; opening hours are local to it. Texts per band, headings and kinds
    of intervention are the site's to edit. ``safety_escalation_minutes`` is how long a handed-over
    safety flow may wait for its acknowledgement. ``wordings`` are official translations of
    questionnaires that were loaded.
    """

    id: UUID
    name: str
    crisis_contacts: tuple[CrisisContact, ...]
    deployment_context: DeploymentContext
    address: str = ""
    phone: str = ""
    face_module: bool = True
    idle_lock_minutes: int = 10
    page_size: str = "A4"
    demo: bool = False
    jurisdiction: str = ""
    email: str = ""
    time_zone: str = "UTC"
    opening_hours: tuple[WeeklyHours, ...] = WORKING_WEEK
    appointment_minutes: int = 50
    password_policy: PasswordPolicy = PASSWORD_POLICY
    instruments: tuple[InstrumentName, ...] = tuple(InstrumentName)
    reliable_change: ReliableChange = RELIABLE_CHANGE
    retention: Retention = RETENTION
    band_texts: tuple[BandText, ...] = BAND_TEXTS
    languages: tuple[str, ...] = ("en",)
    intervention_kinds: tuple[str, ...] = INTERVENTION_KINDS
    safety_plan_headings: tuple[str, ...] = SAFETY_PLAN_HEADINGS
    safety_escalation_minutes: int = 15
    restore_drill_at: datetime | None = None
    wordings: tuple[Wording, ...] = ()

    @property
    def face_module_enabled(self) -> bool:
        """Off at schools and workplaces whatever the switch says."""
        allowed = self.deployment_context in (DeploymentContext.CLINIC, DeploymentContext.RESEARCH)
        return allowed and self.face_module


def clean_text(text: str, limit: int = TEXT_LIMIT, field: str = "text") -> str:
    """NFC text on one line without control characters; refuses what is longer than ``limit``.

    Marks that turn the direction of foreign text around (U+202A-E, U+2066-9) are dropped too: they
    could make one name look like another. Joiners stay, some scripts are spelled with them.
    """
    visible = "".join(
        " " if character in "\t\r\n" else character
        for character in unicodedata.normalize("NFC", text)
        if character in "\t\r\n" or not _is_control(character)
    )
    cleaned = " ".join(visible.split())
    if len(cleaned) > limit:
        raise InvalidInput(
            field,
            "This {what} is longer than {limit} characters.",
            what=_words_of(field),
            limit=limit,
        )
    return cleaned


_FIELD_WORDS = {
    "address": "address",
    "clinic_name": "clinic name",
    "crisis_contact_hours": "crisis contact hours",
    "crisis_contact_name": "crisis contact name",
    "crisis_contact_phone": "crisis contact phone",
    "detail": "detail",
    "display_name": "display name",
    "email": "email",
    "family_name": "family name",
    "given_name": "given name",
    "heading": "heading",
    "jurisdiction": "jurisdiction",
    "kind": "kind",
    "local_number": "clinic number",
    "note": "note",
    "phone": "phone",
    "reason": "reason",
    "registration_number": "registration number",
    "source": "source",
    "text": "text",
    "title": "title",
}


def _words_of(field: str) -> Sentence:
    """``family_name`` as in "Please enter the family name."."""
    return Sentence(_FIELD_WORDS.get(field, field.replace("_", " ")))


def _is_control(character: str) -> bool:
    if unicodedata.category(character) in ("Cc", "Cs"):
        return True
    return "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"


def has_ink(text: str) -> bool:
    """Whether anything of ``text`` can be seen: not only spaces and zero-width characters."""
    blank = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
    return any(unicodedata.category(character) not in blank for character in text)


def clean_reason(text: str) -> str:
    """Why something was done, on one line; raises ``InvalidInput`` when nothing is written or more
    than ``REASON_LIMIT`` characters are."""
    reason = clean_text(text, REASON_LIMIT, "reason")
    if not has_ink(reason):
        raise InvalidInput("reason", "Please write down why.")
    return reason


def clean_name(text: str, field: str, *, required: bool) -> str:
    """A name of at most 80 characters; raises ``InvalidInput`` when it is required and empty."""
    name = clean_text(text, NAME_LIMIT, field)
    if required and not has_ink(name):
        raise InvalidInput(field, "Please enter the {what}.", what=_words_of(field))
    return name


def check_birth_date(born: date, today: date) -> date:
    """A believable birth date: between 1890 and today."""
    if not EARLIEST_BIRTH <= born <= today:
        raise InvalidInput("birth_date", "The birth date must lie between 1890 and today.")
    return born


def checked_patient(patient: Patient, today: date) -> Patient:
    """The same patient with every text cleaned; raises ``InvalidInput`` for what cannot be kept."""
    return replace(
        patient,
        family_name=clean_name(patient.family_name, "family_name", required=True),
        given_name=clean_name(patient.given_name, "given_name", required=False),
        birth_date=check_birth_date(patient.birth_date, today),
        phone=clean_text(patient.phone, 40, "phone"),
        local_number=clean_text(patient.local_number, 40, "local_number"),
    )


def checked_contacts(contacts: tuple[CrisisContact, ...]) -> tuple[CrisisContact, ...]:
    """At least one crisis contact, each with a name and a way to call."""
    kept = tuple(
        CrisisContact(
            clean_name(contact.name, "crisis_contact_name", required=True),
            clean_text(contact.phone, 40, "crisis_contact_phone"),
            clean_text(contact.hours, 80, "crisis_contact_hours"),
        )
        for contact in contacts
    )
    if not kept or not all(contact.phone for contact in kept):
        raise InvalidInput(
            "crisis_contacts",
            "Please enter at least one crisis contact with a name and a phone number.",
        )
    return kept


def check_password(password: str, user_name: str, policy: PasswordPolicy = PASSWORD_POLICY) -> None:
    """Length at least 12, or what the site asks for, and not the user name.

    Raises ``InvalidInput``.
    """
    least = max(MINIMUM_PASSWORD_LENGTH, policy.minimum_length)
    if len(password) < least:
        raise InvalidInput(
            "password", "The password needs at least {least} characters.", least=least
        )
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "password", "The password holds a character that cannot be typed."
        ) from error
    if user_name and user_name.casefold() in password.casefold():
        raise InvalidInput("password", "The password must not contain the user name.")
    if len(set(password)) < 5:
        raise InvalidInput("password", "The password repeats too few different characters.")


def sign_in_name(user_name: str) -> str:
    """User names are the same without regard to case, compatibility forms or outer spaces."""
    return unicodedata.normalize("NFKC", user_name.strip()).casefold()


def search_key(text: str) -> str:
    """Text folded for search: NFKD, case-folded, without combining marks, single spaces."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())

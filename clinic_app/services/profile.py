"""What of a clinic's settings can be kept."""

from __future__ import annotations

import re
from dataclasses import replace

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import (
    ClinicProfile,
    checked_contacts,
    clean_name,
    clean_text,
    has_ink,
)
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.domain.schedule import checked_hours, zone_of
from clinic_app.domain.site import IDLE_MINUTES, MINIMUM_PASSWORD_LENGTH, BandText

PAGE_SIZES = ("A4", "Letter")
LONGEST_PASSWORD_MINIMUM = 64
"""NIST SP 800-63B: passwords of 64 characters must be possible, so no site may ask for more."""

_RANGES = {
    "idle_lock_minutes": IDLE_MINUTES,
    "appointment_minutes": range(5, 481),
    "safety_escalation_minutes": range(1, 121),
}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_LIST = 50
_BAND_TEXT_LIMIT = 2000


def checked_profile(profile: ClinicProfile) -> ClinicProfile:
    """The profile cleaned; raises ``InvalidInput`` with the first field that needs attention."""
    for name, allowed in _RANGES.items():
        if getattr(profile, name) not in allowed:
            raise InvalidInput(
                name,
                "Please enter between {least} and {most} minutes.",
                least=allowed.start,
                most=allowed.stop - 1,
            )
    if profile.page_size not in PAGE_SIZES:
        raise InvalidInput(
            "page_size", "The page size is one of {sizes}.", sizes=", ".join(PAGE_SIZES)
        )
    zone_of(profile.time_zone)
    _check_password_length(profile.password_policy.minimum_length)
    _check_thresholds(profile)
    if not profile.languages or not all(map(_LANGUAGE.fullmatch, profile.languages)):
        raise InvalidInput("languages", "Please name at least one language, such as “en”.")
    return replace(
        profile,
        name=clean_name(profile.name, "clinic_name", required=True),
        crisis_contacts=checked_contacts(profile.crisis_contacts),
        address=clean_text(profile.address, 200, "address"),
        phone=clean_text(profile.phone, 40, "phone"),
        email=clean_text(profile.email, 80, "email"),
        jurisdiction=clean_text(profile.jurisdiction, 80, "jurisdiction"),
        opening_hours=checked_hours(profile.opening_hours),
        instruments=_instruments(profile),
        intervention_kinds=_lines(profile.intervention_kinds, "intervention_kinds", 80),
        safety_plan_headings=_lines(profile.safety_plan_headings, "safety_plan_headings", 120),
        band_texts=tuple(map(_band_text, profile.band_texts)),
    )


def _check_password_length(least: int) -> None:
    if least not in range(MINIMUM_PASSWORD_LENGTH, LONGEST_PASSWORD_MINIMUM + 1):
        raise InvalidInput(
            "password_policy",
            "Passwords need at least {least} and at most {most} characters as a minimum.",
            least=MINIMUM_PASSWORD_LENGTH,
            most=LONGEST_PASSWORD_MINIMUM,
        )


def _check_thresholds(profile: ClinicProfile) -> None:
    change = profile.reliable_change
    if change.phq9 not in range(1, 28) or change.gad7 not in range(1, 22):
        raise InvalidInput(
            "reliable_change", "A reliable change is at least 1 point and fits the scale."
        )


def _instruments(profile: ClinicProfile) -> tuple[InstrumentName, ...]:
    return tuple(name for name in INSTRUMENTS if name in profile.instruments)


def _lines(texts: tuple[str, ...], field: str, limit: int) -> tuple[str, ...]:
    """The entries of a list that somebody edits, without empty ones and repetitions."""
    cleaned = (clean_text(text, limit, field) for text in texts)
    kept = tuple(dict.fromkeys(text for text in cleaned if has_ink(text)))
    if not kept or len(kept) > _LONGEST_LIST:
        raise InvalidInput(
            field, "This list needs between 1 and {limit} entries.", limit=_LONGEST_LIST
        )
    return kept


def _band_text(one: BandText) -> BandText:
    bands = {band.label for band in INSTRUMENTS[one.instrument].bands}
    if one.band not in bands:
        raise InvalidInput(
            "band_texts", "“{band}” is no band of this questionnaire.", band=one.band[:40]
        )
    return replace(
        one,
        text=clean_text(one.text, _BAND_TEXT_LIMIT, "text"),
        source=clean_text(one.source, 200, "source"),
    )

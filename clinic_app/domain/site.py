"""What a site sets for itself; every field has a default, so that older profiles still read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic_app.domain.questionnaires import InstrumentName

MINIMUM_PASSWORD_LENGTH = 12
"""NIST SP 800-63B asks for at least 8; the design asks for 12 on clinic laptops."""

INTERVENTION_KINDS = (
    "Psychoeducation",
    "Supportive conversation",
    "Problem solving",
    "Behavioural activation",
    "Cognitive behavioural session",
    "Safety plan made or reviewed",
    "Medication discussed",
    "Contact with family or carer",
    "Referral made",
)
"""What a new clinic starts with; each site edits its list."""

SAFETY_PLAN_HEADINGS = (
    "What tells me that a difficult time is coming",
    "What I can do on my own",
    "People and places that take my mind off it",
    "Family and friends whom I can ask for support",
    "Professionals and services that I can call, also at night",
    "How I make my surroundings safer",
)
"""Our own headings for what a safety plan covers; a site puts its own form's in their place."""


IDLE_MINUTES = range(1, 61)
"""How long a window may stay open without a touch, as a site sets it."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """``minimum_length`` is never below 12; no forced rotation (NIST SP 800-63B)."""

    minimum_length: int = MINIMUM_PASSWORD_LENGTH


PASSWORD_POLICY = PasswordPolicy()


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after which things go; ``None`` keeps them until a person decides."""

    kept_image_days: int | None = 365
    draft_image_days: int = 7
    draft_days: int | None = None


RETENTION = Retention()

SHORTEST_DAYS = 1
LONGEST_DAYS = 36_500


def kept_since(now: datetime, days: int) -> datetime:
    """What is older has been kept for so many days. Numbers that no administrator can enter, which
    another workstation may send all the same, count as the nearest that one can: they neither
    remove at once what should stay for a while, nor end in a date that is none."""
    return now - timedelta(min(max(days, SHORTEST_DAYS), LONGEST_DAYS))


@dataclass(frozen=True, slots=True)
class BandText:
    """What a report suggests for one band of one instrument; ``source`` is printed with it."""

    instrument: InstrumentName
    band: str
    text: str
    source: str


_KROENKE = "Kroenke & Spitzer 2002"

BAND_TEXTS = (
    BandText(InstrumentName.PHQ9, "none-minimal", "None.", _KROENKE),
    BandText(InstrumentName.PHQ9, "mild", "Watchful waiting; repeat the PHQ-9.", _KROENKE),
    BandText(
        InstrumentName.PHQ9,
        "moderate",
        "Make a treatment plan; consider counselling, follow-up or medication.",
        _KROENKE,
    ),
    BandText(
        InstrumentName.PHQ9,
        "moderately severe",
        "Active treatment with medication or psychotherapy.",
        _KROENKE,
    ),
    BandText(
        InstrumentName.PHQ9,
        "severe",
        "Start treatment immediately; expedited referral to a mental health specialist.",
        _KROENKE,
    ),
)
"""Usual actions per PHQ-9 band. The GAD-7 has no sourced default: a site writes its own."""


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """Points from which a change is reliable: PHQ-9 5 (NHS Talking Therapies: 6), GAD-7 4."""

    phq9: int = 5
    gad7: int = 4


RELIABLE_CHANGE = ReliableChange()

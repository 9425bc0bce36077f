"""The colours: everything that is read stands out from what it stands on."""

from __future__ import annotations

import pytest

from clinic_app.domain.consent import Purpose
from clinic_app.domain.people import DeploymentContext, Role, SexAtBirth
from clinic_app.domain.safety import SafetyTrigger
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.consent_texts import PURPOSE_LABELS, PURPOSE_MEANINGS
from clinic_app.ui import strings
from clinic_app.ui.theme import CONTRAST, DARK, LIGHT, PALETTES, Palette, style_sheet

PAIRS = [
    ("text", "window"),
    ("text", "surface"),
    ("text", "sunken"),
    ("text", "accent_soft"),
    ("text", "danger_soft"),
    ("text", "warning_soft"),
    ("muted", "window"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("muted", "accent_soft"),
    ("accent", "window"),
    ("accent", "surface"),
    ("accent", "accent_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_strong"),
    ("danger", "window"),
    ("danger", "surface"),
    ("danger", "danger_soft"),
    ("warning", "window"),
    ("warning", "surface"),
    ("warning", "warning_soft"),
    ("good", "window"),
    ("good", "surface"),
    ("on_brand", "brand"),
    ("surface", "text"),
]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_meets_the_contrast_of_wcag_aa(palette: Palette, front: str, back: str) -> None:
    assert contrast(getattr(palette, front), getattr(palette, back)) >= 4.5


@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_high_contrast_meets_wcag_aaa(front: str, back: str) -> None:
    assert contrast(getattr(CONTRAST, front), getattr(CONTRAST, back)) >= 7


@pytest.mark.parametrize("back", ["window", "surface", "sunken"])
def test_edges_and_the_severity_scale_stand_out_in_high_contrast(back: str) -> None:
    for colour in (CONTRAST.border, CONTRAST.accent, *CONTRAST.severity):
        assert contrast(colour, getattr(CONTRAST, back)) >= 3


@pytest.mark.parametrize("palette", PALETTES.values(), ids=lambda palette: palette.name)
def test_the_severity_scale_is_one_direction_of_light(palette: Palette) -> None:
    steps = [luminance(colour) for colour in palette.severity]
    assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_larger_text_makes_every_size_larger() -> None:
    assert "font-size: 14px" in style_sheet(LIGHT)
    assert "font-size: 28px" in style_sheet(LIGHT, 2.0)
    assert "font-size: 14px" not in style_sheet(LIGHT, 2.0)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (strings.ROLE_LABELS, Role),
        (strings.SEX_LABELS, SexAtBirth),
        (strings.CONTEXT_LABELS, DeploymentContext),
        (PURPOSE_LABELS, Purpose),
        (PURPOSE_MEANINGS, Purpose),
        (strings.PURPOSE_WITHDRAWALS, Purpose),
        (strings.JUDGEMENT_LABELS, ClinicianSeverity),
        (strings.TRIGGER_SENTENCES, SafetyTrigger),
    ],
)
def test_every_value_has_words(labels: dict[object, str], kind: type) -> None:
    assert set(labels) == set(kind)
    assert all(labels.values())

"""The report's look in one place: one accent colour, three greys, a few sizes (points)."""

from __future__ import annotations

from clinic_app.reports.text.lines import Colour, Look

ACCENT: Colour = (0x1F / 255, 0x6F / 255, 0x78 / 255)
ACCENT_PALE: Colour = (0.894, 0.937, 0.941)
INK: Colour = (0.118, 0.145, 0.161)
MUTED: Colour = (0.388, 0.431, 0.455)
QUIET: Colour = (0.592, 0.631, 0.651)
HAIRLINE: Colour = (0.839, 0.859, 0.867)
PALE: Colour = (0.957, 0.965, 0.968)
WHITE: Colour = (1.0, 1.0, 1.0)
ALERT: Colour = (0.651, 0.251, 0.137)
"""Only for an open safety flow, together with words."""

NAME = Look(19, True, INK)
LONG_NAME = Look(13, True, INK)
CLINIC = Look(13, True, ACCENT)
SECTION = Look(11, True, ACCENT)
CARD = Look(10, True, INK)
FIGURE = Look(25, True, INK)
STRONG = Look(9, True, INK)
BODY = Look(9, False, INK)
BODY_MUTED = Look(9, False, MUTED)
SMALL = Look(7.6, False, INK)
SMALL_STRONG = Look(7.6, True, INK)
SMALL_MUTED = Look(7.6, False, MUTED)
LABEL = Look(7, False, MUTED)
TINY = Look(6.4, False, MUTED)
TINY_STRONG = Look(6.4, True, MUTED)

LEADING = 1.42
"""Line height as a share of the size: Devanagari and Thai need more air than Latin."""

"""The kept pictures. They reach a report only with the consent to keep them."""

from __future__ import annotations

from typing import Any

from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import ReportFailed
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Drawing, Stack
from clinic_app.reports.layout.texts import words
from clinic_app.reports.pdf.pictures import face_picture, overlay
from clinic_app.reports.pdf.surface import Surface
from clinic_app.reports.screening import wording
from clinic_app.services.report_data import ScreeningReport

_SIDE = 100.0
"""Points: about 35 mm."""


def pictures(report: ScreeningReport) -> Block | None:
    """The face and, where there is one, the activation map over it."""
    finding = report.screening.finding
    if report.images is None or finding is None or not report.consent.get(Purpose.KEEP_IMAGES):
        return None
    try:
        face = face_picture(report.images.face_png)
    except ReportFailed as trouble:
        return words(trouble.sentence.text(tr), style.SMALL_MUTED)
    shown = [_captioned(face, tr(wording.FACE_CAPTION))]
    if finding.activation_map is not None:
        laid_over = overlay(face, finding.activation_map)
        shown.append(_captioned(laid_over, tr(wording.MAP_CAPTION)))
    return Columns(shown, [1] * len(shown), 10)


def _captioned(image: Any, text: str) -> Block:
    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        side = min(_SIDE, width)
        surface.picture(image, x, top - side, side, side)

    return Stack([Drawing(_SIDE + 4, paint), words(text, style.TINY)])

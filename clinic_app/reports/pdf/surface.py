"""What sections draw on: one page of a ReportLab canvas, in points, y upward from the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from clinic_app.reports.pdf.embedding import EmbeddedFont
from clinic_app.reports.text.fonts import Face
from clinic_app.reports.text.lines import Colour, Line, Placed

_EMBOLDENING = 0.035
"""Outline width, as a share of the size, that thickens a face without a bold cut."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says about itself; never a patient's name."""

    title: str
    author: str
    creator: str
    subject: str
    created: datetime
    language: str = "en"


class Surface:
    """Draws on the current page; ``finish`` gives the file."""

    def __init__(self, width: float, height: float, properties: Properties) -> None:
        self._buffer = BytesIO()
        self._canvas: Any = Canvas(
            self._buffer,
            pagesize=(width, height),
            invariant=1,
            pageCompression=1,
            lang=properties.language,
        )
        self._document: Any = self._canvas._doc
        self._fonts: dict[Face, EmbeddedFont] = {}
        self._canvas.setTitle(properties.title)
        self._canvas.setAuthor(properties.author)
        self._canvas.setCreator(properties.creator)
        self._canvas.setSubject(properties.subject)
        self._stamp(properties.created.astimezone(UTC))

    def _stamp(self, created: datetime) -> None:
        """Equal data give equal bytes, so the file's date is the data's, not the clock's."""
        stamp = self._document._timeStamp
        stamp.t = created.timestamp()
        stamp.lt = created.timetuple()
        stamp.YMDhms = tuple(stamp.lt)[:6]

    def rectangle(
        self, x: float, y: float, width: float, height: float, colour: Colour, radius: float = 0.0
    ) -> None:
        """A filled rectangle with its lower left corner at (x, y)."""
        self._canvas.setFillColorRGB(*colour)
        if radius:
            self._canvas.roundRect(x, y, width, height, radius, stroke=0, fill=1)
        else:
            self._canvas.rect(x, y, width, height, stroke=0, fill=1)

    def line(
        self, points: Sequence[tuple[float, float]], colour: Colour, width: float = 0.5
    ) -> None:
        """A line through ``points``."""
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.setLineWidth(width)
        self._canvas.setLineJoin(1)
        path = self._canvas.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        self._canvas.drawPath(path, stroke=1, fill=0)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.circle(x, y, radius, stroke=0, fill=1)

    def picture(self, image: Any, x: float, y: float, width: float, height: float) -> None:
        """A Pillow image with its lower left corner at (x, y)."""
        self._canvas.drawImage(ImageReader(image), x, y, width, height)

    def text(self, line: Line, x: float, baseline: float) -> None:
        """A line of text that starts at ``x``."""
        for placed in line.placed:
            self._run(placed, x, baseline)
            x += placed.width

    def next_page(self) -> None:
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The PDF file; call after the last ``next_page``."""
        self._canvas.save()
        return self._buffer.getvalue()

    def _font(self, face: Face) -> EmbeddedFont:
        if face not in self._fonts:
            font = EmbeddedFont(face, len(self._fonts) + 1)
            self._document.fontMapping[font.name] = f"/{font.name}"
            self._document.delayedFonts.append(font)
            self._fonts[face] = font
        return self._fonts[face]

    def _run(self, placed: Placed, x: float, baseline: float) -> None:
        font, size = self._font(placed.run.face), placed.look.size
        red, green, blue = placed.look.colour
        code = [f"{red:.3f} {green:.3f} {blue:.3f} rg BT /{font.name} {size:g} Tf"]
        if font.face.emboldened:
            outline = size * _EMBOLDENING
            code.append(f"{red:.3f} {green:.3f} {blue:.3f} RG 2 Tr {outline:.3f} w")
        code.append(f"1 0 0 1 {x:.3f} {baseline:.3f} Tm {_show(font, placed)}")
        code.append("0 Tr ET" if font.face.emboldened else "ET")
        self._canvas._code.append(" ".join(code))


def _show(font: EmbeddedFont, placed: Placed) -> str:
    """The operators that draw the glyphs, each moved to the place that shaping gave it."""
    scale = 1000 / font.face.units
    parts: list[str] = []
    row: list[str] = []
    rise, behind = 0, 0.0
    for glyph in placed.run.glyphs:
        if glyph.y_offset != rise:
            parts.append(_row(row))
            row, rise = [], glyph.y_offset
            parts.append(f"{rise / font.face.units * placed.look.size:.3f} Ts")
        code = font.code(glyph)
        before = behind - glyph.x_offset * scale
        if abs(before) >= 0.5:
            row.append(f"{before:.0f}")
            behind -= round(before)
        row.append(f"<{code:04X}>")
        # What the reader's pen moved, less what it should have moved.
        behind += font.width(glyph.number) - glyph.advance * scale
    parts.append(_row(row))
    if rise:
        parts.append("0 Ts")
    return " ".join(part for part in parts if part)


def _row(row: list[str]) -> str:
    return f"[{''.join(row)}] TJ".replace("><", "") if row else ""

"""Shaped glyphs in a PDF: one composite font per face, holding only the glyphs that were drawn.

ReportLab's own TrueType support is made of characters: it gives shaped glyphs private code points,
which breaks search and copy, and its right-to-left support needs a library that is not free of
choice. Here codes stand for (glyph, text) pairs, so the page says in reading order what it shows.
"""

from __future__ import annotations

from typing import Any

import uharfbuzz
from reportlab.pdfbase import pdfdoc

from clinic_app.reports.text.fonts import Face
from clinic_app.reports.text.shaping import Glyph

_SYMBOLIC = 4
"""Font flag (PDF 32000-1, table 123): glyphs are chosen by number, not by character."""

_NOT_NEEDED = (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"STAT", b"DSIG", b"name")
"""Tables for shaping, which has been done by then."""


class EmbeddedFont:
    """A Type 0 font of one document. ReportLab asks for its objects when the file is written."""

    def __init__(self, face: Face, number: int) -> None:
        self.face = face
        self._number = number
        self.name = f"T{number}"
        # The name under which ReportLab files it.
        self.fontName = self.name
        self._codes: dict[tuple[int, str], int] = {}
        self._natural: dict[int, int] = {}

    def code(self, glyph: Glyph) -> int:
        """The two-byte code of a glyph in this document (0 is the box for what is missing)."""
        key = (glyph.number, glyph.text)
        self._natural[glyph.number] = glyph.natural
        return self._codes.setdefault(key, len(self._codes) + 1)

    def addObjects(self, document: Any) -> None:  # noqa: N802 (ReportLab calls it by this name)
        """Write the font program, its widths and the way back to text."""
        program, numbers = self._subset()
        base = f"{_tag(self._number)}+{self.face.name}"
        stream = _stream(document, program)
        stream.dictionary["Length1"] = len(program)
        descriptor = self._descriptor(base, document.Reference(stream, f"program:{self.name}"))
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("CIDFontType2"),
                "BaseFont": pdfdoc.PDFName(base),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": document.Reference(descriptor, f"descriptor:{self.name}"),
                "W": self._widths(),
                "CIDToGIDMap": document.Reference(
                    _stream(document, self._glyph_map(numbers)), f"glyphs:{self.name}"
                ),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("Type0"),
                "BaseFont": pdfdoc.PDFName(base),
                "Encoding": pdfdoc.PDFName("Identity-H"),
                "DescendantFonts": pdfdoc.PDFArray(
                    [document.Reference(descendant, f"descendant:{self.name}")]
                ),
                "ToUnicode": document.Reference(
                    _stream(document, self._to_unicode()), f"text:{self.name}"
                ),
            }
        )
        fonts = document.idToObject["BasicFonts"].dict
        fonts[self.name] = document.Reference(font, f"font:{self.name}")

    def _subset(self) -> tuple[bytes, dict[int, int]]:
        """(TrueType program, new glyph number by old)."""
        wanted = uharfbuzz.SubsetInput()
        wanted.flags = (
            uharfbuzz.SubsetFlags.NO_HINTING
            | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
            | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
        )
        wanted.glyph_set.update({0, *(number for number, _ in self._codes)})
        wanted.drop_table_tag_set.update(int.from_bytes(tag, "big") for tag in _NOT_NEEDED)
        with self.face.lock:
            plan = uharfbuzz.SubsetPlan(self.face.face, wanted)
            return bytes(plan.execute().blob.data), dict(plan.old_to_new_glyph_mapping)

    def _descriptor(self, base: str, program: Any) -> Any:
        extents = self.face.font.get_font_extents("ltr")
        return pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("FontDescriptor"),
                "FontName": pdfdoc.PDFName(base),
                "Flags": _SYMBOLIC,
                "FontBBox": pdfdoc.PDFArray(
                    [
                        -1000,
                        self._thousandths(extents.descender),
                        3000,
                        self._thousandths(extents.ascender),
                    ]
                ),
                "ItalicAngle": 0,
                "Ascent": self._thousandths(extents.ascender),
                "Descent": self._thousandths(extents.descender),
                "CapHeight": 714,
                "StemV": 80,
                "FontFile2": program,
            }
        )

    def _thousandths(self, units: float) -> int:
        return round(units * 1000 / self.face.units)

    def _widths(self) -> Any:
        widths = [self.width(number) for number, _ in self._codes]
        return pdfdoc.PDFArray([1, pdfdoc.PDFArray(widths)])

    def width(self, number: int) -> int:
        """The advance written in the file for a glyph, in whole thousandths of the size."""
        return self._thousandths(self._natural[number])

    def _glyph_map(self, numbers: dict[int, int]) -> bytes:
        glyphs = [0, *(numbers[number] for number, _ in self._codes)]
        return b"".join(glyph.to_bytes(2, "big") for glyph in glyphs)

    def _to_unicode(self) -> bytes:
        entries = [
            f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>"
            for (_, text), code in self._codes.items()
        ]
        blocks = [entries[start : start + 100] for start in range(0, len(entries), 100)]
        body = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
        ).encode("ascii")


def _tag(number: int) -> str:
    """Six capitals that mark a subset (PDF 32000-1, section 9.6.4)."""
    letters = [chr(ord("A") + number // 26**place % 26) for place in range(6)]
    return "".join(reversed(letters))


def _stream(document: Any, content: bytes) -> Any:
    stream = pdfdoc.PDFStream(content=content)
    stream.filters = [pdfdoc.PDFZCompress]
    return stream

"""A page of a report as a picture, for the screen."""

from __future__ import annotations

import threading
from io import BytesIO

from clinic_app.domain.errors import ReportFailed

_PDFIUM = threading.Lock()
"""PDFium is not safe to call from two threads."""
_WIDEST = 4096


def page_picture(pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
    """(number of pages, PNG of ``page`` from 0 at ``width`` pixels, 16 to 4096).

    Raises ``ReportFailed`` for bytes that are no PDF and for a page it does not have.
    """
    import pypdfium2  # type: ignore[import-untyped]

    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise ReportFailed("The report cannot be shown.") from error
        with document:
            count = len(document)
            if not 0 <= page < count:
                raise ReportFailed(
                    "The report has {count} pages; page {page} is not there.",
                    count=count,
                    page=page + 1,
                )
            sheet = document[page]
            scale = min(max(width, 16), _WIDEST) / sheet.get_width()
            picture = sheet.render(scale=scale).to_pil()
    png = BytesIO()
    picture.save(png, "PNG")
    return count, png.getvalue()

"""Pictures of patients that left the record: they do not come back as pictures of nobody.

A crop that the program writes into a file says what it is. That text, the file that a screening was
read from, and the very pixels that a record keeps are all refused where a picture of nobody is
asked for. A crop that somebody has drawn on, scaled or saved as JPEG is not recognised.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from clinic_app.domain.errors import UnreadableImage
from clinic_app.services.png_text import with_text
from clinic_app.services.session import Desk

RECORD = "Clinic App clinic record: picture of a patient"


def leaving(png: bytes) -> bytes:
    """A kept PNG picture as it goes into a file, with the text of a clinic's record."""
    return with_text(png, RECORD)


def refuse_record(data: bytes) -> None:
    """Raises ``UnreadableImage`` for a file that came out of a record."""
    if RECORD.encode() in data:
        raise _in_a_record()


def refuse_known(desk: Desk, path: Path, png: bytes) -> None:
    """Raises ``UnreadableImage`` when this file came out of a record, a screening was read from it,
    or its pixels, ``png`` as a record would keep them, are a kept face."""
    try:
        data = path.read_bytes()
    except OSError:
        raise UnreadableImage(
            "The file cannot be opened (it is locked or may not be read)."
        ) from None
    refuse_record(data)
    digest = hashlib.sha256(data).hexdigest()
    with desk.unit_of_work() as work:
        begun = (one.finding for one in work.drafts.all())
        known = (
            work.images.holds(png)
            or any(one is not None and one.source_sha256 == digest for one in begun)
            or work.screenings.read_from(digest)
        )
    if known:
        raise _in_a_record()


def _in_a_record() -> UnreadableImage:
    return UnreadableImage("This picture is in a record; take it from there.")

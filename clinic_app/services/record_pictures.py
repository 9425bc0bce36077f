"""Pictures of patients that left the record: they do not come back as pictures of nobody.

A crop that the program writes into a file says what it is. That text, the file that a screening was
read from, and the very pixels that a record keeps are all refused where a picture of nobody is
asked for. A crop that somebody has drawn on, scaled or saved as JPEG is not recognised. Pixels are
compared as the PNG file that this program makes of them: crops that were kept with an encoder that
wrote other bytes are not recognised by them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from clinic_app.domain.audit import AuditKind
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


def refuse_known(desk: Desk, pictures: Mapping[Path, bytes]) -> None:
    """Raises ``UnreadableImage`` when one of these files came out of a record, a screening was read
    from it, or its picture as a record would keep it, PNG, is a kept face.

    What the record knows is told to whoever asks, so that is audited, without the file's name.
    """
    digests = [_digest(path) for path in pictures]
    with desk.unit_of_work() as work:
        begun = (one.finding for one in work.drafts.all())
        known = (
            any(work.images.holds(png) for png in pictures.values() if png)
            or any(one is not None and one.source_sha256 in digests for one in begun)
            or work.screenings.read_from(*digests)
        )
        if known:
            by = desk.session.user.id
            work.audit.record(AuditKind.REFUSED, by, "studio picture", detail="in a record")
            work.commit()
    if known:
        raise _in_a_record()


def _digest(path: Path) -> str:
    """SHA-256 of the file; raises ``UnreadableImage`` as ``refuse_record`` does."""
    try:
        data = path.read_bytes()
    except OSError:
        raise UnreadableImage(
            "The file cannot be opened (it is locked or may not be read)."
        ) from None
    refuse_record(data)
    return hashlib.sha256(data).hexdigest()


def _in_a_record() -> UnreadableImage:
    return UnreadableImage("This picture is in a record; take it from there.")

"""Pictures of patients that left the record: they do not come back as pictures of nobody.

A crop that the program writes into a file says what it is. That text, the file that a screening was
read from, and the very pixels that a record keeps are all refused where a picture of nobody is
asked for, the pixels whatever kind of file they come in. A crop that somebody has drawn on, scaled
or saved as JPEG is not recognised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.picture import Picture
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.png_text import with_text
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

RECORD = "Clinic App clinic record: picture of a patient"


def leaving(png: bytes) -> bytes:
    """A kept PNG picture as it goes into a file, with the text of a clinic's record."""
    return with_text(png, RECORD)


def refuse_record(data: bytes) -> None:
    """Raises ``UnreadableImage`` for a file that came out of a record."""
    if RECORD.encode() in data:
        raise _in_a_record()


_AT_ONCE = 25
"""Kept pairs of pictures that are decoded in one unit of work: saving waits a tenth of a second."""


def refuse_known(
    desk: Desk,
    pictures: Mapping[Path, Picture | None],
    decoded: Callable[[bytes], Picture],
    stop: Stop = never,
    progress: Progress = unheard,
) -> None:
    """Raises ``UnreadableImage`` when one of these files came out of a record, a screening was read
    from it, or its pixels are those of a kept face (``None`` for a picture larger than any).

    Kept faces are ``decoded`` the first time that somebody asks after they were kept, unless
    `know_some` came before; ``progress`` is told shares from 0 to 1 as long as that goes on. Ends
    without an answer when ``stop`` says so meanwhile. What the record knows is told to whoever
    asks, so that is audited, without the file's name.
    """
    digests = [_digest(path) for path in pictures]
    pixels = [one.digest for one in pictures.values() if one is not None]
    left = True
    known = False
    done, untold = 0, 0
    while left and not known and not stop():
        with desk.unit_of_work() as work:
            told = _tell_digests(work, decoded)
            left = told == _AT_ONCE
            if left and not untold:
                untold = done + told + work.images.count_without_digests()
            begun = (one.finding for one in work.drafts.all())
            known = (
                work.images.holds(*pixels)
                or any(one is not None and one.source_sha256 in digests for one in begun)
                or work.screenings.read_from(*digests)
            )
            if known:
                by = desk.session.user.id
                work.audit.record(AuditKind.REFUSED, by, "studio picture", detail="in a record")
            if known or told:
                work.commit()
        done += told
        if left:
            progress(min(done / untold, 1.0))
    if known:
        raise _in_a_record()


def know_some(desk: Desk, decoded: Callable[[bytes], Picture]) -> bool:
    """Decode some of the kept faces that nobody has asked after yet, ahead of whoever will; whether
    there are more. Records can be read and written while it decodes."""
    with desk.unit_of_work() as work:
        untold = work.images.without_digests(_AT_ONCE)
    pixels = {screening_id: _both(images, decoded) for screening_id, images in untold}
    if untold:
        with desk.unit_of_work() as work:
            still = dict(work.images.without_digests(_AT_ONCE))
            for screening_id, images in untold:
                if still.get(screening_id) == images:  # else another picture is there by now
                    work.images.put_digests(screening_id, pixels[screening_id])
            work.commit()
    return len(untold) == _AT_ONCE


def _tell_digests(work: UnitOfWork, decoded: Callable[[bytes], Picture]) -> int:
    """Of some kept pictures whose pixels are not told of yet; how many."""
    untold = work.images.without_digests(_AT_ONCE)
    for screening_id, images in untold:
        work.images.put_digests(screening_id, _both(images, decoded))
    return len(untold)


def _both(images: FaceImages, decoded: Callable[[bytes], Picture]) -> set[bytes]:
    return {_pixels(png, decoded) for png in (images.face_png, images.normalised_png)}


def _pixels(png: bytes, decoded: Callable[[bytes], Picture]) -> bytes:
    try:
        return decoded(png).digest
    except UnreadableImage:
        return b""  # nobody can bring what nobody can see


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
